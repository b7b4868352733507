"""How many can be judged: counted over all at once, and the same as asking about each of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ladder.cli.commands.findings import Found
from ladder.cli.context import Asking, asking
from ladder.cli.dates import MOMENT
from ladder.crm import CRM
from ladder.documents import parse_condition
from ladder.engines.reference.verdicts import verdicts
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.nodes import And
from ladder.model.calendars import to_datetime, to_instant
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint
from ladder.reports.assessability import Assessing
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from tests import histories
from tests.crm.recordings import touchpoint
from tests.engines.tables import covered
from tests.random_ladders import coverage_conditions, coverages
from tests.sizes import examples
from tests.strategies import conditions

ROOT = Path(__file__).parents[2]
UNTIL = "2026-11-15"
ORG = Organisation(key="org")


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The river charity with 150 supporters."""
    folder = tmp_path_factory.mktemp("river")
    demo = ROOT / "examples" / "river" / "demo.py"
    words = ["--out", str(folder), "--supporters", "150", "--until", UNTIL]
    subprocess.run([sys.executable, str(demo), *words], check=True, capture_output=True)
    return folder / "river.db"


def one_by_one(ask: Asking, found: Found) -> dict[str, Counter[str]]:
    """The verdicts of the reference evaluator on everybody who is shown."""
    said: dict[str, Counter[str]] = {}
    for step in ask.questions.counts(ask.clock.now):
        for rung in step.rungs.split("+")[:1]:
            for one in ask.questions.people(rung, ask.clock.now):
                if one.rungs == step.rungs:
                    evaluation = found.readings.of(one.supporter_id)
                    for each in verdicts(evaluation, ask.ladder, ask.clock.now):
                        said.setdefault(each.pattern.key, Counter())[each.word] += 1
    return said


@pytest.mark.parametrize("day", [UNTIL, "2024-03-01"])
def test_counts_equal_those_of_single_questions(river: Path, tmp_path: Path, day: str) -> None:
    db = Path(shutil.copy(river, tmp_path / "river.db"))
    now = MOMENT.convert(day, None, None)
    with asking(str(db), None, None, now) as ask:
        found = Found(ask, ask.clock.now)
        said = one_by_one(ask, found)
        assert sum(sum(each.values()) for each in said.values()) > 300
        for each in found.judged:
            counted = {
                "found": sum(each.by_severity.values()),
                "clear": each.clear,
                "not assessable": each.not_assessable,
            }
            assert counted == {word: said[each.pattern.key][word] for word in counted}


def test_reason_is_given_where_a_supporter_cannot_be_assessed(river: Path) -> None:
    with asking(str(river), None, None, MOMENT.convert(UNTIL, None, None)) as ask:
        for each in Found(ask, ask.clock.now).judged:
            assert bool(each.reason) == (each.not_assessable > 0)


@st.composite
def needing(draw: st.DrawFn) -> Ladder:
    """Patterns that require coverage, a condition on the history, both, or neither."""
    requires = st.one_of(
        st.none(),
        coverage_conditions(1),
        st.builds(And.of, coverage_conditions(1), conditions(1)),
        conditions(1, logged=True),
    )
    patterns = tuple(
        Pattern(
            key=key, side="organisation", requires=draw(requires), safeguard=draw(st.booleans()),
            grades=(Grade(severity="low", condition=draw(conditions(1))),),
        )
        for key in ("P1", "P2")
    )  # fmt: skip
    return Ladder(key="needing", patterns=patterns, suppress_when=draw(st.none() | conditions(1)))


def test_declarations_that_have_to_last_are_counted(sqlite_engine: Engine) -> None:
    """These conditions depend neither on the start of a history nor on its touchpoints."""
    waiting = parse_condition("held_for(is_covered(donation, ever), days(30))")
    grade = Grade(severity="low", condition=parse_condition("count(donation, ever) >= 10"))
    pattern = Pattern(key="P", side="organisation", requires=waiting, grades=(grade,))
    ladder = Ladder(key="needing", patterns=(pattern,))
    coverage = (covered("donation"),)
    begun, now = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 20, tzinfo=UTC)
    with sqlite_engine.connect() as connection:
        crm = CRM.create(connection, ORG, ladder, coverage=coverage, clock=lambda: now)
        for supporter, day in (("eve", begun), ("ada", begun - timedelta(60))):
            crm.record(Touchpoint(supporter=supporter, kind="donation", at=day, amount=5))
        said = {supporter: bool(crm.unassessed_patterns(supporter)) for supporter in ("ada", "eve")}
        assert said == {"ada": False, "eve": True}
        store = Store.open(connection, ORG.key)
        at = to_instant(now)
        root = Queries(store, at).definition.root
        (judged,) = Assessing(store, root, ladder, coverage, at, at).assess([pattern], {}, {}, 2)
    assert (judged.clear, judged.not_assessable) == (1, 1)


@settings(max_examples=examples(50), suppress_health_check=list(HealthCheck))
@given(ladder=needing(), data=st.data())
def test_counts_hold_for_random_histories_and_coverage(
    sqlite_engine: Engine, ladder: Ladder, data: st.DataObject
) -> None:
    organisation = data.draw(histories.organisations())
    made = data.draw(histories.rows(organisation))
    coverage = tuple(data.draw(coverages(organisation)))
    at, _ = data.draw(histories.moments(organisation.calendar))
    told = [touchpoint(row, organisation) for row in made]
    with sqlite_engine.connect() as connection:
        crm = CRM.create(
            connection, organisation, ladder, coverage=coverage, clock=lambda: to_datetime(at)
        )
        crm.record_many(told)
        said = {pattern.key: Counter[str]() for pattern in ladder.patterns}
        named = {name for each in told for name in (each.supporter, each.referrer) if name}
        for supporter in sorted(named):
            _count(said, crm, supporter)
        store = Store.open(connection, organisation.key)
        ask = Queries(store, at, duties=[each.key for each in ladder.patterns if each.safeguard])
        people = sum(count.supporters for count in ask.counts(at))
        assessing = Assessing(store, ask.definition.root, ladder, coverage, at, at)
        for each in assessing.assess(ladder.patterns, ask.finding_counts(at), {}, people):
            event(f"found: {any(each.by_severity.values())}, not known: {each.not_assessable > 0}")
            shown = said[each.pattern.key]
            assert each.clear == shown["clear"]
            assert each.not_assessable == shown["not assessable"]
            assert sum(each.by_severity.values()) == shown["found"]
        connection.rollback()


def _count(said: dict[str, Counter[str]], crm: CRM, supporter: str) -> None:
    """Return the verdicts of one supporter; suppressed ones have safeguards only."""
    found = {each.pattern for each in crm.findings(supporter)}
    shown = crm.standing(supporter) is not None
    missing = {each.pattern for each in crm.unassessed_patterns(supporter)} if shown else set()
    for key, counted in said.items():
        if key in found:
            counted["found"] += 1
        elif shown:
            counted["not assessable" if key in missing else "clear"] += 1
