"""The table of hits and misses, for people and for the documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ladder import catalogue
from tests.planting.measuring import Count, World, measured

PAGE = Path(__file__).parents[2] / "docs" / "patterns" / "hits-and-misses.md"
SEED, TIMES = 2026, 20
"""What the page was made with."""

HEAD = """\
# Hits and misses

Each pattern was planted in made-up lives, with noise around it: opened mails, receipts, letters
that do not matter to it. Beside each stands the near miss: the same life, saved by one thing
(thanks in time, a report between, an answer). And there are lives in which both sides give and
take, where nothing is to be found. The planters follow the prose of the patterns with calendar
arithmetic of their own, and both evaluators are asked.

*Hit*: found from the very instant on at which it was planted, and as severe. *Accused*: found
where it was not planted: in a near miss, or in a life that was treated well. Every relationship
is in some mode, so the modes (M) are counted in near misses only. What else is true in a life in
which something was planted nobody wrote down, and it is not counted.

`python -m tests.planting` prints the table; `--seed` and `--times` draw other lives, `--write`
writes this page.

| pattern | | planted | hit | recall | clean | accused | precision |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""

LIMITS = """
Of the planted ones recall and precision are 1.0, as they should be: that says that the patterns
mean what their pages say, to the day, and not that the world behaves like the planters. What a
log does not hold (a call that nobody wrote down) is planted by nobody; for that there are
declarations, and "not assessable".
"""


def table(counts: Mapping[str, Count]) -> str:
    """One line for each pattern."""
    titles = {each.key: each.title for each in catalogue.patterns()}
    return "\n".join(
        f"| {key} | {titles[key]} | {each.planted} | {each.hit} | {each.recall:.3f} "
        f"| {each.clean} | {each.accused} | {each.precision:.3f} |"
        for key, each in counts.items()
    )


def page() -> str:
    """The whole page."""
    world = World(SEED, TIMES)
    people = len(world.rows)
    acts = sum(map(len, world.rows))
    drawn = f"\nMade of {people:,} lives with {acts:,} touchpoints (seed {SEED}, {TIMES} turns).\n"
    return HEAD + table(measured(world, world.columnar())) + "\n" + drawn + LIMITS
