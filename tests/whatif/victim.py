"""An adoption that is killed: `python -m tests.whatif.victim URL n`, at its n-th statement.

At n = 0 (`COMMIT`) when everything is done and nothing committed.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from ladder.calendars import DAY, to_datetime
from ladder.crm import CRM
from ladder.storage.engines import create_engine
from tests.replay.worlds import LITTLE, NOW

COMMIT = 0
SEAM = to_datetime(200 * DAY)
STRICT = LITTLE.model_copy(update={"rungs": LITTLE.rungs[1:]})


def main(url: str, moment: int) -> None:
    """Adopt, and die half-way."""
    engine, done = create_engine(url), 0

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def count(*_: Any) -> None:
        nonlocal done
        done += 1
        if done == moment:
            die()

    if moment == COMMIT:
        event.listen(engine, "commit", die)
    event.listen(engine, "before_cursor_execute", count)
    with engine.begin() as connection:
        CRM(connection, "alder").adopt(STRICT, effective_from=SEAM, now=to_datetime(NOW + 1))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
