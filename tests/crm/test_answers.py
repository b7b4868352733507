"""The answers of the CRM, in the words and the zone of the organisation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from ladder import catalogue
from ladder.crm import CRM
from ladder.crm.time_conversion import local
from ladder.errors import LadderError
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import hours
from ladder.model.calendars import FOREVER, Calendar
from ladder.model.organisations import Organisation
from tests.crm.worlds import ALDER, clock

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ada(crm: CRM) -> CRM:
    """Ada subscribed in January and gave in March, referred by Ben."""
    crm.record(supporter="ada", kind="subscribed", at=date(2024, 1, 5), external_id="s1")
    crm.record(
        supporter="ada",
        kind="donation",
        at=datetime(2024, 3, 5, 9, 30, tzinfo=UTC),
        amount="25",
        external_id="d1",
        referrer="ben",
    )
    return crm


def test_standing_has_titles_and_times_in_the_organisation_s_zone(ada: CRM) -> None:
    standing = ada.standing("ada")
    assert standing is not None
    assert (standing.rungs, standing.titles, standing.height) == (("giving",), ("Giving",), 2)
    assert standing.since == datetime(2024, 3, 5, 10, 30, tzinfo=BERLIN)
    assert standing.until == datetime(2025, 3, 6, tzinfo=BERLIN)
    assert standing.since.utcoffset() == standing.until.utcoffset()


def test_standing_is_answered_at_past_and_future_instants_and_a_date_means_its_end(
    ada: CRM,
) -> None:
    told = {
        moment: (standing := ada.standing("ada", moment)) and standing.title
        for moment in (
            date(2023, 12, 31),
            date(2024, 1, 4),
            date(2024, 1, 5),
            date(2024, 3, 5),
            datetime(2024, 3, 5, 9, 29, tzinfo=UTC),
            date(2025, 3, 5),
            date(2025, 3, 6),
        )
    }
    assert list(told.values()) == [None, None, "Hearing", "Giving", "Hearing", "Giving", "Hearing"]


def test_history_is_described_in_words_with_its_causes(ada: CRM) -> None:
    assert [each.words for each in ada.history("ada")] == [
        (
            "2024-01-05 00:00: arrived from nowhere to Hearing, "
            "because of subscribed on 2024-01-05 (app s1)"
        ),
        (
            "2024-03-05 10:30: climbed from Hearing to Giving, higher than ever, "
            "because of donation of 25.00 EUR on 2024-03-05 10:30 (app d1)"
        ),
        "2025-03-06 00:00: slipped from Giving to Hearing, because time had passed",
    ]
    assert "because of ada's donation" in ada.history("ben")[0].words


def test_upcoming_falls_are_known_in_advance(ada: CRM) -> None:
    assert ada.upcoming(days=30) == []
    assert [(each.supporter, each.kind) for each in ada.upcoming(days=300)] == [
        ("ada", "slipped"),
        ("ben", "lapsed"),
    ]


def test_explanation_gives_cause_end_and_next_step(ada: CRM) -> None:
    text = str(ada.explain("ada"))
    assert "Standing: Giving, since 2024-03-05 10:30" in text
    assert "donation 25 EUR on 2024-03-05 10:30 (app d1)" in text
    assert "slipped to hearing on 2025-03-06 00:00 if nothing happens" in text
    assert "What would lift them" in text
    later = ada.explain("ada", date(2025, 6, 1)).explanation
    assert str(later.place) == "hearing"


def test_objecting_supporter_is_not_shown(session: Session) -> None:
    crm = CRM.create(session, ALDER, catalogue.load("default"), clock=clock)
    crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5), amount="25")
    silenced = crm.record(supporter="ada", kind="objected", at=date(2024, 5, 1))
    assert "silenced" in [each.kind for each in silenced.movements.added]
    assert crm.standing("ada") is None
    assert crm.standing("ada", date(2024, 4, 1)) is None
    assert crm.history("ada") == []
    assert crm.upcoming(1000) == []
    for at in (None, date(2024, 4, 1)):
        assert "Standing: silent" in str(crm.explain("ada", at))
        assert crm.unassessed_patterns("ada", at) == []


def test_supporter_without_touchpoints_has_no_rung(crm: CRM) -> None:
    crm.record(supporter="ada", kind="unsubscribed", at=date(2024, 3, 5))
    assert crm.standing("ada") is None
    assert crm.history("ada") == []
    assert crm.findings("ada") == []
    assert "nowhere" in str(crm.explain("ada"))


def test_naive_time_in_a_question_is_rejected(ada: CRM) -> None:
    with pytest.raises(LadderError, match="no time zone"):
        ada.standing("ada", datetime(2024, 3, 5))  # noqa: DTZ001
    with pytest.raises(LadderError, match="no time zone"):
        ada.standing("ada", known_at=datetime(2024, 3, 5))  # noqa: DTZ001


def test_end_beyond_the_year_9999_is_shown_as_the_last_time(session: Session) -> None:
    long = Ladder(
        key="long",
        rungs=(Rung(key="kept", enter=count(kind("donation"), hours(80_000_000)) >= 1),),
    )
    tokyo = Organisation(key="tokyo", zone="Asia/Tokyo")
    crm = CRM.create(session, tokyo, long, clock=clock)
    crm.record(supporter="ada", kind="donation", at=date(2024, 3, 5))
    standing = crm.standing("ada")
    assert standing is not None
    assert standing.until is not None
    assert standing.until.year == 9999
    assert local(Calendar("UTC"), FOREVER - 1).year == 9999


def test_organisation_and_ladder_can_be_read(crm: CRM) -> None:
    assert crm.organisation.zone == "Europe/Berlin"
    assert [rung.key for rung in crm.ladder.rungs] == ["hearing", "giving", "bringing"]
    assert crm.definition_id > 0
