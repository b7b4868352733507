"""Texts that databases and CSV take amiss come through a load as they are, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from ladder.importers import Refused
from ladder.replay import Source, replay, verify
from ladder.storage.models import Supporter, Touchpoint
from tests.replay.worlds import ALDER, LITTLE, NOW, contents
from tests.sizes import examples
from tests.storage.rows import frame, touchpoint

ODD = [
    "", " ", '"', '""', "\\", "\\N", "NULL", "a,b", "a\nb", "a\r\nb", "'", "%s", ":x", "{y}", "é",
    "ß\u0301", "\U0001f30a", "\ufeff", "\u2028", "\x01", "\x7f", "true", "007", "1e5",
]  # fmt: skip


def load(engine: Engine, *rows: dict[str, Any], **more: Any) -> Any:
    return replay(engine, ALDER, LITTLE, [Source.of_frames(frame(*rows))], now=NOW, **more)


def stored(engine: Engine) -> list[tuple[Any, ...]]:
    columns = (Touchpoint.external_id, Supporter.key, Touchpoint.campaign, Touchpoint.channel)
    query = select(*columns).join(Supporter, Supporter.id == Touchpoint.supporter_id)
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(query)))


def test_odd_texts_read_back_as_they_were(engine: Engine) -> None:
    rows = [
        touchpoint(f"who {text}", external_id=f"id {text}", campaign=text, channel=text)
        for text in ODD
    ]
    assert load(engine, *rows).kept == len(ODD)
    assert stored(engine) == sorted((f"id {t}", f"who {t}", t, t) for t in ODD)
    assert load(engine, *rows).known == len(ODD)
    assert verify(engine, "alder").fine


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)))
@settings(suppress_health_check=list(HealthCheck), max_examples=examples(30))
def test_odd_texts_read_back_and_are_recognised(sqlite_engine: Engine, texts: list[str]) -> None:
    with sqlite_engine.connect() as connection:
        rows = [touchpoint(t, external_id=t, campaign=t) for t in dict.fromkeys(texts)]
        for expected in ((len(rows), 0), (0, len(rows))):
            source = Source.of_frames(frame(*rows))
            report = replay(connection, ALDER, LITTLE, [source], now=NOW)
            assert (report.kept, report.known) == expected
        connection.rollback()


@pytest.mark.parametrize("field", ["supporter", "external_id", "campaign", "details"])
def test_zero_byte_is_rejected_on_every_database(engine: Engine, field: str) -> None:
    told: list[Refused] = []
    report = load(
        engine, touchpoint("ada"), touchpoint("ben") | {field: "a\0b"}, refused=told.extend
    )
    assert (report.kept, report.refused) == (1, 1)
    assert told[0].reason == f"the {field} holds a zero byte, which no database keeps: take it out"
    assert len(contents(engine)["ladder_touchpoint"]) == 1
