"""One way in a process of its own: `python -m tests.benchmarks.peers.children WAY FILE`.

Prints JSON: seconds from the file to movements in memory (imports are not timed), the most memory
that the process has had until then, and a digest of the answer. It imports nothing else that is
large, or a way would be charged with it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import peak_memory

Row = tuple[int, int, str, str]


def rows(answer: Any) -> list[Row]:
    """An answer of whichever type as sorted rows: supporter, instant, rung before and after."""
    return sorted(
        (int(supporter), int(at), str(a), str(b)) for supporter, at, a, b in _rows(answer)
    )


def _rows(answer: Any) -> Iterable[Any]:
    if hasattr(answer, "itertuples"):
        return answer.itertuples(index=False)
    if hasattr(answer, "to_pydict"):
        return zip(*answer.to_pydict().values(), strict=True)
    return answer.rows() if hasattr(answer, "rows") else answer


def main(way: str, file: str) -> None:
    """Measure and print."""
    movements = import_module(f"tests.benchmarks.peers.ways.{way}").movements
    begun = time.perf_counter()
    answer = movements(Path(file))
    if not hasattr(answer, "columns"):
        answer = list(answer)
    seconds = time.perf_counter() - begun
    peak = peak_memory()
    digest = hashlib.sha256(repr(rows(answer)).encode()).hexdigest()
    print(json.dumps({"seconds": seconds, "peak": peak, "digest": digest}))


if __name__ == "__main__":
    main(*sys.argv[1:])
