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

_DECLARABLE: Final = ("family", "direction", "purpose", "asks_for")
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
_OBJECTS: Final = {"money": "money", "time": "time", "voice": "a voice (sign, share, vote)"}
_WAYS: Final[dict[tuple[str, ...], str]] = {
    ("inbound",): "that came from supporters",
    ("outbound",): "that was sent, said or called to supporters",
}


def plainest(selector: Selector, kinds: Kinds) -> Selector:
    """Return the plainest covering selector: kinds, families, directions, purposes and requests."""
    plain_forms: dict[frozenset[Selector], frozenset[Selector]] = {}
    for branch in branches(selector, positive=True):
        whole = _declarable(branch)
        plain = _plain(whole, kinds)
        if not any(known <= whole for known in plain_forms):  # a wider branch covers it already
            plain_forms = {known: form for known, form in plain_forms.items() if not plain <= form}
            plain_forms[plain] = whole
    joined = [
        reduce(and_, sorted(form, key=_rank)) if form else any_touchpoint for form in plain_forms
    ]
    return reduce(or_, joined) if joined else any_touchpoint


def _declarable(branch: Branch) -> frozenset[Selector]:
    selectors = {
        selector for yes, selector in branch if yes and isinstance(selector, KindIs | OneOf)
    }
    return frozenset(
        selector
        for selector in selectors
        if isinstance(selector, KindIs) or selector.field in _DECLARABLE
    )


def _plain(whole: frozenset[Selector], kinds: Kinds) -> frozenset[Selector]:
    named = [selector for selector in whole if isinstance(selector, KindIs)]
    if named and named[0].name in kinds:  # a kind implies its family and mostly the other fields
        return frozenset(named)
    return whole


def _rank(selector: Selector) -> tuple[int, str]:
    order = ("direction", "family", "purpose", "asks_for")
    return (order.index(selector.field) if isinstance(selector, OneOf) else 0), str(selector)


def describe(selector: Selector) -> str:
    """Describe a plainest selector in words: "all requests for money"."""
    several = selector.items if isinstance(selector, AnyOf) else (selector,)
    return " and ".join(dict.fromkeys(map(_describe_one, several)))


def _describe_one(selector: Selector) -> str:
    parts = selector.items if isinstance(selector, AllOf) else (selector,)
    fields = {part.field: part.values for part in parts if isinstance(part, OneOf)}
    kind = next((part.name for part in parts if isinstance(part, KindIs)), None)
    if kind is not None:
        return f"every {kind.replace('_', ' ')}"
    objects = " or ".join(_OBJECTS[value] for value in fields.get("asks_for", ()))
    if "purpose" in fields:
        purposes = " and ".join(_PURPOSES[value] for value in fields["purpose"])
        return f"all {purposes}{f' for {objects}' if objects else ''}"
    if objects:
        return f"all requests for {objects}"
    families = f" of {' and '.join(fields['family'])}" if "family" in fields else ""
    way = _WAYS.get(fields.get("direction", ()), "")
    return " ".join(value for value in (f"everything{families}", way) if value)
