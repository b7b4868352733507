"""Columnar evaluation at the floor: what Polars needs to scan and sort the same file.

Every turn is a process of its own (`python -m tests.benchmarks.scale.evaluation NAME FILE`), so
that memory is measured too; imports are not timed. Theirs and ours take turns, and the first is
another in every round: a machine grows faster and slower by the minute, and what a figure compares
must have met the same. Of several rounds the middle counts.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from ladder.engines import columnar
from ladder.language.ladders import Ladder
from tests.benchmarks.children import ALDER, COVERAGE, peak_memory
from tests.benchmarks.figures import GIB, Figure, Size, child, middle
from tests.benchmarks.scale import data
from tests.benchmarks.scale.patterns import twenty_eight
from tests.six_patterns import six

MODULE = "tests.benchmarks.scale.evaluation"
STEPS = 3
"""Sizes over which growth is fitted, each ten times as large as the one before."""
PORTIONS = 10


def figures(folder: Path, size: Size) -> Iterator[Figure]:
    """Time and memory as ratios, and how time grows."""
    path = data.whole(folder, size)
    fine = _jittered(path)
    floor, six = _turns(size, ("floor", path), ("six", path))
    yield _time("six patterns", six, floor, 1.2)
    yield _memory("peak memory of that", six, floor, 1)
    floor, many = _turns(size, ("floor", path), ("twenty_eight", path))
    yield _time("28 patterns", many, floor, 2.3)
    floor, exact = _turns(size, ("floor", fine), ("twenty_eight", fine))
    yield _time("28 patterns, microseconds", exact, floor, 3.5)
    (parted,) = _turns(Size(turns=1), ("portions", path))
    words = f"a tenth in memory at one time, {parted['seconds']:.1f} s"
    yield _memory("peak memory in portions", parted, floor, 0.5, words)
    yield _growth(folder, size, six["seconds"])


def _turns(size: Size, *runs: tuple[str, Path]) -> list[dict[str, float]]:
    """The middle of everything that each one measures, none of them from a cold disk."""
    for path in {path for _, path in runs}:
        _into_memory(path)
    taken: list[list[dict[str, float]]] = [[] for _ in runs]
    for turn in range(size.turns):
        for place in (*range(len(runs)),)[:: -1 if turn % 2 else 1]:
            taken[place].append(child(MODULE, *runs[place]))
    return [{key: middle([each[key] for each in run]) for key in run[0]} for run in taken]


def _into_memory(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(2**24):
            pass


def _time(name: str, ours: dict[str, float], floor: dict[str, float], limit: float) -> Figure:
    words = (
        f"{ours['seconds']:.2f} s, {floor['seconds']:.2f} s reading and sorting; "
        f"of a core {ours['busy']:.1f} s, {floor['busy']:.1f} s"
    )
    return Figure(name, ours["seconds"] / floor["seconds"], limit, words)


def _memory(
    name: str, ours: dict[str, float], floor: dict[str, float], limit: float, more: str = ""
) -> Figure:
    words = f"{ours['peak'] / GIB:.2f} GiB, {floor['peak'] / GIB:.2f} GiB reading and sorting"
    return Figure(name, ours["peak"] / floor["peak"], limit, f"{words}; {more}".strip("; "))


def _growth(folder: Path, size: Size, longest: float) -> Figure:
    """The exponent of n in time / log n: 1 is n log n."""
    times = {size.rows: longest}
    for step in range(1, STEPS):
        rows, people = size.rows // 10**step, size.supporters // 10**step
        (found,) = _turns(size, ("six", data.parquet(folder, rows, people)))
        times[rows] = found["seconds"]
    points = [(math.log(n), math.log(t / math.log(n))) for n, t in sorted(times.items())]
    words = ", ".join(f"{n:,} in {t:.2f} s" for n, t in sorted(times.items()))
    return Figure("growth (n log n: 1)", _slope(points), 1, words)


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the best straight line."""
    x0 = sum(x for x, _ in points) / len(points)
    y0 = sum(y for _, y in points) / len(points)
    return sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x, _ in points)


def _jittered(path: Path) -> Path:
    """Return the log with clock times to the microsecond."""
    other = path.with_name(f"{path.stem}-us.parquet")
    if not other.exists():
        print(f"making {other.name}", file=sys.stderr)
        beside = other.with_suffix(".part")
        later = pl.when("date_only").then(0).otherwise(pl.col("id").hash(7) % 1_000_000)
        moved = pl.col("at") + later.cast(pl.Int64)
        pl.scan_parquet(path).with_columns(at=moved).sink_parquet(beside)
        beside.rename(other)
    return other


def _floor(path: Path) -> None:
    pl.scan_parquet(path).sort("supporter", "at").collect()


def _evaluated(path: Path, ladder: Ladder) -> None:
    found = columnar.evaluate(pl.scan_parquet(path), ladder, ALDER, COVERAGE)
    assert found.movements.height > 0 < found.findings.height


def _in_portions(path: Path) -> None:
    history = pl.scan_parquet(path)
    rows = history.select(pl.len()).collect().item() // PORTIONS
    ladder = six()
    found = columnar.evaluate_portions(history, ladder, ALDER, COVERAGE, rows=rows)
    assert sum(each.movements.height for each in found) > 0


def main(name: str, path: str) -> None:
    """Measure one and print it as JSON."""
    ladder = {"six": six(), "twenty_eight": twenty_eight()}.get(name)
    plain: dict[str, Callable[[Path], None]] = {"floor": _floor, "portions": _in_portions}
    begun, busy = time.perf_counter(), time.process_time()
    if ladder is None:
        plain[name](Path(path))
    else:
        _evaluated(Path(path), ladder)
    measured = {"seconds": time.perf_counter() - begun, "busy": time.process_time() - busy}
    print(json.dumps(measured | {"peak": peak_memory()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
