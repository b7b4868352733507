"""A supporter's findings as they are at an instant: state, proof, what was done, how they ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.resolutions import ending as ended
from ladder.findings.action_log import name_of
from ladder.findings.context import FindingContext, SupporterHistory
from ladder.findings.lifecycles import FindingLifecycle, ending, lifecycles
from ladder.findings.states import windows
from ladder.findings.withdrawals import Withdrawal, withdrawals
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

    `severity`, `at` and `until` are those of the stretch of one severity that the instant lies in
    (of a resolved one, of the last); `opened` and `closes` those of the finding. `cause` and
    `causes` (ids of touchpoints) say what resolved it.
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
    """One supporter's findings by one ladder, at an instant, as they are known.

    Of the patterns `among` those given.
    """

    by: FindingContext
    supporter_id: int
    instant: int
    among: Collection[str] | None = None

    def found(self) -> Iterator[FindingView]:
        """Those that are found at the instant, whatever was done about them."""
        for life in self._lifecycles:
            stage = life.stage(self.instant)
            if stage is not None:
                proof = self._proof(life.pattern, self.instant)
                yield FindingView(
                    life.pattern, stage.severity, stage.at, ending(stage), life.opened, life.closed,
                    self._state(life.pattern), proof, self._done(life, proof),
                )  # fmt: skip

    def resolved(self) -> Iterator[FindingView]:
        """Those that are over by then, and those that were withdrawn, the latest first."""
        over = [*self._closed(), *self._withdrawn()]
        yield from sorted(over, key=lambda seen: (-seen.closes, seen.pattern))

    @cached_property
    def history(self) -> SupporterHistory:
        """The supporter's history."""
        return self.by.history(self.supporter_id)

    def _closed(self) -> Iterator[FindingView]:
        for life in self._lifecycles:
            if life.closed <= self.instant:
                last, proof = life.stages[-1], self._proof(life.pattern, life.closed - 1)
                cause, facts = ended(self.history.lines, life.pattern, life.closed)
                yield FindingView(
                    life.pattern, last.severity, last.at, life.closed, life.opened, life.closed,
                    "resolved", proof, self._done(life, proof), cause, tuple(f.id for f in facts),
                )  # fmt: skip

    def _withdrawn(self) -> Iterator[FindingView]:
        for each in withdrawals(self.by, self.supporter_id, among=self.among):
            if each.at <= self.instant:
                yield FindingView(
                    each.pattern, each.severity, each.opened, each.until, each.opened, each.at,
                    "resolved", each.evidence, self._about(each), each.cause, each.touchpoints,
                )  # fmt: skip

    @cached_property
    def _lifecycles(self) -> list[FindingLifecycle]:
        by = self.by
        rows = as_known.findings(by.store, by.root, self.supporter_id, known_at=by.known_at)
        return lifecycles(row for row in rows if self.among is None or row.pattern in self.among)

    @cached_property
    def _states(self) -> dict[tuple[int, str], str]:
        by, whose = self.by, [self.supporter_id]
        return finding_states.at(
            by.store, by.root, self.instant, known_at=by.known_at, people=whose
        )

    @cached_property
    def _actions(self) -> list[Action]:
        by, whose = self.by, [self.supporter_id]
        done = actions.of_people(by.store, whose, by.key, known_at=by.known_at)
        return [each for each in done.get(self.supporter_id, []) if each.at <= self.instant]

    def _state(self, pattern: str) -> State:
        return cast("State", self._states.get((self.supporter_id, pattern), OPEN))

    def _proof(self, pattern: str, instant: int) -> tuple[Fact, ...]:
        seen = min(instant, FOREVER - 1)
        proved = windows(self.history.lines, pattern, seen, seen + 1)
        return next((proof.at(seen) for _, proof in proved), ())

    def _done(self, life: FindingLifecycle, proof: Collection[Fact]) -> tuple[Action, ...]:
        return self._on(life.pattern, proof, (life.opened, life.closed))

    def _about(self, withdrawn: Withdrawal) -> tuple[Action, ...]:
        time = withdrawn.opened, withdrawn.until
        return self._on(withdrawn.pattern, withdrawn.evidence, time)

    def _on(
        self, pattern: str, proof: Collection[Fact], time: tuple[int, int]
    ) -> tuple[Action, ...]:
        """What was done about some of what proves it; of what nothing proves, within its time."""
        names, (start, end) = set(map(name_of, proof)), time
        return tuple(
            each
            for each in self._actions
            if each.pattern == pattern
            and (names.intersection(each.evidence) if each.evidence else start <= each.at < end)
        )
