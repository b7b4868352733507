"""With this library, live: each touchpoint recorded into a database and committed as it comes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from ladder import CRM, create_engine, upgrade
from ladder.model.calendars import to_instant
from ladder.storage.selects import movements as select_movements
from tests.benchmarks.peers.ways.giving import LADDER, ORGANISATION

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def movements(path: Path) -> pl.DataFrame:
    """Supporter, instant, rung before and after."""
    engine = create_engine("sqlite://")
    upgrade(engine)
    with Session(engine) as session:
        crm = CRM.create(session, ORGANISATION, LADDER)
        events = pl.read_parquet(path, columns=["supporter", "kind", "at", "amount"])
        for supporter, kind, at, cents in events.sort("at").iter_rows():
            moment = EPOCH + timedelta(microseconds=at)
            amount = None if cents is None else Decimal(cents) / 100
            crm.record(supporter=str(supporter), kind=kind, at=moment, amount=amount, now=moment)
            session.commit()
        rows = [
            (int(row.key), to_instant(row.at), row.before, row.after)
            for row in session.execute(select_movements(crm.definition_id))
        ]
    found = pl.DataFrame(rows, schema=["supporter", "at", "before", "after"], orient="row")
    return found.with_columns(pl.col("before", "after").replace("", LADDER.ground))
