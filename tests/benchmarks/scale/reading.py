"""Each question that is asked all day, against a bare `SELECT count(*)` over the same table.

Both on one connection, warm, the median of several turns; the size of an answer is part of it: a
page of fifty, or the counts. The floor is never less than 4 ms: over few rows a count takes next to
nothing, and the limit of five floors is then a page of 20 ms. With `LADDER_PLANS=1` in the
environment the plans are printed too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from ladder.model.calendars import DAY
from ladder.storage.explain import plans
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from tests.benchmarks.children import ALDER
from tests.benchmarks.figures import Figure, Size, middle, timed
from tests.benchmarks.histories import START, YEARS
from tests.benchmarks.scale.data import database

LIMIT: Final = 5
LEAST_FLOOR: Final = 0.020 / LIMIT
"""Seconds."""
PAGE: Final = 50
NOW: Final = START + (YEARS - 1) * 365 * DAY
"""A year before the log ends: people are still coming and going, and much lies ahead."""

Question = Callable[[], Any]


def questions(ask: Queries) -> dict[str, tuple[str, Question]]:
    """The questions, and the tables that they read."""
    now, ago, ahead = NOW, NOW - 3 * 365 * DAY, NOW + 200 * DAY
    month = now - 30 * DAY
    return {
        "counts now": ("movement", lambda: ask.counts(now)),
        "counts three years ago": ("movement", lambda: ask.counts(ago)),
        "counts 200 days ahead": ("movement", lambda: ask.counts(ahead)),
        "people on a rung": ("movement", lambda: ask.people("donating", now, limit=PAGE)),
        "people on a rung, then": ("movement", lambda: ask.people("engaging", ago, limit=PAGE)),
        "people on the rarest rung": (
            "movement", lambda: ask.people("evangelising", now, limit=PAGE),
        ),
        "people on the ground": ("movement", lambda: ask.people("", now, limit=PAGE)),
        "movements of 30 days": ("movement", lambda: ask.movements(month, now, limit=PAGE)),
        "movements counted by kind": ("movement", lambda: ask.flows(month, now)),
        "upcoming lapses": ("movement", lambda: ask.upcoming(now, 30, limit=PAGE)),
        "findings by severity": ("finding", lambda: ask.finding_counts(now)),
        "the gravest findings": ("finding", lambda: ask.findings(now, limit=PAGE)),
    }  # fmt: skip


def figures(folder: Path, size: Size) -> Iterator[Figure]:
    """On SQLite, then on PostgreSQL."""
    for dialect in ("sqlite", "postgresql"):
        engine = database(folder, size, dialect)  # type: ignore[arg-type]
        with engine.connect() as connection:
            yield from asked(connection, dialect, size)
        engine.dispose()


def asked(connection: Connection, where: str, size: Size) -> Iterator[Figure]:
    """Every question on that database."""
    ask = Queries(Store.open(connection, ALDER.key), NOW)
    bare = {name: _bare(connection, name, size) for name in ("movement", "finding")}
    for name, (table, question) in questions(ask).items():
        seconds = _warm(question, size)
        words = f"{seconds * 1e3:.1f} ms, {bare[table] * 1e3:.1f} ms for count(*) of {table}s"
        floor = max(bare[table], LEAST_FLOOR)
        yield Figure(f"{name} ({where})", seconds / floor, LIMIT, words)
        if os.environ.get("LADDER_PLANS"):
            with plans(connection) as shown:
                question()
            print(*shown, sep="\n\n", file=sys.stderr)


def _bare(connection: Connection, name: str, size: Size) -> float:
    statement = text(f"SELECT count(*) FROM ladder_{name}")
    return _warm(lambda: connection.execute(statement).scalar(), size)


def _warm(work: Question, size: Size) -> float:
    """The median, after two turns that do not count."""
    work(), work()
    return middle([timed(work) for _ in range(max(size.turns, 5))])
