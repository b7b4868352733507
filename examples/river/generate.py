"""Make the history of a small river charity, as its contact list would export it.

    python examples/river/generate.py --out DIR [--supporters 600] [--years 6] [--seed 7]
                                      [--until 2026-11-15] [--clean] [--rates]

Writes ``DIR/contacts.csv``, one supporter after the other, each from the first contact to the last.
The same arguments give the same bytes. Memory does not grow with the number of supporters.

`WORDS` maps every word of the column ``what`` to a kind of touchpoint.
"""

from __future__ import annotations

import argparse
import csv
import sys
from bisect import bisect
from datetime import date
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from charity import Charity
from lives import DATE_ONLY, Contact, Lives, Supporter
from office import Office
from rates import Rates
from spoil import Spoiler
from words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["COLUMNS", "WORDS", "Charity", "main", "supporters", "table", "write"]

COLUMNS = (
    "id",
    "person",
    "date",
    "what",
    "channel",
    "campaign",
    "amount",
    "currency",
    "hours",
    "in_reply_to",
    "brought_by",
    "note",
)

CURRENCY = "EUR"
FRIENDS = 256  # how many possible referrers are kept


class Friend(NamedTuple):
    """A supporter who may refer others, with the days of their first and last contact."""

    key: str
    first: int
    last: int


def supporters(charity: Charity) -> Iterator[Supporter]:
    """Yield every supporter with the whole history in order of time."""
    rng = Random(charity.seed)
    lives, office = Lives(charity, rng), Office(charity, rng)
    shares = tuple(accumulate(route[1] for route in charity.routes))
    friends: list[Friend] = []
    for number in range(charity.supporters):
        route, _, reads, gives = charity.routes[bisect(shares, rng.random() * shares[-1])]
        one = Supporter(f"A{number + 1:06d}", _arrival(charity, number, rng), charity.end, route)
        one.reads = rng.random() < reads
        one.curious = 0.75 if rng.random() < charity.curious else 0.06
        _find_way(one, lives, friends)
        died = one.arrived + 1 + int(rng.expovariate(charity.deaths / 365))
        one.end = min(one.end, died - 1)
        lives.live(one, gives)
        office.look_after(one)
        _close(one, died, charity)
        _befriend(friends, one, charity, rng)
        yield one


def _arrival(charity: Charity, number: int, rng: Random) -> int:
    """When the n-th supporter comes: many in the first fifth of the time, then evenly."""
    u, early = (number + rng.random()) / charity.supporters, charity.early
    share = 0.2 * u / early if u < early else 0.2 + 0.8 * (u - early) / (1 - early)
    return charity.start + int(share * (charity.end - charity.start))


def _find_way(one: Supporter, lives: Lives, friends: list[Friend]) -> None:
    """Who comes by a cold letter comes on the day it is sent; who comes by a friend needs one."""
    if one.route == "cold letter":
        at = bisect(lives.cold_days, one.arrived)
        if at < len(lives.cold_days):
            one.arrived = lives.cold_days[at]
        else:
            one.route = "petition"
    elif one.route == "friend" and friends:
        for _ in range(6):
            friend = friends[int(lives.rng.random() * len(friends))]
            if friend.first < one.arrived <= friend.last:
                one.brought_by = friend.key
                return


def _befriend(friends: list[Friend], one: Supporter, charity: Charity, rng: Random) -> None:
    """Remember those who help, and a few others; in a full circle somebody makes room."""
    times = 1 if rng.random() < charity.winning else 0
    for row in one.rows:
        if row.hours:
            times = max(times, 1)
        elif row.what == "Fundraising page opened":
            times = 4  # four times as likely to be somebody's friend
    friend = Friend(one.key, one.arrived, one.rows[-1].day + 60)
    for _ in range(times):
        if len(friends) < FRIENDS:
            friends.append(friend)
        else:
            friends[int(rng.random() * FRIENDS)] = friend


def _close(one: Supporter, died: int, charity: Charity) -> None:
    """Drop what would come after the end; put the rest in order."""
    rows = [row for row in one.rows if row.day <= one.end]
    if died <= charity.end and one.end == died - 1:
        rows.append(Contact(died, DATE_ONLY, "Died"))
    rows.sort(key=lambda row: (row.day, row.minute))
    one.rows = rows


# -- rows ------------------------------------------------------------------------------------------


@cache
def _day(day: int) -> str:
    return date.fromordinal(day).isoformat()


_MINUTES = [f" {minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]


def table(charity: Charity, rates: Rates | None = None) -> Iterator[Sequence[str]]:
    """The rows of ``contacts.csv`` below its header; dirty ones among them unless `clean`."""
    number = 0
    spoiler = Spoiler(charity)
    for one in supporters(charity):
        made = []
        for row in one.rows:
            number += 1
            row.id = f"K{number:07d}"
            made.append(_fields(one.key, row))
        if rates:
            rates.see(one)
        yield from made
        if not charity.clean:
            yield from spoiler.after(made)


def _fields(key: str, row: Contact) -> list[str]:
    cents = row.cents
    return [
        row.id,
        key,
        _day(row.day) if row.minute < 0 else _day(row.day) + _MINUTES[row.minute],
        row.what,
        WORDS[row.what].channel,
        row.campaign,
        f"{cents // 100}.{cents % 100:02d}" if cents else "",
        CURRENCY if cents else "",
        row.hours,
        row.answers.id if row.answers else "",
        row.brought_by,
        row.note,
    ]


def write(folder: Path, charity: Charity, rates: Rates | None = None) -> Path:
    """Write ``contacts.csv`` into that folder, making it if need be; the path of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "contacts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(table(charity, rates))
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    usual = Charity()
    parser = argparse.ArgumentParser(description="Make the history of a small river charity.")
    parser.add_argument("--out", type=Path, required=True, help="folder for contacts.csv")
    parser.add_argument("--supporters", type=int, default=usual.supporters)
    parser.add_argument("--years", type=int, default=usual.years)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--until", type=date.fromisoformat, default=usual.until)
    parser.add_argument("--clean", action="store_true", help="without the few dirty rows")
    parser.add_argument("--rates", action="store_true", help="print the retention to stderr")
    asked = parser.parse_args(arguments)
    try:
        charity = Charity(asked.supporters, asked.years, asked.seed, asked.until, asked.clean)
    except ValueError as error:
        parser.error(str(error))
    rates = Rates() if asked.rates else None
    write(asked.out, charity, rates)
    if rates:
        sys.stderr.write(rates.report(charity))
    return 0


if __name__ == "__main__":
    sys.exit(main())
