"""Windows of twelve months, which state machines and aggregates lack."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
from dateutil.relativedelta import relativedelta

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HELPED = {"petition_signed", "event_attended", "volunteer_shift"}
ACTS = HELPED | {"email_opened", "email_clicked", "donation"}
NEVER = 2**60

Move = tuple[int, int, str, str]


@cache
def year_later(day: date) -> int:
    """The end of the day that is twelve months later; month ends saturate."""
    end = day + relativedelta(months=12, days=1)
    midnight = datetime(end.year, end.month, end.day, tzinfo=BERLIN)
    return (midnight - EPOCH) // timedelta(microseconds=1)


class Window:
    """The acts of the last twelve months, with the instants at which they expire."""

    def __init__(self) -> None:
        self.acted = False
        self.helped: deque[int] = deque()
        self.gifts: deque[tuple[int, int]] = deque()
        self.given = 0

    def act(self, kind: str, at: int, cents: int | None) -> None:
        """Take one touchpoint in."""
        self.acted = True
        if kind in HELPED or kind == "donation":
            end = year_later((EPOCH + timedelta(microseconds=at)).astimezone(BERLIN).date())
            if kind == "donation":
                self.gifts.append((end, cents or 0))
                self.given += cents or 0
            else:
                self.helped.append(end)

    def ends(self) -> int:
        """When something runs out next."""
        helped = self.helped[0] if self.helped else NEVER
        return min(helped, self.gifts[0][0]) if self.gifts else helped

    def expire(self, now: int) -> None:
        """Forget what has run out."""
        while self.helped and self.helped[0] <= now:
            self.helped.popleft()
        while self.gifts and self.gifts[0][0] <= now:
            self.given -= self.gifts.popleft()[1]

    def rung(self) -> str:
        """Return the rung that follows."""
        if self.given >= 500_00:
            return "major"
        if self.gifts:
            return "donor"
        if len(self.helped) >= 2:
            return "engaged"
        return "aware" if self.acted else "ground"


def followed(path: Path, follow: Callable[[int], Any]) -> Iterator[Any]:
    """Each supporter's events in order, and between them the instants at which something ends."""
    for supporter, events in groupby(_acts(path), itemgetter(0)):
        her = follow(supporter)
        for at, instant in groupby(events, itemgetter(1)):
            _pass_time(her, at)
            for _, _, kind, cents in instant:
                her.act(kind, at, cents)
            her.window.expire(at)
            her.settle(at)
        _pass_time(her, NEVER)
        yield her


def _pass_time(her: Any, until: int) -> None:
    while (end := her.window.ends()) < until:
        her.window.expire(end)
        her.settle(end)


def _acts(path: Path) -> Iterator[tuple[int, int, str, int | None]]:
    table = pq.read_table(
        path, columns=["supporter", "at", "kind", "amount"], filters=[("kind", "in", ACTS)]
    )
    table = table.sort_by([("supporter", "ascending"), ("at", "ascending")])
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
