"""A figure is a ratio with its limit; how times are taken.

Times are the least of several turns: whatever else runs on a machine only ever adds.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GIB = 2**30


@dataclass(frozen=True)
class Size:
    """How much is measured, and how often."""

    rows: int = 1_000_000
    supporters: int = 100_000
    turns: int = 3


@dataclass(frozen=True)
class Figure:
    """A ratio and its limit; `words` say what it is made of."""

    name: str
    ratio: float
    limit: float
    words: str

    @property
    def ok(self) -> bool:
        """Whether it keeps within its limit."""
        return self.ratio <= self.limit

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "over"
        return f"{self.name:<36} {self.ratio:6.2f} {self.limit:6.2f}  {verdict:<5} {self.words}"


def report(figures: Iterable[Figure], *, answers_only: bool = False) -> bool:
    """Print figures as they are measured and return whether all keep within their limits.

    With `answers_only` nothing is over its limit: the benchmark has run and its assertions hold.
    """
    fine = True
    for figure in figures:
        print(figure, flush=True)
        fine = fine and (answers_only or figure.ok)
    return fine


def add_size(parser: argparse.ArgumentParser, size: Size) -> None:
    """Add the options that every benchmark command has."""
    for name in ("rows", "supporters", "turns"):
        parser.add_argument(f"--{name}", type=int, default=getattr(size, name))
    parser.add_argument(
        "--answers-only", action="store_true", help="run everything, judge no limit"
    )


def turns(number: int, ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    """The least seconds of each, taken in turns."""
    pairs = [(timed(ours), timed(theirs)) for _ in range(number)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def middle(times: list[float]) -> float:
    """The median (of an even number, the higher middle)."""
    return sorted(times)[len(times) // 2]


def child(module: str, *arguments: object) -> dict[str, float]:
    """Return the JSON that a module prints, run in a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def peak_memory() -> int:
    """The most memory that this process has had at one time, in bytes.

    On Linux not `ru_maxrss`, which begins with what the parent had when it started us.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
