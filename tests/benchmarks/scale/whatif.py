"""Changes by another definition, and its adoption, over a stored log.

The floor of a what-if is what the driver needs to hand over the columns that the ladder reads, of
every touchpoint and in no order. The floor of adopting is a replay without a file that
recomputes all supporters by the ladder in force and finds nothing to write; to it adopting adds the
second definition and the changed results.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from ladder import catalogue
from ladder.crm import CRM
from ladder.engines import columnar
from ladder.language.ladders import Ladder
from ladder.model.calendars import to_datetime, to_instant
from ladder.replay import replay
from ladder.storage.engines import create_engine
from ladder.whatif import whatif
from tests.benchmarks.children import ALDER, NOW, peak_memory
from tests.benchmarks.figures import GIB, Figure, Size, child, timed
from tests.benchmarks.scale.data import Dialect, database
from tests.six_patterns import six, with_six

SEAM = datetime(2024, 1, 1, tzinfo=UTC)
AT = to_instant(datetime(2024, 6, 1, tzinfo=UTC))
_STORED = {"supporter": "supporter_id", "referrer": "referrer_id"}
SLICE = 100_000


def figures(folder: Path, size: Size) -> Iterable[Figure]:
    """For both databases."""
    dialects: tuple[Dialect, ...] = ("sqlite", "postgresql")
    for dialect in dialects:
        engine = database(folder, size, dialect)
        try:
            yield asked(engine, size, dialect)
            yield adopted(engine, dialect)
        finally:
            engine.dispose()


def stricter() -> Ladder:
    """The default ladder, but a gift, a shift or a word counts for half a year."""
    text = catalogue.text("default").replace("year_long = 'days(365)'", "year_long = 'days(182)'")
    return with_six(catalogue.read(text).ladder)


def asked(engine: Engine, size: Size, dialect: str) -> Figure:
    """A what-if, each in a process of its own, against a bare read."""
    address = engine.url.render_as_string(hide_password=False)
    times, bare, peaks = [], [], []
    for _ in range(min(2, size.turns)):
        measured = child("tests.benchmarks.scale.whatif", address)
        times.append(measured["seconds"])
        peaks.append(measured["peak"])
        bare.append(timed(lambda: read_bare(engine)))
    ours, theirs = min(times), min(bare)
    words = (
        f"{ours:.1f} s, {theirs:.1f} s for the driver to read the same columns; "
        f"peak {max(peaks) / GIB:.2f} GiB"
    )
    return Figure(f"what-if, {dialect}", ours / theirs, 3, words)


def adopted(engine: Engine, dialect: str) -> Figure:
    """Adopting from a date on, against recomputing all supporters; both are taken back."""
    with engine.connect() as connection:
        again = timed(lambda: replay(connection, ALDER, six(), now=NOW + 1, recompute=True))
        connection.rollback()
    with engine.connect() as connection:
        crm = CRM(connection, ALDER.key)
        moment = to_datetime(NOW + 2)
        ours = timed(lambda: crm.adopt(stricter(), effective_from=SEAM, now=moment))
        connection.rollback()
    words = f"{ours:.1f} s, {again:.1f} s for a replay that works everybody out anew"
    return Figure(f"adopting, {dialect}", ours / again, 3, words)


def read_bare(engine: Engine) -> None:
    """Every touchpoint's columns that the ladder reads, by the driver alone, slice by slice."""
    names = ["supporter", "id", *columnar.columns(stricter())]
    fields = ", ".join(_STORED.get(name, name) for name in dict.fromkeys(names))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor() if engine.dialect.name == "sqlite" else driver.cursor("bare")
        cursor.execute(f"SELECT {fields} FROM ladder_touchpoint")
        while cursor.fetchmany(SLICE):
            pass
        cursor.close()


def main(address: str) -> None:
    """One what-if on this database, as JSON."""
    engine, new = create_engine(address), stricter()
    seconds = timed(lambda: print(_told(engine, new), file=sys.stderr))
    print(json.dumps({"seconds": seconds, "peak": peak_memory()}))


def _told(engine: Engine, new: Ladder) -> str:
    found = whatif(engine, ALDER.key, new, now=NOW, at=AT)
    assert len(found.movers) == 100
    return f"{found.moves} of {found.supporters} would stand elsewhere"


if __name__ == "__main__":
    main(*sys.argv[1:])
