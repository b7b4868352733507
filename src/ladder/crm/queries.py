"""Answer questions about one supporter in a host's terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final, get_args

from ladder.crm.context import Adopted, OrganisationContext
from ladder.crm.finding_states import finding_context
from ladder.crm.presenters import FindingPresenter, Names, keys_of, most_severe_first, titles
from ladder.crm.results import Finding, Movement, Standing, SupporterExplanation, Unassessed
from ladder.crm.time_conversion import ending, known_by, seen_at
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.verdicts import Verdict, verdicts
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.errors import NotFoundError, nearest
from ladder.explanations import as_known, explain_line
from ladder.findings import FindingContext, Findings, State
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER
from ladder.storage import definitions
from ladder.storage import rows as rows_room
from ladder.storage.read import histories
from ladder.storage.read.histories import StoredHistory
from ladder.storage.read.queries import Queries
from ladder.storage.supporters import known_supporter

When = datetime | date
STATES: Final = get_args(State)


@dataclass(frozen=True)
class SupporterQueries:
    """Queries about the supporters of an organisation, by one ladder, at the present instant."""

    organisation: OrganisationContext
    adopted: Adopted
    now: int

    @cached_property
    def questions(self) -> Queries:
        """The queries to the database."""
        ladders = (version.ladder for version in self.adopted.versions)
        duties = [
            pattern.key for ladder in ladders for pattern in ladder.patterns if pattern.safeguard
        ]
        key = self.adopted.definition.key
        return Queries(self.organisation.store, self.now, key, duties)

    def standing(self, supporter: str, at: When | None, known_at: When | None) -> Standing | None:
        """As `CRM.standing`."""
        calendar = self.organisation.store.organisation.calendar
        stored = self.questions.standing(
            supporter, seen_at(calendar, at, self.now), known_at=known_by(calendar, known_at)
        )
        if stored is None:
            return None
        return Standing(
            supporter=supporter,
            rungs=keys_of(stored.rungs),
            titles=titles(self.adopted.versions, stored.rungs),
            height=stored.height,
            since=ending(calendar, stored.since),
            until=ending(calendar, stored.until),
        )

    def history(self, supporter: str, known_at: When | None) -> list[Movement]:
        """As `CRM.history`."""
        calendar = self.organisation.store.organisation.calendar
        return self._present(
            self.questions.history(supporter, known_at=known_by(calendar, known_at))
        )

    def movement(self, supporter: str, at: int) -> Movement | None:
        """Return the supporter's first movement at exactly that instant, if any."""
        movements = self.questions.movements(at, at + 1, supporter=supporter)
        return next(iter(self._present(movements[:1])), None)

    def upcoming(self, days: int) -> list[Movement]:
        """As `CRM.upcoming`."""
        return self._present(self.questions.upcoming(self.now, days))

    def findings(
        self, supporter: str, at: When | None, known_at: When | None, state: State | None
    ) -> list[Finding]:
        """As `CRM.findings`."""
        if state is not None and state not in STATES:
            message = f"unknown state {state!r}{nearest(state, STATES)}; known: {', '.join(STATES)}"
            raise NotFoundError(message)
        store = self.organisation.store
        calendar, number = store.organisation.calendar, known_supporter(store, supporter)
        by = self._finding_context(known_by(calendar, known_at))
        among = self.questions.duties if self.questions.is_silent(supporter) else None
        findings = Findings(by, number, seen_at(calendar, at, self.now), among)
        if state == "resolved":
            views = list(findings.resolved())
        else:
            views = most_severe_first(
                view for view in findings.found() if state in (None, view.state)
            )
        if not views:
            return []
        presenter = FindingPresenter.of(self.adopted, supporter, findings, self.questions)
        return list(map(presenter.finding, views))

    def finding(self, supporter: str, pattern: str, at: When | None) -> Finding | None:
        """Return the finding of one pattern at an instant, and evaluate no other pattern."""
        store, duties = self.organisation.store, self.questions.duties
        if self.questions.is_silent(supporter) and pattern not in duties:
            return None
        instant = seen_at(store.organisation.calendar, at, self.now)
        number = known_supporter(store, supporter)
        findings = Findings(self._finding_context(None), number, instant, [pattern])
        view = next(findings.found(), None)
        if view is None:
            return None
        return FindingPresenter.of(self.adopted, supporter, findings, self.questions).finding(view)

    def _finding_context(self, known_at: int | None) -> FindingContext:
        """Return what findings are evaluated by, now or as known at an instant."""
        by = finding_context(self.organisation, self.adopted)
        if known_at is None:
            return by
        then = by.as_known(known_at)
        if then is None:
            definitions.current(by.store, by.key, known_at=known_at)  # which says that none was
        return then or by

    def unassessed_patterns(self, supporter: str, at: When | None) -> list[Unassessed]:
        """As `CRM.not_assessable`."""
        instant = self._shown(supporter, at)
        return [
            Unassessed(
                ladder=self.adopted.ladder.key,
                supporter=supporter,
                pattern=verdict.pattern.key,
                title=verdict.pattern.title or verdict.pattern.name or verdict.pattern.key,
                reason=verdict.reason,
                missing=verdict.missing,
                unmet=tuple(map(str, verdict.unmet)),
            )
            for verdict in self._verdicts(self._read(supporter), instant)
            if verdict.word == "not assessable"
        ]

    def explain(self, supporter: str, at: When | None) -> SupporterExplanation:
        """As `CRM.explain`."""
        calendar = self.organisation.store.organisation.calendar
        instant, versions, read = (
            self._shown(supporter, at),
            self.adopted.versions,
            self._read(supporter),
        )
        lines = VersionedEvaluation(
            versions,
            [self._evaluated(read, version.ladder) for version in versions],
        )
        states = self.questions.states_of(supporter, instant)
        return SupporterExplanation(
            supporter, replace(explain_line(lines, instant), states=states), calendar
        )

    def evaluation(self, supporter: str, at: int) -> Evaluation:
        """Evaluate the history up to an instant, by the ladder as it is then."""
        read = self._read(supporter)
        return as_known(self._evaluated(read, self.adopted.at(at)), at)

    def _shown(self, supporter: str, at: When | None) -> int:
        """Return the instant asked about; of a silent supporter only the present is shown."""
        if self.questions.is_silent(supporter):
            return self.now
        return seen_at(self.organisation.store.organisation.calendar, at, self.now)

    def _read(self, supporter: str) -> StoredHistory:
        return StoredHistory.read(
            self.organisation.store, known_supporter(self.organisation.store, supporter)
        )

    def _evaluated(self, history: StoredHistory, ladder: Ladder) -> Evaluation:
        return history.evaluation(self.organisation.store, ladder, self.organisation.coverage)

    def _verdicts(self, read: StoredHistory, at: int) -> list[Verdict]:
        """Return the verdict of every pattern at an instant; later touchpoints are left out."""
        ladder = self.adopted.at(at)
        evaluation = self._evaluated(read, ladder)
        return verdicts(evaluation, ladder, min(at, FOREVER - 1))

    def _present(self, movements: list[rows_room.Movement]) -> list[Movement]:
        numbers = {number for movement in movements for number in movement.causes}
        store = self.organisation.store
        rows = histories.touchpoints(store, numbers)
        supporters = {number: row[1] for number, row in rows.items()}
        keys = histories.keys(store, set(supporters.values()))
        others = {
            supporters[number]
            for movement in movements
            for number in movement.causes
            if number in supporters and supporters[number] != movement.supporter_id
        }
        names = Names(store.organisation, keys, rows, self.questions.silent_among(others))
        return [names.stored(self.adopted, movement) for movement in movements]
