"""A touchpoint is recorded once, in the host's transaction, and moves supporters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from ladder.crm import CRM, Movement
from ladder.errors import (
    CurrencyError,
    DefinitionError,
    DuplicateTouchpointError,
    LadderError,
    NotFoundError,
    StorageError,
    TouchpointError,
)
from ladder.language.aggregates import total
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint
from ladder.storage import models
from tests.crm.conftest import LITTLE
from tests.crm.worlds import ALDER, clock, moment, stored_movements

BERLIN = ZoneInfo("Europe/Berlin")


def gift(crm: CRM, on: date = date(2024, 3, 5), external_id: str = "d1", **more: Any) -> Any:
    fields = {"supporter": "ada", "amount": "25", "external_id": external_id} | more
    return crm.record(kind="donation", at=on, **fields)


def words(movements: tuple[Movement, ...]) -> list[str]:
    return [
        f"{each.supporter} {each.at:%Y-%m-%d} {each.kind} {'+'.join(each.after)}"
        for each in movements
    ]


def rows(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_gift_moves_the_supporter_at_once_and_gives_the_next_fall(crm: CRM) -> None:
    recorded = gift(crm)
    assert recorded.new
    assert words(recorded.movements.added) == [
        "ada 2024-03-05 arrived giving",
        "ada 2025-03-06 lapsed ",
    ]
    assert not recorded.movements.retracted
    arrived = recorded.movements.added[0]
    assert arrived.at == datetime(2024, 3, 5, tzinfo=BERLIN)
    assert arrived.until == datetime(2025, 3, 6, tzinfo=BERLIN)
    assert [(c.kind, c.at, c.amount, c.currency) for c in arrived.causes] == [
        ("donation", date(2024, 3, 5), Decimal("25.00"), "EUR")
    ]


def test_recording_commits_nothing(crm: CRM, session: Session) -> None:
    gift(crm)
    session.rollback()
    for model in (models.Supporter, models.Touchpoint, models.Movement):
        assert rows(session, model) == 0


def test_recording_stays_when_the_host_commits(crm: CRM, session: Session, engine: Engine) -> None:
    gift(crm)
    session.commit()
    with Session(engine) as another:
        standing = CRM(another, organisation="alder", clock=clock).standing("ada")
    assert standing is not None
    assert standing.rungs == ("giving",)


def test_rollback_to_a_savepoint_takes_back_one_recording(crm: CRM, session: Session) -> None:
    gift(crm)
    with session.begin_nested() as savepoint:
        gift(crm, date(2024, 5, 5), "d2")
        savepoint.rollback()
    session.commit()
    assert [each.until for each in crm.history("ada")] == [
        datetime(2025, 3, 6, tzinfo=BERLIN),
        None,
    ]


def test_organisation_that_was_rolled_back_is_no_longer_known(session: Session) -> None:
    """Its id may belong to another tenant by then."""
    crm = CRM.create(session, ALDER, LITTLE, clock=clock)
    session.rollback()
    CRM.create(session, Organisation(key="birch"), LITTLE, clock=clock)
    session.commit()
    with pytest.raises(NotFoundError, match="unknown organisation 'alder'"):
        gift(crm)


def test_repeated_touchpoint_changes_nothing(crm: CRM, session: Session) -> None:
    first = gift(crm)
    session.commit()
    again = gift(crm)
    assert (again.touchpoint, again.new) == (first.touchpoint, False)
    assert not again.movements
    assert rows(session, models.Touchpoint) == 1


def test_repeated_gift_by_day_or_by_fields_is_recognised(crm: CRM) -> None:
    gift(crm, amount=Decimal("25.00"), currency="EUR", direction="inbound")
    assert not gift(crm).new


def test_touchpoints_without_an_external_id_are_separate(crm: CRM) -> None:
    one, two = gift(crm, external_id=None), gift(crm, external_id=None)
    assert one.new
    assert two.new
    assert one.touchpoint != two.touchpoint


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"amount": "26"}, "another amount: 25.00 EUR, not 26.00 EUR"),
        ({"on": date(2024, 3, 6)}, "another at: 2024-03-05, not 2024-03-06"),
        ({"supporter": "ben"}, "another supporter: ada, not ben"),
        ({"referrer": "cleo"}, "another referrer: none, not cleo"),
        ({"channel": "post"}, "another channel: none, not post"),
        ({"currency": "USD"}, "another currency: EUR, not USD"),
        ({"answers": "p9"}, "another answers: none, not app p9"),
        ({"purposes": "ask"}, "another purposes: none, not ask"),
        ({"details": {"fund": "river"}}, "another details: none, not .*river"),
    ],
)
def test_known_id_with_other_content_is_rejected_with_its_field(
    crm: CRM, session: Session, other: dict[str, Any], words: str
) -> None:
    gift(crm)
    before = stored_movements(session.connection())
    with pytest.raises(DuplicateTouchpointError, match=words):
        gift(crm, **other)
    assert stored_movements(session.connection()) == before
    assert rows(session, models.Supporter) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "donatoin"}, "unknown kind 'donatoin'; did you mean donation"),
        ({"amount": "-5"}, "amount: -5 is negative: record a refund"),
        ({"amount": 5.5}, "amount: a float is not exact"),
        ({"amount": "5.555"}, "finer than the smallest unit of EUR"),
        ({"at": datetime(2024, 3, 5)}, "at: .* has no time zone"),  # noqa: DTZ001
        ({"at": "2024-02-30"}, "at: day is out of range"),
        ({"currency": "EURO"}, "'EURO' is no ISO 4217 currency code"),
        ({"direction": "sideways"}, "direction: Input should be 'inbound' or 'outbound'"),
        ({"supporter": ""}, "supporter: String should have at least 1 character"),
        ({"referrer": "ada"}, "cannot refer themselves"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted .*known: supporter, kind"),
    ],
)
def test_invalid_touchpoint_gives_a_reason_and_stores_nothing(
    crm: CRM, session: Session, fields: dict[str, Any], words: str
) -> None:
    good = {"supporter": "ada", "kind": "donation", "at": date(2024, 3, 5), "amount": "25"}
    with pytest.raises(TouchpointError, match=words):
        crm.record(**good | fields)
    assert rows(session, models.Supporter) == 0


def test_wrong_fields_are_all_named_at_once(crm: CRM) -> None:
    with pytest.raises(TouchpointError, match="kind: Field required; amount: -1 is negative"):
        crm.record(supporter="ada", at=date(2024, 3, 5), amount="-1")


def test_money_that_a_ladder_cannot_add_up_is_rejected_and_leaves_nothing(session: Session) -> None:
    big = Ladder(
        key="big", rungs=(Rung(key="big", enter=total(kind("donation"), ever) >= "100 EUR"),)
    )
    crm = CRM.create(session, ALDER, big, clock=clock)
    with pytest.raises(CurrencyError, match="USD"):
        gift(crm, currency="USD", referrer="ben")
    for model in (models.Supporter, models.Touchpoint, models.Movement):
        assert rows(session, model) == 0
    assert gift(crm, amount="100").movements.added[0].kind == "arrived"


def test_batch_is_recorded_whole_or_not_at_all(crm: CRM, session: Session) -> None:
    def given(n: int, kind: str = "donation") -> Touchpoint:
        return Touchpoint(supporter="ada", kind=kind, at=date(2024, 3, n), external_id=f"g{n}")

    with pytest.raises(TouchpointError, match="unknown kind"):
        crm.record_many([given(1), given(2, "donatoin")])
    assert rows(session, models.Touchpoint) == 0
    with pytest.raises(DuplicateTouchpointError, match="another kind: donation, not pledge"):
        crm.record_many([given(1), given(1, "pledge")])
    assert rows(session, models.Touchpoint) == 0
    done = crm.record_many([given(2), given(1), given(2)])
    assert done.new == 2
    assert done.touchpoints[0] == done.touchpoints[2]
    assert words(done.movements.added) == [
        "ada 2024-03-01 arrived giving",
        "ada 2025-03-03 lapsed ",
    ]


def test_late_gift_retracts_and_adds_movements(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d2", now=moment(1))
    late = gift(crm, date(2023, 6, 1), "d1", now=moment(2))
    assert words(late.movements.added) == ["ada 2023-06-01 arrived giving"]
    assert words(late.movements.retracted) == ["ada 2024-03-05 arrived giving"]


def test_standing_as_known_before_a_late_gift_is_kept(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d2", now=moment(1))
    gift(crm, date(2023, 6, 1), "d1", now=moment(2))
    then, now = moment(1), moment(2)
    before = crm.standing("ada", date(2023, 12, 31), known_at=then)
    after = crm.standing("ada", date(2023, 12, 31), known_at=now)
    assert before is None or before.height == 0
    assert after is not None
    assert after.rungs == ("giving",)
    assert [each.at.year for each in crm.history("ada", known_at=then)] == [2024, 2025]
    assert [each.at.year for each in crm.history("ada", known_at=now)] == [2023, 2025]


def test_void_removes_the_gift_from_the_history(crm: CRM) -> None:
    gift(crm)
    voided = crm.record(supporter="ada", kind="void", at=date(2024, 3, 7), answers="d1")
    assert words(voided.movements.retracted) == [
        "ada 2024-03-05 arrived giving",
        "ada 2025-03-06 lapsed ",
    ]
    assert not voided.movements.added
    assert crm.history("ada") == []


def test_void_that_comes_before_its_gift_holds_too(crm: CRM) -> None:
    crm.record(supporter="ada", kind="void", at=date(2024, 3, 7), answers="d1")
    assert not gift(crm).movements


def test_refund_cuts_the_gift_from_its_instant(crm: CRM) -> None:
    gift(crm)
    refund = crm.record(supporter="ada", kind="refund", at=date(2024, 4, 1), answers="d1")
    assert words(refund.movements.added) == [
        "ada 2024-03-05 arrived giving",
        "ada 2024-04-01 lapsed ",
    ]
    assert refund.movements.added[1].causes[0].kind == "refund"


def test_referrer_moves_as_well(crm: CRM) -> None:
    recorded = gift(crm, referrer="ben")
    assert "ben 2024-03-05 arrived bringing" in words(recorded.movements.added)
    bens = next(each for each in recorded.movements.added if each.supporter == "ben")
    assert bens.causes[0].supporter == "ada"
    assert "because of ada's donation of 25.00 EUR on 2024-03-05 (app d1)" in bens.words


def test_void_or_refund_takes_back_what_the_referrer_gained(crm: CRM) -> None:
    gift(crm, referrer="ben")
    back = crm.record(
        supporter="ada", kind="refund", at=date(2024, 4, 1), answers="d1", external_id="r1"
    )
    assert "ben 2024-04-01 lapsed " in words(back.movements.added)
    undone = crm.record(supporter="ada", kind="void", at=date(2024, 4, 2), answers="r1")
    assert "ben 2025-03-06 lapsed " in words(undone.movements.added)
    crm.record(supporter="ada", kind="void", at=date(2024, 4, 3), answers="d1")
    assert crm.history("ben") == []


def test_override_holds_until_the_end_of_its_day(crm: CRM) -> None:
    crm.record(supporter="ada", kind="subscribed", at=date(2024, 1, 5))
    placed = crm.override_rung("ada", "bringing", until=date(2024, 12, 31), why="chairs the circle")
    assert [(each.kind, each.cause) for each in placed.movements.added[1:]] == [
        ("climbed", "placement"),
        ("slipped", "clock"),
    ]
    assert placed.movements.added[1].until == datetime(2025, 1, 1, tzinfo=BERLIN)
    with pytest.raises(DefinitionError, match="unknown rung 'bringin'; did you mean bringing"):
        crm.override_rung("ada", "bringin")


def test_override_alone_begins_no_history(crm: CRM) -> None:
    """An override is a status, not an act of the supporter."""
    assert not crm.override_rung("ada", "bringing").movements
    assert crm.standing("ada") is None


def test_finding_is_withdrawn_when_thanks_come_late(crm: CRM) -> None:
    crm.declare_coverage(kind("thank_you"))
    opened = gift(crm)
    assert [(each.pattern, each.at) for each in opened.findings.added] == [
        ("U1", datetime(2024, 3, 5, tzinfo=BERLIN))
    ]
    thanked = crm.record(supporter="ada", kind="thank_you", at=date(2024, 3, 8), answers="d1")
    assert [each.until for each in thanked.findings.added] == [datetime(2024, 3, 8, tzinfo=BERLIN)]
    assert len(thanked.findings.retracted) == 1


def test_organisation_cannot_reach_supporters_of_another(crm: CRM, session: Session) -> None:
    other = CRM.create(session, Organisation(key="birch"), LITTLE, clock=clock)
    gift(crm, referrer="ben")
    crm.record(supporter="ada", kind="refund", at=date(2024, 4, 1), answers="d1")
    with pytest.raises(NotFoundError, match="no supporter 'ada' in birch"):
        other.history("ada")
    with pytest.raises(NotFoundError):
        other.explain("ben")
    assert gift(other, date(2024, 5, 1)).new  # the same key, another tenant's
    other.record(supporter="ada", kind="void", at=date(2024, 5, 2), answers="d1")
    assert other.history("ada") == []
    assert len(crm.history("ada")) == 2
    assert other.upcoming(1000) == []


def test_result_covers_each_ladder_in_force(crm: CRM, session: Session) -> None:
    second = Ladder(
        key="second",
        own_kinds=(kind_of("adoption"),),
        rungs=(Rung(key="kin", enter=count_of("adoption") >= 1),),
    )
    crm.adopt(second)
    recorded = crm.record(supporter="ada", kind="adoption", at=date(2024, 3, 5), external_id="a1")
    assert [(each.ladder, each.kind) for each in recorded.movements.added] == [
        ("second", "arrived")
    ]
    gift(crm, date(2024, 3, 6))
    assert [each.ladder for each in crm.history("ada")] == ["little", "little"]
    seconds = CRM(session, organisation="alder", ladder="second", clock=clock)
    assert [each.ladder for each in seconds.history("ada")] == ["second"]
    unsaid = CRM(session, organisation="alder", clock=clock)
    with pytest.raises(NotFoundError, match="several ladders: say which, ladder=little or second"):
        unsaid.history("ada")


def kind_of(name: str) -> Any:
    from ladder.model.kinds import Kind  # noqa: PLC0415

    return Kind(name, "voice", "inbound")


def count_of(name: str) -> Any:
    from ladder.language.aggregates import count  # noqa: PLC0415

    return count(kind(name), ever)


def test_organisation_without_a_ladder_keeps_touchpoints_until_it_has_one(
    session: Session,
) -> None:
    crm = CRM.create(session, ALDER, clock=clock)
    assert gift(crm).new
    assert session.scalars(select(models.Supporter.first_at)).one() == datetime(
        2024, 3, 5, tzinfo=BERLIN
    )
    with pytest.raises(NotFoundError, match="has adopted no ladder yet: call adopt"):
        crm.standing("ada")
    assert crm.adopt(LITTLE).added == 2
    assert len(crm.history("ada")) == 2


def test_pending_rows_of_the_host_are_flushed_first(crm: CRM, session: Session) -> None:
    organisation = session.scalars(select(models.Organisation)).one()
    session.add(models.Supporter(organisation=organisation, key="ada"))
    gift(crm)
    assert rows(session, models.Supporter) == 1


def test_unknown_organisation_is_named(session: Session, crm: CRM) -> None:
    with pytest.raises(NotFoundError, match="unknown organisation 'aldr'; did you mean alder"):
        CRM(session, organisation="aldr").standing("ada")
    with pytest.raises(NotFoundError, match="unknown organisation 'aldr'; did you mean alder"):
        gift(CRM(session, organisation="aldr"))
    with pytest.raises(NotFoundError, match="no supporter 'nobody' in alder"):
        crm.standing("nobody")


def test_setting_up_twice_changes_nothing_and_other_settings_are_rejected(
    crm: CRM, session: Session
) -> None:
    gift(crm)
    before = stored_movements(session.connection())
    CRM.create(session, ALDER, LITTLE, clock=clock)
    assert stored_movements(session.connection()) == before
    with pytest.raises(StorageError, match="known with zone Europe/Berlin, not UTC"):
        CRM.create(session, replace(ALDER, zone="UTC"), LITTLE, clock=clock)


def test_connection_is_accepted_as_a_session(engine: Engine) -> None:
    with engine.begin() as connection:
        crm = CRM.create(connection, ALDER, LITTLE, clock=clock)
        gift(crm)
        standing = crm.standing("ada")
    assert standing is not None
    assert str(standing) == (
        "ada: Giving since 2024-03-05 00:00, until 2025-03-06 00:00 if nothing happens"
    )


def test_naive_clock_is_rejected(session: Session) -> None:
    with pytest.raises(LadderError, match="no time zone"):
        CRM.create(session, ALDER, LITTLE, clock=lambda: datetime(2024, 1, 1))  # noqa: DTZ001


def test_later_instant_of_the_same_second_drops_rows_never_known(
    crm: CRM, session: Session
) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    gift(crm, now=at)
    gift(crm, date(2024, 5, 1), "d2", now=at)
    assert rows(session, models.Movement) == 2


def test_answer_may_be_recorded_before_its_original(crm: CRM) -> None:
    """Thanks that answer nothing known settle all gifts before them, till it turns out for what."""
    crm.declare_coverage(kind("thank_you"))
    crm.record(supporter="ada", kind="subscribed", at=date(2024, 1, 5))
    gift(crm)
    crm.record(supporter="ada", kind="thank_you", at=date(2024, 3, 8), answers="q1")
    assert crm.findings("ada") == []
    late = crm.record(supporter="ada", kind="question", at=date(2024, 3, 1), external_id="q1")
    assert [each.until for each in late.findings.added] == [datetime(2025, 3, 6, tzinfo=BERLIN)]
    assert [each.pattern for each in crm.findings("ada")] == ["U1"]
