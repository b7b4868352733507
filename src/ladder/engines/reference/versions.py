"""One supporter by several definitions: their lines sewn together where the next one speaks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ladder.coverage import BEGINNING
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.movements import Finding, Movement, findings, movements
from ladder.language.standings import GROUND, Place
from ladder.language.versions import Succession, seam_kind
from ladder.model.calendars import FOREVER


@dataclass(frozen=True)
class Lines:
    """One supporter's history as each version of a ladder reads it, to be told as one."""

    versions: Succession
    evaluations: Sequence[Evaluation]

    def movements(self) -> list[Movement]:
        """Her movements, those at the seams among them."""
        line: list[Movement] = []
        for (since, ladder), evaluation in zip(self.versions, self.evaluations, strict=True):
            found = movements(evaluation, ladder)
            line = found if since == BEGINNING else joined(line, found, since)
        return line

    def findings(self, among: Collection[str] | None = None) -> list[Finding]:
        """Her findings, of the patterns with these keys alone, where they are given."""
        line: list[Finding] = []
        for (since, ladder), evaluation in zip(self.versions, self.evaluations, strict=True):
            found = findings(evaluation, ladder, among)
            line = found if since == BEGINNING else joined_findings(line, found, since)
        return line


def joined(old: Sequence[Movement], new: Sequence[Movement], at: int) -> list[Movement]:
    """The old definition's movements before an instant, and the new one's from it on."""
    kept = [each for each in old if each.at < at]
    ahead = [each for each in new if each.at > at]
    before, after = _last(kept), _last([each for each in new if each.at <= at])
    until = ahead[0].at if ahead else FOREVER
    if before == after:
        kept[-1:] = [replace(each, until=until) for each in kept[-1:]]
        return kept + ahead
    kept[-1:] = [replace(each, until=at) for each in kept[-1:]]
    if before == _last([each for each in new if each.at < at]):
        return [*kept, *(each for each in new if each.at == at), *ahead]
    seam = Movement(
        at=at,
        until=until,
        kind=seam_kind(before, after, been=any(each.after.height for each in kept)),
        before=before,
        after=after,
        skipped=(),
        new_peak=False,
        cause="definition",
    )
    return [*kept, seam, *ahead]


def _last(movements: Sequence[Movement]) -> Place:
    return movements[-1].after if movements else GROUND


def joined_findings(old: Sequence[Finding], new: Sequence[Finding], at: int) -> list[Finding]:
    """Findings likewise; one that both have open at that instant, as severe, is one."""
    kept = [replace(each, until=min(each.until, at)) for each in old if each.at < at]
    ahead = [replace(each, at=max(each.at, at)) for each in new if each.until > at]
    goes_on = {(each.pattern, each.severity): each for each in ahead if each.at == at}
    found = []
    for each in kept:
        more = goes_on.pop((each.pattern, each.severity), None) if each.until == at else None
        found.append(each if more is None else replace(each, until=more.until))
    rest = list(goes_on.values())
    return found + [each for each in ahead if each.at > at or each in rest]
