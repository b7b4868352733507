"""Planted patterns of other findings (C) and modes of a relationship (M)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.planting.lives import PAPERS, SIGNS, Life, Plant, a_year_later, edge, found, saved

NOISE = (*SIGNS, *PAPERS)


def c1(draw: Random) -> Iterator[Plant]:
    """One gift, treated badly, and gone."""
    life = Life(draw)
    given = life.on(0, "donation", amount=20)
    life.on(edge(draw, 1, 100), "impact_report", answers=given)
    life.noise(*NOISE, until=360)
    yield found(life, "never thanked, and gone", a_year_later(life.begin), "high")
    life = Life(draw)
    given = life.on(0, "donation", amount=20)
    life.on(1, "thank_you", answers=given)
    yield found(life, "never told, and gone", a_year_later(life.begin), "high")
    life = _treated_well(draw)
    yield saved(life, "thanked and told, and gone all the same")
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.on(edge(draw, 1, 365), "reply")
    yield saved(life, "never thanked, and still there")


def _treated_well(draw: Random) -> Life:
    """A single gift, thanked for the next day and reported on within half a year."""
    life = Life(draw)
    given = life.on(0, "donation", amount=20)
    life.on(1, "thank_you", answers=given)
    life.on(edge(draw, 2, 180), "impact_report", answers=given)
    return life


def c2(draw: Random) -> Iterator[Plant]:
    """Each treats the other like a cash machine, within a year."""
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.on(edge(draw, 100, 360), "newsletter")
    life.noise(*NOISE, until=360)
    yield found(
        life, "no thanks from one, no sign from the other", a_year_later(life.begin), "medium"
    )
    life = _treated_well(draw)
    life.on(300, "newsletter")
    yield saved(life, "only the supporter")
    life = Life(draw)
    life.on(0, "event_attended")
    life.on(1, "donation", amount=20)
    for day in range(100, 1_000, 100):
        life.on(day, "event_attended")
    yield saved(life, "only the organisation")


def c3(draw: Random) -> Iterator[Plant]:
    """A season of the organisation's own making."""
    for out_of_season in (False, True):
        life = Life(draw)
        month = edge(draw, 1, 13)
        days = [life.tenth(2, month), life.tenth(3, month + draw.randrange(3))]
        life.on(life.tenth(1, month + 6 * out_of_season), "appeal")
        for day in days:
            life.on(day, "donation", amount=20)
        life.noise(*NOISE, "newsletter", "thank_you", until=days[1])
        if out_of_season:
            yield saved(life, "asked out of season too")
        else:
            yield found(life, "asked and given in one season", days[1], "low")


def m1(draw: Random) -> Iterator[Plant]:
    """Each answers the other."""
    for linked in (True, False):
        life = Life(draw)
        asked = life.on(0, "question")
        invited = 5 + draw.randrange(100)
        came = invited + edge(draw, 1, 60)
        life.on(1, "call", answers=asked if linked else None)
        name = life.on(invited, "invitation")
        life.on(came, "event_attended", answers=name if linked else None)
        life.noise(*NOISE, until=came)
        plant = found(life, "two answers, two sorts of acts", came, "info")
        yield plant if linked else saved(life, "no answer of either")


def m2(draw: Random) -> Iterator[Plant]:
    """Something for something."""
    life = Life(draw)
    day = edge(draw, 1, 300)
    life.on(0, "donation", amount=20)
    life.on(day, draw.choice(["thank_you", "newsletter", "appeal"]))
    life.noise(*NOISE, until=day)
    yield found(life, "a gift and a letter", day, "info")
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.noise(*NOISE, until=day)
    yield saved(life, "no letter")


def m3(draw: Random) -> Iterator[Plant]:
    """Letters, and nothing came back."""
    life = Life(draw)
    life.on(0, "subscribed")
    day = edge(draw, 1, 300)
    life.on(day, draw.choice(["newsletter", "appeal", "call"]))
    life.noise(*NOISE, until=day)
    yield found(life, "a letter", day, "info")
    life = Life(draw)
    life.on(day, "newsletter")
    life.on(day, "reply")
    yield saved(life, "she answered")


def m4(draw: Random) -> Iterator[Plant]:
    """The supporter acts and gets no answer."""
    life = Life(draw)
    day = draw.randrange(300)
    life.on(day, draw.choice(["donation", "reply", "petition_signed"]))
    life.noise(*NOISE, until=day + 1)
    yield found(life, "an act", day, "info")
    life = Life(draw)
    life.on(day, "donation", amount=20)
    life.on(day, "call")
    yield saved(life, "somebody called")


def m5(draw: Random) -> Iterator[Plant]:
    """Nothing to and fro for a year."""
    life = Life(draw)
    life.on(0, "donation", amount=20)
    day = edge(draw, 1, 300)
    life.on(day, "thank_you")
    life.noise(*NOISE, until=day + 100)
    yield found(life, "a year of nothing", a_year_later(life.day(day)), "info")
    life = Life(draw)
    for day in range(0, 1_500, 300):
        life.on(day + draw.randrange(60), draw.choice(["newsletter", "reply"]))
    yield saved(life, "somebody stirs each year", life.day(1_500))


PLANTERS = {
    "C1": c1, "C2": c2, "C3": c3, "M1": m1, "M2": m2, "M3": m3, "M4": m4, "M5": m5,
}  # fmt: skip


def treated_well(draw: Random) -> Life:
    """A relationship in which both give and take: nothing of O, S or C is to be found in it.

    Rounds of two hundred days: asked once, given twice, thanked and told of each; called, invited
    and there; letters that ask for nothing.
    """
    life = Life(draw)
    life.on(0, "subscribed")
    life.on(2, "newsletter")
    life.on(4, "call")
    for number in range(edge(draw, 2, 6)):
        begin = 10 + 200 * number
        asked = life.on(begin, "appeal", amount=20)
        soon = draw.randrange(3)
        given = life.on(begin + 5, "donation", answers=asked, amount=20)
        life.on(begin + 5 + soon, "thank_you", answers=given)
        life.on(begin + 30 + draw.randrange(20), "impact_report", answers=given)
        life.on(begin + 60, "call")
        invited = life.on(begin + 70 + draw.randrange(5), "invitation")
        there = life.on(begin + 80 + draw.randrange(5), "event_attended", answers=invited)
        life.on(begin + 86, "thank_you", answers=there)
        again = life.on(begin + 130, "donation", amount=30)
        life.on(begin + 132 - soon, "thank_you", answers=again)
        life.on(begin + 150 + draw.randrange(20), "impact_report", answers=again)
        life.on(begin + 180 + draw.randrange(10), "newsletter")
    life.noise(*NOISE, until=begin + 200, most=20)
    return life
