"""The log that all figures of this folder are measured on, made once and kept beside them."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.figures import Size
from tests.benchmarks.files import write_parquet


def parquet(folder: Path, rows: int, supporters: int) -> Path:
    """The log of that size as Parquet: oldest first, supporters as numbers."""
    path = folder / f"touchpoints-{rows}-{supporters}.parquet"
    if not path.exists():
        print(f"making {path.name}", file=sys.stderr)
        beside = path.with_suffix(".part")
        write_parquet(beside, rows, supporters)
        beside.rename(path)
    return path


def whole(folder: Path, size: Size) -> Path:
    """The log at full size."""
    return parquet(folder, size.rows, size.supporters)
