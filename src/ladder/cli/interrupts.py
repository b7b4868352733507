"""Ctrl-C up to the commit and not beyond, so that "nothing was changed" is always true."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def past_stopping() -> Iterator[None]:
    """From here to the end of the block Ctrl-C does nothing.

    Entered just before a commit. Interrupted within it nobody could tell what was stored; and after
    it, "nothing was changed" would be a lie. Beyond the main thread signals are not ours.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # one that is pending still strikes here
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
