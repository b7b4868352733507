"""Working on one part while the next one is read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def beside(items: Iterable[Item], work: Callable[[Item], Result]) -> Generator[tuple[Item, Result]]:
    """Each item and what working on it gave, in order; the next one is fetched meanwhile.

    Fetching stays in the caller's thread (a host's connection may not leave it), the work is done
    in another. Three items at most are there at one time.
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
