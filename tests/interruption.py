"""Processes that kill themselves at a chosen moment, for tests of what they leave behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

COMMIT = 0
PROCESSES = multiprocessing.get_context("forkserver")
"""Processes that begin with the modules loaded, which takes a second otherwise."""
PROCESSES.set_forkserver_preload(["tests.replay.victim", "tests.whatif.victim"])


def exit_code(work: Callable[..., None], *arguments: Any) -> int | None:
    """Return the exit code of a process that does this work, None if it takes two minutes."""
    process = PROCESSES.Process(target=work, args=arguments, daemon=True)
    process.start()
    process.join(120)
    return process.exitcode


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
