"""From touchpoint frames to a `Table`: voids, refunds, referrers, links, currencies, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from ladder.calendars import FOREVER, SECOND, Calendar, to_day
from ladder.columnar import needs
from ladder.columnar.amounts import Converter, Cuts, worth
from ladder.columnar.clock import Clock
from ladder.columnar.facts import Coded, Table
from ladder.columnar.intervals import Mask, Positions
from ladder.conditions import Logged
from ladder.coverage import Coverage
from ladder.kinds import Kinds
from ladder.ladders import Ladder
from ladder.nodes import Condition, Node
from ladder.organisations import Organisation
from ladder.spans import Hours, days
from ladder.touchpoints import details_of

TONIGHT: Final = days(0)
KEY = ["supporter", "source", "external_id"]
LINK = ["supporter", "answers_source", "answers_id"]
TEXTS = ("kind", "direction", "purposes", "asks_for", "channel", "audience", "campaign")


def prepare(
    frame: pl.DataFrame,
    brought: pl.DataFrame | None,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage],
    conditions: Iterable[Condition],
) -> tuple[Table, pl.Series]:
    """The table of a frame, and the supporter's own name for each supporter number.

    `brought` holds other people's touchpoints that name these supporters as referrer, and what
    voids or refunds them; None means that the frame itself holds everybody.
    """
    used = needs.nodes(conditions)
    kinds = ladder.kinds
    _check_kinds(frame, kinds)
    hers = _happened(frame, kinds)
    others = hers if brought is None else _happened(brought, kinds)
    everything = hers if brought is None else pl.concat([hers, others]).unique("id")
    refunds = _refunds(everything, kinds)
    own = _mark(hers, own=True)
    theirs = _mark(others.filter(pl.col("referrer").is_not_null()), own=False)
    rows = pl.concat([own, theirs]) if theirs.height else own
    rows, names = _numbered(rows)
    calendar = organisation.calendar
    rows = _expiring(rows, calendar)
    cuts = Cuts.of(refunds, organisation.currency)
    clock = _clock(rows, used, calendar, coverage)
    order = _order(rows, clock)
    return _table(rows, order, cuts, clock, used, ladder, organisation), names


def _check_kinds(frame: pl.DataFrame, kinds: Kinds) -> None:
    for kind in frame["kind"].unique().cast(pl.String).to_list():
        kinds.find(kind)


def _happened(frame: pl.DataFrame, kinds: Kinds) -> pl.DataFrame:
    """Without voids and what they say never happened; a void answering a void does nothing."""
    void = pl.col("kind").cast(pl.String).is_in(_of_role(kinds, "void"))
    voids = frame.filter(void)
    if not voids.height:
        return frame
    gone = _answered(frame, voids.select(LINK))["id"]
    return frame.filter(~void & ~pl.col("id").is_in(gone.implode()))


def _answered(frame: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The rows that these links point to, each beside the link; few ids are looked at first."""
    links = links.drop_nulls(LINK)
    asked = pl.col("external_id").is_in(links["answers_id"].unique().implode())
    return frame.filter(asked).join(links, left_on=KEY, right_on=LINK)


def _of_role(kinds: Kinds, role: str) -> list[str]:
    return [kind.name for kind in kinds.values() if kind.role == role]


def _mark(frame: pl.DataFrame, *, own: bool) -> pl.DataFrame:
    """Whose history a row lies in (`line`), and who acted (`supporter`)."""
    line = "supporter" if own else "referrer"
    return frame.with_columns(pl.col(line).alias("line"), pl.lit(own).alias("own"))


def _numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Number the supporters from 0 in the order of their names."""
    names = rows["line"].unique().sort()
    if names.dtype.is_integer() and names.len():
        low, high = int(names.min()), int(names.max())  # type: ignore[arg-type]
        if high - low < 4 * names.len() + 1000:
            every = pl.Series("line", np.arange(low, high + 1), names.dtype)
            return rows.with_columns((pl.col("line").cast(pl.Int64) - low).alias("number")), every
    numbers = pl.DataFrame({"line": names, "number": np.arange(names.len(), dtype=np.int64)})
    return rows.join(numbers, on="line", how="left", maintain_order="left"), names


def _expiring(rows: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """When a placement by hand ends: the end of the day that its details name."""
    placed = pl.col("kind").cast(pl.String) == "placed"
    if not rows.select(placed.any()).item():
        return rows.with_columns(pl.lit(FOREVER, pl.Int64).alias("expires"))
    expires = [_placement_end(text, calendar) for text in rows.filter(placed)["details"].to_list()]
    chosen = np.full(rows.height, FOREVER, np.int64)
    chosen[rows.select(placed.fill_null(value=False)).to_series().to_numpy()] = expires
    return rows.with_columns(pl.Series("expires", chosen))


def _placement_end(text: str | None, calendar: Calendar) -> int:
    until = details_of(text).get("until")
    if not isinstance(until, str):
        return FOREVER
    return calendar.day_end(to_day(date.fromisoformat(until)))


def _refunds(frame: pl.DataFrame, kinds: Kinds) -> pl.DataFrame:
    """What answers a gift with a refund, chargeback or failure, together with that gift."""
    refund = pl.col("kind").cast(pl.String).is_in(_of_role(kinds, "refund"))
    back = frame.filter(refund).select(
        *LINK, pl.col("id").alias("back_id"), pl.col("at").alias("back_at"),
        pl.col("amount").alias("back"), pl.col("currency").alias("back_currency"),
    )  # fmt: skip
    gifts = frame.lazy().select(*KEY, "id", "amount", "currency", "kind").collect()
    return _answered(gifts if back.height else gifts.clear(), back).filter(~refund)


def _clock(
    rows: pl.DataFrame, used: list[Node], calendar: Calendar, coverage: Sequence[Coverage]
) -> Clock:
    """A clock whose unit divides every instant and which reaches past every end."""
    at = rows["at"].to_numpy()
    origin, latest = (int(at.min()), int(at.max())) if len(at) else (0, 0)
    edges = [
        edge
        for each in coverage
        for edge in (each.since, each.until, each.since - 1, each.until - 1)[: _edges(used)]
        if abs(edge) < FOREVER - 1
    ]
    expires = rows["expires"].to_numpy()
    ends = [int(end) for end in np.unique(expires[expires < FOREVER])]
    unit = SECOND
    while unit > 1 and ((at % unit).any() or any(edge % unit for edge in edges)):
        unit //= 1000
    reach = needs.horizon(used, calendar, latest, [*edges, *ends])
    return Clock(calendar, origin // unit * unit, unit, reach, latest)


def _edges(used: list[Node]) -> int:
    """Hours that look back at a gap count from its last microsecond, so the clock must know it."""
    logged = [node for node in used if isinstance(node, Logged)]
    exact = any(isinstance(part, Hours) for node in logged for part in node.walk())
    return 4 if exact else 2


def _order(rows: pl.DataFrame, clock: Clock) -> Positions:
    number, at = rows["number"].to_numpy(), rows["at"].to_numpy()
    if not len(number):
        return np.empty(0, np.int64)
    if int(number.max()) < clock.most_supporters:
        key = clock.positions(number, at)
        if (key[1:] >= key[:-1]).all():
            return np.arange(len(key))
        return np.argsort(key, kind="stable")
    return np.lexsort((at, number))


def _table(
    rows: pl.DataFrame,
    order: Positions,
    cuts: Cuts,
    clock: Clock,
    used: list[Node],
    ladder: Ladder,
    organisation: Organisation,
) -> Table:
    def column(values: Positions) -> Positions:
        return values[order]

    coded = {name: Coded.of(rows[name])[order] for name in TEXTS if name in rows.columns}
    if needs.judges_details(used):
        coded["details"] = Coded.of(rows["details"])[order]
    families = {kind.name: kind.family for kind in ladder.kinds.values()}
    ids = column(rows["id"].to_numpy())
    converter = Converter(ladder, organisation)
    amount, foreign = converter.columns(rows)
    links = _links(rows, order, clock) if needs.reads_links(used) else None
    return Table(
        clock=clock,
        supporter=column(rows["number"].to_numpy()),
        at=column(rows["at"].to_numpy()),
        ids=ids,
        date_only=_flag(rows, "date_only")[order],
        own=rows["own"].to_numpy()[order],
        status=coded["kind"].mask(lambda kind: families[kind] == "status"),
        person=column(_persons(rows)),
        coded=coded,
        flags={
            "automated": _flag(rows, "automated")[order],
            "has_amount": _given(rows, "amount")[order],
            "has_quantity": _given(rows, "quantity")[order],
        },
        amount=column(amount),
        foreign=foreign[order],
        quantity=column(_numbers(rows, "quantity")),
        target=np.full(len(ids), -1, np.int64) if links is None else links,
        refunded=cuts.refunded_at(ids),
        expires=column(rows["expires"].to_numpy()),
        reductions=cuts.reductions(ids, worth(rows, order, converter)),
        cuts=cuts,
        worth=worth(rows, order, converter),
    )


def _flag(rows: pl.DataFrame, name: str) -> Mask:
    if name not in rows.columns:
        return np.zeros(rows.height, np.bool_)
    return rows[name].cast(pl.Boolean).fill_null(value=False).to_numpy()


def _given(rows: pl.DataFrame, name: str) -> Mask:
    if name not in rows.columns:
        return np.zeros(rows.height, np.bool_)
    return rows[name].is_not_null().to_numpy()


def _numbers(rows: pl.DataFrame, name: str) -> Positions:
    if name not in rows.columns:
        return np.zeros(rows.height, np.int64)
    return rows[name].fill_null(0).to_numpy()


def _persons(rows: pl.DataFrame) -> Positions:
    """A number for whoever acted: on own rows herself, on brought rows somebody else."""
    own = rows["own"]
    if own.all():
        return rows["number"].to_numpy()
    return rows["supporter"].rank("dense").cast(pl.Int64).to_numpy()


def _links(rows: pl.DataFrame, order: Positions, clock: Clock) -> Positions:
    """For each row the row that it answers, or -1: her own, not later than its instant or day."""
    target = np.full(rows.height, -1, np.int64)
    if rows["answers_id"].null_count() == rows.height:
        return target
    place = np.empty(rows.height, np.int64)
    place[order] = np.arange(rows.height)
    named = [*KEY, *LINK[1:], "own", "at", "date_only", pl.Series("row", place)]
    own = rows.lazy().select(named).filter("own").collect()
    asking = own.drop_nulls(LINK).drop("source", "external_id", "own")
    known = own.select(*KEY, pl.col("row").alias("to"), pl.col("at").alias("to_at"))
    pairs = _answered(known, asking).sort("to").unique("row", keep="first")
    at, to_at = pairs["at"].to_numpy(), pairs["to_at"].to_numpy()
    row, to = pairs["row"].to_numpy(), pairs["to"].to_numpy()
    dated = _flag(pairs, "date_only")
    ends = np.where(dated, clock.ends(TONIGHT, at, clock.days(at)), at + 1)
    seen = (to_at < ends) & (row != to)
    target[row[seen]] = to[seen]
    return target
