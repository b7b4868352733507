"""An adoption that is killed at its n-th statement (see `tests.interruption`)."""

from __future__ import annotations

from ladder.crm import CRM
from ladder.model.calendars import DAY, to_datetime
from ladder.storage.engines import create_engine
from tests.interruption import die_at
from tests.replay.worlds import LITTLE, NOW

SEAM = to_datetime(200 * DAY)
STRICT = LITTLE.model_copy(update={"rungs": LITTLE.rungs[1:]})


def adopt_until(url: str, moment: int) -> None:
    """Adopt, and die half-way."""
    engine = create_engine(url)
    die_at(engine, moment)
    with engine.begin() as connection:
        CRM(connection, "alder").adopt(STRICT, effective_from=SEAM, now=to_datetime(NOW + 1))
