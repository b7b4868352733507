"""The table of hits and misses, for people and for the documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ladder import catalogue
from tests.planting.measuring import Count, World, measured

PAGE = Path(__file__).parents[2] / "docs" / "patterns" / "hits-and-misses.md"
SEED, TIMES = 2026, 20
"""The arguments that the page was made with."""

HEAD = """\
# Hits and misses

Each pattern is planted in generated histories, with noise around it: opened mails, receipts,
letters that do not affect it. Each has a near miss: the same history except for one touchpoint
that prevents the pattern (thanks in time, a report in between, an answer). Other histories are
balanced, and nothing is to be found in them. The generators follow the prose of the patterns with
their own calendar arithmetic, and both evaluators are tested.

*Hit*: found from the planted instant on, with the planted severity. *Accused*: found where it was
not planted: in a near miss, or in a balanced history. Every relationship is in some mode, so the
modes (M) are counted in near misses only. Other findings in a history with a planted pattern are
not counted.

`python -m tests.planting` prints the table; `--seed` and `--times` draw other histories, `--write`
writes this page.

| pattern | | planted | hit | recall | clean | accused | precision |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""

LIMITS = """
Recall and precision on planted histories are 1.0, as they should be. That shows that the patterns
mean what their pages say, to the day. It does not show that the world behaves like the generators.
No generator plants what a log does not hold (a call that nobody recorded); coverage declarations
and "not assessable" exist for that.
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
    drawn = (
        f"\nMade of {people:,} histories with {acts:,} touchpoints (seed {SEED}, {TIMES} turns).\n"
    )
    return HEAD + table(measured(world, world.columnar())) + "\n" + drawn + LIMITS
