"""Build the `Facts` of a part from its rows: voids, refunds, links, currencies, order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from ladder.engines.columnar.amounts import Converter, Cuts, Refund
from ladder.engines.columnar.facts import ELSEWHERE, UNKNOWN, Facts
from ladder.engines.columnar.intervals import Mask, Positions
from ladder.engines.columnar.profiles import CodeColumn, Codes, Profiles, selectable_profiles
from ladder.engines.columnar.projection import Needs
from ladder.engines.columnar.timeline import TONIGHT, Clock
from ladder.model.calendars import FOREVER, Calendar, to_day
from ladder.model.touchpoint_frame import KEY, LINK
from ladder.model.touchpoints import details_of


@dataclass(frozen=True)
class Preparing:
    """The conversion of rows to facts, shared by all parts."""

    requires: Needs
    values: Mapping[str, Sequence[str]]
    clock: Clock
    converter: Converter

    def facts(self, rows: pl.DataFrame, number: Positions, base: int) -> Facts:
        """Build the facts of these rows; `number` holds each row's line."""
        rows = rows.with_columns(pl.Series("number", number))
        rows = self._drop_voids(rows)
        cuts = Cuts.of(self._refunds(rows), self.converter)
        if rows["aside"].any():
            rows = rows.filter(~pl.col("aside"))
        number, at = rows["number"].to_numpy(), rows["at"].to_numpy()
        fields = ("kind", *self.requires.texts, *("automated",) * self.requires.reads_automated)
        fields += ("details",) * bool(self.requires.details)
        profiles = Profiles.of({name: rows[name].to_numpy() for name in fields}, self.values)
        status = self._status(profiles)
        amount, given, foreign = self._amounts(rows)
        quantity, has_quantity = self._quantities(rows)
        target = self._links(rows)
        kept = (
            self._selectable_rows(rows, profiles, status, number, at)
            | foreign
            | self._bearing(rows, target)
        )
        order = _in_order(number, at, np.flatnonzero(kept))
        ids = rows["id"].to_numpy()[order]
        return Facts(
            clock=self.clock,
            base=base,
            supporter=number[order],
            at=at[order],
            ids=ids,
            own=rows["own"].to_numpy()[order],
            person=self._persons(rows)[order],
            status=status[order],
            date_only=rows["date_only"].to_numpy()[order],
            profiles=profiles[order],
            amount=amount[order],
            has_amount=given[order],
            foreign=foreign[order],
            quantity=quantity[order],
            has_quantity=has_quantity[order],
            target=_among(order, target),
            refunded=cuts.refunded_at(ids),
            expires=self._expires(rows, order),
            reductions=cuts.reductions(ids),
            cuts=cuts,
        )

    def _of_role(self, rows: pl.DataFrame, role: str) -> Mask:
        table = np.zeros(len(self.requires.kinds) + 1, np.bool_)
        table[self.requires.kind_codes(role)] = True
        chosen: Mask = table[rows["kind"].to_numpy()]
        return chosen

    def _drop_voids(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Drop voids and the rows that they void; a void of a void has no effect."""
        void = self._of_role(rows, "void")
        if not void.any():
            return rows
        gone = _join_answered(rows, rows.filter(pl.Series(void)).select(LINK))["id"]
        return rows.filter(~pl.Series(void) & ~pl.col("id").is_in(gone.implode()))

    def _refunds(self, rows: pl.DataFrame) -> set[Refund]:
        """Pair each refund, chargeback or failure with the gift that it answers."""
        role = self._of_role(rows, "refund")
        if not role.any():
            return set()
        refund = pl.Series(role)
        back = rows.filter(refund).select(
            *LINK, pl.col("id").alias("back_id"), pl.col("at").alias("back_at"),
            pl.col("amount").alias("back"), pl.col("currency").alias("back_currency"),
        )  # fmt: skip
        gifts = rows.filter(~refund).select(*KEY, "id", "at", "amount", "currency")
        home = self.converter.currency
        named = dict(enumerate((*self.values["currency"], home)))
        pairs = _join_answered(gifts, back).select(
            "id", "back_at", "back_id", "back",
            pl.col("back_currency").replace_strict(named, return_dtype=pl.String),
            "amount", pl.col("currency").replace_strict(named, return_dtype=pl.String), "at",
        )  # fmt: skip
        return set(map(Refund._make, pairs.rows()))

    def _status(self, profiles: Profiles) -> Mask:
        kinds = self.requires.kinds
        return profiles.mask("kind", lambda kind: kinds[kind].family == "status")

    def _amounts(self, rows: pl.DataFrame) -> tuple[Positions, Mask, Mask]:
        """Return amounts in the organisation's currency, their presence, and which are foreign."""
        given = rows["amount"].is_not_null().to_numpy()
        amount, at = rows["amount"].fill_null(0).to_numpy(), rows["at"].to_numpy()
        currency = CodeColumn(rows["currency"].to_numpy(), self.values["currency"])
        converted, foreign = self.converter.columns(amount, given, currency, at)
        return converted, given, foreign

    def _quantities(self, rows: pl.DataFrame) -> tuple[Positions, Mask]:
        """Return quantities and their presence; zeros and False where no condition reads them."""
        if "quantity" not in rows.columns:
            return np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
        given = rows["quantity"]
        return given.fill_null(0).to_numpy(), given.is_not_null().to_numpy()

    def _selectable_rows(
        self,
        rows: pl.DataFrame,
        profiles: Profiles,
        status: Mask,
        number: Positions,
        at: Positions,
    ) -> Mask:
        """Mark the rows that some selector may select, and the first rows of lines."""
        kinds, used = self.requires.kinds, self.requires.nodes
        kept = profiles.rows(selectable_profiles(profiles, kinds, used, own=True))
        if kept.all():
            return kept
        own = rows["own"].to_numpy()
        if not own.all():
            others = profiles.rows(selectable_profiles(profiles, kinds, used, own=False))
            kept = np.where(own, kept, others)
        begins = np.full(int(number.max(initial=0)) + 1, FOREVER, np.int64)
        np.minimum.at(begins, number[~status], at[~status])
        first: Mask = ~status & (at == begins[number])
        return kept | first

    def _persons(self, rows: pl.DataFrame) -> Positions:
        """Number the acting persons: the supporter on own rows, another person on referred rows."""
        if not self.requires.people or rows["own"].all():
            return rows["number"].to_numpy()
        return rows["supporter"].rank("dense").cast(pl.Int64).to_numpy()

    def _links(self, rows: pl.DataFrame) -> Positions | None:
        """Return the row that each row answers: an own one, no later than its instant or day."""
        if not self.requires.links or rows["answers_id"].null_count() == len(rows):
            return None
        named = rows.select(*KEY, *LINK[1:], "own", "id", "at", "date_only").with_row_index("row")
        own = named.filter("own")
        asking = own.drop_nulls("answers_id").select("row", *LINK, "at", "date_only")
        known = own.select(*KEY, to="row", to_at="at", to_id="id")
        pairs = _join_answered(known, asking).sort("to_at", "to_id").unique("row", keep="first")
        at, to_at = pairs["at"].to_numpy(), pairs["to_at"].to_numpy()
        row, to = pairs["row"].to_numpy(), pairs["to"].to_numpy()
        clock, line = self.clock, np.zeros(len(at), np.int64)
        tonight = clock.ends(TONIGHT, line, at, clock.days(at))
        same_day = pairs["date_only"].to_numpy() & (clock.positions(line, to_at) < tonight)
        known_by_then = ((to_at <= at) | same_day) & (row != to)
        target = np.full(len(rows), UNKNOWN, np.int64)
        target[row[known_by_then]] = to[known_by_then]
        return target

    def _bearing(self, rows: pl.DataFrame, target: Positions | None) -> Mask:
        """Mark refunds and rows that an earlier row answers, for the search for causes."""
        bears = np.zeros(len(rows), np.bool_)
        if target is None:
            return bears
        at = rows["at"].to_numpy()
        bears[target[(target >= 0) & (at[target] > at)]] = True
        return bears | self._of_role(rows, "refund")

    def _expires(self, rows: pl.DataFrame, order: Positions) -> Positions | None:
        """Return when placements by hand end: at the end of the day that their details name."""
        kind = list(self.requires.kinds).index("placed")
        placed = np.flatnonzero(rows["kind"].to_numpy()[order] == kind)
        if not len(placed):
            return None
        ends = np.full(len(order), FOREVER, np.int64)
        codes = rows["details"].to_numpy()[order[placed]]
        ends[placed] = placement_ends(codes, self.values["details"], self.clock.calendar)
        return ends


def _among(rows: Positions, target: Positions | None) -> Positions:
    """Renumber the targets among these rows; a target that was not kept becomes ELSEWHERE."""
    if target is None:
        return np.full(len(rows), UNKNOWN, np.int64)
    place = np.full(len(target) + 1, ELSEWHERE, np.int64)
    place[rows] = np.arange(len(rows))
    place[UNKNOWN] = UNKNOWN
    return place[target[rows]]


def _join_answered(rows: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that these links point to, each with its link; few ids are tried first."""
    links = links.drop_nulls(LINK)
    is_answered = pl.col("external_id").is_in(links["answers_id"].unique().implode())
    return rows.filter(is_answered).join(links, left_on=KEY, right_on=LINK)


def placement_ends(codes: Codes, details: Sequence[str], calendar: Calendar) -> Positions:
    """Return when a placement with each of these details ends; FOREVER without an end."""
    different, which = np.unique(codes, return_inverse=True)
    size = len(details)
    ends = [
        _placement_end(details[code], calendar) if code < size else FOREVER
        for code in different.tolist()
    ]
    return np.array(ends, np.int64)[which]


def _placement_end(text: str, calendar: Calendar) -> int:
    until = details_of(text).get("until")
    if not isinstance(until, str):
        return FOREVER
    return calendar.day_end(to_day(date.fromisoformat(until)))


def _in_order(supporter: Positions, at: Positions, rows: Positions) -> Positions:
    """Sort these rows by supporter and instant; rows of one instant keep their order.

    A log is mostly oldest first, so this check costs little. Supporters below 2**16 are sorted by
    counting. (Sorting whole positions is seven times slower.)
    """
    supporter, at = supporter[rows], at[rows]
    if (
        (supporter[1:] > supporter[:-1]) | ((supporter[1:] == supporter[:-1]) & (at[1:] >= at[:-1]))
    ).all():
        return rows
    by_time = np.argsort(at, kind="stable")
    supporter = supporter[by_time]
    if int(supporter.max()) < 2**16:
        supporter = supporter.astype(np.uint16)
    return rows[by_time[np.argsort(supporter, kind="stable")]]
