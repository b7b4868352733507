"""Refresh finding states after a re-evaluation.

A recording asks in the round trip of its writes whether anything was ever done about the patterns
that it affects. Mostly nothing was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from ladder.crm.context import Adopted, OrganisationContext
from ladder.crm.evaluation import EvaluationResult
from ladder.findings import FindingContext, refresh, refresh_all
from ladder.storage import actions
from ladder.storage.statements import Query


def finding_context(organisation: OrganisationContext, adopted: Adopted) -> FindingContext:
    """Return what the findings of a ladder are evaluated by now."""
    key, coverage = adopted.definition.key, organisation.coverage
    return FindingContext(organisation.store, key, adopted.root, adopted.versions, coverage)


def refresh_all_states(organisation: OrganisationContext, adopted: Adopted, *, now: int) -> None:
    """Refresh the states of all findings about which anything was done."""
    refresh_all(finding_context(organisation, adopted), now=now)


class AffectedPatterns:
    """The patterns that a recording affects, by supporter and ladder."""

    def __init__(
        self, organisation: OrganisationContext, results: Iterable[EvaluationResult]
    ) -> None:
        self._organisation = organisation
        self._patterns = {
            (result.context.supporter.id, ladder.adopted.definition.key): ladder.patterns
            for result in results
            for ladder in result.ladders
            if ladder.patterns
        }

    def queries(self) -> list[Query]:
        """Query what was done about these supporters' findings."""
        people = {supporter_id for supporter_id, _ in self._patterns}
        return [actions.acted_query(self._organisation.store, people)] if people else []

    def refresh_states(self, rows: Iterable[Sequence[Any]], *, now: int) -> None:
        """Refresh the states of those patterns about which something was done."""
        acted: dict[str, set[int]] = defaultdict(set)
        for supporter_id, ladder, pattern in rows:
            if pattern in self._patterns.get((supporter_id, ladder), frozenset()):
                acted[ladder].add(supporter_id)
        for adopted in self._organisation.adopted:
            people = acted.get(adopted.definition.key)
            if people:
                refresh(finding_context(self._organisation, adopted), people, now=now)
