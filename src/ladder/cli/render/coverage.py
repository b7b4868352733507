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


def show(paper: Paper, survey: Survey, name: str) -> None:
    """Print the survey for people."""
    paper.heading(f"{name} on {_day(survey, survey.now)}: what the log holds")
    if not survey.holdings.touchpoints:
        paper.line("nothing")
        return
    _show_holdings(paper, survey)
    _show_declarations(paper, survey)
    _show_needs(paper, survey)
    _show_readiness(paper, survey)
    _show_crowds(paper, survey)
    _show_proposals(paper, survey)


def _show_holdings(paper: Paper, survey: Survey) -> None:
    """Print one table per source on a common time axis, so that gaps line up."""
    every = survey.holdings.sources().values()
    first, last = min(holding.begins for holding in every), max(holding.ends for holding in every)
    _, unit = sum_by_unit([0] * (last - first + 1), BARS)
    for source, kinds in groupby(survey.holdings.by_kind(), key=lambda item: item[2].source):
        held = survey.holdings.sources()[source]
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
        for name, direction, holding in kinds:
            cells = [
                name if direction is None else f"{name} ({direction})",
                f"{holding.touchpoints:,}",
            ]
            cells += [name_of(holding.begins), name_of(holding.ends), f"{holding.empty or '-'}"]
            cells += [_drawn(holding, first, last)] if drawn else []
            table.add(
                *cells, _covered_text(survey, survey.covered_from(_selector(name, direction)))
            )
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


def _show_declarations(paper: Paper, survey: Survey) -> None:
    paper.line()
    paper.line("What is declared", "bold")
    for coverage in survey.declared:
        paper.prose(_declared_text(survey, coverage), indent=2)
    if not survey.declared:
        paper.prose("nothing: so nothing that is missing is held against anybody", indent=2)
    for remark in survey.remarks:
        paper.prose(f"Look twice. {remark}", "yellow", 2)


def _show_needs(paper: Paper, survey: Survey) -> None:
    if not survey.requires:
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
    for requirement in survey.requires:
        held = ", ".join(f"{one.source} {one.touchpoints:,}" for one in requirement.holdings)
        covered = _covered_text(survey, requirement.covered)
        table.add(requirement.what, ", ".join(requirement.patterns), held or "none", covered)
    paper.table(table, indent=2)


def _show_readiness(paper: Paper, survey: Survey) -> None:
    if not survey.readiness:
        return
    paper.line()
    paper.line("Supporters for which a pattern can be judged, as far as declared", "bold")
    if not any(readiness.people for readiness in survey.readiness):
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
    for readiness in survey.readiness:
        title = readiness.pattern.title or readiness.pattern.name
        cells = (f"{readiness.assessable:,}", f"{readiness.people:,}", _whom(survey, readiness))
        style = "" if readiness.assessable else "dim"
        table.add(readiness.pattern.key, title, *cells, style=style)
    paper.table(table, indent=2)


def _whom(survey: Survey, readiness: Readiness) -> str:
    """Describe who can be assessed: all, all from a day on, or those since a day."""
    if readiness.people and readiness.assessable == readiness.people:
        return "all"
    if readiness.everybody is not None:
        return f"all from {_day(survey, readiness.everybody)}"
    return "nobody" if readiness.newer is None else f"those since {_day(survey, readiness.newer)}"


def _show_crowds(paper: Paper, survey: Survey) -> None:
    if not survey.crowds:
        return
    paper.line()
    paper.line("Hardly one person", "bold")
    for crowd in survey.crowds[:SHARE]:
        paper.prose(str(crowd), indent=2)
    if len(survey.crowds) > SHARE:
        paper.prose(f"and {len(survey.crowds) - SHARE:,} more (--json has them all)", "dim", 2)
    words = (
        "A touchpoint of kind placeholder leaves them out: see docs/importing.md, [placeholders]"
    )
    paper.prose(words, "dim", 2)


def _show_proposals(paper: Paper, survey: Survey) -> None:
    if survey.proposals:
        paper.line()
        paper.line("What might be declared, if it is true", "bold")
    for proposal in survey.proposals:
        until = "" if proposal.until is None else f" until {proposal.until}"
        head = f"{proposal.what} of {proposal.source}, since {proposal.since}{until}"
        paper.prose(f"{head} ({needed_by(survey, proposal)})", "green", 2)
        paper.prose(f"{proposal.why}. {proposal.ask}", indent=4)
    _show_then(paper, survey)
    if survey.doubts:
        paper.line()
        paper.line("What the log cannot show", "bold")
    for doubt in survey.doubts:
        source = "" if doubt.source is None else f" of {doubt.source}"
        paper.prose(f"{doubt.what}{source} ({needed_by(survey, doubt)}): {doubt.why}", indent=2)
    if survey.proposals or survey.doubts:
        paper.prose("for a mapping: ladder coverage --toml; nothing is declared by it", "dim")


def _show_then(paper: Paper, survey: Survey) -> None:
    """Print which patterns could be assessed if all proposals were true."""
    before = {readiness.pattern.key: readiness.assessable for readiness in survey.readiness}
    more = [
        f"{readiness.pattern.key} of {readiness.assessable:,} ({_whom(survey, readiness)})"
        for readiness in survey.then
        if readiness.assessable > before[readiness.pattern.key]
    ]
    if more:
        paper.prose(f"If all of that is true, there can be judged: {'; '.join(more)}", indent=2)
    elif survey.proposals:
        paper.prose("Even so nothing more can be judged today", indent=2)


def _covered_text(survey: Survey, instant: int | None) -> str:
    if instant is None:
        return "-"
    return "always" if instant <= BEGINNING else _day(survey, instant)


def _declared_text(survey: Survey, coverage: Coverage) -> str:
    source = "the log as a whole" if coverage.source is None else coverage.source
    since = "" if coverage.since <= BEGINNING else f" since {_day(survey, coverage.since)}"
    until = "" if coverage.until >= FOREVER else f" until {_day(survey, coverage.until - 1)}"
    return f"{coverage.selector}: {source}{since}{until}"


def _day(survey: Survey, instant: int) -> str:
    return survey.calendar.text(instant)[:10]


# -- for programs ----------------------------------------------------------------------------------


def document(survey: Survey) -> dict[str, Any]:
    """Return the survey as a JSON document."""
    return {
        "organisation": survey.organisation.key,
        "ladder": survey.ladder.key,
        "now": _iso(survey, survey.now),
        "touchpoints": survey.holdings.touchpoints,
        "holdings": [
            {
                "source": item.source,
                "kind": name,
                "direction": direction or survey.ladder.kinds.find(name).direction,
                **_holding_document(survey, item),
                "declared_since": _since(survey, survey.covered_from(_selector(name, direction))),
                "declared": survey.covered_from(_selector(name, direction)) is not None,
            }
            for name, direction, item in survey.holdings.by_kind()
        ],
        "declared": [
            {
                "selector": str(item.selector),
                "source": item.source,
                "since": _since(survey, item.since),
                "until": None if item.until >= FOREVER else _day(survey, item.until - 1),
            }
            for item in survey.declared
        ],
        "requires": [
            {
                "what": requirement.what,
                "selector": str(requirement.selector),
                "patterns": list(requirement.patterns),
                "declared": requirement.covered is not None,
                "declared_since": _since(survey, requirement.covered),
                "holdings": [
                    {"source": one.source, **_holding_document(survey, one)}
                    for one in requirement.holdings
                ],
            }
            for requirement in survey.requires
        ],
        "patterns": [_readiness(survey, item) for item in survey.readiness],
        "remarks": list(survey.remarks),
        "crowds": [
            {
                "supporter": crowd.supporter,
                "touchpoints": crowd.touchpoints,
                "day": crowd.day,
                "by_name": crowd.by_name,
                "words": str(crowd),
            }
            for crowd in survey.crowds
        ],
        "proposals": [_proposal(proposal) for proposal in survey.proposals],
        "patterns_then": [_readiness(survey, item) for item in survey.then],
        "not_proposed": [_doubt(doubt) for doubt in survey.doubts],
    }


def _holding_document(survey: Survey, holding: Holding) -> dict[str, Any]:
    return {
        "touchpoints": holding.touchpoints,
        "first": _day(survey, holding.first),
        "last": _day(survey, holding.last),
        "months": len(holding.span),
        "empty_months": holding.empty,
        "by_month": {name_of(month): holding.months[month] for month in sorted(holding.months)},
    }


def _readiness(survey: Survey, readiness: Readiness) -> dict[str, Any]:
    return {
        "pattern": readiness.pattern.key,
        "title": readiness.pattern.title,
        "assessable": readiness.assessable,
        "of": readiness.people,
        "of_those_since": None if readiness.newer is None else _day(survey, readiness.newer),
        "everybody_from": None
        if readiness.everybody is None
        else _day(survey, readiness.everybody),
        "reason": readiness.pattern.requires_text or None,
        "missing": [lack.to_dict() for lack in readiness.missing],
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "what": proposal.what,
        "selector": str(proposal.selector),
        "source": proposal.source,
        "since": proposal.since.isoformat(),
        "until": None if proposal.until is None else proposal.until.isoformat(),
        "touchpoints": proposal.touchpoints,
        "why": proposal.why,
        "ask": proposal.ask,
        "toml": proposal.toml,
    }


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {
        "what": doubt.what,
        "selector": str(doubt.selector),
        "source": doubt.source,
        "why": doubt.why,
    }


def _since(survey: Survey, instant: int | None) -> str | None:
    return None if instant is None or instant <= BEGINNING else _day(survey, instant)


def _iso(survey: Survey, instant: int) -> str:
    return survey.calendar.text(instant).replace(" ", "T")
