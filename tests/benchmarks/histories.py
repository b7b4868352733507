"""A synthetic log for measuring: heavy-tailed histories of a dozen kinds, seeded, made in columns.

Not for judging anything but speed: instants are uniform over six years, and nobody's behaviour
follows from anybody else's.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from ladder.model.calendars import DAY, SECOND
from ladder.model.kinds import KINDS

START: Final = 1_514_764_800 * SECOND
"""2018-01-01 UTC."""

YEARS: Final = 6
WEIGHTS: Final = {
    "email_opened": 24,
    "newsletter": 22,
    "donation": 14,
    "appeal": 12,
    "thank_you": 7,
    "receipt": 6,
    "event_attended": 4,
    "petition_signed": 4,
    "email_clicked": 3,
    "volunteer_shift": 2,
    "impact_report": 1,
    "subscribed": 1,
}
"""Share of each kind, in percent."""


def touchpoints(rows: int = 1_000_000, supporters: int = 100_000, seed: int = 7) -> pl.DataFrame:
    """A touchpoint frame, oldest first, as an importer would hand it over."""
    random = np.random.default_rng(seed)
    names = list(WEIGHTS)
    shares = np.array(list(WEIGHTS.values())) / sum(WEIGHTS.values())
    kind = random.choice(len(names), size=rows, p=shares)
    at = np.sort(START + random.integers(0, YEARS * 365 * 86_400, rows) * SECOND)
    frame = pl.DataFrame(
        {
            "supporter": _whose(random, rows, supporters),
            "kind": pl.Series(names).gather(pl.Series(kind)),
            "at": at,
            "number": np.arange(rows),
            "cents": (random.lognormal(3.6, 0.9, rows) * 100).astype(np.int64) + 100,
            "hours": random.integers(1, 17, rows) * 500_000,
            "day": random.random(rows) < 0.3,
        }
    )
    return frame.select(**_columns())


def _whose(random: np.random.Generator, rows: int, supporters: int) -> pl.Series:
    """Return the supporter of each row: a few have very long histories, most a short one."""
    weight = np.minimum(random.pareto(1.3, supporters) + 0.2, 2_000)
    chosen = random.choice(supporters, size=rows, p=weight / weight.sum())
    chosen[:supporters] = np.arange(supporters)[:rows]  # everybody has at least one
    return pl.Series(random.permutation(chosen)).cast(pl.String).str.zfill(7)


def _columns() -> dict[str, Any]:
    """The columns of a touchpoint frame, the kinds' defaults applied."""
    kind, number = pl.col("kind"), pl.col("number")
    money, text = kind.is_in(["donation"]), pl.String
    thanks = kind.is_in(["thank_you", "receipt"])
    return {
        "supporter": "P" + pl.col("supporter"),
        "kind": kind,
        "at": pl.when("day").then(pl.col("at") // DAY * DAY).otherwise("at"),
        "date_only": pl.col("day"),
        "direction": _default("direction"),
        "purposes": _default("purposes").fill_null(""),
        "asks_for": _default("asks_for"),
        "channel": pl.when(kind.str.starts_with("email")).then(pl.lit("email")),
        "audience": _default("audience"),
        "automated": _default("automated") == "True",
        "campaign": pl.when(number % 9 == 0).then("C" + (number % 40).cast(text)),
        "amount": pl.when(money).then("cents"),
        "currency": pl.when(money).then(pl.lit("EUR")),
        "quantity": pl.when(kind == "volunteer_shift").then("hours"),
        "answers_source": pl.when(thanks & (number % 2 == 0)).then(pl.lit("crm")),
        "answers_id": pl.when(thanks & (number % 2 == 0)).then("T" + (number - 5).cast(text)),
        "referrer": pl.when(number % 500 == 0).then("R" + (number % 70).cast(text)),
        "source": pl.lit("crm"),
        "external_id": "T" + number.cast(text),
        "details": pl.when(kind == "petition_signed").then(pl.lit('{"page":"river"}')),
    }


def _default(field: str) -> pl.Expr:
    """Return the default of each kind for a field that a touchpoint omits."""
    values = {}
    for name in WEIGHTS:
        value = getattr(KINDS[name], field)
        words = ",".join(sorted(value)) if isinstance(value, frozenset) else value
        values[name] = None if words is None else str(words)
    return pl.col("kind").replace_strict(values, return_dtype=pl.String)
