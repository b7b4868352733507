"""The touchpoint frame: what importers hand on, storage takes in and the columnar room reads."""

from __future__ import annotations

from typing import Final

import polars as pl

SCHEMA: Final[dict[str, pl.DataType]] = {
    "supporter": pl.String(),
    "kind": pl.String(),
    "at": pl.Int64(),
    "date_only": pl.Boolean(),
    "direction": pl.String(),
    "purposes": pl.String(),
    "asks_for": pl.String(),
    "channel": pl.String(),
    "audience": pl.String(),
    "automated": pl.Boolean(),
    "campaign": pl.String(),
    "amount": pl.Int64(),
    "currency": pl.String(),
    "quantity": pl.Int64(),
    "answers_source": pl.String(),
    "answers_id": pl.String(),
    "referrer": pl.String(),
    "source": pl.String(),
    "external_id": pl.String(),
    "details": pl.String(),
}
"""`at` in microseconds since 1970 UTC, `amount` in minor units of `currency`, `quantity` in
millionths of the kind's unit, `purposes` sorted and joined by commas, `details` canonical JSON."""
