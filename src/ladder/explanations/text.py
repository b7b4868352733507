"""An explanation as text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.movements import Movement
from ladder.engines.reference.verdicts import Verdict
from ladder.explanations.results import (
    Explanation,
    RungNow,
    Tree,
    fact_money,
    fact_quantity,
    pattern_title,
)
from ladder.model.calendars import FOREVER, Calendar

WIDTH = 80
MOST_SHOWN = 5
"""The most touchpoints that are listed one by one; the rest are only counted."""


def text(explanation: Explanation, calendar: Calendar) -> str:
    """Format the explanation as text, with instants in the organisation's zone."""
    sections = [
        _standing(explanation, calendar),
        _rungs(explanation, calendar),
        _lifts(explanation),
        _findings(explanation, calendar),
        _not_assessable(explanation),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines)


def _standing(explanation: Explanation, calendar: Calendar) -> Iterator[str]:
    yield f"As of {calendar.text(explanation.at)}"
    movement, coming = explanation.movement, explanation.coming
    if movement is None:
        yield from _line("Standing: ", explanation.title)
    else:
        since = f"{explanation.title}, since {calendar.text(movement.at)}"
        yield from _line("Standing: ", since)
        yield from _line("Why:      ", _why(movement, calendar))
    if coming is None:
        yield from _line("Next:     ", "stays so if nothing happens")
    else:
        when = calendar.text(coming.at)
        after = "silence" if coming.after.silent else str(coming.after) or "the ground"
        yield from _line("Next:     ", f"{coming.kind} to {after} on {when} if nothing happens")


def _why(movement: Movement, calendar: Calendar) -> str:
    before = str(movement.before) or ("silence" if movement.before.silent else "the ground")
    moved = f"{movement.kind} from {before}"
    if movement.cause == "clock":
        return f"{moved}: time had passed, nothing happened"
    if movement.cause == "definition":
        return f"{moved}: another definition speaks from then on, nothing happened"
    causes = "; ".join(fact_line(fact, calendar) for fact in movement.causes[:MOST_SHOWN])
    rest = len(movement.causes) - MOST_SHOWN
    return f"{moved}: {causes}" + (f" and {rest} more" if rest > 0 else "")


def _rungs(explanation: Explanation, calendar: Calendar) -> Iterator[str]:
    for rung in reversed(explanation.rungs):
        mark = "x" if rung.held else " "
        yield from _line(f"[{mark}] ", f"{rung.title}{_until(rung, calendar)}")
        yield from _tree(rung.rule, calendar, 4)


def _until(rung: RungNow, calendar: Calendar) -> str:
    hand = " (placed by hand)" if rung.by_hand else ""
    if rung.until == FOREVER:
        return hand
    word = "until" if rung.held else "not before"
    return f"{hand}, {word} {calendar.text(rung.until)}"


def _tree(tree: Tree, calendar: Calendar, depth: int) -> Iterator[str]:
    mark = "yes " if tree.true else "no  "
    deeper = " " * (depth + 4)
    until = "" if tree.until == FOREVER else f"; so until {calendar.text(tree.until)}"
    if len(tree.figures) == 1:
        (figure,) = tree.figures
        words = f"{figure.measure} = {figure.value}, {tree.requires}{until}"
        yield from _line(" " * depth + mark, words)
    else:
        yield from _line(" " * depth + mark, f"{tree.text}{until}")
        for figure in tree.figures:
            yield from _line(deeper, f"{figure.measure} = {figure.value}")
        if tree.requires:
            yield from _line(deeper, tree.requires)
    counted = {fact.id: fact for figure in tree.figures for fact in figure.counted}
    yield from _facts(tuple(counted.values()), calendar, deeper + "- ")
    for part in tree.parts:
        yield from _tree(part, calendar, depth + 4)


def _facts(facts: Sequence[Fact], calendar: Calendar, prefix: str) -> Iterator[str]:
    """Yield the latest touchpoints and the number of earlier ones."""
    for fact in facts[-MOST_SHOWN:]:
        yield from _line(prefix, fact_line(fact, calendar))
    if len(facts) > MOST_SHOWN:
        yield from _line(prefix, f"and {len(facts) - MOST_SHOWN} earlier ones")


def fact_line(fact: Fact, calendar: Calendar) -> str:
    """Format a touchpoint in one line: kind, size, time and key."""
    when = calendar.text(fact.at)
    size = list(filter(None, (fact_money(fact), fact_quantity(fact))))
    key = [] if fact.key is None else [f"({' '.join(fact.key)})"]
    supporter = ["by a person they referred"] if fact.brought else []
    day = when.split()[0] if fact.date_only else when
    return " ".join([fact.kind, *size, "on", day, *supporter, *key])


def _lifts(explanation: Explanation) -> Iterator[str]:
    if explanation.lifts:
        yield "What would lift them"
    titles = {rung.key: rung.title for rung in explanation.rungs}
    ways: dict[str, list[str]] = {}
    for lift in explanation.lifts:
        ways.setdefault(lift.rung, []).append(" and ".join(str(act) for act in lift.acts))
    for rung, acts in ways.items():
        yield from _line("  ", f"{titles[rung]}: {', or '.join(acts)}")


def _findings(explanation: Explanation, calendar: Calendar) -> Iterator[str]:
    if explanation.findings:
        yield "Findings (about the relationship, never about the person)"
    for verdict in explanation.findings:
        yield from _finding(verdict, calendar, explanation.state(verdict))


def _finding(verdict: Verdict, calendar: Calendar, state: str) -> Iterator[str]:
    """Format a finding; a dismissed one without remedy and caveat."""
    pattern = verdict.pattern
    words = f"{verdict.severity}: {pattern_title(pattern)}"
    if verdict.since is not None and verdict.until is not None:
        words += f", since {calendar.text(verdict.since)}"
        ends = verdict.until < FOREVER
        words += f", until {calendar.text(verdict.until)} if nothing happens" if ends else ""
    yield from _line("  ", words if state == "open" else f"{words} ({state})")
    yield from _facts(verdict.evidence, calendar, "    - ")
    if state == "dismissed":
        return
    for label, words in (("remedy", pattern.remedy), ("caveat", pattern.caveat)):
        if words:
            yield from _line(f"    {label}: ", words)


def _not_assessable(explanation: Explanation) -> Iterator[str]:
    if explanation.unassessed_patterns:
        yield "Not assessable"
    for verdict in explanation.unassessed_patterns:
        yield from _line("  ", f"{pattern_title(verdict.pattern)}: {verdict.reason}")
        for lack in verdict.missing:
            yield from _line("    missing: ", str(lack))
        for condition in verdict.unmet:
            yield from _line(
                "    not so: ", textwrap.shorten(str(condition), 2 * WIDTH, placeholder=" …")
            )


def _line(prefix: str, words: str) -> Iterable[str]:
    """Wrap one paragraph under its own prefix; a deep prefix is cut to half the width."""
    prefix = prefix[-WIDTH // 2 :]
    return textwrap.wrap(
        words,
        width=WIDTH,
        initial_indent=prefix,
        subsequent_indent=" " * len(prefix),
        break_long_words=True,
        break_on_hyphens=False,
    ) or [prefix.rstrip()]
