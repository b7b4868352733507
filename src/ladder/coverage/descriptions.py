"""The plainest form of a selector, for declarations and for readers.

"Personal thanks that answer a gift, or nothing" is declared as `outbound and purpose("thank")`. The
plain form is wider, so it surely covers the selector, and an office knows whether it holds.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Final

from ladder.coverage.implication import Branch, branches
from ladder.language.nodes import AllOf, AnyOf, Selector
from ladder.language.selectors import KindIs, OneOf, any_touchpoint
from ladder.model.kinds import Kinds

_TOLD: Final = ("family", "direction", "purpose", "asks_for")
"""Fields that an office can declare; campaign and channel are too fine for a declaration."""

_PURPOSES: Final = {
    "ask": "requests",
    "thank": "thanks",
    "report": "reports on results",
    "inform": "news",
    "invite": "invitations",
    "listen": "questions put to supporters",
    "help": "help given",
    "receipt": "receipts",
    "service": "service messages",
}
_ASKED: Final = {"money": "money", "time": "time", "voice": "a voice (sign, share, vote)"}
_WAYS: Final[dict[tuple[str, ...], str]] = {
    ("inbound",): "that came from supporters",
    ("outbound",): "that was sent, said or called to supporters",
}


def plainest(selector: Selector, kinds: Kinds) -> Selector:
    """Return the plainest covering selector: kinds, families, directions, purposes and requests."""
    found: dict[frozenset[Selector], frozenset[Selector]] = {}
    for branch in branches(selector, positive=True):
        whole = _told(branch)
        plain = _plain(whole, kinds)
        if not any(known <= whole for known in found):  # a wider branch covers it already
            found = {known: each for known, each in found.items() if not plain <= each}
            found[plain] = whole
    joined = [reduce(and_, sorted(each, key=_rank)) if each else any_touchpoint for each in found]
    return reduce(or_, joined) if joined else any_touchpoint


def _told(branch: Branch) -> frozenset[Selector]:
    """Return the positive parts of a branch that an office can know."""
    told = {each for yes, each in branch if yes and isinstance(each, KindIs | OneOf)}
    return frozenset(each for each in told if isinstance(each, KindIs) or each.field in _TOLD)


def _plain(whole: frozenset[Selector], kinds: Kinds) -> frozenset[Selector]:
    named = [each for each in whole if isinstance(each, KindIs)]
    if named and named[0].name in kinds:  # a kind implies its family and mostly the other fields
        return frozenset(named)
    return whole


def _rank(selector: Selector) -> tuple[int, str]:
    order = ("direction", "family", "purpose", "asks_for")
    return (order.index(selector.field) if isinstance(selector, OneOf) else 0), str(selector)


def said(selector: Selector) -> str:
    """Describe a plainest selector in words: "all requests for money"."""
    several = selector.items if isinstance(selector, AnyOf) else (selector,)
    return " and ".join(dict.fromkeys(map(_said, several)))


def _said(selector: Selector) -> str:
    parts = selector.items if isinstance(selector, AllOf) else (selector,)
    fields = {part.field: part.values for part in parts if isinstance(part, OneOf)}
    kind = next((part.name for part in parts if isinstance(part, KindIs)), None)
    if kind is not None:
        return f"every {kind.replace('_', ' ')}"
    asked = " or ".join(_ASKED[each] for each in fields.get("asks_for", ()))
    if "purpose" in fields:
        purposes = " and ".join(_PURPOSES[each] for each in fields["purpose"])
        return f"all {purposes}{f' for {asked}' if asked else ''}"
    if asked:
        return f"all requests for {asked}"
    families = f" of {' and '.join(fields['family'])}" if "family" in fields else ""
    way = _WAYS.get(fields.get("direction", ()), "")
    return " ".join(each for each in (f"everything{families}", way) if each)
