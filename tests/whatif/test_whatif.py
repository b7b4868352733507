"""Changes by another definition: the columnar counts equal those of single histories."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from ladder.crm import CRM
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import row_of
from ladder.engines.reference.history import History
from ladder.errors import NotFoundError
from ladder.language.aggregates import count, total
from ladder.language.conditions import latch
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import days, ever, months
from ladder.model.calendars import DAY, FOREVER, to_instant
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from ladder.storage.models import Base
from ladder.whatif import WhatIf, whatif
from tests import histories
from tests.crm.recordings import cases
from tests.crm.worlds import moment
from tests.random_ladders import ladders
from tests.sizes import examples
from tests.whatif import worlds

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
ALDER = Organisation(key="alder", zone="Europe/Berlin")
GIFT = kind("donation")


def ladder(*rungs: Rung, **more: Any) -> Ladder:
    return Ladder(key="little", ground="nowhere", rungs=rungs, **more)


ONE_GIFT = Rung(key="giving", title="Giving", enter=count(GIFT, months(12)) >= 1)
TWO_GIFTS = Rung(key="giving", title="Giving", enter=count(GIFT, months(12)) >= 2)
HEARING = Rung(key="hearing", title="Hearing", enter=count(kind("subscribed"), ever) >= 1)
OLD = ladder(HEARING, ONE_GIFT)


def contents(connection: Connection) -> list[Any]:
    return [connection.execute(select(table)).all() for table in Base.metadata.sorted_tables]


def told(connection: Connection, old: Ladder = OLD, gifts: int = 1) -> CRM:
    """Ada has given some 10 EUR a month until April, and subscribed; Ben has subscribed only."""
    crm = CRM.create(connection, ALDER, old, clock=lambda: NOW)
    for supporter in ("ada", "ben"):
        crm.record(
            supporter=supporter, kind="subscribed", at=date(2023, 1, 1), external_id=f"s{supporter}"
        )
    for n in range(gifts):
        crm.record(
            supporter="ada", kind="donation", at=date(2024, 4 - n, 5), amount="10",
            external_id=f"d{n}",
        )  # fmt: skip
    return crm


def ask(connection: Connection, new: Ladder, **more: Any) -> WhatIf:
    return whatif(connection, "alder", new, now=to_instant(NOW), **more)


@pytest.fixture
def connection(engine: Engine) -> Any:
    with engine.connect() as connection:
        yield connection


def test_changed_standings_come_with_start_and_reason(connection: Connection) -> None:
    told(connection)
    before = contents(connection)
    found = ask(connection, ladder(HEARING, TWO_GIFTS))
    assert contents(connection) == before
    assert {(s.before, s.after): s.supporters for s in found.steps} == {
        ("giving", "hearing"): 1,
        ("hearing", "hearing"): 1,
    }
    assert (found.moves, found.higher, found.lower) == (1, 0, 1)
    (ada,) = found.movers
    assert (ada.supporter, ada.difference) == ("ada", -1)
    assert ada.since == ALDER.calendar.instant(date(2024, 4, 5))
    assert ada.until == ALDER.calendar.instant(date(2025, 4, 6))
    assert ada.words == "Giving: count(donation, months(12)) = 1, needs >= 1, would be >= 2"
    assert found.years == ((2024, 1),)


def test_changed_standings_depend_on_the_day(connection: Connection) -> None:
    told(connection, gifts=2)
    new = ladder(HEARING, TWO_GIFTS)
    assert ask(connection, new).moves == 0
    at = ALDER.calendar.as_of(date(2024, 3, 31))
    assert ask(connection, new, at=at).moves == 1
    assert ask(connection, new, at=ALDER.calendar.as_of(date(2025, 3, 20))).moves == 1
    assert ask(connection, new, at=ALDER.calendar.as_of(date(2022, 1, 1))).supporters == 0


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (
            ladder(HEARING, Rung(key="giving", title="Giving", enter=count(GIFT, days(10)) >= 1)),
            ("Giving: count(donation, months(12)) = 1, needs >= 1; "
            "would be count(donation, days(10)) = 0, needs >= 1"),
        ),
        (
            ladder(
                HEARING,
                Rung(
                    key="giving", title="Giving",
                    enter=(count(GIFT, months(12)) >= 1) & (total(GIFT, months(12)) >= "50 EUR"),
                ),
            ),
            ("Giving: count(donation, months(12)) = 1, needs >= 1; "
            "would be total(donation, months(12)) = 10 EUR, needs >= 50 EUR"),
        ),
        (
            ladder(HEARING),
            ("Giving: the new definition has no such rung "
            "(now count(donation, months(12)) = 1, needs >= 1)"),
        ),
        (
            ladder(HEARING, ONE_GIFT, Rung(key="loyal", enter=count(GIFT, ever) >= 1)),
            "loyal: a new rung (count(donation, ever) = 1, needs >= 1)",
        ),
        (
            ladder(HEARING, ONE_GIFT, suppress_when=count(GIFT, ever) >= 1),
            "silence: count(donation, ever) = 1, needs >= 1",
        ),
        (
            ladder(ONE_GIFT, Rung(key="hearing", title="Hearing", enter=HEARING.enter)),
            "the rungs they hold are in another order in the new definition",
        ),
    ],
)  # fmt: skip
def test_reason_names_the_rung_and_what_was_measured(
    connection: Connection, new: Ladder, words: str
) -> None:
    told(connection)
    (ada,) = ask(connection, new).movers
    assert ada.words == words


def test_rung_that_holds_on_says_what_it_reads(connection: Connection) -> None:
    lasting = latch(count(GIFT, months(12)) >= 1, count(GIFT, months(1)) < 1)
    old = ladder(Rung(key="giving", title="Giving", enter=lasting))
    told(connection, old)
    (ada,) = ask(connection, ladder(TWO_GIFTS)).movers
    assert ada.words.startswith("Giving: latch(count(donation, months(12)) >= 1")
    assert ada.words.endswith("would be count(donation, months(12)) = 1, needs >= 2")


def test_rung_below_is_no_change_for_those_above(connection: Connection) -> None:
    told(connection)
    below = Rung(key="known", enter=count(kind("newsletter"), ever) >= 1)
    assert ask(connection, ladder(below, HEARING, ONE_GIFT)).moves == 0


def test_heights_are_compared_on_the_new_definitions_scale(connection: Connection) -> None:
    told(connection)
    below = Rung(key="known", enter=count(kind("newsletter"), ever) >= 1)
    (ada,) = ask(connection, ladder(below, HEARING, TWO_GIFTS)).movers
    assert ada.difference == -1  # giving is the third rung there, hearing the second


def test_suppressed_supporter_is_not_named(connection: Connection) -> None:
    silent = count(kind("objected"), ever) >= 1
    crm = told(connection, OLD.model_copy(update={"suppress_when": silent}))
    crm.record(supporter="ada", kind="objected", at=date(2024, 5, 5), external_id="o")
    hushed = ladder(HEARING, TWO_GIFTS, suppress_when=silent)
    found = ask(connection, hushed, at=ALDER.calendar.as_of(date(2024, 4, 10)))
    assert (found.moves, found.left_out, found.movers) == (0, 1, ())
    seen: list[pl.DataFrame] = []
    open_ = ask(connection, ladder(HEARING, TWO_GIFTS), movers=seen.append)
    assert (open_.moves, open_.movers, seen) == (1, (), [])


def test_comparison_is_with_the_ladder_of_the_same_key_or_the_one_named(
    connection: Connection,
) -> None:
    crm = told(connection)
    other = OLD.model_copy(update={"key": "other", "rungs": (TWO_GIFTS,)})
    assert ask(connection, other).old.key == "little"
    crm.adopt(other)
    assert ask(connection, other).moves == 0
    assert ask(connection, other, instead_of="little").moves > 0
    with pytest.raises(NotFoundError, match="several ladders"):
        ask(connection, other.model_copy(update={"key": "third"}))
    with pytest.raises(NotFoundError, match="unknown organisation"):
        whatif(connection, "elder", other, now=0)


def test_kinds_that_the_old_ladder_declares_are_known_to_the_new_one(
    connection: Connection,
) -> None:
    gala = KINDS["event_attended"].__class__(
        **{**KINDS["event_attended"].__dict__, "name": "gala_attended"}
    )
    crm = told(connection, OLD.model_copy(update={"own_kinds": (gala,)}))
    crm.record(supporter="ben", kind="gala_attended", at=date(2024, 5, 5), external_id="g")
    assert ask(connection, ladder(HEARING, TWO_GIFTS)).moves == 1


def test_comparison_is_with_the_definition_in_force_at_the_instant(
    connection: Connection,
) -> None:
    crm = told(connection)
    strict = ladder(HEARING, TWO_GIFTS)
    crm.adopt(strict, effective_from=date(2024, 5, 1))
    assert ask(connection, strict).moves == 0
    before = ask(connection, strict, at=ALDER.calendar.as_of(date(2024, 4, 30)))
    assert before.moves == 1
    assert before.old.fingerprint == OLD.fingerprint


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(case=cases(), data=st.data())
def test_columnar_counts_equal_those_of_single_histories(
    sqlite_engine: Engine, case: tuple[Any, ...], data: st.DataObject
) -> None:
    organisation, old, coverage, touchpoints = case
    new = data.draw(ladders())
    calendar = organisation.calendar
    at, now = (
        calendar.day_start(0) + data.draw(st.integers(15_330, 16_000)) * DAY for _ in range(2)
    )
    rows = data.draw(st.sampled_from((1, 4, 100)))
    with sqlite_engine.connect() as connection:
        crm = CRM.create(connection, organisation, old, coverage=coverage, now=moment(0))
        crm.record_many(touchpoints, now=moment(1))
        seen: list[pl.DataFrame] = []
        found = whatif(
            connection, organisation.key, new, at=at, now=now, movers=seen.append, part_rows=rows
        )
        connection.rollback()
    pairs = {
        f"p{supporter}": _words(case, new, supporter, at, now) for supporter in histories.PEOPLE
    }
    expected = worlds.steps(list(pairs.values()))
    assert {(s.before, s.after): s.supporters for s in found.steps} == expected
    changes = worlds.patterns(list(pairs.values()))
    for each in found.patterns:
        for what in ("gained", "lost", "regraded"):
            assert getattr(each, what) == changes[each.pattern, what]
    moved = {
        supporter: (old_.place, new_.place)
        for supporter, (old_, new_) in (
            (w, (_or_none(a), _or_none(b))) for w, (a, b) in pairs.items()
        )
        if old_.place not in (new_.place, worlds.SILENT)
    }
    written = {supporter: (a, b) for frame in seen for supporter, a, b, *_ in frame.iter_rows()}
    assert written == moved
    assert {each.supporter: (each.before, each.after) for each in found.movers} == moved
    for each in found.movers:
        _holds(each, *pairs[each.supporter])
    sizes = [abs(each.difference) for each in found.movers]
    assert sizes == sorted(sizes, reverse=True)
    assert all(each.words for each in found.movers)


def _or_none(word: worlds.Word | None) -> worlds.Word:
    return word or worlds.Word("", 0, None, FOREVER, {})


def _holds(each: Any, old: worlds.Word | None, new: worlds.Word | None) -> None:
    """Both definitions give the rung, with its start and end."""
    begins = [word.since for word in (old, new) if word and word.since is not None]
    if worlds.SILENT not in (each.before, each.after):
        assert each.since == max(begins, default=None)


def _words(
    case: tuple[Any, ...], new: Ladder, supporter: int, at: int, now: int
) -> tuple[worlds.Word | None, worlds.Word | None]:
    organisation, old, coverage, touchpoints = case
    numbers = {f"p{person}": person for person in histories.PEOPLE}
    rows = []
    for n, each in enumerate(touchpoints):
        row = row_of(each, n, organisation, old.kinds)
        referrer = None if row.referrer is None else numbers[str(row.referrer)]
        rows.append(row._replace(supporter=numbers[str(row.supporter)], referrer=referrer))
    own, brought = histories.of_person(rows, supporter)
    told = []
    for ladder in (old, new):
        history = History.from_rows(
            own, organisation, ladder.kinds, brought, ladder.rates, supporter
        )
        reading = Evaluation(history, organisation, ladder, coverage)
        told.append(worlds.word(reading, ladder, at, now))
    return told[0], told[1]


def test_largest_changes_are_named_with_the_longest_known_first(connection: Connection) -> None:
    crm = CRM.create(connection, ALDER, OLD, clock=lambda: NOW)
    for n, gifts in itertools.product(range(6), range(1)):
        crm.record(
            supporter=f"p{n}", kind="donation" if n % 2 else "subscribed", at=date(2024, 3, 1),
            external_id=f"{n}.{gifts}",
        )  # fmt: skip
    nothing = ladder(Rung(key="other", enter=count(kind("reply"), ever) >= 1))
    found = ask(connection, nothing, most=4, part_rows=2)
    assert [each.supporter for each in found.movers] == ["p1", "p3", "p5", "p0"]
    assert found.moves == 6
