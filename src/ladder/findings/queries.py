"""A supporter's findings at an instant: state, evidence, actions, and how they were resolved."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.versions import find_resolution
from ladder.findings.action_log import name_of
from ladder.findings.context import FindingContext, SupporterHistory
from ladder.findings.lifecycles import FindingLifecycle, end_of, lifecycles
from ladder.findings.states import evidence_windows
from ladder.findings.withdrawals import withdrawals
from ladder.model.calendars import FOREVER
from ladder.storage import actions, finding_states
from ladder.storage.actions import Action
from ladder.storage.finding_states import OPEN
from ladder.storage.read import as_known

State = Literal["open", "acknowledged", "dismissed", "resolved"]
Cause = Literal["clock", "touchpoint", "placement", "definition", "correction"]


@dataclass(frozen=True)
class FindingView:
    """One finding at one instant.

    `severity`, `at` and `until` are those of the stage at that instant (of a resolved finding, of
    the last stage); `opened` and `closes` those of the finding. `cause` and `causes` (ids of
    touchpoints) say what resolved it.
    """

    pattern: str
    severity: str
    at: int
    until: int
    opened: int
    closes: int
    state: State
    evidence: tuple[Fact, ...] = ()
    actions: tuple[Action, ...] = ()
    cause: Cause | None = None
    causes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Findings:
    """One supporter's findings of one ladder at an instant, limited to the patterns `among`."""

    by: FindingContext
    supporter_id: int
    instant: int
    among: Collection[str] | None = None

    def found(self) -> Iterator[FindingView]:
        """Yield the findings at the instant, in any state but resolved."""
        for lifecycle in self._lifecycles:
            stage = lifecycle.stage(self.instant)
            if stage is not None:
                evidence = self._evidence(lifecycle.pattern, self.instant)
                yield FindingView(
                    lifecycle.pattern, stage.severity, stage.at, end_of(stage), lifecycle.opened,
                    lifecycle.closed, self._state(lifecycle.pattern), evidence,
                    self._actions_in(lifecycle, evidence),
                )  # fmt: skip

    def resolved(self) -> Iterator[FindingView]:
        """Yield the findings that closed or were withdrawn until the instant, the latest first."""
        views = [*self._find_closed(), *self._withdrawn()]
        yield from sorted(views, key=lambda view: (-view.closes, view.pattern))

    @cached_property
    def history(self) -> SupporterHistory:
        """The supporter's history."""
        return self.by.history(self.supporter_id)

    def _find_closed(self) -> Iterator[FindingView]:
        for lifecycle in self._lifecycles:
            pattern, closed = lifecycle.pattern, lifecycle.closed
            if closed <= self.instant:
                last, evidence = lifecycle.stages[-1], self._evidence(pattern, closed - 1)
                cause, facts = find_resolution(self.history.lines, pattern, closed)
                yield FindingView(
                    pattern, last.severity, last.at, closed, lifecycle.opened, closed, "resolved",
                    evidence, self._actions_in(lifecycle, evidence), cause,
                    tuple(fact.id for fact in facts),
                )  # fmt: skip

    def _withdrawn(self) -> Iterator[FindingView]:
        for withdrawn in withdrawals(self.by, self.supporter_id, among=self.among):
            if withdrawn.at <= self.instant:
                time = withdrawn.opened, withdrawn.until
                acted = self._actions_on(withdrawn.pattern, withdrawn.evidence, time)
                yield FindingView(
                    withdrawn.pattern, withdrawn.severity, withdrawn.opened, withdrawn.until,
                    withdrawn.opened, withdrawn.at, "resolved", withdrawn.evidence, acted,
                    withdrawn.cause, withdrawn.touchpoints,
                )  # fmt: skip

    @cached_property
    def _lifecycles(self) -> list[FindingLifecycle]:
        context = self.by
        rows = as_known.findings(
            context.store, context.root, self.supporter_id, known_at=context.known_at
        )
        return lifecycles(row for row in rows if self.among is None or row.pattern in self.among)

    @cached_property
    def _states(self) -> dict[tuple[int, str], str]:
        context, people = self.by, [self.supporter_id]
        return finding_states.at(
            context.store, context.root, self.instant, known_at=context.known_at, people=people
        )

    @cached_property
    def _actions(self) -> list[Action]:
        context, people = self.by, [self.supporter_id]
        acted = actions.of_people(context.store, people, context.key, known_at=context.known_at)
        return [action for action in acted.get(self.supporter_id, []) if action.at <= self.instant]

    def _state(self, pattern: str) -> State:
        # Only actions give a state, and few supporters have any.
        states = self._states if self._actions else {}
        return cast("State", states.get((self.supporter_id, pattern), OPEN))

    def _evidence(self, pattern: str, instant: int) -> tuple[Fact, ...]:
        at = min(instant, FOREVER - 1)
        windows = evidence_windows(self.history.lines, pattern, at, at + 1)
        return next((proof.at(at) for _, proof in windows), ())

    def _actions_in(
        self, lifecycle: FindingLifecycle, evidence: Collection[Fact]
    ) -> tuple[Action, ...]:
        time = lifecycle.opened, lifecycle.closed
        return self._actions_on(lifecycle.pattern, evidence, time)

    def _actions_on(
        self, pattern: str, evidence: Collection[Fact], time: tuple[int, int]
    ) -> tuple[Action, ...]:
        """Return the actions on some of this evidence; without evidence, those within the time."""
        names, (start, end) = set(map(name_of, evidence)), time
        return tuple(
            action
            for action in self._actions
            if action.pattern == pattern
            and (
                names.intersection(action.evidence) if action.evidence else start <= action.at < end
            )
        )
