"""How supporters behave (S), planted, and near misses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from random import Random

from dateutil.relativedelta import relativedelta

from tests.planting.lives import (
    PAPERS,
    SIGNS,
    Life,
    Plant,
    a_year_later,
    edge,
    found,
    saved,
    sustainer,
)

ACTS = ("reply", "comment", "volunteer_shift", "petition_signed", "event_attended")
LETTERS = ("newsletter", "thank_you", *PAPERS)


def s1(draw: Random) -> Iterator[Plant]:
    """One gift, and no sign of life."""
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.noise(*SIGNS, *LETTERS, until=400)
    over = life.begin + relativedelta(months=36) + timedelta(1)
    yield found(life, "one gift", a_year_later(life.begin), "medium", (over, None))
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.on(edge(draw, 1, 366), draw.choice(ACTS))
    yield saved(life, "she stirred")
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.on(edge(draw, 1, 366), "donation", amount=5)
    yield saved(life, "a second gift")


def s2(draw: Random) -> Iterator[Plant]:
    """For a friend's sake only."""
    mark = draw.choice([{"via": "third_party"}, {"tribute": True}, {"p2p": True}])
    life = Life(draw)
    day = draw.randrange(30)
    life.on(day, "donation", amount=20, details=mark)
    life.noise(*SIGNS, *LETTERS, until=900)
    yield found(life, "through a friend", day, "medium")
    life = Life(draw)
    life.on(0, draw.choice(ACTS))
    life.on(30, "donation", amount=20, details=mark)
    yield saved(life, "she had acted before")
    life = Life(draw)
    life.on(30, "donation", amount=20)
    yield saved(life, "by herself")


def s3(draw: Random) -> Iterator[Plant]:
    """Each gift after an ask."""
    life, day = _prompted(draw, [edge(draw, 1, 31) for _ in range(3)])
    life.noise(*SIGNS, *PAPERS, until=day)
    yield found(life, "three gifts, each upon a request", day, "low")
    life, _ = _prompted(draw, [5, 10, edge(draw, 31, 60)])
    yield saved(life, "one by herself")
    life, day = _prompted(draw, [5, 10, 20])
    life.on(edge(draw, 60, 100), draw.choice(ACTS))  # more than thirty days after the first
    yield saved(life, "an act of her own in a quiet time")
    life, _ = _prompted(draw, [5, 10])
    yield saved(life, "two gifts")


def _prompted(draw: Random, after: list[int]) -> tuple[Life, int]:
    """A request every 150 days, and a gift so many days after it; the day of the last gift."""
    life, day = Life(draw), 0
    for number, days in enumerate(after):
        life.on(150 * number, "appeal")
        day = 150 * number + days
        life.on(day, "donation", amount=20)
    return life, day


def s4(draw: Random) -> Iterator[Plant]:
    """Money in two years, in four, and nothing else."""
    life, days = _yearly(draw, 2)
    life.noise(*SIGNS, *LETTERS, until=500)
    yield found(life, "two years of gifts", days[1], "low")
    life, days = _yearly(draw, 2)
    life.on(edge(draw, 1, days[0]), draw.choice(ACTS))
    yield saved(life, "met otherwise")
    life, days = _yearly(draw, 2, invited=False)
    yield saved(life, "never offered anything else")
    life, _ = _yearly(draw, 1)
    yield saved(life, "gifts of one year")


def _yearly(draw: Random, years: int, *, invited: bool = True) -> tuple[Life, list[int]]:
    """Gifts in so many calendar years one after the other, invited before."""
    life = Life(draw)
    if invited:
        life.on(0, draw.choice(["invitation", "survey_sent", "volunteer_call"]))
    first = life.begin.year + 1
    days = []
    for year in range(first, first + years):
        on = date(year, 1, 1) + timedelta(draw.randrange(365))
        days.append((on - life.begin).days)
        life.on(days[-1], "donation", amount=20)
    return life, days


def s5(draw: Random) -> Iterator[Plant]:
    """Three neighbouring months, in two years or more."""
    life, day, month = _in_season(draw)
    life.noise(*SIGNS, *LETTERS, until=day)
    yield found(life, "one season", day, "low")
    life, day, month = _in_season(draw)
    life.on(life.tenth(2, month + 4), "donation", amount=5)
    yield saved(life, "once out of it")
    life, day, _ = _in_season(draw, asked_out_of_it=False)
    yield saved(life, "asked in that season only")


def _in_season(draw: Random, *, asked_out_of_it: bool = True) -> tuple[Life, int, int]:
    """Gifts in two Novembers or the like, and a request half a year away from them, before."""
    life = Life(draw)
    month = edge(draw, 1, 13)
    asked = month + 6 if asked_out_of_it else month
    life.on(life.tenth(1, asked), "appeal")
    one = life.tenth(2, month)
    two = life.tenth(3, month + draw.randrange(3))
    life.on(one, "donation", amount=20)
    life.on(two, "donation", amount=20)
    return life, two, month


def s6(draw: Random) -> Iterator[Plant]:
    """When gifts are matched, and only then."""
    matched = {"match_campaign": True}
    one, two = sorted(draw.sample(range(1, 500), 2))
    life = Life(draw)
    life.on(0, "appeal")
    life.on(one, "donation", amount=20, details=matched)
    life.on(two, "donation", amount=20, details=matched)
    life.noise(*SIGNS, *LETTERS, until=500)
    yield found(life, "two matched gifts", two, "low")
    life = Life(draw)
    life.on(0, "appeal")
    life.on(one, "donation", amount=20)
    life.on(two, "donation", amount=20, details=matched)
    yield saved(life, "one was not matched")
    life = Life(draw)
    life.on(0, "appeal", details=matched)
    life.on(one, "donation", amount=20, details=matched)
    life.on(two, "donation", amount=20, details=matched)
    yield saved(life, "never asked without a match")


def s7(draw: Random) -> Iterator[Plant]:
    """Pays for goods and tickets only."""
    kinds = ("purchase", "payment", "membership")
    one, two = sorted(draw.sample(range(500), 2))
    life = Life(draw)
    life.on(one, draw.choice(kinds), amount=20, details={"goods": True})
    life.on(two, draw.choice(kinds), amount=20, details={"goods": True})
    life.noise(*SIGNS, *LETTERS, until=500)
    yield found(life, "two tickets", two, "low")
    life = Life(draw)
    life.on(one, "donation", amount=2)
    life.on(two, draw.choice(kinds), amount=20, details={"goods": True})
    life.on(two + 1, draw.choice(kinds), amount=20, details={"goods": True})
    yield saved(life, "and gave something beyond")


def s8(draw: Random) -> Iterator[Plant]:
    """A year on autopilot."""
    life = sustainer(draw)
    life.noise(*LETTERS, until=360)
    yield found(life, "a year without a sign", a_year_later(life.begin), "low")
    life = sustainer(draw)
    for day in (edge(draw, 1, 365), 365, 700):
        life.on(day, draw.choice(SIGNS))
    yield saved(life, "an opened mail is a sign here", life.day(1_000))
    life = sustainer(draw)
    life.on(edge(draw, 320, 360), "commitment_ended", answers="t0")
    yield saved(life, "she ended it")


def s9(draw: Random) -> Iterator[Plant]:
    """Signs and shares."""
    days = sorted(draw.sample(range(500), 3))
    life = Life(draw)
    for day in days:
        life.on(day, draw.choice(["petition_signed", "shared"]))
    life.noise(*SIGNS, *LETTERS, until=500)
    yield found(life, "three clicks", days[2], "info")
    life = Life(draw)
    for day in days:
        life.on(day, draw.choice(["petition_signed", "shared"]))
    life.on(days[0], draw.choice(["donation", "reply", "volunteer_shift"]))
    yield saved(life, "something else too")
    life = Life(draw)
    for day in days[1:]:
        life.on(day, draw.choice(["petition_signed", "shared"]))
    yield saved(life, "two clicks")


def s10(draw: Random) -> Iterator[Plant]:
    """Gave before any contact."""
    life = Life(draw)
    life.on(0, "newsletter")
    day = edge(draw, 1, 300)
    life.on(day, "donation", amount=20)
    life.on(day + edge(draw, 1, 50), draw.choice([*SIGNS, *ACTS]))
    yield found(life, "a gift out of the blue", day, "info")
    life = Life(draw)
    life.on(0, draw.choice(["subscribed", *SIGNS, *ACTS]))
    life.on(day, "donation", amount=20)
    yield saved(life, "met before")


PLANTERS = dict(zip(
    (f"S{n}" for n in count(1)), (s1, s2, s3, s4, s5, s6, s7, s8, s9, s10), strict=False
))  # fmt: skip
