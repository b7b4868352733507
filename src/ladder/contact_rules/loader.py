"""Read the contact rules from TOML: the shipped ones and an organisation's overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from ladder import catalogue as catalogue_room
from ladder import documents
from ladder.contact_rules.rules import CHANNELS, VERDICTS, Rule, Rules, at_least
from ladder.documents import Pieces, parse
from ladder.documents.absence_checks import find_uncovered
from ladder.documents.settings import Setting, misfit
from ladder.documents.toml_tables import Sheet, Table
from ladder.errors import DefinitionError, nearest
from ladder.language.aggregates import Figure, amount_above
from ladder.language.conditions import SEVERITIES
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.measures import Exceeds
from ladder.language.nodes import Condition
from ladder.language.selectors import channel
from ladder.model.kinds import KINDS, Kinds

SECTIONS: Final = ("settings", "let", "rule", "without")
_TEXTS: Final = ("words", "until", "unknown_words", "source")
_EXPRESSIONS: Final = ("when", "requires", "unknown", "above")
_RULE: Final = ("key", "verdict", "channels", "findings", "alone", *_TEXTS, *_EXPRESSIONS)
_THIS: Final = "this_channel"
_TOLD: Final = {"gift": "gift", "thanks": "thanked", "report": "reported", "ask": "money_ask"}
"""The pieces that date the last gift, thanks, report and request in an answer."""
_QUEUES: Final = (
    *("was_handed_out", "was_thanked", "was_touched", "was_active"),
    *("climbed_lately", "steady_for", "gratitude_height", "falls_within"),
)
"""The pieces that the call queues use."""


def text() -> str:
    """Return the shipped rules as TOML text, to be copied and changed."""
    return files(__package__).joinpath("rules.toml").read_text(encoding="utf-8")


def load(source: Path | str | None = None, *, kinds: Kinds = KINDS) -> Rules:
    """Load the shipped rules with the overrides of a document.

    A `Path` is a file, a `str` its text. `kinds` are those of the ladder with which the rules are
    used (`ladder.model.kinds`).

    Raises:
        DefinitionErrorGroup: with every fault of the document and its place.
    """
    if isinstance(source, Path):
        return _read(documents.read_text(source), source.name, kinds)
    return _read(source, "", kinds)


@lru_cache(maxsize=32)
def _read(own: str | None, file: str, kinds: Kinds) -> Rules:
    """Read the rules, with a cache per text because reading takes longer than answering."""
    theirs = Sheet.of(own or "", file)
    given = _said_otherwise(theirs, kinds)
    theirs.close()
    catalogue = documents.read_pieces(catalogue_room.text("patterns"), given=given, kinds=kinds)
    ours = documents.read_pieces(
        text(), sections=SECTIONS, names=catalogue.names, given=given, kinds=kinds
    )
    more = documents.read_pieces(own or "", sections=SECTIONS, names=ours.names, kinds=kinds)
    more.sheet.file = file
    return _Reader(ours, more, kinds).rules()


def _said_otherwise(sheet: Sheet, kinds: Kinds) -> dict[str, object]:
    """Read the document's own `[settings]`, parsed as the settings that they replace."""
    table, given = sheet.table("settings"), dict[str, object]()
    if not table.data:
        return given
    known: dict[str, Setting] = dict(catalogue_room.settings())
    known |= documents.read_pieces(
        text(),
        sections=SECTIONS,
        names=documents.read_pieces(catalogue_room.text("patterns"), kinds=kinds).names,
    ).settings
    names = {name: setting.value for name, setting in known.items()}
    for name in table.data:
        passage = table.passage(name)
        if passage is None:
            continue
        try:
            value = parse(passage, kinds=kinds, names=names)
        except DefinitionError as error:
            sheet.note(error)
            continue
        fault = misfit(name, value, known)
        if fault:
            table.wrong(name, fault)
        else:
            given[name] = value
    return given


@dataclass(frozen=True)
class _Reader:
    """The shipped document and the organisation's, which share their names."""

    ours: Pieces
    theirs: Pieces
    kinds: Kinds

    def rules(self) -> Rules:
        shipped = {table.text("key"): table for table in self.ours.sheet.tables("rule")}
        own = self._own(shipped)
        left_out = self._left_out([*shipped, *own])
        written, findings = list[Rule](), {}
        for key in dict.fromkeys((*shipped, *own)):
            tables = [table for table in (own.get(key), shipped.get(key)) if table is not None]
            if key in left_out:
                continue
            severity = self._choice(tables, "findings", SEVERITIES)
            if severity:
                findings[key] = at_least(severity)
            written += self._rule(key, tables, by_findings=bool(severity))
        self.ours.sheet.close()
        self.theirs.sheet.close()
        pieces = {name: self.ours.names[piece] for name, piece in _TOLD.items()}
        queues = {name: self.ours.names[name] for name in _QUEUES}
        return Rules(tuple(written), findings, pieces, queues)

    def _own(self, shipped: Mapping[str, Table]) -> dict[str, Table]:
        own: dict[str, Table] = {}
        for table in self.theirs.sheet.tables("rule"):
            table.only(_RULE, "[[rule]]")
            if not table.require("key"):
                continue
            key = table.text("key")
            if key in own:
                table.wrong("key", f"rule {key} is said twice")
            if key not in shipped and not ("findings" in table or table.require("when")):
                near = nearest(key, shipped)
                table.wrong("key", f"no rule called {key!r} ships{near}, so this is a new one")
            own[key] = table
        return own

    def _left_out(self, known: Sequence[str]) -> list[str]:
        table = self.theirs.sheet.table()
        names = table.texts("without")
        for name in names:
            if name not in known:
                near = nearest(name, known)
                message = f"no rule called {name!r}{near}; known: {', '.join(known)}"
                table.wrong("without", message, value=True)
        return names

    def _rule(self, key: str, tables: Sequence[Table], *, by_findings: bool) -> Iterator[Rule]:
        """Yield one rule, or one per channel; the first table takes precedence over the second."""
        channels: list[str | None] = [*_first(tables, "channels").texts("channels")]
        verdict = self._choice(tables, "verdict", VERDICTS) or "not yet"
        texts: dict[str, Any] = {name: _first(tables, name).text(name) for name in _TEXTS}
        for name in channels or [None]:
            names = {} if name is None else {_THIS: _on(name)}
            parts = {name: self._expression(tables, name, names) for name in _EXPRESSIONS}
            if parts["when"] is None and not by_findings:
                continue
            rule = Rule(
                key=key,
                verdict="no" if verdict == "no" else "not yet",
                **texts,
                channel=name,
                holds=None if by_findings else _sure(parts["when"], parts["requires"]),
                unknown=None if by_findings else _unknown(**parts),
                above=self._figure(tables, parts["above"]),
                alone=_first(tables, "alone").flag("alone"),
            )
            self._check_coverage(key, tables, parts)
            yield rule

    def _expression(self, tables: Sequence[Table], name: str, names: Mapping[str, object]) -> Any:  # noqa: ANN401  (a condition, a figure)
        table = _first(tables, name)
        passage = table.passage(name)
        if passage is None:
            return None
        known = {**self.theirs.names, **names}
        try:
            value = parse(passage, kinds=self.kinds, names=known)
        except DefinitionError as error:
            table.sheet.note(error)
            return None
        wanted = Figure if name == "above" else Condition
        if not isinstance(value, wanted):
            what = "a figure such as 2 * total(donation, years(2))"
            table.wrong(name, f"{name} should be {what if name == 'above' else 'a condition'}")
            return None
        return value

    def _figure(self, tables: Sequence[Table], value: Figure | None) -> Exceeds | None:
        if value is None:
            return None
        try:
            made = amount_above(value)
        except DefinitionError as error:
            _first(tables, "above").wrong("above", error.message)
            return None
        return made if isinstance(made, Exceeds) else None

    def _check_coverage(self, key: str, tables: Sequence[Table], parts: Mapping[str, Any]) -> None:
        """Report a rule that relies on absent touchpoints without requiring their coverage."""
        if parts["when"] is None or parts["unknown"] is not None or _protects(tables):
            return
        grade = Grade(severity="info", condition=parts["when"])
        try:
            ladder = Ladder(
                key="rules",
                own_kinds=self.kinds.beyond_built_in(),
                patterns=(
                    Pattern(
                        key="R", side="organisation", grades=(grade,), requires=parts["requires"]
                    ),
                ),
            )
        except DefinitionError as error:
            _first(tables, "when").wrong("when", f"rule {key}: {error}")
            return
        table = _first(tables, "requires")
        for message in find_uncovered(ladder.patterns[0], ladder):
            table.wrong("requires" if "requires" in table else "when", f"rule {key}: {message}")

    def _choice(self, tables: Sequence[Table], name: str, known: Sequence[str]) -> str | None:
        return _first(tables, name).choice(name, known)


def _first(tables: Sequence[Table], name: str) -> Table:
    """Return the first table that has the name, which is the organisation's if it has it."""
    return next((table for table in tables if name in table), tables[-1])


def _protects(tables: Sequence[Table]) -> bool:
    """Check for the verdict "no", which protects the supporter and therefore needs no coverage."""
    return _first(tables, "verdict").text("verdict") == "no"


def _sure(when: Condition, requires: Condition | None) -> Condition:
    return when if requires is None else requires & when


def _unknown(
    when: Condition, requires: Condition | None, unknown: Condition | None, **_: object
) -> Condition | None:
    if unknown is not None:
        return unknown
    return None if requires is None else when & ~requires


def _on(name: str) -> object:
    """Return the selector of a channel; touchpoints that name no channel count as e-mail."""
    if name != "email":
        return channel(name)
    others = channel(*(known for known in CHANNELS if known != "email"))
    return ~others
