"""Processes that kill themselves at a chosen moment, for tests of what they leave behind."""

from __future__ import annotations

import os
import signal
from typing import Any

from sqlalchemy import Engine, event

COMMIT = 0


def die_at(engine: Engine, moment: int) -> None:
    """Let this process be killed at its n-th statement from now on.

    At n = 0 (`COMMIT`) when everything is done and nothing committed.
    """
    done = 0

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
