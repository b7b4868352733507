"""An evaluation from a snapshot agrees exactly with the reference engine's whole reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.engines.incremental import snapshot_evaluator
from ladder.engines.incremental.indexed_evaluator import IndexedEvaluation
from ladder.engines.incremental.requirements import Requirements, requirements_of
from ladder.engines.incremental.snapshot_evaluator import (
    FullReadRequired,
    Snapshot,
    SnapshotEvaluator,
    findings_since,
    take_snapshot,
)
from ladder.engines.incremental.snapshots import (
    Corrections,
    choose_checkpoint,
    resolve_corrections,
)
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Finding, Movement, findings, movements
from ladder.language import aggregates as f
from ladder.language import conditions as c
from ladder.language import selectors as s
from ladder.language import spans as p
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.nodes import Condition, Node
from ladder.model.calendars import DAY
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests import histories
from tests.random_ladders import coverages, ladders
from tests.strategies import evaluated_types

LATE = 2**59


class World:
    """One supporter's rows, read in whole or from an instant on."""

    def __init__(
        self,
        made: Sequence[Row],
        ladder: Ladder,
        organisation: Organisation,
        coverage: Sequence[Coverage],
    ) -> None:
        self.rows = list(made)
        self.own, self.brought = histories.of_person(self.rows, 1)
        self.ladder, self.organisation, self.coverage = ladder, organisation, coverage

    def history(self, own: Iterable[Row], brought: Iterable[Row], begun: int | None) -> History:
        return History.from_rows(
            list(own), self.organisation, self.ladder.kinds, list(brought), None, 1, begun
        )

    def whole(self) -> Evaluation:
        history = self.history(self.own, self.brought, None)
        return Evaluation(history, self.organisation, self.ladder, self.coverage)

    def indexed(self) -> IndexedEvaluation:
        history = self.history(self.own, self.brought, None)
        return IndexedEvaluation(history, self.organisation, self.ladder, self.coverage)

    def corrections(self) -> Corrections:
        return resolve_corrections([*self.own, *self.brought], self.ladder.kinds, 1)

    def onwards(self, snapshot: Snapshot) -> SnapshotEvaluator:
        """Only what comes later, and what it answers."""
        gone = self.corrections().gone
        own = [row for row in self.own if row.id not in gone]
        later = [row for row in own if row.at >= snapshot.at]
        asked = {(row.answers_source or row.source, row.answers_id) for row in later}
        answered = [r for r in own if r.at < snapshot.at and (r.source, r.external_id) in asked]
        others = [r for r in self.brought if r.at >= snapshot.at and r.id not in gone]
        history = self.history([*answered, *later], others, snapshot.begun)
        return SnapshotEvaluator(history, self.organisation, self.ladder, self.coverage, snapshot)

    def snapshot(self, reading: IndexedEvaluation, at: int) -> Snapshot:

        moved = movements(self.whole(), self.ladder)
        heights = [each.after.height for each in moved if each.at < at]
        opened = {
            each.pattern: each.at
            for each in findings(self.whole(), self.ladder)
            if each.at < at <= each.until
        }
        return take_snapshot(reading, at, max(heights, default=0), opened)


def told(moved: Iterable[Movement]) -> list[Any]:
    return [
        (m.at, m.until, m.kind, m.before, m.after, m.skipped, m.new_peak, m.cause,
         [fact.id for fact in m.causes])
        for m in moved
    ]  # fmt: skip


def from_then(world: World, at: int) -> tuple[list[Any], list[Finding]]:
    """Return the results of the whole history from that instant on."""
    whole = world.whole()
    moved = [each for each in movements(whole, world.ladder) if each.at >= at]
    found = [each for each in findings(whole, world.ladder) if each.until >= at]
    return told(moved), found


def carried_from(
    world: World, reading: SnapshotEvaluator, at: int
) -> tuple[list[Any], list[Finding]]:
    moved = movements(reading, world.ladder, at)
    return told(moved), findings_since(reading, world.ladder, None, at)


@st.composite
def worlds(draw: st.DrawFn, most: int = 9) -> World:
    organisation = draw(histories.organisations())
    made = draw(histories.rows(organisation, most))
    return World(made, draw(ladders()), organisation, draw(coverages(organisation)))


def check(
    world: World, keeps: Sequence[int], seen: Callable[[Snapshot], None] = lambda _: None
) -> Counter[str]:
    """Carry along from one instant to the next, and compare all that is said from there on."""
    done: Counter[str] = Counter()
    reading = world.indexed()
    if reading.history.t0 is None:
        return done
    calendar = world.organisation.calendar
    facts = reading.history.facts
    for keep in keeps:
        at = choose_checkpoint(facts, calendar, world.corrections().at, LATE, keep)
        if at is None or at <= reading.history.t0 or at < reading.since:
            continue
        try:
            snapshot = world.snapshot(reading, at)
            reading = world.onwards(snapshot)
            seen(snapshot)
            for then in {at, *(fact.at for fact in facts if fact.at >= at)}:
                assert carried_from(world, reading, then) == from_then(world, then)
        except FullReadRequired:
            done["full read"] += 1
            return done
        done["from a snapshot"] += 1
    return done


SLOW = settings(suppress_health_check=list(HealthCheck))
KEEPS = st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True).map(
    lambda keeps: sorted(keeps, reverse=True)
)


@SLOW
@given(world=worlds(), keeps=KEEPS)
def test_evaluation_from_a_snapshot_equals_the_whole_history(
    world: World, keeps: list[int]
) -> None:
    note("\n".join(str(condition) for condition in world.ladder.conditions()))
    note("\n".join(str(fact) for fact in world.whole().history.facts))
    for what, number in check(world, keeps).items():
        event(f"{what}: {number}")


@SLOW
@given(world=worlds(24), keeps=KEEPS)
def test_evaluation_from_a_snapshot_equals_longer_whole_histories(
    world: World, keeps: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot_evaluator, "MOST_NAMED", 2)
        check(world, keeps)


@SLOW
@given(world=worlds(), keep=st.integers(0, 9))
def test_engines_agree_from_a_random_snapshot(world: World, keep: int) -> None:
    reference, indexed = world.whole(), world.indexed()
    ladder = world.ladder
    expected = stored(movements(reference, ladder)), opened(findings(reference, ladder))
    assert (stored(movements(indexed, ladder)), opened(findings(indexed, ladder))) == expected
    result = columnar.evaluate(
        histories.frame(world.rows), ladder, world.organisation, list(world.coverage)
    )
    in_columns = (
        sorted(row[1:] for row in result.movements.rows() if row[0] == 1),
        sorted(row[1:] for row in result.findings.rows() if row[0] == 1),
    )
    assert in_columns == expected
    begun, facts = reference.history.t0, reference.history.facts
    at = choose_checkpoint(facts, world.organisation.calendar, world.corrections().at, LATE, keep)
    if at is None or begun is None or at <= begun:
        return
    try:
        evaluation = world.onwards(world.snapshot(indexed, at))
        since = (
            stored(movements(evaluation, ladder, at)),
            opened(findings_since(evaluation, ladder, None, at)),
        )
    except FullReadRequired:
        event("the snapshot does not suffice")
        return
    event("evaluated from a snapshot")
    assert since == (
        [row for row in expected[0] if row[0] >= at],
        [row for row in expected[1] if row[3] >= at],
    )


def stored(moved: Iterable[Movement]) -> list[tuple[Any, ...]]:
    """Movements as the rows of the columnar engine, in order."""
    return sorted(
        (
            m.at, m.until, m.kind, str(m.before), m.before.height, str(m.after), m.after.height,
            "+".join(m.skipped), m.new_peak, m.cause, sorted(fact.id for fact in m.causes),
        )
        for m in moved
    )  # fmt: skip


def opened(found: Iterable[Finding]) -> list[tuple[Any, ...]]:
    """Findings as the rows of the columnar engine, in order."""
    return sorted((f.pattern, f.severity, f.at, f.until) for f in found)


GIFT = s.kind("donation")
MAIL = s.kind("email_opened")
EVERY_NODE = (
    f.count(GIFT, p.ever) >= 3,
    f.count(s.inbound & ~GIFT, p.months(24)) >= 1,
    f.count(s.any_touchpoint & s.automated, p.ever) >= 1,
    f.count(f.amount_at_least("10") | f.quantity_at_least(1), p.ever) >= 2,
    f.count(GIFT & f.amount_above(2 * f.total(GIFT, p.until(GIFT))), p.ever) >= 1,
    f.count(GIFT & s.has_rate, p.ever) >= 1,
    f.count(s.in_months(1, 2, 3) & s.where(topic="river"), p.ever) >= 1,
    f.count(s.is_reply, p.ever) >= 1,
    f.count(s.in_reply_to(s.family("outreach")), p.ever) >= 1,
    f.distinct(s.referred(GIFT), p.ever, by="person") >= 1,
    f.count(GIFT.when(f.count(MAIL, p.days(40)) >= 1), p.ever) >= 1,
    f.count(GIFT, p.until(s.kind("thank_you"))) >= 1,
    f.count(GIFT, p.hours(24 * 900) & p.until(s.kind("thank_you"))) >= 1,
    f.total(GIFT, p.older_than(p.days(3), p.months(24))) >= "30 EUR",
    2 * f.count(MAIL, p.end_of("year", 2)) > f.count(s.any_touchpoint, p.end_of("year", 2)),
    f.distinct(GIFT, p.ever, by="details.topic") >= 1,
    c.held_for(f.count(MAIL, p.ever) >= 1, p.days(60)),
    c.latch(f.count(GIFT, p.days(9)) >= 1, f.count(s.kind("unsubscribed"), p.days(9)) >= 1),
    (f.count(GIFT, p.ever) >= 1) & (c.on_rung("one") | ~(f.count(MAIL, p.ever) >= 9)),
)


def test_snapshots_hold_all_node_types() -> None:
    """Some evaluations begin at a snapshot; otherwise the agreement would prove nothing."""
    organisation = histories.ORGANISATIONS[1]
    day = organisation.calendar.day_start(19_000)
    kinds = ("email_opened", "donation", "appeal", "reply", "receipt", "thank_you", "donation")
    made = [
        Row(
            n, 1, name, day + n * 9 * DAY, False, KINDS[name].direction,
            automated=KINDS[name].automated,
            amount=2500 if name == "donation" else None, quantity=1_000_000,
            answers_id=str(n - 1) if name == "reply" else None,
            external_id=str(n), details='{"topic":"river"}',
        )
        for n, name in enumerate(kinds * 5)
    ]  # fmt: skip
    others = [made[8]._replace(id=99, supporter=2, referrer=1, external_id="99")]
    carried: set[type[Node]] = set()
    for condition in EVERY_NODE:
        rungs = (
            Rung(key="one", enter=f.count(GIFT, p.ever) >= 1),
            Rung(key="two", enter=condition),
        )
        requires = c.is_covered(GIFT, p.months(3))
        pattern = Pattern(
            key="P", side="supporter", requires=requires,
            grades=(Grade(severity="low", condition=condition),),
        )  # fmt: skip
        ladder = Ladder(key="nodes", rungs=rungs, patterns=(pattern,))
        world = World([*made, *others], ladder, organisation, (Coverage(selector=GIFT),))
        requirements = requirements_of(ladder, organisation)

        def seen(snapshot: Snapshot, requirements: Requirements = requirements) -> None:
            looked_at: list[Node] = [requirements.measures[n].measure for n in snapshot.residuals]
            looked_at += [
                measure for n in snapshot.sums for _, measure in requirements.sums[n].terms
            ]
            looked_at += [requirements.conditions[n] for n in snapshot.running]
            carried.update(type(node) for each in looked_at for node in each.walk())

        assert check(world, [20, 9, 4, 1], seen) == {"from a snapshot": 4}, str(condition)
    assert evaluated_types() - carried == set()


@pytest.mark.parametrize(
    "condition",
    [
        f.count(GIFT, p.older_than(p.days(60))) >= 1,
        f.count(GIFT, p.older_than(p.days(60))) < 1,
        f.count(GIFT, p.older_than(p.days(60))) >= 2,
        f.count(GIFT, p.older_than(p.days(60))) < 2,
        2 * f.count(GIFT, p.older_than(p.days(60))) > 3,
        f.count(GIFT, p.older_than(p.days(60))) == 2,
    ],
    ids=str,
)
def test_condition_attained_later_is_not_yet_true_in_the_snapshot(condition: Condition) -> None:
    """Two gifts of one day are all that is carried, and count from one instant on for ever."""
    organisation = histories.ORGANISATIONS[1]
    day = organisation.calendar.day_start(19_000)
    made = [Row(n, 1, "donation", day + n, direction="inbound") for n in range(2)]
    made += [Row(n, 1, "reply", day + n * 5 * DAY, direction="inbound") for n in range(2, 9)]
    rungs = (Rung(key="one", enter=condition),)
    world = World(made, Ladder(key="aged", rungs=rungs), organisation, ())
    assert check(world, [6, 3, 1]) == {"from a snapshot": 3}


def line(*kinds: str, **more: Any) -> list[Row]:
    """One of these every five days; `more` is of the first."""
    day = histories.ORGANISATIONS[1].calendar.day_start(19_000)
    rows = [
        Row(n, 1, name, day + n * 5 * DAY, direction=KINDS[name].direction)
        for n, name in enumerate(kinds)
    ]
    return [rows[0]._replace(**more), *rows[1:]]


MAILS = ["email_opened"] * 6
THANKED = p.until(s.kind("thank_you"))


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (  # what is subtracted later is subtracted from all of it
            f.count(GIFT, p.ever) > f.count(MAIL, p.ever),
            line(*["donation"] * 5, *MAILS[:4]),
        ),
        (  # thanked before they count at all, so they never do
            f.count(GIFT, p.older_than(p.days(30)) & THANKED) == 0,
            line("donation", "donation", "reply", "thank_you", *MAILS),
        ),
        (  # a placement that is over is no longer there, ever or not
            f.count(s.kind("placed"), p.ever) >= 1,
            line(*MAILS, "placed", *MAILS),
        ),
        (
            f.count(s.kind("placed"), p.ever) < 1,
            line(*MAILS, "placed", *MAILS),
        ),
    ],
    ids=lambda each: str(each) if isinstance(each, Condition) else "",
)
def test_evaluation_from_a_snapshot_adds_nothing_to_the_whole(
    condition: Condition, rows: list[Row]
) -> None:
    until = '{"until":"2022-02-20","rung":"one"}'
    made = [row._replace(details=until) if row.kind == "placed" else row for row in rows]
    rungs = (Rung(key="one", enter=condition),)
    world = World(made, Ladder(key="told", rungs=rungs), histories.ORGANISATIONS[1], ())
    done = [check(world, [keep, 1]) for keep in range(len(made) - 1, 1, -1)]
    assert all(each == {"from a snapshot": 2} for each in done), done
