"""Queries for reasons to contact supporters: open findings, standings and falls ahead.

Needs the extra `bulk`. Every query uses an index alone; no touchpoints are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from ladder.storage import finding_states
from ladder.storage.definitions import succession
from ladder.storage.finding_states import DISMISSED
from ladder.storage.frames import fetch, ids
from ladder.storage.models import SEVERITIES
from ladder.storage.store import Store

OPEN_ENDS: Final = ("until IS NULL", "until > :now")
"""Conditions of an open end, one index range each.

Joined by OR they would not be ranges of the index. The `+` in the query keeps SQLite off the other
index.
"""

_FOUND: Final = {
    "supporter": pl.Int64(), "since": pl.Int64(), "pattern": pl.String(), "severity": pl.String(),
}  # fmt: skip


def open_findings(store: Store, root: int, patterns: Sequence[str], now: int) -> pl.DataFrame:
    """Read `supporter`, `since`, `pattern`, `severity` of the open findings of these patterns.

    Dismissed findings are left out.
    """
    frames = [
        fetch(
            store.connection,
            "SELECT supporter_id, at, pattern, severity FROM {finding} "  # noqa: S608  (own words)
            "WHERE definition_id = :root AND pattern = :pattern AND severity = :severity "
            f"AND retracted_at IS NULL AND +at <= :now AND {ending}",
            _FOUND,
            root=root,
            pattern=pattern,
            severity=severity,
            now=now,
        )
        for pattern in patterns
        for severity in SEVERITIES
        for ending in OPEN_ENDS
    ]
    found = pl.concat([pl.DataFrame(schema=_FOUND), *frames])
    left = dismissed_at(store, root, patterns, now)
    return found.join(left, on=["supporter", "pattern"], how="anti", maintain_order="left")


def dismissed_at(store: Store, root: int, patterns: Sequence[str], at: int) -> pl.DataFrame:
    """Read `supporter`, `pattern` of the findings that are dismissed at an instant."""
    states = finding_states.at(store, root, at)
    rows = [each for each, state in states.items() if state == DISMISSED and each[1] in patterns]
    return pl.DataFrame(rows, {"supporter": pl.Int64, "pattern": pl.String}, orient="row")


def standing_high(store: Store, root: int, height: int, now: int) -> pl.DataFrame:
    """Read `supporter`, `since`, `kind`, `height` of supporters at this height or above.

    `kind` is the kind of the movement that led there.
    """
    schema = ids(("supporter", "since", "height")) | {"kind": pl.String()}
    return fetch(
        store.connection,
        "SELECT m.supporter_id, m.at, p.height, m.kind FROM {place} p "
        "JOIN {movement} m ON m.definition_id = :root AND m.after_id = p.id "
        "WHERE p.definition_id IN :definitions AND p.height >= :height "
        "AND m.retracted_at IS NULL AND m.at <= :now AND (m.until IS NULL OR m.until > :now)",
        schema,
        root=root,
        definitions=_definitions(store, root),
        height=height,
        now=now,
    )


def falls(store: Store, root: int, kinds: Sequence[str], since: int, until: int) -> pl.DataFrame:
    """Read each supporter's first fall in `(since, until)`.

    Columns: `supporter`, `since`, `before`, `after`. Places are their rungs
    ("donating+volunteering"). Movements caused by a definition are no falls.
    """
    schema = {"supporter": pl.Int64(), "since": pl.Int64()}
    found = fetch(
        store.connection,
        "SELECT m.supporter_id, m.at, b.rungs, a.rungs FROM {movement} m "
        "JOIN {place} b ON b.id = m.before_id JOIN {place} a ON a.id = m.after_id "
        "WHERE m.definition_id = :root AND m.kind IN :kinds AND m.at > :since AND m.at < :until "
        "AND m.retracted_at IS NULL AND m.cause <> 'definition'",
        schema | dict.fromkeys(("before", "after"), pl.String()),
        root=root,
        kinds=list(kinds),
        since=since,
        until=until,
    )
    return found.sort("since", "supporter").unique("supporter", keep="first", maintain_order=True)


def _definitions(store: Store, root: int) -> list[int]:
    return [row[0] for row in store.connection.execute(succession(root))]
