"""`verify` compares the stored results with the touchpoints."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from ladder.errors import NotFoundError
from ladder.replay import Source, replay, verify
from ladder.storage import definitions, models
from ladder.storage.store import Store
from tests.replay.worlds import ALDER, LITTLE, NOW, contents, log


@pytest.fixture
def replayed(engine: Engine) -> Engine:
    replay(engine, ALDER, LITTLE, [Source.of_frames(log())], now=NOW)
    return engine


def test_untouched_database_is_fine(replayed: Engine) -> None:
    assert verify(replayed, "alder").fine


def test_verifying_writes_nothing(replayed: Engine) -> None:
    before = contents(replayed)
    verify(replayed, "alder")
    assert contents(replayed) == before


def test_lost_movement_is_reported(replayed: Engine) -> None:
    with replayed.begin() as connection:
        whose = models.Supporter.id == models.Movement.supporter_id
        query = select(models.Movement.id, models.Supporter.key).join(models.Supporter, whose)
        one = connection.execute(query).first()
        assert one is not None
        connection.execute(delete(models.Movement).where(models.Movement.id == one.id))
    found = verify(replayed, "alder")
    assert found.differences.select("supporter", "what", "problem").rows() == [
        (one.key, "movement", "computed, not stored")
    ]


def test_shifted_end_shows_on_both_sides(replayed: Engine) -> None:
    with replayed.begin() as connection:
        number = connection.scalar(select(models.Movement.id).limit(1))
        shift = update(models.Movement).where(models.Movement.id == number)
        connection.execute(shift.values(until=models.Movement.at + 1))
    found = verify(replayed, "alder").differences
    assert sorted(found["problem"]) == ["computed, not stored", "stored, not computed"]


def test_invented_finding_is_reported(replayed: Engine) -> None:
    with replayed.begin() as connection:
        store = Store.open(connection, "alder")
        supporter = connection.execute(select(models.Supporter.id, models.Supporter.key)).first()
        assert supporter is not None
        connection.execute(insert(models.Finding).values(
            organisation_id=store.organisation_id, definition_id=definitions.current(store).id,
            supporter_id=supporter.id, pattern="P1", severity="critical", at=1, recorded_at=NOW,
        ))  # fmt: skip
    found = verify(replayed, "alder").differences
    assert found.select("supporter", "what", "problem", "told").rows() == [
        (supporter.key, "finding", "stored, not computed", "P1 critical")
    ]


def test_changed_start_of_a_history_is_reported(replayed: Engine) -> None:
    with replayed.begin() as connection:
        connection.execute(
            update(models.Supporter).where(models.Supporter.key == "p3").values(first_at=7)
        )
    found = verify(replayed, "alder").differences
    assert found.select("supporter", "what", "at").rows() == [("p3", "line", 7)]


def test_retracted_row_is_no_difference(replayed: Engine) -> None:
    with replayed.begin() as connection:
        row = connection.execute(select(models.Movement.__table__)).first()
        assert row is not None
        copy = dict(row._mapping) | {"id": None, "retracted_at": NOW + 1, "kind": "lapsed"}
        del copy["id"]
        connection.execute(insert(models.Movement).values(**copy))
    assert verify(replayed, "alder").fine


def test_unknown_organisation_or_ladder_is_reported(replayed: Engine) -> None:
    with pytest.raises(NotFoundError, match="did you mean alder"):
        verify(replayed, "aldr")
    with pytest.raises(NotFoundError, match="did you mean little"):
        verify(replayed, "alder", ladder="litle")
