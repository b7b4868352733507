"""A draft of a mapping for an undescribed file, guessed from its columns.

A guess is a draft for a person to read. Of two possible readings it takes one and says so. It never
accepts rows that a mapping should reject (negative amounts, unknown words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl

from ladder.errors import ImportFileError
from ladder.importers.dialect import sniffed
from ladder.importers.file_format import File
from ladder.importers.format_detection import DateStyle, amount_style, date_style, is_in_thousands
from ladder.importers.header_synonyms import (
    FILE_WORDS,
    HEADS,
    KIND_WORDS,
    NOT_THE_DATE,
    plain,
    rank,
)
from ladder.importers.mapping import Mapping
from ladder.importers.money_columns import is_currency
from ladder.importers.placeholders import ADVICE, crowds, is_nobody
from ladder.importers.readers import raw_batches
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from ladder.toml_writer import toml_value

_ROWS: Final = 5000
_MOST_WORDS: Final = 80
"""The most different values of a column of kinds."""

_HALF: Final = 0.5
_NEARLY: Final = 0.9
"""The share of a column that must read as dates if its name does not say so.

With a matching name, `_HALF` is enough for dates and amounts.
"""

_DATED: Final = r"^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}(?:[ T].*)?$"


@dataclass(frozen=True)
class Guess:
    """A draft of a mapping, with remarks to check before it is used.

    `unknown` holds words of the kind column that the draft does not translate, with the kind that
    they resemble ("" for none). Rows with these words would be rejected.
    """

    mapping: Mapping
    remarks: tuple[str, ...]
    unknown: dict[str, str]

    def text(self) -> str:
        """Return the mapping as TOML, with remarks and unknown words as comments."""
        lines = [f"# {remark}\n" for remark in self.remarks]
        text = "".join(lines) + ("\n" if lines else "") + self.mapping.text()
        if self.unknown:
            text += "\n# Words not translated yet; rows that say them are refused. Perhaps:\n"
            text += "# [columns.kind.values]\n"
        pairs = (f"# {toml_value(k)} = {toml_value(v)}\n" for k, v in self.unknown.items())
        return text + "".join(pairs)


def guess(path: str | Path, organisation: Organisation) -> Guess:
    """Read the first rows of a file and propose a mapping for it.

    The organisation decides what the file leaves open: the zone of times without one, and whether
    3/4 is in March or in April.

    Raises:
        ImportFileError: if the file cannot be read at all or has no rows.
    """
    path = Path(path)
    file, remarks = sniffed(path)
    rows = _first_rows(path, file)
    if rows.is_empty():
        message = f"{path}: has no rows, so there is nothing to guess a mapping from"
        raise ImportFileError(message)
    draft = _Draft(path, file, rows, organisation)
    draft.remarks += remarks
    return draft.guess()


def _first_rows(path: Path, file: File) -> pl.DataFrame:
    batches = islice(raw_batches(path, file, _ROWS), 1)
    return pl.concat([batch.cells for batch in batches], how="diagonal")


@dataclass
class _Draft:
    path: Path
    file: File
    rows: pl.DataFrame
    organisation: Organisation
    remarks: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    _repeating: list[str] = field(default_factory=list)

    def guess(self) -> Guess:
        """Guess field after field; a column serves one field."""
        self._when()
        self._how_much()
        self._row_ids()
        self._who()
        for name in ("referrer", "answers_id", "campaign", "channel", "quantity"):
            self._use_named(name)
        self._what()
        tree = {
            "source": _source(self.path),
            "file": self.file,
            "columns": self.columns,
            **self.parts,
        }
        return Guess(Mapping.model_validate(tree), tuple(self.remarks), self.unknown)

    def _by_name(self, name: str) -> list[str]:
        """Return unused columns that could hold that field, the likeliest first."""
        taken = {column for column in self.columns.values() if isinstance(column, str)}
        ranked = [(rank(name, head), head) for head in self.rows.columns if head not in taken]
        ordered = sorted(ranked, key=lambda item: -item[0])
        return [head for score, head in ordered if score and self.rows[head].count()]

    def _use_named(self, name: str) -> None:
        column = self._by_name(name)
        if column and plain(column[0]) in " ".join(HEADS[name]).split():
            self.columns[name] = column[0]

    # -- when -----------------------------------------------------------------------------------

    def _when(self) -> None:
        styles: dict[str, DateStyle] = {}
        named = [head for head in self._by_name("at") if not _is_other_date(head)]
        for head in [*named, *(head for head in self.rows.columns if not _is_other_date(head))]:
            if head not in styles:
                styles[head] = self._dates(head)
            known = head in named and styles[head].share > _HALF
            if known or (styles[head].share > _NEARLY and _is_no_number(self.rows[head])):
                self._keep_dates(head, styles[head])
                self._remark_other_dates(head)
                return
        self.remarks.append("no column of dates was found: name it as at under [columns]")

    def _dates(self, head: str) -> DateStyle:
        return date_style(
            self.rows[head], self.organisation.calendar, month_first=self._month_first()
        )

    def _month_first(self) -> bool:
        return self.organisation.zone.startswith(("America/", "US/"))

    def _keep_dates(self, head: str, style: DateStyle) -> None:
        self.columns["at"] = head
        dates: dict[str, Any] = {"formats": style.formats}
        if style.naive:
            in_utc = "utc" in plain(head)
            dates["zone"] = "UTC" if in_utc else self.organisation.zone
            if not in_utc:
                self.remarks.append(
                    f"times in {head!r} name no zone: {dates['zone']}, the organisation's, is "
                    "taken; change zone under [dates] if another clock wrote them"
                )
        if style.doubtful:
            first = "month" if self._month_first() else "day"
            self.remarks.append(
                f"dates in {head!r} may be day first or month first: {first} first is taken"
            )
        if len(style.formats) > 1:
            named = ", ".join(style.formats)
            self.remarks.append(f"{head!r} holds dates of several formats: {named}")
        if style.share < 1:
            self.remarks.append(f"{1 - style.share:.1%} of the dates in {head!r} cannot be read")
        self.parts["dates"] = dates

    def _remark_other_dates(self, head: str) -> None:
        others = [
            repr(name)
            for name in self.rows.columns
            if name != head and not _is_other_date(name) and _looks_dated(self.rows[name])
        ]
        if others:
            self.remarks.append(
                f"{', '.join(others)} hold dates too: with [[rows]] a row can make several "
                "touchpoints"
            )

    # -- how much -------------------------------------------------------------------------------

    def _how_much(self) -> None:
        for head in self._by_name("amount"):
            style = amount_style(self.rows[head])
            if style.share <= _HALF:
                continue
            self.columns["amount"] = head
            amounts = style.amounts.model_dump(exclude_defaults=True)
            texts = self.rows[head]
            self._remark_amounts(head, texts)
            if style.share < 1:
                odd = f"{1 - style.share:.1%} of the amounts in {head!r}"
                self.remarks.append(f"{odd} cannot be read and would be refused")
            self._currency(amounts)
            if amounts:
                self.parts["amounts"] = amounts
            return

    def _remark_amounts(self, head: str, texts: pl.Series) -> None:
        filled = texts.drop_nulls()
        negative = int(filled.str.contains(r"^\(.*\)$|^[^0-9]*[-\u2212]|-$").sum())
        zero = int(filled.str.contains(r"^[^1-9]*0[^1-9]*$").sum())
        if negative:
            self.remarks.append(
                f"{negative} negative amounts in {head!r} would be refused: "
                'say negative = "refund" under [amounts] if they give gifts back'
            )
        if zero:
            self.remarks.append(
                f'{zero} amounts of 0 in {head!r} would be refused: say zero = "keep" to count them'
            )
        if is_in_thousands(texts):
            self.remarks.append(f"the mark in {head!r} could stand for thousands or for decimals")

    def _currency(self, amounts: dict[str, Any]) -> None:
        for head in self._by_name("currency"):
            codes = self.rows[head].drop_nulls().str.to_uppercase().unique().to_list()
            known = [code for code in codes if is_currency(code)]
            if known:
                self.columns["currency"] = head
                others = [code for code in known if code != self.organisation.currency]
                if others:
                    self.remarks.append(
                        f"{head!r} holds other currencies than {self.organisation.currency} "
                        f"({', '.join(sorted(others))}): a ladder needs [rates] to add them"
                    )
                if len(known) < len(codes):
                    odd = ", ".join(sorted(set(codes) - set(known)))
                    self.remarks.append(f"{odd} in {head!r} is no ISO 4217 code: refused")
                return
        marks = {"$": "USD", "€": "EUR", "£": "GBP"}
        symbol = next((symbol for symbol in amounts.get("symbols", ()) if symbol in marks), None)
        if symbol is not None and marks[symbol] != self.organisation.currency:
            self.remarks.append(
                f"amounts bear {symbol} but are taken for {self.organisation.currency}: "
                f'say currency = "{marks[symbol]}" under [amounts] if they are not'
            )

    # -- who and which ----------------------------------------------------------------------------

    def _row_ids(self) -> None:
        for head in self._by_name("external_id"):
            filled = self.rows[head].drop_nulls()
            if filled.n_unique() == len(filled) > len(self.rows) / 2:
                self.columns["external_id"] = head
                if len(filled) < len(self.rows):
                    missing = len(self.rows) - len(filled)
                    self.remarks.append(f"{missing} rows have no {head!r}: their content serves")
                return
            if rank("external_id", head) > 900:  # noqa: PLR2004
                self._repeating.append(head)
                self.remarks.append(f"{head!r} repeats, so it is not taken for the rows' id")
        self.remarks.append("rows have no id: one is made of each row's content")

    def _who(self) -> None:
        candidates = self._by_name("supporter") or self._repeating[:1]
        if not candidates:
            self.remarks.append("no column of supporters was found: name it under [columns]")
            return
        head = self.columns["supporter"] = candidates[0]
        texts = self.rows[head]
        nobody = sorted(text for text in texts.drop_nulls().unique() if is_nobody(text))
        if nobody:
            self.parts["placeholders"] = {"values": tuple(nobody)}
            self.remarks.append(
                f"{', '.join(nobody)} in {head!r} is no one person: each row is nobody's in "
                "particular, in no count of people and no finding"
            )
        self.remarks += self._crowds(head, nobody)
        if texts.null_count():
            self.remarks.append(
                f"{texts.null_count()} rows have no {head!r} and would be refused: "
                'add "" to values under [placeholders] if they are anonymous'
            )

    def _crowds(self, head: str, nobody: Sequence[str]) -> Iterator[str]:
        """Describe supporters with more touchpoints than one person plausibly has."""
        at = self.columns.get("at")
        if at is None:
            return
        days = pl.col(at).str.split(" ").list.first().alias("day")
        rows = self.rows.select(pl.col(head).alias("supporter"), days).drop_nulls("supporter")
        named = rows.filter(~pl.col("supporter").is_in(list(nobody)))
        for crowd in crowds(named.group_by("supporter", "day").len("touchpoints")):
            yield f"{crowd} {ADVICE}"

    # -- what -----------------------------------------------------------------------------------

    def _what(self) -> None:
        """Find a column of kinds.

        If rows lack an amount, not all are gifts, so fewer known words suffice.
        """
        amount = self.columns.get("amount")
        mixed = amount is None or self.rows[amount].null_count() * 10 > len(self.rows)
        for head in self._by_name("kind"):
            words = self.rows[head].drop_nulls().unique().sort().to_list()
            if not 0 < len(words) <= _MOST_WORDS:
                continue
            kinds = {word: kind for word in words if (kind := _kind_of(word)) is not None}
            if len(kinds) * 2 >= len(words) or (mixed and kinds):
                translated = {word: kind for word, kind in kinds.items() if word != kind}
                cell = {"column": head, "values": translated} if translated else head
                self.columns["kind"] = cell
                self.unknown = {word: _perhaps(word) for word in words if word not in kinds}
                if self.unknown:
                    self.remarks.append(
                        f"{len(self.unknown)} of {len(words)} words in {head!r} are unknown: "
                        "add them to [columns.kind.values], or their rows are refused"
                    )
                return
        self._one_kind()

    def _one_kind(self) -> None:
        name = plain(self.path.name)
        kind = next((kind for word, kind in FILE_WORDS.items() if word in name), None)
        if kind is None and "amount" in self.columns:
            kind = "donation"
        if kind is None and "quantity" in self.columns:
            kind = "volunteer_shift"
        if kind is None:
            advice = "say default or rules under [kinds]"
            self.remarks.append(f"nothing says what the rows are: {advice}")
            return
        self.parts["kinds"] = {"default": kind}
        self.remarks.append(f"every row is taken for a {kind}")


def _source(path: Path) -> str:
    """Return the file's name without endings, dates and counts: the part that stays next month."""
    stem = path.name.split(".")[0].lower()
    words = [word for word in re.split(r"[^a-z]+", stem) if word]
    return "-".join(words) or "import"


def _kind_of(word: str) -> str | None:
    if word in KINDS:
        return word
    return KIND_WORDS.get(plain(word))


def _perhaps(word: str) -> str:
    """Return the kind that a word, or a part of it, resembles; "" for none."""
    parts = [plain(part) for part in re.split(r"\W+", word)]
    known = [KIND_WORDS[part] for part in parts if part in KIND_WORDS]
    known.sort(key=lambda kind: kind == "message")
    similar = get_close_matches(plain(word), KIND_WORDS, n=1, cutoff=0.75)
    kinds = known or [KIND_WORDS[word] for word in similar]
    return kinds[0] if kinds else ""


def _is_other_date(head: str) -> bool:
    return any(part in plain(head) for part in NOT_THE_DATE)


def _looks_dated(texts: pl.Series) -> bool:
    filled = texts.drop_nulls()
    return len(filled) > 0 and bool(filled.str.contains(_DATED).all())


def _is_no_number(texts: pl.Series) -> bool:
    """Whether a column can be dates without a matching name.

    A column of figures only qualifies if all of them could be dates (20240131).
    """
    filled = texts.drop_nulls()
    days = filled.str.contains(r"^(?:19|20)[0-9]{6}$|^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}$")
    return bool(days.all()) or not filled.str.contains(r"^[0-9.]+$").all()
