"""What some conditions have to be handed of a log: which touchpoints, in which columns.

An organisation's log is mostly letters, and many definitions look at little of it. Whoever keeps
the log elsewhere may leave out all that no condition can select, as long as a neutral touchpoint
stands where each line begins; and the names and links of what is tied to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ladder.columnar.bounds import bounds, carried
from ladder.columnar.intervals import Mask
from ladder.columnar.needs import TEXTS, Needs
from ladder.columnar.profiles import Coded, Profiles
from ladder.kinds import Kinds
from ladder.measures import Exceeds, Measure, Total
from ladder.nodes import Condition, Selector
from ladder.selectors import AmountIs, Answers, Brought, Convertible, Linked
from ladder.spans import Until

PLAIN: Final = ("supporter", "id", "kind", "at", "date_only")
"""What is read of every touchpoint."""


@dataclass(frozen=True)
class Narrow:
    """What has to be read of a log.

    That is all that one of these `selectors` may select, in these `columns`; and whole, with
    whatever they answer, all touchpoints of the `tied` kinds, which name what they are about
    (voids, refunds, what closes something). `neutral` is a kind that nothing selects, for where
    lines begin. `brought` says whether others' acts matter, and `foreign` whether any amount in
    another currency does.
    """

    kinds: Kinds
    selectors: tuple[Selector, ...]
    tied: tuple[str, ...]
    columns: tuple[str, ...]
    neutral: str
    brought: bool
    foreign: bool

    @classmethod
    def of(cls, kinds: Kinds, conditions: Iterable[Condition]) -> Self | None:
        """For these conditions; None where they may have to do with anything, or with many links.

        What closes something must be of family status (a placement, leaving the staff): there are
        few of those. Thanks that close gifts are a fair share of a log, and so is what they answer.
        """
        needs = Needs.of(kinds, conditions)
        closing, neutral = _closing(needs), _neutral(needs)
        many = any(kinds[name].family != "status" for name in closing)
        if neutral is None or many or any(isinstance(n, Linked | Answers) for n in needs.nodes):
            return None
        measures = (node for node in needs.nodes if isinstance(node, Measure))
        tied = (*needs.of_role("void", "refund"), *closing)
        return cls(
            kinds=kinds,
            selectors=tuple(dict.fromkeys(measure.selector for measure in measures)),
            tied=tuple(dict.fromkeys(tied)),
            columns=tuple(_columns(needs, tied)),
            neutral=neutral,
            brought=any(isinstance(node, Brought) for node in needs.nodes),
            foreign=any(isinstance(node, AmountIs | Exceeds) for node in needs.nodes),
        )


def _neutral(needs: Needs) -> str | None:
    """A kind whose touchpoints begin a line and are selected by nothing, saying nothing else."""
    profiles = _by_kind(needs, TEXTS, "automated", "details")
    chosen = carried(profiles, needs.kinds, needs.nodes, own=True)
    for name in _named(needs, ~chosen):
        if needs.kinds[name].family != "status" and not needs.kinds[name].role:
            return name
    return None


def _closing(needs: Needs) -> Sequence[str]:
    """The kinds whose touchpoints may close what another condition counts."""
    spans = [node for node in needs.nodes if isinstance(node, Until)]
    profiles = _by_kind(needs)
    masks = [bounds(profiles, needs.kinds, span.selector).possibly for span in spans]
    return _named(needs, np.logical_or.reduce(masks)) if masks else ()


def _by_kind(needs: Needs, absent: Iterable[str] = (), *more: str) -> Profiles:
    """A touchpoint of each kind; of other fields these are absent, and the rest is not known."""
    every = np.arange(len(needs.kinds))
    nothing = Coded(np.zeros(len(every), np.int64), ())
    fields = dict.fromkeys((*absent, *more), nothing)
    return Profiles(every, {"kind": Coded(every, list(needs.kinds)), **fields})


def _named(needs: Needs, mask: Mask) -> list[str]:
    return [name for name, chosen in zip(needs.kinds, mask.tolist(), strict=True) if chosen]


def _columns(needs: Needs, tied: Iterable[str]) -> list[str]:
    names = [*PLAIN, *needs.texts]
    if any(isinstance(node, Total | AmountIs | Exceeds | Convertible) for node in needs.nodes):
        names += ["amount", "currency"]
    if "quantity" in needs.numbers:
        names.append("quantity")
    if needs.automated:
        names.append("automated")
    if needs.details or "placed" not in tied:
        names.append("details")
    return names
