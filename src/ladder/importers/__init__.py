"""Other systems' exports to touchpoints, with the rows refused and why (extra `bulk`)."""

from __future__ import annotations

from ladder.importers.frame import SCHEMA
from ladder.importers.mapping import Mapping
from ladder.importers.normalising import Batch, read
from ladder.importers.refused import Refused, RefusedFile

__all__ = ["SCHEMA", "Batch", "Mapping", "Refused", "RefusedFile", "read"]
