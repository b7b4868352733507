"""A survey as TOML to paste into a mapping: declarations with their reasons as comments."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from ladder.reports.coverage.proposals import HOLE, LEAST_EACH, LEAST_STRETCHES, Doubt, Proposal
from ladder.reports.coverage.survey import Survey
from ladder.toml_writer import Expression, toml_block

_WIDTH: Final = 78


def toml(survey: Survey) -> str:
    """Write `[[coverage]]` for proposals; doubts, which only the user can settle, as comments."""
    day = survey.calendar.text(survey.now)[:10]
    lines = [
        *_comment(
            f"Proposed on {day} from what the log holds. Nothing is declared until you put it into "
            "a mapping and replay with that. A log cannot show what it does not hold: take out "
            "whatever you are not sure of, and begin later rather than earlier."
        ),
        *_comment(
            f"The rule of thumb: for at least {LEAST_STRETCHES} months (or, of what is rare, "
            f"quarters) one source has some of it in each, {LEAST_EACH} or more on the average and "
            f"never less than a {HOLE}th of the usual; the first month is left out."
        ),
    ]
    for proposal in survey.proposals:
        lines += ["", *_of_proposal(survey, proposal)]
    if not survey.proposals:
        lines += ["", *_comment(_nothing(survey))]
    for doubt in survey.doubts:
        lines += ["", *_of_doubt(survey, doubt)]
    for remark in survey.remarks:
        lines += ["", *_comment(f"Look twice: {remark}.")]
    return "\n".join(lines) + "\n"


def _nothing(survey: Survey) -> str:
    if survey.requires and all(requirement.covered is not None for requirement in survey.requires):
        return "Nothing is left to propose: whatever the patterns need is declared."
    return "Nothing looks complete enough to be proposed."


def needed_by(survey: Survey, one: Proposal | Doubt) -> str:
    """Return the keys of the patterns that need the selector."""
    needs = {requirement.selector: requirement.patterns for requirement in survey.requires}
    return ", ".join(needs.get(one.selector, ()))


def _of_proposal(survey: Survey, proposal: Proposal) -> Iterator[str]:
    what = proposal.what[:1].upper() + proposal.what[1:]
    yield from _comment(f"{what} (for {needed_by(survey, proposal)}): {proposal.why}.")
    yield from _comment(proposal.ask)
    yield from proposal.toml.splitlines()


def _of_doubt(survey: Survey, doubt: Doubt) -> Iterator[str]:
    source = "" if doubt.source is None else f" of {doubt.source}"
    yield from _comment(
        f"Not proposed: {doubt.what}{source} (for {needed_by(survey, doubt)}): {doubt.why}."
    )
    fields = {"source": doubt.source, "selector": Expression(doubt.selector)}
    for line in toml_block("[[coverage]]", fields).splitlines():
        yield f"# {line}"
    yield "# since = ..."


def _comment(text: str) -> Iterator[str]:
    lines = wrap(text.replace("?.", "?"), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return (f"# {line}" for line in lines)
