"""Touchpoints recorded one at a time, in any order, end in the very rows that a replay writes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.storage.write.bitemporal_bulk import Written
from tests.realdata.replays import Replay
from tests.realdata.stored import NOW, database, stored, touchpoint, write

pytestmark = pytest.mark.shared_data

DATASETS = {"leeds": 80, "npsp": 93, "cdnow": 60, "swiss": 25, "gdq": 60, "virtuous": 11}
"""How many supporters are drawn of each: tens of touchpoints for some, one for most."""

GIVERS = ("npsp", "swiss", "gdq", "virtuous")


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Replay], Engine]]:
    """A database into which a whole export was replayed: made once for each."""
    made: dict[str, Engine] = {}

    def replayed(whole: Replay) -> Engine:
        source = whole.frame["source"][0]
        if source not in made:
            made[source] = database(tmp_path_factory.mktemp("replayed") / f"{source}.db")
            write(made[source], whole)
        return made[source]

    yield replayed
    for engine in made.values():
        engine.dispose()


def record(path: Path, sample: Replay, seed: int) -> Engine:
    """A database into which the touchpoints of some supporters were recorded, each by itself."""
    engine = database(path)
    rows = list(sample.frame.iter_rows(named=True))
    random.Random(seed).shuffle(rows)
    with Session(engine) as session:
        crm = CRM.create(
            session, sample.organisation, sample.ladder, coverage=sample.coverage, now=NOW
        )
        for row in rows:
            crm.record(touchpoint(row, sample.organisation), now=NOW)
        session.commit()
    return engine


@pytest.mark.parametrize("name", DATASETS)
def test_recording_one_by_one_in_any_order_equals_the_replay(
    name: str,
    replayed: Callable[[Replay], Engine],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    whole: Replay = request.getfixturevalue(name)
    people = whole.sample(DATASETS[name], busiest=0, seed=7)
    expected = stored(replayed(whole), people)
    assert expected.movements or whole.result.movements.is_empty()
    recorded = record(tmp_path / "recorded.db", whole.among(people), seed=11)
    assert stored(recorded, people) == expected


@pytest.mark.parametrize("name", GIVERS)
def test_recorded_findings_equal_the_evaluated_ones_under_full_coverage(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole: Replay = request.getfixturevalue(name)
    people = whole.sample(DATASETS[name], busiest=0, seed=8)
    sample = whole.among(people).on_default(logged=True)
    written = database(tmp_path / "replayed.db")
    write(written, sample)
    expected = stored(written, people)
    assert len(expected.findings) == sample.result.findings.height > 0
    assert stored(record(tmp_path / "recorded.db", sample, seed=12), people) == expected


def test_gifts_in_several_currencies_recorded_in_any_order_as_replayed(
    currencies: Replay, tmp_path: Path
) -> None:
    """The converter of the ladder is stored with it and read back."""
    some = currencies.some(100, seed=3)
    assert some.frame["currency"].n_unique() > 2
    written = database(tmp_path / "replayed.db")
    write(written, some)
    expected = stored(written, ["donor"])
    assert len(expected.movements) == some.result.movements.height > 10
    assert stored(record(tmp_path / "recorded.db", some, seed=13), ["donor"]) == expected


@pytest.mark.parametrize("name", DATASETS)
def test_replay_stores_the_evaluated_results(
    name: str, replayed: Callable[[Replay], Engine], request: pytest.FixtureRequest
) -> None:
    whole: Replay = request.getfixturevalue(name)
    people = whole.sample(500)
    keys = dict(whole.frame.select("id", "external_id").iter_rows())
    source = whole.frame["source"][0]
    told = [
        (*row[:-1], tuple(sorted(f"{source} {keys[number]}" for number in row[-1])))
        for row in whole.told(people).movements
    ]
    assert stored(replayed(whole), people).movements == sorted(told)


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "gdq"])
def test_replaying_the_same_export_again_changes_nothing(
    name: str, replayed: Callable[[Replay], Engine], request: pytest.FixtureRequest
) -> None:
    whole: Replay = request.getfixturevalue(name)
    again = write(replayed(whole), whole)
    assert again.tally.known == again.tally.rows - again.tally.ignored
    assert (again.tally.kept, again.evaluated) == (0, 0)
    assert again.written == Written()
