"""Work on one item while the next one is read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def beside(items: Iterable[Item], work: Callable[[Item], Result]) -> Generator[tuple[Item, Result]]:
    """Yield items with the results of `work`, in order, and fetch the next item meanwhile.

    Items are fetched in the caller's thread, because a host's connection must not leave it. The
    work is done in another thread. At most three items are in memory at one time.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ladder-beside") as worker:
        before: tuple[Item, Future[Result]] | None = None
        for item in items:
            job = worker.submit(work, item)
            if before is not None:
                yield before[0], before[1].result()
            before = item, job
        if before is not None:
            yield before[0], before[1].result()
