"""A page for each pattern and an index, written from the catalogue and its cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ladder import catalogue
from ladder.catalogue.pattern_texts import PatternText, pattern_texts
from ladder.language.ladders import Pattern
from tests.catalogue.cases import Found, cases

FOLDER = Path(__file__).parents[2] / "docs" / "patterns"
HEAD = """\
# The patterns

Ways in which a relationship runs like a cash machine, from both sides. A finding is about a
relationship during a time, never a label on a person. Each page gives the rule of a pattern, the
coverage that it requires, the remedy, the caveat, and the strength of its source: A research or
official definition, B practitioners agree, C plausible or contested.

`python -m tests.catalogue` writes these pages from the catalogue and its cases. Both evaluators
are tested with every case. `ladder patterns list` prints the same table. Recall and precision on
generated histories: [hits and misses](hits-and-misses.md).
"""


def pages() -> dict[str, str]:
    """Every page by its file name."""
    made = {
        f"{each.key}.md": _page(each, pattern_texts()[each.key]) for each in catalogue.patterns()
    }
    return {"index.md": "\n".join([HEAD, *_index()]) + "\n", **made}


def _index() -> Iterator[str]:
    yield "| key | title | side | grades | strength | on by default |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in catalogue.patterns():
        link = f"[{each.key}]({each.key}.md)"
        cells = (link, each.title, each.side, _grades(each), each.strength, _on(each))
        yield f"| {' | '.join(cells)} |"


def _page(pattern: Pattern, sheet: PatternText) -> str:
    return "\n".join([*_told(pattern), *_written(sheet), *_shown(pattern)]).rstrip() + "\n"


def _told(pattern: Pattern) -> Iterator[str]:
    yield f"# {pattern.key} · {pattern.title}\n"
    yield f"`{pattern.name}` · {pattern.rule}\n"
    yield "| | |"
    yield "| --- | --- |"
    yield f"| side | {pattern.side} |"
    yield f"| attributed to | {pattern.attributed_to} |"
    yield f"| grades | {_grades(pattern)} |"
    yield f"| on by default | {_on(pattern)} |"
    yield f"| requires | {pattern.wants or 'nothing: it is found in any log'} |"
    yield f"| remedy | {pattern.remedy} |"
    yield f"| caveat | {pattern.caveat} |"
    yield f"| strength {pattern.strength} | {pattern.source} |"
    yield ""


def _written(sheet: PatternText) -> Iterator[str]:
    yield "## In the language\n"
    yield "```text"
    yield from (f"{name} = {text}" for name, text in sheet.expressions.items())
    yield "```\n"
    if sheet.names:
        yield "With the names:\n"
        yield "```text"
        yield from (f"{name} = {text}" for name, text in sheet.names.items())
        yield "```\n"
    if sheet.settings:
        yield "A ladder can change these under `[settings]`:\n"
        yield "| setting | default | meaning |"
        yield "| --- | --- | --- |"
        for name in sheet.settings:
            setting = catalogue.settings()[name]
            yield f"| `{name}` | `{' '.join(setting.text.split())}` | {setting.means} |"
        yield ""


def _shown(pattern: Pattern) -> Iterator[str]:
    yield "## Cases\n"
    for each in cases():
        if each.pattern == pattern.key:
            yield from _case(each)


def _case(case: Found) -> Iterator[str]:
    yield f"### {case.title}\n"
    yield "```text"
    yield from (f"({name} = {text})" for name, text in case.settings.items())
    if case.logged != ("any_touchpoint",):
        yield f"(logged: {', '.join(case.logged)})"
    yield from (line.strip() for line in case.touchpoints.strip().splitlines())
    yield "```\n"
    yield from (f"- {_said(line)}" for line in case.found or ("nothing found",))
    yield ""


def _said(line: str) -> str:
    return line.replace(" ", " from ", 1).replace(" .. ", " until ") if ".." in line else line


def _grades(pattern: Pattern) -> str:
    return ", ".join(grade.severity for grade in pattern.grades)


def _on(pattern: Pattern) -> str:
    if pattern.contested:
        return "no (contested)"
    return "yes" if pattern.on else "no (describes, or costly)"
