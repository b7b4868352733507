"""The fixtures and checks of `ladder.testing`, used as a host uses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from ladder import testing
from ladder.crm import CRM
from ladder.model.kinds import KINDS, Kind
from ladder.model.touchpoints import Touchpoint
from ladder.storage.models import Movement
from ladder.testing import CRMChecks, memory_crm, memory_session, supporter_history
from tests.crm.conftest import LITTLE
from tests.crm.worlds import ALDER
from tests.sizes import examples

LIFE = (
    ("subscribed", date(2023, 1, 5)),
    ("donation", date(2023, 2, 5), "25"),
    ("donation", date(2023, 5, 5), {"amount": "40", "referrer": "ben"}),
    ("thank_you", date(2023, 5, 9), {"answers": "ada-3"}),
    ("refund", date(2023, 6, 1), {"answers": "ada-3"}),
)


def test_donor_who_stops_falls() -> None:
    with memory_session() as session:
        crm = memory_crm(session, now=date(2024, 6, 1))
        crm.record_many(supporter_history("ada", ("donation", date(2023, 1, 5), "25")))
        standing = crm.standing("ada")
    assert standing is not None
    assert standing.rungs == ()
    assert standing.since == datetime(2024, 1, 6, tzinfo=ZoneInfo("Europe/Berlin"))


def test_memory_databases_are_separate() -> None:
    with memory_session() as one, memory_session() as two:
        memory_crm(one).record(supporter="ada", kind="donation", at=date(2024, 1, 5))
        one.commit()
        assert two.scalars(select(Movement)).all() == []


def test_supporter_history_is_written_in_short_form() -> None:
    told = supporter_history("ada", *LIFE, channel="post")
    assert [each.external_id for each in told] == [f"ada-{n}" for n in range(1, 6)]
    assert told[3].answers_key == told[2].key
    assert {each.channel for each in told} == {"post"}
    assert supporter_history("ada", told[0]) == [told[0]]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


class TestChecks(CRMChecks):
    """The checks that hosts subclass hold here, on both databases."""

    @pytest.fixture
    def crm(self, session: Session) -> CRM:
        return CRM.create(session, ALDER, LITTLE)

    @pytest.fixture
    def history(self) -> list[Touchpoint]:
        return supporter_history("ada", *LIFE)


def test_rows_written_around_the_library_are_noticed() -> None:
    with memory_session() as session:
        crm = memory_crm(session)
        crm.record_many(supporter_history("ada", *LIFE))
        assert testing.stored_as_evaluated(crm, "ada", "ben")
        session.execute(update(Movement).where(Movement.kind == "arrived").values(skipped="x"))
        assert not testing.stored_as_evaluated(crm, "ada", "ben")


@settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
@given(told=testing.histories())
def test_random_histories_can_be_recorded(told: list[Touchpoint]) -> None:
    with memory_session() as session:
        crm = memory_crm(session, LITTLE)
        for each in told:
            crm.record(each)
        assert all(crm.verify(each.supporter) for each in told)


@given(one=testing.touchpoints(kinds=["adoption"], known=KINDS.plus([Kind("adoption", "voice")])))
def test_random_touchpoints_may_be_of_a_ladder_s_own_kinds(one: Touchpoint) -> None:
    assert one.kind == "adoption"


def test_wrong_name_is_reported() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = testing.nonsense
