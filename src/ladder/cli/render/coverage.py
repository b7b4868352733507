"""Output of `ladder coverage`: text and JSON."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from ladder.cli.render.console import Column, Paper, Table
from ladder.coverage import BEGINNING, Coverage
from ladder.language.nodes import Selector
from ladder.language.selectors import OneOf, kind
from ladder.model.calendars import FOREVER
from ladder.model.disclosure import SHARE
from ladder.reports.coverage import Doubt, Holding, Proposal, Readiness, Survey, needed_by
from ladder.reports.coverage.inventory import sum_by_unit
from ladder.reports.metrics.charts import sparkline
from ladder.reports.metrics.months import name_of

BARS: Final = 14
"""Months, quarters or years that are drawn in a line."""


def show(paper: Paper, found: Survey, name: str) -> None:
    """Print the survey for people."""
    paper.heading(f"{name} on {_day(found, found.now)}: what the log holds")
    if not found.holdings.touchpoints:
        paper.line("nothing")
        return
    _show_holdings(paper, found)
    _show_declared(paper, found)
    _show_needs(paper, found)
    _show_readiness(paper, found)
    _show_crowds(paper, found)
    _show_proposals(paper, found)


def _show_holdings(paper: Paper, found: Survey) -> None:
    """Print one table per source on a common time axis, so that gaps line up."""
    every = found.holdings.sources().values()
    first, last = min(each.begins for each in every), max(each.ends for each in every)
    _, unit = sum_by_unit([0] * (last - first + 1), BARS)
    for source, kinds in groupby(found.holdings.by_kind(), key=lambda each: each[2].source):
        held = found.holdings.sources()[source]
        paper.line((source, "bold"), f"  {held.touchpoints:,} touchpoints")
        drawn = [Column(f"by {unit}", fit="whole")] if paper.blocks and last > first else []
        table = Table(
            (
                Column("", fit="fold"),
                Column("number", right=True, fit="whole"),
                Column("first", fit="whole"),
                Column("last", fit="whole"),
                Column("empty", right=True, fit="whole"),
                *drawn,
                Column("declared", fit="whole"),
            )
        )
        for name, direction, each in kinds:
            cells = [
                name if direction is None else f"{name} ({direction})",
                f"{each.touchpoints:,}",
            ]
            cells += [name_of(each.begins), name_of(each.ends), f"{each.empty or '-'}"]
            cells += [_drawn(each, first, last)] if drawn else []
            table.add(*cells, _covered(found, found.covered_from(_selector(name, direction))))
        paper.table(table, indent=2)
    paper.prose(
        "empty: months without any between the first and the last; declared: since when, without "
        "a break until now",
        "dim",
    )


def _selector(name: str, direction: str | None) -> Selector:
    return kind(name) if direction is None else kind(name) & OneOf.of("direction", (direction,))


def _drawn(held: Holding, first: int, last: int) -> str:
    """Draw the months of a holding on the common time axis; a dot for an empty one."""
    months = [held.months.get(month, 0) for month in range(first, last + 1)]
    return sparkline([number or None for number in sum_by_unit(months, BARS)[0]])


def _show_declared(paper: Paper, found: Survey) -> None:
    paper.line()
    paper.line("What is declared", "bold")
    for each in found.declared:
        paper.prose(_declared(found, each), indent=2)
    if not found.declared:
        paper.prose("nothing: so nothing that is missing is held against anybody", indent=2)
    for remark in found.remarks:
        paper.prose(f"Look twice. {remark}", "yellow", 2)


def _show_needs(paper: Paper, found: Survey) -> None:
    if not found.requires:
        return
    paper.line()
    paper.line("What the patterns need declared", "bold")
    table = Table(
        (
            Column("", fit="fold"),
            Column("for", fit="fold"),
            Column("the log holds", fit="fold"),
            Column("declared", fit="whole"),
        )
    )
    for requirement in found.requires:
        held = ", ".join(f"{one.source} {one.touchpoints:,}" for one in requirement.holdings)
        covered = _covered(found, requirement.covered)
        table.add(requirement.what, ", ".join(requirement.patterns), held or "none", covered)
    paper.table(table, indent=2)


def _show_readiness(paper: Paper, found: Survey) -> None:
    if not found.readiness:
        return
    paper.line()
    paper.line("Supporters for which a pattern can be judged, as far as declared", "bold")
    if not any(each.people for each in found.readiness):
        paper.prose("nobody is known yet", indent=2)
        return
    table = Table(
        (
            Column("", fit="whole"),
            Column("pattern", fit="fold"),
            Column("now", right=True, fit="whole"),
            Column("of", right=True, fit="whole"),
            Column("supporters", fit="whole"),
        )
    )
    for each in found.readiness:
        title = each.pattern.title or each.pattern.name
        cells = (f"{each.assessable:,}", f"{each.people:,}", _whom(found, each))
        style = "" if each.assessable else "dim"
        table.add(each.pattern.key, title, *cells, style=style)
    paper.table(table, indent=2)


def _whom(found: Survey, each: Readiness) -> str:
    """Describe who can be assessed: all, all from a day on, or those since a day."""
    if each.people and each.assessable == each.people:
        return "all"
    if each.everybody is not None:
        return f"all from {_day(found, each.everybody)}"
    return "nobody" if each.newer is None else f"those since {_day(found, each.newer)}"


def _show_crowds(paper: Paper, found: Survey) -> None:
    if not found.crowds:
        return
    paper.line()
    paper.line("Hardly one person", "bold")
    for crowd in found.crowds[:SHARE]:
        paper.prose(str(crowd), indent=2)
    if len(found.crowds) > SHARE:
        paper.prose(f"and {len(found.crowds) - SHARE:,} more (--json has them all)", "dim", 2)
    words = (
        "A touchpoint of kind placeholder leaves them out: see docs/importing.md, [placeholders]"
    )
    paper.prose(words, "dim", 2)


def _show_proposals(paper: Paper, found: Survey) -> None:
    if found.proposals:
        paper.line()
        paper.line("What might be declared, if it is true", "bold")
    for proposal in found.proposals:
        until = "" if proposal.until is None else f" until {proposal.until}"
        head = f"{proposal.what} of {proposal.source}, since {proposal.since}{until}"
        paper.prose(f"{head} ({needed_by(found, proposal)})", "green", 2)
        paper.prose(f"{proposal.why}. {proposal.ask}", indent=4)
    _show_then(paper, found)
    if found.doubts:
        paper.line()
        paper.line("What the log cannot show", "bold")
    for doubt in found.doubts:
        source = "" if doubt.source is None else f" of {doubt.source}"
        paper.prose(f"{doubt.what}{source} ({needed_by(found, doubt)}): {doubt.why}", indent=2)
    if found.proposals or found.doubts:
        paper.prose("for a mapping: ladder coverage --toml; nothing is declared by it", "dim")


def _show_then(paper: Paper, found: Survey) -> None:
    """Print which patterns could be assessed if all proposals were true."""
    before = {each.pattern.key: each.assessable for each in found.readiness}
    more = [
        f"{each.pattern.key} of {each.assessable:,} ({_whom(found, each)})"
        for each in found.then
        if each.assessable > before[each.pattern.key]
    ]
    if more:
        paper.prose(f"If all of that is true, there can be judged: {'; '.join(more)}", indent=2)
    elif found.proposals:
        paper.prose("Even so nothing more can be judged today", indent=2)


def _covered(found: Survey, instant: int | None) -> str:
    if instant is None:
        return "-"
    return "always" if instant <= BEGINNING else _day(found, instant)


def _declared(found: Survey, each: Coverage) -> str:
    source = "the log as a whole" if each.source is None else each.source
    since = "" if each.since <= BEGINNING else f" since {_day(found, each.since)}"
    until = "" if each.until >= FOREVER else f" until {_day(found, each.until - 1)}"
    return f"{each.selector}: {source}{since}{until}"


def _day(found: Survey, instant: int) -> str:
    return found.calendar.text(instant)[:10]


# -- for programs ----------------------------------------------------------------------------------


def document(found: Survey) -> dict[str, Any]:
    """Return the survey as a JSON document."""
    return {
        "organisation": found.organisation.key,
        "ladder": found.ladder.key,
        "now": _iso(found, found.now),
        "touchpoints": found.holdings.touchpoints,
        "holdings": [
            {
                "source": each.source,
                "kind": name,
                "direction": direction or found.ladder.kinds.find(name).direction,
                **_held(found, each),
                "declared_since": _since(found, found.covered_from(_selector(name, direction))),
                "declared": found.covered_from(_selector(name, direction)) is not None,
            }
            for name, direction, each in found.holdings.by_kind()
        ],
        "declared": [
            {
                "selector": str(each.selector),
                "source": each.source,
                "since": _since(found, each.since),
                "until": None if each.until >= FOREVER else _day(found, each.until - 1),
            }
            for each in found.declared
        ],
        "requires": [
            {
                "what": requirement.what,
                "selector": str(requirement.selector),
                "patterns": list(requirement.patterns),
                "declared": requirement.covered is not None,
                "declared_since": _since(found, requirement.covered),
                "holdings": [
                    {"source": one.source, **_held(found, one)} for one in requirement.holdings
                ],
            }
            for requirement in found.requires
        ],
        "patterns": [_readiness(found, each) for each in found.readiness],
        "remarks": list(found.remarks),
        "crowds": [
            {
                "supporter": crowd.supporter,
                "touchpoints": crowd.touchpoints,
                "day": crowd.day,
                "by_name": crowd.by_name,
                "words": str(crowd),
            }
            for crowd in found.crowds
        ],
        "proposals": [_proposal(proposal) for proposal in found.proposals],
        "patterns_then": [_readiness(found, each) for each in found.then],
        "not_proposed": [_doubt(doubt) for doubt in found.doubts],
    }


def _held(found: Survey, each: Holding) -> dict[str, Any]:
    return {
        "touchpoints": each.touchpoints,
        "first": _day(found, each.first),
        "last": _day(found, each.last),
        "months": len(each.span),
        "empty_months": each.empty,
        "by_month": {name_of(month): each.months[month] for month in sorted(each.months)},
    }


def _readiness(found: Survey, each: Readiness) -> dict[str, Any]:
    return {
        "pattern": each.pattern.key,
        "title": each.pattern.title,
        "assessable": each.assessable,
        "of": each.people,
        "of_those_since": None if each.newer is None else _day(found, each.newer),
        "everybody_from": None if each.everybody is None else _day(found, each.everybody),
        "reason": each.pattern.requires_text or None,
        "missing": [lack.to_dict() for lack in each.missing],
    }


def _proposal(each: Proposal) -> dict[str, Any]:
    return {
        "what": each.what,
        "selector": str(each.selector),
        "source": each.source,
        "since": each.since.isoformat(),
        "until": None if each.until is None else each.until.isoformat(),
        "touchpoints": each.touchpoints,
        "why": each.why,
        "ask": each.ask,
        "toml": each.toml,
    }


def _doubt(each: Doubt) -> dict[str, Any]:
    return {
        "what": each.what,
        "selector": str(each.selector),
        "source": each.source,
        "why": each.why,
    }


def _since(found: Survey, instant: int | None) -> str | None:
    return None if instant is None or instant <= BEGINNING else _day(found, instant)


def _iso(found: Survey, instant: int) -> str:
    return found.calendar.text(instant).replace(" ", "T")
