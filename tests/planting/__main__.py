"""Plant all patterns and count: `python -m tests.planting [--seed N] [--times N] [--write]`."""

from __future__ import annotations

import argparse
import sys

from tests.planting.measuring import World, measured
from tests.planting.page import PAGE, SEED, TIMES, page, table


def main() -> int:
    """Print the table; exit with 1 where something was missed, or anybody accused."""
    parser = argparse.ArgumentParser(prog="python -m tests.planting", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--times", type=int, default=TIMES, help="how often each is planted")
    parser.add_argument("--live", action="store_true", help="by the reference evaluator as well")
    parser.add_argument("--write", action="store_true", help="write the page of the documents")
    asked = parser.parse_args()
    world = World(asked.seed, asked.times)
    found = world.columnar()
    counts = measured(world, found)
    print(table(counts))  # noqa: T201  (a command says what it found)
    wrong = [line for each in counts.values() for line in each.wrong]
    if asked.live and world.live(range(len(world.rows))) != found:
        wrong.append("the two evaluators find different things")
    for line in wrong[:100]:
        print(line, file=sys.stderr)  # noqa: T201
    if asked.write:
        PAGE.write_text(page(), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
