"""Placeholders: supporters that are not one person, detected by name or by implausible activity.

"(Anonymous)", "Cash" and "Walk-in" are rows of a list, not people: they cannot be thanked, invited
or lapse. They are recorded with a touchpoint of kind `placeholder`. `do_not_contact()`, the
`suppress_when` of the shipped ladders, includes that kind. They are in no count of people and no
finding, and their gifts stay gifts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from ladder.importers.header_synonyms import plain

MOST_A_DAY: Final = 40
"""The most touchpoints on one day that count as those of one person; our own threshold.

In the exports that were tried, the busiest day of a real person had 21 gifts, during a marathon of
giving; (Anonymous) had 4,197.
"""
SHARE: Final = 0.1
"""The largest plausible share of all touchpoints; our own threshold. A real supporter had 3 %."""
ADVICE: Final = "Add it to values under [placeholders] if it names no person"
_ENOUGH_ROWS: Final = 1000
_ENOUGH_PEOPLE: Final = 50
_SHORT: Final = 3

_NAMES: Final = frozenset(
    """
    anon inconnu inconnue desconocido desconocida desconhecido sconosciuto onbekend unnamed noname
    nameless nobody niemand na nd none null nil nn ka tba tbd missing various varios diverse divers
    div sundry miscellaneous misc cash barspende barspenden contant contanti especes efectivo walkin
    walkins walkup walkups guest guests gast gaste passerby passersby laufkundschaft public
    generalpublic collection collections collecte colecta kollekte offering quete plate looseplate
    collectionbox donationbox spendenbox spendendose sammelbuchse sammeldose tronc alcancia bucket
    bucketcollection streetcollection strassensammlung sammelspende sammelspender sammelkonto
    notapplicable notavailable notprovided notgiven keineangabe sansnom sinnombre ohnenamen
    """.split()  # noqa: SIM905  (a list of words reads better than a list of quoted ones)
)
_STEMS: Final = ("anonym", "anonim", "anoniem", "unknown", "unbekannt")
_ELSEWHERE: Final = frozenset(
    ("匿名", "аноним", "анонимно", "анонім", "ανώνυμος", "익명", "مجهول", "אנונימי")
)
_FILLERS: Final = frozenset(
    """
    donor donors donation donations gift gifts giver givers supporter supporters person people
    member name customer contact constituent user individual individuals client spender spenderin
    spenderinnen spende spenden person personen kunde kontakt donateur donateurs don dons personne
    donante donantes donacion persona online web the an a from of box account household family der
    die das von un une le la
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Crowd:
    """A supporter who is hardly one person, by name or by number of touchpoints.

    `day` is the busiest day, if its number alone is implausible.
    """

    supporter: str
    touchpoints: int
    day: str | None = None
    by_name: bool = False

    def __str__(self) -> str:
        number = f"{self.touchpoints:,} touchpoint{'' if self.touchpoints == 1 else 's'}"
        if self.by_name:
            return f"{self.supporter!r} ({number}) is no name of one person."
        when = f"on {self.day}" if self.day else "of all"
        return f"{self.supporter!r} has {number} {when}: is that one person?"


def is_nobody(text: str) -> bool:
    """Whether a supporter's name is a placeholder for no particular person.

    >>> is_nobody("Anonymous Donor (online)"), is_nobody("N/A"), is_nobody("Cash, Johnny")
    (True, True, False)
    """
    if not any(letter.isalnum() for letter in text) or _names(text):
        return True
    words = [word for word in re.split(r"[\W_]+", text) if word and not word.isdigit()]
    return any(map(_names, words)) and all(
        _names(word) or plain(word) in _FILLERS for word in words
    )


def _names(text: str) -> bool:
    word = plain(text)
    if not word:  # `plain` keeps none of its letters
        return text.strip().casefold() in _ELSEWHERE
    return word in _NAMES or (word.startswith(_STEMS) and word.isalpha())


def _may_be_nobody(names: pl.Expr) -> pl.Expr:
    """Preselect possible placeholders, so that few of a million names need `is_nobody`."""
    letters = names.str.normalize("NFKD").str.to_lowercase().str.replace_all("[^a-z]", "")
    long = [word for word in (*_NAMES, *_STEMS) if len(word) > _SHORT]
    short = [word for word in _NAMES if len(word) <= _SHORT]
    blank = (letters == "") & ~names.str.contains("[0-9]")
    return blank | letters.is_in(short) | letters.str.contains_any(long)


def crowds(counted: pl.DataFrame, whole: pl.DataFrame | None = None) -> list[Crowd]:
    """List supporters who are hardly one person, those with the most touchpoints first.

    `counted` has `supporter`, `day` (text) and `touchpoints`. A supporter is listed once: by name,
    by the busiest day, or by the share of all. `whole` has the totals of all supporters
    (`supporter`, `touchpoints`), for use if `counted` has only busy days.
    """
    if whole is None:
        whole = counted.group_by("supporter").agg(pl.col("touchpoints").sum())
    named = whole.filter(_may_be_nobody(pl.col("supporter")))
    crowd_list = {
        supporter: Crowd(supporter, number, by_name=True)
        for supporter, number in named.iter_rows()
        if is_nobody(supporter)
    }
    days = counted.filter(pl.col("touchpoints") > MOST_A_DAY).sort("touchpoints")
    for supporter, day, number in days.select("supporter", "day", "touchpoints").iter_rows():
        if supporter not in crowd_list or not crowd_list[supporter].by_name:
            crowd_list[supporter] = Crowd(supporter, number, day)
    every = int(whole["touchpoints"].sum())
    if every >= _ENOUGH_ROWS and len(whole) >= _ENOUGH_PEOPLE:
        large = whole.filter(pl.col("touchpoints") > SHARE * every)
        crowd_list = {
            supporter: Crowd(supporter, number) for supporter, number in large.iter_rows()
        } | crowd_list
    return sorted(crowd_list.values(), key=lambda item: (-item.touchpoints, item.supporter))
