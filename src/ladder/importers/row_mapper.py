"""One block of a mapping applied to one batch of rows: all fields and all reasons."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ladder.errors import ImportFileError, nearest
from ladder.importers.cells import label, matching, meeting, repeated, text_of
from ladder.importers.content_ids import Occurrences, content_ids
from ladder.importers.date_parsing import instants
from ladder.importers.details import details_of_rows
from ladder.importers.kind_rules import check_kinds, defaults, from_rules, rule_places, spoken
from ladder.importers.mapping import Block, Mapping, Rule
from ladder.importers.mapping_model import Cell
from ladder.importers.money_columns import sums
from ladder.importers.rejections import Reasons
from ladder.model.calendars import Calendar
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation
from ladder.model.touchpoint_frame import SCHEMA

_IDENTITY = ("supporter", "kind", "at", "zone", "amount", "currency", "quantity")
_SPOKEN = ("direction", "purposes", "asks_for", "audience", "automated")


@dataclass(frozen=True)
class Made:
    """The result of a block for a batch: touchpoints with their row numbers, and the reasons."""

    frame: pl.DataFrame
    reasons: dict[int, list[str]]


class BlockReader:
    """A block with everything that it needs, ready for batch after batch."""

    def __init__(
        self, block: Block, mapping: Mapping, organisation: Organisation, kinds: Kinds, place: str
    ) -> None:
        self.block = block
        self._mapping = mapping
        self._own_currency = organisation.currency
        self._calendar: Calendar = organisation.calendar
        self._kinds = kinds
        self._defaults = defaults(kinds)
        self._later = bool(mapping.rows) and block.name != mapping.rows[0].name
        self._occurrences = Occurrences()
        self._marked: set[str] = set()
        where = f"{place}: rows.{block.name}.kinds" if block.name else f"{place}: kinds"
        check_kinds(block.kinds or mapping.kinds, kinds, where)
        for field in ("supporter", "at"):
            if field not in block.columns.cells():
                title = f"block {block.name}: " if block.name else ""
                message = f"{place}: {title}no column tells {field}: say it under [columns]"
                raise ImportFileError(message)

    def asked(self) -> list[tuple[str, str]]:
        """Return every column that the block reads, with the mapping key that names it."""
        cells = self.block.columns.cells()
        wanted = [
            (name, f"columns.{field}") for field, cell in cells.items() for name in cell.reads
        ]
        wanted += [(name, "where") for name in self.block.where]
        wanted += [(name, "kinds.rules") for rule in self._rules() for name in rule.when]
        wanted += [(cell.column, f"details.{key}") for key, cell in self.block.details.items()]
        title = f"rows.{self.block.name}." if self.block.name else ""
        return [(name, f"{title}{asker}") for name, asker in wanted]

    def made(
        self, cells: pl.DataFrame, numbers: pl.Series, earlier: dict[str, pl.DataFrame]
    ) -> Made:
        """Return the touchpoints of these rows, all of which meet the block's condition.

        `earlier` has the results of earlier blocks for the same batch, by name.
        """
        reasons = Reasons(numbers, self.block.name)
        rules = self._rules()
        places = rule_places(cells, rules)
        passed = from_rules(places, rules, "ignore").fill_null(value=False)
        ids = self._ids(cells)
        supporter, nobody = self._supporters(cells, ids, reasons)
        skipped = nobody if self._mapping.placeholders.each == "skip" else nobody & False
        kinds = self._kinds_of(cells, places, reasons)
        columns = self.block.columns
        dated = self._with_dates(cells, reasons)
        money = sums(cells, columns, self._mapping.amounts, self._own_currency, kinds, reasons)
        kinds = self._given_back(kinds, money.given_back)
        said = self._columns_of(cells, places, kinds, money.given_back, reasons)
        answers, source = self._answers(cells, numbers, money.given_back, earlier)
        details = details_of_rows(cells, self.block.details, places, rules, reasons)
        fields = {
            "supporter": supporter,
            "kind": kinds["kind"],
            "at": dated["at"],
            "date_only": dated["date_only"],
            **said,
            "channel": self._free("channel", cells, places),
            "campaign": self._free("campaign", cells, places),
            "amount": money.amount,
            "currency": money.currency,
            "quantity": money.quantity,
            "answers_source": source,
            "answers_id": answers,
            "referrer": self._referrers(cells, supporter, reasons),
            "source": repeated(self._mapping.source, len(cells)),
            "external_id": ids,
            "details": details,
        }
        frame = pl.DataFrame([fields[name].cast(kind).alias(name) for name, kind in SCHEMA.items()])
        kept = ~(passed | skipped)
        good = kept & reasons.clean()
        reason_list = reasons.by_row()
        for number in numbers.filter(~kept).to_list():
            reason_list.pop(number, None)
        numbered = frame.with_columns(numbers.alias("row"))
        facts = self._placeholders(numbered.filter(good & nobody))
        return Made(pl.concat([numbered.filter(good), facts]), reason_list)

    def _placeholders(self, nobody: pl.DataFrame) -> pl.DataFrame:
        """Return touchpoints of kind `placeholder` for these supporters.

        A name that is kept gets one per file, at its first row. The instant is part of its id,
        because another file may begin earlier.
        """
        if self._mapping.placeholders.each == "mark":
            first = nobody.unique("supporter", keep="first", maintain_order=True)
            nobody = first.filter(~pl.col("supporter").is_in(list(self._marked)))
            self._marked.update(nobody["supporter"])
            ids = pl.format("placeholder:{}:{}", "supporter", "at")
        else:
            ids = pl.col("external_id") + ":placeholder"
        unsaid = set(SCHEMA) - {"supporter", "at", "date_only", "source", "external_id"}
        blank = {name: pl.lit(None, SCHEMA[name]) for name in unsaid}
        fields = {"kind": pl.lit("placeholder"), "purposes": pl.lit(""), "external_id": ids}
        return nobody.with_columns(**(blank | fields))

    def _rules(self) -> tuple[Rule, ...]:
        return (self.block.kinds or self._mapping.kinds).rules

    def _ids(self, cells: pl.DataFrame) -> pl.Series:
        """Return the ids of the file, or content ids where they are missing.

        Later blocks append their name, unless they have an id column of their own.
        """
        ids = text_of(cells, self.block.columns.external_id)
        without = ids.is_null()
        if without.any():
            mine = content_ids(
                cells.filter(without), self._identity(cells.columns), self._occurrences
            )
            where = without.arg_true()
            ids = ids.scatter(where, mine) if len(where) < len(ids) else mine
        own = self._mapping.columns.external_id != self.block.columns.external_id
        return ids + f":{self.block.name}" if self._later and not own else ids

    def _identity(self, columns: list[str]) -> list[str]:
        if self._mapping.file.identity:
            return list(self._mapping.file.identity)
        cells = self.block.columns.cells()
        wanted = {name for field in _IDENTITY if field in cells for name in cells[field].reads}
        wanted |= {name for rule in self._rules() for name in rule.when}
        return sorted(wanted) or columns

    def _supporters(
        self, cells: pl.DataFrame, ids: pl.Series, reasons: Reasons
    ) -> tuple[pl.Series, pl.Series]:
        """Return the keys of supporters, and a mask of the rows of placeholders."""
        cell, nobody = self.block.columns.supporter, self._mapping.placeholders
        texts = text_of(cells, cell)
        placeholder = matching(texts, nobody.values)
        where = label(cell, "supporter")
        blank = texts.is_null() & ~placeholder
        advice = 'say values = [""] under [placeholders] if it names no person'
        reasons.add(blank, where, lambda _: f"is blank: {advice}")
        if nobody.each == "refuse":
            reasons.add(placeholder, where, lambda n: f"{texts[n] or ''!r} is no person")
        if nobody.each == "mark":
            return texts.fill_null(f"anonymous:{self._mapping.source}"), placeholder
        one_off = f"anonymous:{self._mapping.source}:" + ids
        return texts.zip_with(~placeholder, one_off), placeholder

    def _kinds_of(self, cells: pl.DataFrame, places: pl.Series, reasons: Reasons) -> pl.DataFrame:
        """Return the kind per row with the defaults of that kind."""
        rules = self.block.kinds or self._mapping.kinds
        cell = self.block.columns.kind
        own = text_of(cells, cell)
        kind_list = from_rules(places, rules.rules, "kind").fill_null(own)
        kind_list = kind_list.zip_with(kind_list.is_not_null(), repeated(rules.default, len(cells)))
        ignored = from_rules(places, rules.rules, "ignore").fill_null(value=False)
        unknown = kind_list.is_not_null() & ~kind_list.is_in(list(self._kinds))
        where = label(cell, "kind")
        reasons.add(unknown, where, lambda n: _unknown(kind_list[n], cell, self._kinds))
        wanted = {name for rule in rules.rules for name in rule.when}
        wanted |= set(cell.reads if cell else ())
        lacking = kind_list.is_null() & ~ignored

        def words(place: int) -> str:
            row = ", ".join(f"{name} = {cells[name][place] or ''!r}" for name in sorted(wanted))
            advice = "add a rule or a default under [kinds]"
            return f"no rule fits {row}: {advice}" if row else f"nothing says what it is: {advice}"

        reasons.add(lacking, where, words)
        return kind_list.to_frame("kind").join(
            self._defaults, on="kind", how="left", maintain_order="left"
        )

    def _given_back(self, kinds: pl.DataFrame, given_back: pl.Series) -> pl.DataFrame:
        """Turn negative amounts into refunds, with the defaults of a refund."""
        if not given_back.any():
            return kinds
        turned = kinds["kind"].set(given_back, "refund").to_frame("kind")
        return turned.join(self._defaults, on="kind", how="left", maintain_order="left")

    def _with_dates(self, cells: pl.DataFrame, reasons: Reasons) -> pl.DataFrame:
        columns = self.block.columns
        zones = None if columns.zone is None else text_of(cells, columns.zone)
        dated = instants(text_of(cells, columns.at), zones, self._mapping.dates, self._calendar)
        reasons.add_texts(dated["problem"], label(columns.at, "at"))
        return dated

    def _columns_of(
        self,
        cells: pl.DataFrame,
        places: pl.Series,
        kinds: pl.DataFrame,
        given_back: pl.Series,
        reasons: Reasons,
    ) -> dict[str, pl.Series]:
        """Return fields with a closed vocabulary: by rule, else by column, else by kind.

        A refund does not take over the fields of its gift (an ask, for example).
        """
        fields = {}
        for field in _SPOKEN:
            own, problem = spoken(cells, self.block.columns, field)
            reasons.add_texts(problem, label(getattr(self.block.columns, field), field))
            texts = from_rules(places, self._rules(), field).fill_null(own)
            texts = texts.set(given_back, None) if given_back.any() else texts
            fields[field] = texts.zip_with(texts.is_not_null(), kinds[field])
        return fields | {"purposes": fields["purposes"].fill_null("")}

    def _free(self, field: str, cells: pl.DataFrame, places: pl.Series) -> pl.Series:
        own = text_of(cells, getattr(self.block.columns, field))
        texts = from_rules(places, self._rules(), field)
        return texts.zip_with(texts.is_not_null(), own)

    def _answers(
        self,
        cells: pl.DataFrame,
        numbers: pl.Series,
        given_back: pl.Series,
        earlier: dict[str, pl.DataFrame],
    ) -> tuple[pl.Series, pl.Series]:
        """Return the id that a row answers, and its source."""
        columns = self.block.columns
        cell = columns.answers_id
        if cell is not None and cell.block is not None:
            known = earlier[cell.block].select("row", "external_id")
            rows = numbers.to_frame("row")
            ids = rows.join(known, on="row", how="left", maintain_order="left")["external_id"]
        else:
            ids = text_of(cells, cell)
        if given_back.any():
            ids = ids.zip_with(~given_back, text_of(cells, columns.refunds))
        sources = text_of(cells, columns.answers_source).fill_null(self._mapping.source)
        return ids, sources.set(ids.is_null(), None)

    def _referrers(self, cells: pl.DataFrame, supporter: pl.Series, reasons: Reasons) -> pl.Series:
        cell = self.block.columns.referrer
        texts = text_of(cells, cell)
        texts = texts.set(matching(texts, self._mapping.placeholders.values), None)
        own = (texts == supporter).fill_null(value=False)
        reasons.add(own, label(cell, "referrer"), lambda n: f"{texts[n]!r} cannot refer themselves")
        return texts


def _unknown(name: str, cell: Cell | None, kinds: Kinds) -> str:
    """Describe an unknown kind, with the nearest words of the mapping and the nearest kinds."""
    words = cell.values if cell is not None else {}
    return f"unknown kind {name!r}{nearest(name, {*words, *kinds})}"


def rows_of(block: Block, cells: pl.DataFrame) -> pl.Series:
    """Return a mask of the rows that meet a block's condition."""
    return meeting(cells, block.where)
