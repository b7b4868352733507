"""The reasons, in words, why a supporter would move: their history evaluated by both ladders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ladder.coverage import Coverage
from ladder.explanations import Tree
from ladder.explanations.differences import Difference, Side, differences
from ladder.language.ladders import Ladder
from ladder.storage.read.histories import StoredHistory
from ladder.storage.store import Store
from ladder.whatif.results import Apart, Reading


@dataclass(frozen=True)
class Reasons:
    """A reader of single histories by two ladders, as of an instant."""

    store: Store
    old: Ladder
    new: Ladder
    covered: tuple[Coverage, ...]
    at: int

    def of(self, supporter_id: int) -> Iterator[Apart]:
        """Yield the deciding rungs.

        If neither rungs nor silence differ, the heights of the rungs decide.
        """
        history = StoredHistory.read(self.store, supporter_id)
        old, new = (
            Side(ladder, history.evaluation(self.store, ladder, self.covered), self.at)
            for ladder in (self.old, self.new)
        )
        different = differences(old, new)
        if not different:
            yield Apart("", "", "the rungs they hold are in another order in the new definition")
        for difference in different:
            yield _apart(difference, old, new)


def _apart(difference: Difference, old: Side, new: Side) -> Apart:
    if difference.rung is None:
        words = f"silence: {_pairs(difference)}"
        return Apart("", "", words, *_readings(difference))
    key, title = difference.rung.key, difference.rung.title or difference.rung.key
    if difference.by_hand:
        words = f"{title}: placed by hand ({new.ladder.placements}, was {old.ladder.placements})"
    elif not new.has(key):
        words = f"{title}: the new definition has no such rung (now {_pairs(difference)})"
    elif not old.has(key):
        words = f"{title}: a new rung ({_pairs(difference)})"
    else:
        words = f"{title}: {_pairs(difference)}"
    return Apart(key, title, words, *_readings(difference))


def _readings(difference: Difference) -> tuple[Reading | None, Reading | None]:
    """Return the first pair of condition trees as data."""
    if not difference.pairs:
        return None, None
    old, new = difference.pairs[0]
    return _reading(old), _reading(new)


def _reading(tree: Tree | None) -> Reading | None:
    if tree is None:
        return None
    return Reading(tree.text, tree.true, _figures_text(tree), tree.requires)


def _figures_text(tree: Tree) -> str:
    return ", ".join(f"{figure.measure} = {figure.value}" for figure in tree.figures)


def _pairs(difference: Difference) -> str:
    return " and ".join(_pair(old, new) for old, new in difference.pairs)


def _pair(old: Tree | None, new: Tree | None) -> str:
    """Describe both sides; an equal figure of both is described once, with both thresholds."""
    if old is None or new is None:
        (there,) = (tree for tree in (old, new) if tree is not None)
        return _tree_text(there)
    if old.figures and _figures_text(old) == _figures_text(new):
        return (
            f"{_figures_text(old)}, {old.requires}, would be {new.requires.removeprefix('needs ')}"
        )
    return f"{_tree_text(old)}; would be {_tree_text(new)}"


def _tree_text(tree: Tree) -> str:
    if tree.figures:
        return f"{_figures_text(tree)}, {tree.requires}"
    return f"{tree.text} is {'true' if tree.true else 'not true'}"
