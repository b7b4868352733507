"""Other systems' exports to touchpoints, with the rows refused and why (extra `bulk`)."""

from __future__ import annotations

from ladder.frames import SCHEMA
from ladder.importers.guessing import Guess, guess
from ladder.importers.mapping import Mapping
from ladder.importers.normalising import Batch, read
from ladder.importers.previewing import Preview, preview
from ladder.importers.refused import Refused, RefusedFile

__all__ = [
    "SCHEMA",
    "Batch",
    "Guess",
    "Mapping",
    "Preview",
    "Refused",
    "RefusedFile",
    "guess",
    "preview",
    "read",
]
