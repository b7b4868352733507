"""Derive ids for rows without one: content hash plus occurrence number.

Equal rows of an export are usually different gifts (several sponsorships on one day), so all are
kept. Reading the same file again, or a longer one of the same history, gives the same ids.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import polars as pl

_BETWEEN = "\x1f"
_NOTHING = "\x00"


class Occurrences:
    """Counts of the contents so far, in 8 bytes per row.

    Sorted runs of 64-bit digests are merged as they grow, because a dict of a million digests would
    take more memory than everything else. Two contents with equal 64 bits would only share a count.
    """

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.uint64]] = []

    def numbered(self, digests: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the occurrence number per digest, from 1 on, counted over all calls."""
        order = np.argsort(digests, kind="stable")
        run = digests[order]
        begins = np.searchsorted(run, run, side="left")
        within = np.arange(1, len(run) + 1) - begins
        for earlier in self._runs:
            within += np.searchsorted(earlier, run, "right") - np.searchsorted(earlier, run, "left")
        result = np.empty(len(run), dtype=np.int64)
        result[order] = within
        self._runs.append(run)
        while len(self._runs) > 1 and len(self._runs[-1]) >= len(self._runs[-2]):
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(np.sort(np.concatenate((before, last)), kind="stable"))
        return result


def content_ids(cells: pl.DataFrame, columns: list[str], occurrences: Occurrences) -> pl.Series:
    """Build an id per row from its texts in these columns: `row-<digest>-<occurrence>`.

    The texts count as they stand in the file, not their meaning. A mapping may change (a kind, a
    zone) and the row is still the same row.
    """
    if not len(cells):
        return pl.Series("id", [], dtype=pl.String)
    texts = cells.select(
        pl.concat_str([pl.col(name).fill_null(_NOTHING) for name in columns], separator=_BETWEEN)
    ).to_series()
    digests = [blake2b(text.encode(), digest_size=12).digest() for text in texts.to_list()]
    whole = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 12)
    heads = np.ascontiguousarray(whole[:, :8]).view(np.uint64).ravel()
    counts = occurrences.numbered(heads)
    return (
        pl.DataFrame({"digest": [digest.hex() for digest in digests], "count": counts})
        .select(pl.format("row-{}-{}", "digest", "count").alias("id"))
        .to_series()
    )
