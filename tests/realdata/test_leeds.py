"""LEEDS 2023: a publisher's change log and his own funnel."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ladder.importers import Mapping
from ladder.model.calendars import to_instant
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from tests.realdata.conftest import LEEDS
from tests.realdata.replays import Replay, mapping_of, shared
from tests.realdata.stored import NOW, database, write

pytestmark = pytest.mark.shared_data

FUNNEL = ("created", "applied", "offered", "confirmed", "rejected")


def published() -> list[tuple[datetime, dict[str, int]]]:
    """Return the counts of each publication: its time, and the number at each status."""
    with shared("leeds2023", "snapshot_counts.csv").open(encoding="utf-8") as file:
        return [
            (
                datetime.fromisoformat(row["observed_at"]),
                {
                    name.removeprefix("status:"): int(float(row[name]))
                    for name in row
                    if name.startswith("status:") and float(row[name])
                },
            )
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="session")
def statuses(leeds: Replay) -> Replay:
    return leeds.on("leeds/statuses.toml")


@pytest.fixture(scope="session")
def funnel() -> Replay:
    people = shared("leeds2023", "volunteers.csv")
    return Replay.of(people, "leeds/volunteers.toml", LEEDS, "leeds/funnel.toml")


def counted(replay: Replay, at: int) -> dict[str, int]:
    return {
        replay.ladder.rung(key).title: number for key, number in replay.count_by_rung(at).items()
    }


def test_whole_log_is_taken(leeds: Replay) -> None:
    assert leeds.rows_read == leeds.frame.height == 7_908
    assert leeds.refused == []
    assert leeds.frame["supporter"].n_unique() == 2_823


def test_number_at_each_status_is_the_published_one_at_all_222_instants(
    statuses: Replay,
) -> None:
    publications = published()
    assert len(publications) == 222
    for moment, expected in publications:
        # The clock on the wall, as the mapping reads it.
        assert counted(statuses, to_instant(moment.replace(tzinfo=UTC))) == expected, moment


def test_database_answers_the_same_at_all_222_instants_and_any_flow(
    leeds: Replay, statuses: Replay, tmp_path: Path
) -> None:
    """Standings at an instant are a query, with both ladders side by side."""
    engine = database(tmp_path / "leeds.db")
    write(engine, leeds)
    write(engine, statuses)
    with engine.connect() as connection:
        store = Store.open(connection, LEEDS.key)
        ask = Queries(store, now=to_instant(NOW), ladder=statuses.ladder.key)
        for moment, expected in published():
            stand = ask.counts(to_instant(moment.replace(tzinfo=UTC)))
            found = {
                statuses.ladder.rung(at.rungs).title: at.supporters for at in stand if at.rungs
            }
            assert found == expected, moment
        moved = Queries(store, now=to_instant(NOW), ladder=leeds.ladder.key)
        assert len(moved.movements(kinds=("climbed",))) == 2_428
        assert len(moved.movements(kinds=("slipped",))) == 304
    engine.dispose()


def test_offsets_alone_would_misorder_one_publication(statuses: Replay) -> None:
    """Why the mapping reads the wall clock: one of the 222 offsets cannot be true."""
    written = mapping_of("leeds/mapping.toml").model_dump(exclude_defaults=True)
    mapping = Mapping.model_validate(written | {"dates": {"formats": "iso"}})
    log = shared("leeds2023", "status_log_from_222_snapshots.csv")
    by_offset = Replay.of(log, mapping, LEEDS, statuses.ladder)
    wrong = [
        moment
        for moment, expected in published()
        if counted(by_offset, to_instant(moment)) != expected
    ]
    assert [f"{moment}" for moment in wrong] == ["2022-10-07 09:11:40+01:00"]


def test_2428_moves_lead_up_and_304_down_and_207_people_fell(leeds: Replay) -> None:
    movements = leeds.result.movements
    kinds = dict(movements["kind"].value_counts().iter_rows())
    assert kinds["climbed"] == 2_428
    assert kinds["slipped"] == 304
    assert movements.filter(pl.col("kind") == "slipped")["supporter"].n_unique() == 207


def test_log_moves_people_only_by_its_rows(leeds: Replay) -> None:
    movements = leeds.result.movements
    assert movements["cause"].unique().to_list() == ["touchpoint"]
    assert movements["causes"].list.len().unique().to_list() == [1]


def test_vanished_members_have_no_rung_until_they_return(leeds: Replay) -> None:
    log = shared("leeds2023", "status_log_from_222_snapshots.csv")
    with log.open(encoding="utf-8") as file:
        gone = [row["hash"] for row in csv.DictReader(file) if row["what"] == "vanish"]
    assert len(gone) == 2
    for supporter in gone:
        mine = leeds.result.movements.filter(pl.col("supporter") == supporter)
        assert mine["kind"].to_list()[:3] == ["arrived", "lapsed", "returned"]
        assert mine["before"].to_list()[1] == mine["after"].to_list()[2]


def test_weekly_funnel_is_the_published_one_on_all_77_fridays(funnel: Replay) -> None:
    with shared("leeds2023", "by_week.csv").open(encoding="utf-8") as file:
        weeks = list(csv.DictReader(file))
    assert len(weeks) == 77
    reached = {rung.key: funnel.episodes(rung.condition) for rung in funnel.ladder.rungs}
    for week in weeks:
        at = funnel.end_of(date.fromisoformat(week["week_ending"]))
        now = (pl.col("start") <= at) & (at < pl.col("end"))
        found = {stage: reached[stage].filter(now).height for stage in FUNNEL}
        assert found == {stage: int(week[stage]) for stage in FUNNEL}, week["week_ending"]
