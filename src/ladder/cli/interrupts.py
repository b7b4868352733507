"""Ctrl-C is accepted until the commit and not after it, so that "nothing was changed" is true."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def past_stopping() -> Iterator[None]:
    """Ignore Ctrl-C from here to the end of the block.

    Entered just before a commit. After an interruption within the commit it would be unknown what
    was stored; after it, "nothing was changed" would be false. Outside the main thread this does
    nothing, because Python sets signal handlers only there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a pending one is raised here
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
