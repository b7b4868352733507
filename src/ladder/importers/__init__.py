"""Import of other systems' exports as touchpoints (extra `bulk`).

Rows that cannot be read are returned with reasons.
"""

from __future__ import annotations

from ladder.importers.importer import Batch, read
from ladder.importers.mapping import Mapping
from ladder.importers.mapping_draft import Guess, guess
from ladder.importers.preview import Preview, preview
from ladder.importers.rejections import Refused, RefusedFile
from ladder.model.touchpoint_frame import SCHEMA

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
