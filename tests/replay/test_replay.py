"""Files in, everybody's movements and findings out, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, event, func, select

from ladder.catalogue import load
from ladder.coverage import Coverage
from ladder.errors import CurrencyError, StorageError
from ladder.importers import Mapping, Refused
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.calendars import DAY
from ladder.model.kinds import Kind
from ladder.model.money import Rates
from ladder.replay import Progress, Report, Source, replay, verify
from ladder.storage import imports
from ladder.storage.models import Movement
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from ladder.storage.write.bitemporal_bulk import Written
from ladder.storage.write.bulk_load import insert_touchpoints
from tests.replay.worlds import (
    ALDER,
    EVERYTHING,
    LITTLE,
    NOW,
    beliefs,
    contents,
    gift_of,
    log,
    thank_you,
)
from tests.storage.rows import frame, touchpoint


def run(engine: Engine, *frames: pl.DataFrame, ladder: Ladder = LITTLE, **more: Any) -> Report:
    more = {"now": NOW} | more
    return replay(engine, ALDER, ladder, [Source.of_frames(*frames)], **more)


@pytest.fixture
def told() -> list[Refused]:
    return []


def test_replay_stores_the_evaluated_results(engine: Engine) -> None:
    report = run(engine, log())
    assert report.rows == report.kept == len(log())
    assert report.supporters == report.evaluated == 12
    assert report.movements == report.written.movements.added > 20
    assert report.findings == report.written.findings.added > 5
    assert report.seconds > 0
    checked = verify(engine, "alder")
    assert checked.fine
    assert (checked.supporters, checked.movements) == (12, report.movements)


def test_standings_after_a_replay_are_those_expected(engine: Engine) -> None:
    run(engine, frame(gift_of("ada", 0), gift_of("ben", 10, 40, referrer="ada")))
    with engine.connect() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW)
        standing = {n: ask.standing(n, 20 * DAY) for n in ("ada", "ben")}
        history = [(row.kind, row.after, row.cause) for row in ask.history("ben")]
    assert {n: each and each.rungs for n, each in standing.items()} == {
        "ada": "bringing",
        "ben": "caring",
    }
    assert history == [("arrived", "caring", "touchpoint"), ("lapsed", "", "clock")]


def test_replaying_twice_changes_nothing(engine: Engine) -> None:
    run(engine, log(), coverage=EVERYTHING)
    before = contents(engine)
    report = run(engine, log(), coverage=EVERYTHING, now=NOW + 5)
    assert (report.kept, report.known, report.evaluated) == (0, len(log()), 0)
    assert report.written == Written()
    after = contents(engine)
    assert len(after.pop("ladder_import")) == 1 + len(before.pop("ladder_import"))
    assert after == before


def test_small_parts_and_frames_give_the_same_rows(engine: Engine) -> None:
    run(engine, *log().iter_slices(7), part_rows=5)
    assert verify(engine, "alder", part_rows=1000).fine
    assert verify(engine, "alder", part_rows=1).fine
    believed = beliefs(engine)
    assert len(believed["ladder_movement"]) > 20


def test_later_touchpoints_recompute_few_supporters(engine: Engine) -> None:
    run(engine, log())
    report = run(engine, frame(gift_of("p1", 900)), now=NOW + 1)
    assert report.evaluated == 1
    assert report.written.total.added >= 1
    assert verify(engine, "alder").fine


@pytest.mark.parametrize("seed", range(3))
def test_log_in_pieces_and_any_order_gives_the_same_rows(engine: Engine, seed: int) -> None:
    run(engine, log())
    expected = verify(engine, "alder")
    for n, piece in enumerate(log().sample(fraction=1, shuffle=True, seed=seed).iter_slices(9)):
        replay(engine, replace(ALDER, key="birch"), LITTLE,
               [Source.of_frames(piece)], now=NOW + n)  # fmt: skip
    checked = verify(engine, "birch")
    assert checked.fine
    counted = ("supporters", "movements", "findings")
    assert [getattr(expected, n) for n in counted] == [getattr(checked, n) for n in counted]


def test_void_of_a_referred_act_reaches_the_referrer(engine: Engine) -> None:
    gift = gift_of("ben", 10, referrer="ada", external_id="g")
    run(engine, frame(gift_of("ada", 0), gift))
    void = touchpoint("ben", "void", 30 * DAY, answers_source="test", answers_id="g")
    report = run(engine, frame(void), now=NOW + 1)
    assert report.evaluated == 2
    with engine.connect() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW + 1)
        assert [row.after for row in ask.history("ada")] == ["giving", ""]
    assert verify(engine, "alder").fine


def test_another_ladder_of_the_same_key_restates_all_results(engine: Engine) -> None:
    run(engine, log())
    first = count(kind("donation"), ever) >= 1
    other = Ladder(key="little", rungs=(Rung(key="given", enter=first),))
    report = run(engine, ladder=other, now=NOW + 1)
    assert report.evaluated == report.supporters
    assert verify(engine, "alder").fine
    with engine.connect() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW + 1)
        assert set(ask.rung_counts(300 * DAY)) == {"given"}
        assert "caring" in ask.rung_counts(100 * DAY, known_at=NOW)


def test_new_coverage_recomputes_all_supporters(engine: Engine) -> None:
    run(engine, log())
    assert run(engine, now=NOW + 1).evaluated == 0
    assert run(engine, now=NOW + 2, coverage=EVERYTHING).evaluated == 12
    assert run(engine, now=NOW + 3, coverage=EVERYTHING).evaluated == 0


def test_organisations_in_one_database_are_separate(engine: Engine) -> None:
    run(engine, log())
    before = beliefs(engine)
    birch = replace(ALDER, key="birch")
    replay(engine, birch, LITTLE, [Source.of_frames(log(5))], now=NOW)
    mine = {name: [row for row in rows if row[0] == 1] for name, rows in beliefs(engine).items()}
    assert mine == before
    assert verify(engine, "alder").fine
    assert verify(engine, "birch").fine


def test_contradicting_row_is_rejected(engine: Engine, told: list[Refused]) -> None:
    gift = gift_of("ada", 0, 25, external_id="17")
    other = gift | {"amount": 3000}
    report = run(engine, frame(gift, other), refused=told.extend)
    assert (report.kept, report.refused) == (1, 1)
    assert [(each.row, each.reason) for each in told] == [
        (1, "id 17 is known with another amount: 25.00, not 30.00")
    ]


def test_rows_that_the_ladder_cannot_read_are_rejected(engine: Engine, told: list[Refused]) -> None:
    dollars = gift_of("ada", 1) | {"currency": "USD"}
    rows = [
        touchpoint("ada", "donatoin"), gift_of("ada", 0), dollars,
        gift_of("ben", 1, referrer="ben"), touchpoint("ada", "reply"),
    ]  # fmt: skip
    report = run(engine, frame(*rows).with_columns(row=pl.arange(2, 7)), refused=told.extend)
    assert (report.rows, report.kept, report.refused) == (5, 2, 3)
    assert [each.row for each in told] == [2, 4, 5]
    assert "unknown kind 'donatoin'; did you mean donation?" in told[0].reason
    assert "an amount in USD and the ladder adds up EUR" in told[1].reason
    assert "cannot refer themselves" in told[2].reason


def test_foreign_currency_is_accepted_where_unread_or_with_a_rate(
    engine: Engine, told: list[Refused]
) -> None:
    dollars = frame(gift_of("ada", 400) | {"currency": "USD"})
    plain = Ladder(key="plain", rungs=(LITTLE.rungs[0],))
    assert run(engine, dollars, ladder=plain).kept == 1
    rates = Rates.of("EUR", [("USD", date(1971, 2, 1), Decimal("0.9"))])
    rated = Ladder(key="rated", rungs=LITTLE.rungs, rates=rates)
    early = frame(gift_of("ada", 100) | {"currency": "USD"})
    report = run(engine, early, dollars, ladder=rated, refused=told.extend)
    assert (report.known, report.refused) == (1, 1)
    assert "no rate of USD is known that day" in told[0].reason


def test_error_half_way_changes_nothing(engine: Engine) -> None:
    run(engine, log())
    with engine.begin() as connection:  # as a host may do with a ladder that reads no money
        foreign = frame(gift_of("p1", 500) | {"currency": "USD"})
        insert_touchpoints(Store.open(connection, "alder"), foreign, now=NOW)
    before = contents(engine)
    with pytest.raises(CurrencyError):
        run(engine, frame(gift_of("zoe", 1)), coverage=EVERYTHING, now=NOW + 1)
    assert contents(engine) == before


@pytest.mark.parametrize("people", [0, 2], ids=["an empty database", "a later replay"])
def test_full_disk_is_reported_and_changes_nothing(sqlite_engine: Engine, people: int) -> None:
    if people:
        run(sqlite_engine, log(people))
    before = contents(sqlite_engine)

    @event.listens_for(sqlite_engine, "begin")
    def small(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(StorageError, match=r"the disk is full: make room"):
        run(sqlite_engine, log(800), now=NOW + 1)
    event.remove(sqlite_engine, "begin", small)
    assert contents(sqlite_engine) == before


def test_database_error_is_reported_from_all_writers(engine: Engine) -> None:
    run(engine, log(2))
    before = contents(engine)
    wrong = frame(gift_of("zoe", 1) | {"direction": "sideways"})
    with pytest.raises(StorageError, match="direction"):
        run(engine, wrong, now=NOW + 1)
    assert contents(engine) == before


def test_replay_in_a_host_transaction_is_committed_by_the_host(engine: Engine) -> None:
    before = contents(engine)
    with engine.connect() as connection:
        replay(connection, ALDER, LITTLE, [Source.of_frames(log())], now=NOW)
        number = select(func.count()).select_from(Movement)
        assert connection.scalar(number)
    assert contents(engine) == before


def test_progress_goes_from_reading_to_evaluating(engine: Engine) -> None:
    seen: list[Progress] = []
    run(engine, *log().iter_slices(20), progress=seen.append, part_rows=20)
    stages = [each.stage for each in seen]
    assert stages == sorted(stages, reverse=True)
    for stage in ("read", "evaluate"):
        steps = [each for each in seen if each.stage == stage]
        assert len(steps) > 1
        assert [each.done for each in steps] == sorted(each.done for each in steps)
        assert steps[-1].done == steps[-1].total
    assert seen[-1].total == 12


def test_import_is_recorded_with_the_counts_of_its_rows(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "gifts.csv"
    file.write_text("id,who,day,sum\n1,ada,2024-02-29,60\n2,ben,soon,5\n1,ada,2024-02-29,60\n")
    mapping = Mapping.parse(
        'source = "till"\n[columns]\nsupporter = "who"\nat = "day"\namount = "sum"\n'
        'external_id = "id"\n[kinds]\ndefault = "donation"\n'
    )
    told: list[Refused] = []
    source = Source.of_file(file, mapping, ALDER, LITTLE.kinds)
    report = replay(engine, ALDER, LITTLE, [source], now=NOW, refused=told.extend)
    assert (report.rows, report.kept, report.known, report.refused) == (3, 1, 1, 1)
    assert [each.row for each in told] == [3]
    with engine.connect() as connection:
        (entry,) = imports.noted(Store.open(connection, "alder"))
    assert (entry.file, len(entry.digest), entry.rows, entry.kept) == ("gifts.csv", 64, 3, 1)
    assert Mapping.parse(entry.mapping) == mapping
    assert (entry.known, entry.refused, entry.started_at) == (1, 1, NOW)


def test_gifts_only_import_gives_no_finding(engine: Engine) -> None:
    gifts = [gift_of(f"p{n}", 900 + n) for n in range(4)]
    report = run(engine, frame(*gifts), ladder=load("default"))
    assert report.findings == 0
    patterns = {each.key for each in load("default").patterns if each.requires is not None}
    assert {each.pattern for each in report.unassessable} == patterns
    assert {(each.supporters, each.of) for each in report.unassessable} == {(4, 4)}
    assert all(len(each.reason) > 20 for each in report.unassessable)


def test_declared_log_makes_patterns_assessable(engine: Engine) -> None:
    gifts = frame(*[gift_of(f"p{n}", 900 + n) for n in range(4)], thank_you("p0", 901))
    report = run(engine, gifts, ladder=load("default"), coverage=EVERYTHING)
    assert report.unassessable == ()
    assert report.findings > 0


def test_log_that_began_late_leaves_older_histories_unassessable(engine: Engine) -> None:
    rows = frame(gift_of("old", 100), gift_of("new", 950))
    since = [Coverage(selector=each.selector, since=900 * DAY) for each in EVERYTHING]
    report = run(engine, rows, ladder=load("default"), coverage=since)
    assert {(each.supporters, each.of) for each in report.unassessable} == {(1, 2)}


def test_log_that_ended_before_now_makes_all_supporters_unassessable(engine: Engine) -> None:
    gifts = frame(gift_of("ada", 100), gift_of("ben", 150))
    past = [Coverage(selector=each.selector, until=900 * DAY) for each in EVERYTHING]
    report = run(engine, gifts, ladder=load("default"), coverage=past)
    assert {(each.supporters, each.of) for each in report.unassessable} == {(2, 2)}


ADOPTING = Ladder(
    key="adopting",
    own_kinds=(Kind("adoption", "voice", "inbound"),),
    rungs=(Rung(key="adopts", enter=count(kind("adoption"), ever) >= 1),),
)


def test_replay_updates_the_organisations_other_ladders(engine: Engine) -> None:
    run(engine, log())
    adoption = touchpoint("zoe", "adoption", 5 * DAY)
    report = run(engine, frame(adoption), ladder=ADOPTING, now=NOW + 1)
    assert (report.kept, report.movements) == (1, 1)
    run(engine, frame(gift_of("zoe", 900)), ladder=ADOPTING, now=NOW + 2)
    for key in ("little", "adopting"):
        assert verify(engine, "alder", ladder=key).fine
    with engine.connect() as connection:
        ask = Queries(Store.open(connection, "alder"), NOW + 2, "little")
        assert [row.after for row in ask.history("zoe")][:3] == ["caring", "", "giving"]


def test_kind_that_no_ladder_in_force_declares_is_rejected(
    engine: Engine, told: list[Refused]
) -> None:
    report = run(engine, frame(touchpoint("zoe", "adoption")), refused=told.extend)
    assert report.refused == 1
    run(engine, ladder=ADOPTING, now=NOW + 1)
    assert run(engine, frame(touchpoint("zoe", "adoption")), now=NOW + 2).kept == 1
