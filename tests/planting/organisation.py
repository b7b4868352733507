"""Planted patterns of an organisation (O), and near misses with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random

from tests.planting.lives import (
    PAPERS,
    SIGNS,
    Life,
    Plant,
    Told,
    a_year_later,
    edge,
    found,
    found_after,
    saved,
    sustainer,
)

NOISE = (*SIGNS, *PAPERS)
"""Touchpoints that affect no pattern of letters and gifts."""


def well_given(draw: Random) -> tuple[Life, int]:
    """A life with a gift that was thanked for and reported on, and the day of a second one."""
    life = Life(draw)
    day = draw.randrange(5)
    first = life.on(day, "donation", amount=edge(draw, 5, 40))
    life.on(day + draw.randrange(3), "thank_you", answers=first)
    life.on(edge(draw, 20, 60), "impact_report", answers=first)
    return life, edge(draw, 400, 500)


def o1(draw: Random) -> Iterator[Plant]:
    """Late from the third day on; a first gift weighs a grade more."""
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    thanked = day + edge(draw, 35, 300)
    life.on(thanked, "thank_you")
    life.noise(*NOISE, until=day + 300)
    then = (day + 15, "medium"), (day + 31, "high"), (thanked, None)
    yield found(life, "thanked late", day + 3, "low", *then)
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.noise("receipt", until=30)
    over = a_year_later(life.begin)
    yield found(life, "a first gift, and only receipts", 3, "medium", (15, "high"), (over, None))
    life = Life(draw)
    for month in range(12):
        given = life.on(30 * month, "donation", amount=90)
        life.on(30 * month + 1, "thank_you", answers=given)
    life.on(360, "donation", amount=90)
    yield found(life, "a mid donor", 363, "medium")
    life, day = well_given(draw)
    life.on(day, "donation", amount=10_000)
    yield found(life, "a major donor", day + 3, "high")
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    life.on(day + draw.randrange(3), "thank_you", answers=draw.choice([given, None]))
    life.noise(*NOISE, until=day + 300)
    yield saved(life, "thanked within two days")
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    life.on(day + edge(draw, 1, 3), "refund", answers=given)
    yield saved(life, "given back before thanks are due")
    life, day = well_given(draw)
    pledged = life.on(day, "pledge", amount=100)
    for month in range(4):
        life.on(day + 30 * month, "donation", answers=pledged, amount=25)
    yield saved(life, "a pledge is paid")


def o2(draw: Random) -> Iterator[Plant]:
    """A request for money while a gift waits for thanks."""
    for later, severity in ((edge(draw, 3, 200), "high"), (edge(draw, 1, 3), "medium")):
        life, day = well_given(draw)
        given = life.on(day, "donation", amount=20)
        life.on(day + later, "appeal", audience="broadcast")
        life.on(day + later + edge(draw, 1, 100), "thank_you", answers=given)
        life.noise(*NOISE, until=day + 200)
        yield found(life, "asked first, thanked later", day + later, severity)
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    life.on(day + 1, "appeal", audience="individual")
    yield found(life, "asked at once, and her alone", day + 1, "high")
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    later = edge(draw, 2, 200)
    life.on(day + edge(draw, 1, later), "thank_you", answers=draw.choice([given, None]))
    life.on(day + later, "appeal")
    yield saved(life, "thanked before")
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    life.on(day + edge(draw, 1, 300), draw.choice(["volunteer_call", "action_call"]))
    yield saved(life, "asked for no money")


def o3(draw: Random) -> Iterator[Plant]:
    """Another request within thirty days, ninety after a first gift; within seven it is severe."""
    for later, severity in ((edge(draw, 8, 31), "medium"), (edge(draw, 1, 8), "high")):
        life, day = well_given(draw)
        given = life.on(day, "donation", amount=20)
        life.on(day, "thank_you", answers=given)
        life.on(day + later, "appeal")
        life.noise(*NOISE, until=day + 200)
        yield found(life, "asked soon", day + later, severity)
    life = Life(draw)
    life.on(0, "donation", amount=20)
    later = edge(draw, 31, 91)
    life.on(later, "appeal")
    yield found(life, "asked within ninety days of a first gift", later, "medium")
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    life.on(day + edge(draw, 31, 360), "appeal")
    yield saved(life, "asked after a rest")
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.on(edge(draw, 91, 360), "appeal")
    yield saved(life, "asked after the longer rest of a first gift")
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    later = edge(draw, 2, 31)
    life.on(day + edge(draw, 1, later), "impact_report", answers=draw.choice([given, None]))
    life.on(day + later, "appeal")
    yield saved(life, "told before")


def o4(draw: Random) -> Iterator[Plant]:
    """One message thanks and asks."""
    both = {"purposes": frozenset({"thank", "ask"}), "asks_for": "money"}
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    later = edge(draw, 1, 300)
    life.on(day + later, "message", **both)
    life.noise(*NOISE, until=day + later)
    yield found(life, "in one breath", day + later, "low")
    life = Life(draw)
    life.on(0, "donation", amount=20)
    life.on(later, "message", **both)
    yield found(life, "for a first gift", later, "medium")
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    life.on(day + 1, "thank_you", answers=given)
    life.on(day + 2, "message", **both)
    yield saved(life, "thanked already")
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    life.on(day + 1, "thank_you")
    life.on(day + 2, "appeal")
    yield saved(life, "in two letters")


def o5(draw: Random) -> Iterator[Plant]:
    """Asked again, and nothing was told of the last gift."""
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    life.on(day + 1, "thank_you", answers=given)
    later = edge(draw, 2, 360)
    life.on(day + later, "appeal")
    life.noise(*NOISE, until=day + later)
    yield found(life, "asked without a report", day + later, "high")
    life, day = well_given(draw)
    life.on(day, "donation", amount=2_000)
    later = edge(draw, 2, 300)
    again = later + edge(draw, 1, 60)
    life.on(day + later, "appeal")
    life.on(day + again, "appeal")
    yield found(life, "and once more", day + later, "high", (day + again, "critical"))
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    life.on(day + edge(draw, 1, later), "impact_report", answers=draw.choice([given, None]))
    life.on(day + later, "appeal")
    yield saved(life, "told before")
    life, day = well_given(draw)
    life.on(day, "donation", amount=20)
    life.on(day + 367 + draw.randrange(200), "appeal")
    yield saved(life, "the gift is more than a year old")


def o6(draw: Random) -> Iterator[Plant]:
    """Half a year, and no word."""
    for amount, severity in ((20, "medium"), (3_000, "high")):
        life, day = well_given(draw)
        given = life.on(day, "donation", amount=amount)
        life.on(day + 1, "thank_you", answers=given)
        told = day + edge(draw, 182, 900)
        life.on(told, "impact_report")
        life.noise(*NOISE, "newsletter", until=day + 900)
        yield found(life, "told late", day + 181, severity, *_told(told, severity))
    life, day = well_given(draw)
    given = life.on(day, "donation", amount=20)
    life.on(day + edge(draw, 1, 181), "impact_report", answers=draw.choice([given, None]))
    life.noise(*NOISE, until=day + 900)
    yield saved(life, "told in time")


def _told(day: int, severity: str) -> tuple[Told, ...]:
    """A report ends it; a gift that weighed more does so for a year only."""
    return ((day, None),) if severity == "medium" else ()


def o7(draw: Random) -> Iterator[Plant]:
    """Two requests or more, and nothing else within a year."""
    asks = ("appeal", "volunteer_call", "action_call")
    life = Life(draw)
    life.on(0, "subscribed")
    one, two = sorted(draw.sample(range(1, 300), 2))
    life.on(one, draw.choice(asks))
    life.on(two, draw.choice(asks))
    life.noise(*NOISE, "donation", until=300)
    yield found(life, "only asked", max(two, 61), "high")
    for kind in ("newsletter", "thank_you", "call"):
        life = Life(draw)
        life.on(0, "subscribed")
        one, between, two = sorted(draw.sample(range(1, 300), 3))
        life.on(one, draw.choice(asks))
        life.on(between, kind)
        life.on(two, draw.choice(asks))
        life.on(two, "birthday_card")
        yield saved(life, f"a {kind} between")
    life = Life(draw)
    life.on(0, "subscribed")
    life.on(one, draw.choice(asks))
    yield saved(life, "asked once")


def o8(draw: Random) -> Iterator[Plant]:
    """Fewer kindnesses than three for each request, among four contacts or more."""
    life = Life(draw)
    kinds = [draw.choice(["appeal", "newsletter", "call"]) for _ in range(edge(draw, 5, 8))]
    kinds[0] = kinds[-1] = "appeal"
    opens = _of_contacts(life, kinds)
    life.noise(*NOISE, until=300)
    assert opens is not None
    yield opens
    life = Life(draw)
    kind = draw.choice(["newsletter", "call", "birthday_card"])
    kinds = [kind, kind, kind, "appeal", kind, kind, kind]
    assert _of_contacts(life, kinds) is None
    yield saved(life, "three for each")
    life = Life(draw)
    assert _of_contacts(life, ["appeal", "appeal", "newsletter"]) is None
    yield saved(life, "three contacts say nothing")


def _of_contacts(life: Life, kinds: list[str]) -> Plant | None:
    """These, some days apart and all within a year; where the ratio is first too small."""
    asks = others = 0
    opens = None
    day = 0
    for place, kind in enumerate(kinds, 1):
        day += edge(life.draw, 1, 40)
        life.on(day, kind)
        asks, others = asks + (kind == "appeal"), others + (kind != "appeal")
        if opens is None and place >= 4 and others < 3 * asks:
            severity = "high" if others < asks else "medium"
            opens = found(life, "more requests", day, severity)
    return opens


def o9(draw: Random) -> Iterator[Plant]:
    """Out of the blue: the first of all, or after a year without a sound."""
    life = Life(draw)
    life.on(0, "subscribed")
    later = edge(draw, 1, 2_000)
    life.on(later, "appeal")
    life.noise(*SIGNS, until=later + 1)
    yield found(life, "the first letter is a request", later, "medium")
    life, _ = well_given(draw)
    last = max(each["at"] for each in life.told)
    life.on((a_year_later(last) - life.begin).days + draw.randrange(500), "appeal")
    opened = max(each["at"] for each in life.told)
    yield found(life, "after a year of silence", opened, "low")
    life = Life(draw)
    life.on(0, "subscribed")
    life.on(later, draw.choice(["newsletter", "invitation"]))
    life.on(later + edge(draw, 1, 360), "appeal")
    yield saved(life, "something came before")
    life = Life(draw)
    life.on(0, draw.choice(["petition_signed", "donation", "reply"]))
    life.on(edge(draw, 1, 360), "appeal")
    yield saved(life, "she had acted")


def o10(draw: Random) -> Iterator[Plant]:
    """Nobody answered."""
    hour = edge(draw, 8, 18)
    life = Life(draw)
    asked = life.on(0, "question", hour=hour)
    life.on(edge(draw, 4, 100), "call", answers=asked, hour=hour)
    life.noise("newsletter", "receipt", until=100)
    yield found_after(life, "answered late", hour, (24, "low"), (72, "medium"))
    life = Life(draw)
    life.on(0, draw.choice(["complaint", "volunteer_signup"]), hour=hour)
    yield found_after(life, "never answered, and it weighs more", hour, (24, "low"), (72, "high"))
    life = Life(draw)
    life.on(0, "question", hour=hour)
    life.on(0, "appeal", hour=20)
    yield found_after(life, "asked meanwhile", 20, (0, "critical"))
    life = Life(draw)
    asked = life.on(0, "question", hour=hour)
    life.on(1, "message", answers=draw.choice([asked, None]), audience="individual", hour=hour - 1)
    yield saved(life, "answered within a day, whatever clocks do")
    life = Life(draw)
    life.on(0, draw.choice(["comment", "reply", "survey_answered"]), hour=hour)
    yield saved(life, "what waits for no answer")


def o11(draw: Random) -> Iterator[Plant]:
    """Four contacts or more, none of them individual."""
    days = sorted(draw.sample(range(300), 4 + draw.randrange(4)))
    for act, severity in ((None, "low"), ("petition_signed", "medium")):
        life = Life(draw)
        if act:
            life.on(0, act)
        for day in days:
            life.on(day, draw.choice(["newsletter", "appeal"]), audience="broadcast")
        life.noise(*NOISE, until=300)
        yield found(life, "only broadcasts", days[3], severity)
    life = Life(draw)
    for day in days[:4]:
        life.on(day, "newsletter")
    life.on(draw.randrange(days[3] + 1), draw.choice(["call", "birthday_card", "meeting"]))
    life.on(days[3], "call")
    yield saved(life, "one of them to her alone")
    life = Life(draw)
    for day in days[:3]:
        life.on(day, "newsletter")
    yield saved(life, "three are too few")


def o12(draw: Random) -> Iterator[Plant]:
    """Lapsed, and asked for money alone since."""
    for act, severity in ((False, "medium"), (True, "high")):
        life, lapsed = _lapsed(draw)
        one, two = sorted(draw.sample(range(lapsed + 1, lapsed + 360), 2))
        if act:
            life.on(lapsed, "event_attended")
        life.on(one, "appeal")
        life.on(two, "appeal")
        life.noise(*NOISE, until=lapsed)
        yield found(life, "asked twice", two, severity)
    life, lapsed = _lapsed(draw)
    one, between, two = sorted(draw.sample(range(lapsed + 1, lapsed + 200), 3))
    life.on(one, "appeal")
    life.on(between, draw.choice(["newsletter", "call", "invitation"]))
    life.on(two, "appeal")
    life.on(two, "call")
    yield saved(life, "something else between")
    life, lapsed = _lapsed(draw)
    life.on(one, "appeal")
    yield saved(life, "asked once")


def _lapsed(draw: Random) -> tuple[Life, int]:
    """Somebody whose only gift is over a year old on that day, and who heard nothing since."""
    life = Life(draw)
    given = life.on(0, "donation", amount=20)
    life.on(1, "thank_you", answers=given)
    return life, (a_year_later(life.day(1)) - life.begin).days


def o13(draw: Random) -> Iterator[Plant]:
    """More and more, and not given; or far more than ever, without a word before."""
    life = Life(draw)
    life.on(0, "newsletter")
    days = sorted(draw.sample(range(1, 700), 3))
    for day, amount in zip(days, (20, 35, 50), strict=True):
        life.on(day, "appeal", amount=amount)
    life.noise(*NOISE, until=700)
    yield found(life, "two rises in a row", days[2], "medium")
    life, day = well_given(draw)
    life.on(day, "appeal", amount=500)
    yield found(life, "far more than ever", day, "low")
    life = Life(draw)
    for day, amount in zip(days, (20, 35, 35), strict=True):
        life.on(day, "appeal", amount=amount)
    yield saved(life, "the third asks for no more")
    life = Life(draw)
    life.on(days[0], "appeal", amount=20)
    life.on(days[1], "appeal", amount=35)
    life.on(days[1], "donation", amount=35)
    life.on(days[2] + 1, "appeal", amount=50)
    yield saved(life, "she gave upon the first rise")
    life, day = well_given(draw)
    life.on(day - edge(draw, 1, 180), "call")
    life.on(day, "appeal", amount=500)
    yield saved(life, "talked over before")


def o14(draw: Random) -> Iterator[Plant]:
    """More than four requests within thirty days."""
    life = Life(draw)
    days = sorted(draw.sample(range(30), 5))
    for day in days:
        life.on(day, "appeal")
    life.noise(*NOISE, until=30)
    yield found(life, "five within a month", days[4], "low")
    life = Life(draw)
    life.on(0, "appeal")
    later = edge(draw, 1, 8)
    life.on(later, "unsubscribed", channel="email")
    yield found(life, "and she left", later, "medium")
    life = Life(draw)
    for day in days[:4]:
        life.on(day, "appeal")
    yield saved(life, "four within a month")
    life = Life(draw)
    for day in days:
        life.on(day, "appeal")
    life.on(days[4], "donation", amount=5)
    yield saved(life, "with a gift among them")
    life = Life(draw)
    life.on(0, "appeal")
    life.on(edge(draw, 8, 100), "unsubscribed", channel="email")
    yield saved(life, "she left later")


def o15(draw: Random) -> Iterator[Plant]:
    """Contacted after opting out."""
    letters = ("appeal", "newsletter", "invitation", "impact_report")
    for kind in ("objected", "deceased", "erased"):
        life, day = well_given(draw)
        later = day + edge(draw, 1, 300)
        life.on(day, kind)
        life.on(later, draw.choice(letters))
        life.noise(*NOISE, until=later)
        yield found(life, f"{kind}, and written to", later, "critical")
    later = edge(draw, 2, 300)
    life, day = well_given(draw)
    life.on(day, "unsubscribed", channel="email")
    life.on(day + later, "newsletter", channel="email")
    yield found(life, "by the channel that she left", day + later, "critical")
    life, day = well_given(draw)
    life.on(day, "unsubscribed", channel="email")
    life.on(day + later, "newsletter", channel="post")
    yield saved(life, "by another channel")
    life, day = well_given(draw)
    life.on(day, "unsubscribed", channel="email")
    life.on(day + 1, "resubscribed", channel="email")
    life.on(day + later, "newsletter", channel="email")
    yield saved(life, "she had come back")
    life, day = well_given(draw)
    life.on(day, "objected")
    life.on(day, draw.choice(letters))
    life.on(day + later, draw.choice(PAPERS))
    yield saved(life, "on the way that very day, and a receipt later")


def o16(draw: Random) -> Iterator[Plant]:
    """Survey without follow-up."""
    words = ("survey_answered", "complaint", "feedback")
    life = Life(draw)
    said = life.on(0, draw.choice(words))
    life.on(1, "thank_you", answers=said)
    told = edge(draw, 92, 360)
    life.on(told, "impact_report")
    life.noise(*NOISE, "newsletter", until=300)
    yield found(life, "told late", 91, "medium", (told, None))
    life = Life(draw)
    said = life.on(0, draw.choice(words))
    life.on(edge(draw, 1, 91), "impact_report", answers=draw.choice([said, None]))
    yield saved(life, "told in time")


def o17(draw: Random) -> Iterator[Plant]:
    """A year of monthly gifts and nothing from a person."""
    for asked, severity in ((False, "medium"), (True, "high")):
        life = sustainer(draw)
        if asked:
            life.on(edge(draw, 10, 360), "appeal")
        life.noise(*NOISE, until=360)
        yield found(life, "a year of receipts", a_year_later(life.begin), severity)
    life = sustainer(draw)
    for day in (edge(draw, 1, 365), 365, 700):
        life.on(day, draw.choice(["thank_you", "newsletter", "call"]))
    yield saved(life, "a word within the year", life.day(1_000))
    life = sustainer(draw)
    life.on(edge(draw, 320, 360), "commitment_ended", answers="t0")
    yield saved(life, "she ended it")


def o18(draw: Random) -> Iterator[Plant]:
    """Takes time and signatures, and gives no word."""
    asks, deeds = ("volunteer_call", "action_call"), ("petition_signed", "volunteer_shift")
    days = sorted(draw.sample(range(300), 4))
    life = Life(draw)
    for place, day in enumerate(days):
        life.on(day, draw.choice(deeds if place == 2 else asks))
    life.noise(*NOISE, "newsletter", until=300)
    yield found(life, "three requests and a deed", days[3], "medium")
    life = Life(draw)
    for place, day in enumerate(days):
        name = life.on(day, draw.choice(deeds if place == 2 else asks))
        if place == 2:
            life.on(day, draw.choice(["thank_you", "impact_report"]), answers=name)
    yield saved(life, "thanked for it")
    life = Life(draw)
    for place, day in enumerate(days[1:]):
        life.on(day, draw.choice(asks if place else deeds))
    yield saved(life, "two requests")


PLANTERS = dict(zip((f"O{n}" for n in count(1)), (
    o1, o2, o3, o4, o5, o6, o7, o8, o9, o10, o11, o12, o13, o14, o15, o16, o17, o18,
), strict=False))  # fmt: skip
