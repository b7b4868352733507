"""What touchpoints are known by when something is said about them."""

from __future__ import annotations

from ladder.live.facts import Fact
from ladder.storage.actions import Name


def name_of(fact: Fact) -> Name:
    """Its source and external id, the same in every database; without one, its id in this one."""
    return fact.id if fact.key is None else fact.key
