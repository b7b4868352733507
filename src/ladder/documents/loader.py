"""The loader from TOML to `Ladder`, which reports all mistakes at once with their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from keyword import iskeyword
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from ladder.documents.absence_checks import find_uncovered, true_of_nothing
from ladder.documents.expression_parser import BROKEN, parse, parse_condition, parse_selector
from ladder.documents.locations import Document, Passage, Place, Source
from ladder.documents.sections import declared_kinds, read_rates
from ladder.documents.settings import PatternSource, Setting, misfit
from ladder.documents.toml_tables import Sheet, Table
from ladder.errors import DefinitionError, DefinitionErrorGroup, LadderError, nearest
from ladder.language.conditions import SEVERITIES
from ladder.language.ladders import ATTRIBUTIONS, SIDES, TOUCHES, Grade, Ladder, Pattern, Rung, Side
from ladder.language.macros import MACROS, Macro
from ladder.model.kinds import KINDS, RESERVED, Kinds

NOTHING = "ask for something that happened, such as count(inbound, ever) >= 1 and …"
"""The remedy for a rung that is true of the empty history."""

SECTIONS = ("ladder", "include", "settings", "kinds", "let", "rung", "pattern", "rates")
_LADDER = ("key", "title", "ground", "kind", "suppress_when", "placements", "sources")
_RUNG = ("key", "title", "enter", "stay", "height")
_PATTERN_TEXTS = ("name", "title", "rule", "requires_text", "remedy", "caveat", "source")
_PATTERN = (
    *("key", "side", "attribution", "requires", "evidence", "next", "strength"),
    *("safeguard", "contested", "optional"),
    *_PATTERN_TEXTS,
    *SEVERITIES,
)


def _on_that_side(side: Side, pattern: Pattern) -> bool:
    return pattern.on and pattern.side == side


GROUPS: Final[Mapping[str, Callable[[Pattern], bool]]] = {
    "default": lambda pattern: pattern.on,
    "all": lambda _: True,
    **{side: partial(_on_that_side, side) for side in SIDES},
}
"""Names of groups of patterns for `[include]`; a side's group has only those on by default."""

Node = TypeVar("Node")
Model = TypeVar("Model")


def load(
    source: Path | str,
    *,
    macros: Mapping[str, Macro] = MACROS,
    pattern_source: PatternSource | None = None,
    trusted: bool = False,
) -> Ladder:
    """Load the ladder that a document defines: a `Path` is a file, a `str` is the text itself.

    `macros` are the functions that expressions may call; pass `{**MACROS, **yours}` to have both.
    `pattern_source` has the patterns that `[include]` names; `ladder.catalogue.read` supplies it. A
    `trusted` text was adopted before (`dump` wrote it), so its sense is not checked again.
    Otherwise rungs that are true of nothing, and patterns whose requirements do not cover the
    absences they rely on, are rejected.

    Raises:
        DefinitionErrorGroup: with all mistakes and their places.
    """
    return read(source, macros=macros, pattern_source=pattern_source, trusted=trusted).ladder


def read(
    source: Path | str,
    *,
    macros: Mapping[str, Macro] = MACROS,
    pattern_source: PatternSource | None = None,
    trusted: bool = False,
) -> Document:
    """Read a ladder's document with the places of all parts and the pieces under `[let]`.

    The parameters and errors are those of `load`.
    """
    return _reader(source, macros, pattern_source, trusted=trusted).document()


def read_patterns(
    source: Path | str,
    *,
    macros: Mapping[str, Macro] = MACROS,
    given: Mapping[str, object] | None = None,
    kinds: Kinds = KINDS,
) -> tuple[Pattern, ...]:
    """Read the patterns of a document without a ladder, for ladders to include.

    `given` are overridden settings by name.
    """
    reader = _reader(source, macros, None, kinds=kinds, given=given)
    patterns = reader.patterns()
    own = kinds.beyond_built_in()
    reader.whole({"key": "patterns", "patterns": patterns, "own_kinds": own})
    reader.sheet.close()
    return patterns


def read_settings(
    source: Path | str, *, macros: Mapping[str, Macro] = MACROS
) -> dict[str, Setting]:
    """Read the settings that the patterns of a document let ladders override."""
    reader = _reader(source, macros, None)
    reader.sheet.close()
    return reader.settings


@dataclass(frozen=True)
class Pieces:
    """A document's sheet, the names that its expressions may use, and its settings."""

    sheet: Sheet
    names: Mapping[str, object]
    settings: Mapping[str, Setting]


def read_pieces(
    source: Path | str,
    *,
    sections: Sequence[str] = SECTIONS,
    names: Mapping[str, object] | None = None,
    given: Mapping[str, object] | None = None,
    kinds: Kinds = KINDS,
) -> Pieces:
    """Read the names under `[settings]` and `[let]` of a document with tables of its own.

    `names` are defined beforehand; `given` are overridden settings. Mistakes are noted in the
    sheet: close it when everything is read.
    """
    reader = _reader(source, MACROS, None, kinds=kinds, given=given, names=names, known=sections)
    return Pieces(reader.sheet, reader.names, reader.settings)


def _reader(
    source: Path | str,
    macros: Mapping[str, Macro],
    pattern_source: PatternSource | None,
    *,
    trusted: bool = False,
    kinds: Kinds = KINDS,
    given: Mapping[str, object] | None = None,
    names: Mapping[str, object] | None = None,
    known: Sequence[str] = SECTIONS,
) -> _Reader:
    folder, name = None, ""
    if isinstance(source, Path):
        folder, name = source.parent, source.name
        text = read_text(source)
    else:
        text = source
        if "\n" not in text and text.endswith(".toml"):
            message = f"{text!r} is read as the text of a ladder: for a file, give Path({text!r})"
            raise DefinitionErrorGroup([DefinitionError(message)])
    sheet = Sheet.of(text, name)
    kinds = kinds.plus(declared_kinds(sheet))
    reader = _Reader(sheet, folder, macros, pattern_source, kinds, trusted, dict(names or {}))
    sheet.table().only(known, "a ladder's document" if known is SECTIONS else "this document")
    reader.read_settings(given or {})
    reader.read_names()
    return reader


def read_text(path: Path) -> str:
    """Read a UTF-8 file.

    Raises:
        DefinitionErrorGroup: the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"this is not UTF-8 (byte {error.start}): save the file as UTF-8"
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
    raise DefinitionErrorGroup([DefinitionError(message, str(path))])


@dataclass
class _Reader:
    sheet: Sheet
    folder: Path | None
    macros: Mapping[str, Macro]
    pattern_source: PatternSource | None
    kinds: Kinds
    trusted: bool
    names: dict[str, object] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def document(self) -> Document:
        """Read the whole document; raise all mistakes together."""
        sheet = self.sheet
        head = sheet.table("ladder")
        self.places["ladder"] = head.place()
        if "ladder" not in sheet.data:
            sheet.wrong((), "a ladder needs its [ladder] table, with a key at least")
        elif head.require("key"):
            head.only(_LADDER, "[ladder]")
        fields: dict[str, Any] = {
            "key": head.text("key", "unnamed"),
            "title": head.text("title"),
            "ground": head.text("ground", "ground"),
            "kind": head.choice("kind", ("rungs", "states"), "rungs"),
            "placements": head.choice("placements", ("ignore", "lift", "hold", "cap"), "lift"),
            "suppress_when": self.expression(
                head, "suppress_when", "suppress_when", parse_condition
            ),
            "sources": tuple(head.texts("sources")),
            "own_kinds": tuple(
                self.kinds[name] for name in sheet.table("kinds").data if name in self.kinds
            ),
            "rungs": self.rungs(),
            "patterns": (*self.read_included(), *self.patterns()),
            "rates": read_rates(sheet, self.folder),
        }
        ladder = self.whole(fields)
        sheet.close()
        assert ladder is not None  # a fault would have been noted and raised  # noqa: S101
        return Document(ladder, self.names, Source(sheet.file, sheet.text, self.places))

    def whole(self, fields: dict[str, Any]) -> Ladder | None:
        """Build the ladder and check its parts against each other; note the mistakes."""
        try:
            ladder = Ladder(**fields)
        except DefinitionErrorGroup as errors:
            if len(fields.get("rungs", ())) < len(list(self.sheet.tables("rung"))):
                return None  # an unreadable rung would cause further errors in parts that name it
            for error in errors.errors:
                place = self.places.get(error.place) or self.sheet.place(("ladder",))
                self.sheet.note(DefinitionError(error.message, str(place)))
        except ValidationError as error:
            self.invalid(self.sheet.table("ladder"), error)
        else:
            if not self.trusted:
                self.sense(ladder)
            return ladder
        return None

    def sense(self, ladder: Ladder) -> None:
        """Note rungs and patterns that could be evaluated but make no sense."""
        for rung in ladder.rungs:
            if true_of_nothing(rung.condition, ladder):
                place = self.places[f"rung {rung.key}, enter"]
                message = f"rung {rung.key} is true of somebody who never did anything: {NOTHING}"
                self.sheet.note(DefinitionError(message, str(place)))
        for pattern in ladder.patterns:
            self.absences(ladder, pattern)

    def absences(self, ladder: Ladder, pattern: Pattern) -> None:
        """Note the absences that a pattern relies on and its requirements do not cover."""
        part = f"pattern {pattern.key}"
        if part not in self.places:  # an read_included pattern was checked in its own document
            return
        place = self.places.get(f"{part}, requires") or self.places[part]
        for message in find_uncovered(pattern, ladder):
            self.sheet.note(DefinitionError(message, str(place)))

    def read_settings(self, given: Mapping[str, object]) -> None:
        """Read the settings that a document of patterns declares: tables with default values."""
        for name, declared in self.sheet.table("settings").data.items():
            if not isinstance(declared, dict):
                continue  # a ladder's own setting, read with its read_included patterns
            table = self.sheet.table("settings", name)
            table.only(("is", "means"), f"[settings.{name}]")
            value = self.expression(table, "is", f"setting {name}", parse)
            self.settings[name] = Setting(name, value, table.text("is"), table.text("means"))
            self.names[name] = given.get(name, BROKEN if value is None else value)

    def said_otherwise(self, known: Mapping[str, Setting]) -> dict[str, object]:
        """Read the ladder's own `[settings]`, which replace default values."""
        table, given = self.sheet.table("settings"), {}
        for name in table.data:
            value = self.expression(table, name, f"setting {name}", parse)
            fault = misfit(name, value, known)
            if value is None:
                continue
            if fault:
                table.wrong(name, fault)
            else:
                given[name] = value
        return given

    def read_names(self) -> None:
        """Read the pieces under `[let]`; a piece may use those before it."""
        table = self.sheet.table("let")
        for name in table.data:
            refusal = self.refusal(name)
            if refusal:
                table.wrong(name, refusal)
                continue
            value = self.expression(table, name, f"let {name}", parse)
            self.names[name] = BROKEN if value is None else value

    def refusal(self, name: str) -> str:
        if name in RESERVED or iskeyword(name):
            return f"[let] cannot name a piece {name!r}: that is a word of the language"
        if not (name.isidentifier() and name.isascii()):
            return f"[let] cannot name a piece {name!r}: use letters, digits and _, a letter first"
        if name in self.kinds:
            return f"[let] cannot name a piece {name!r}: that is a kind of touchpoint"
        if name in self.macros:
            return f"[let] cannot name a piece {name!r}: that is a macro"
        return ""

    def rungs(self) -> tuple[Rung, ...]:
        """Read every `[[rung]]`, leaving out those with mistakes."""
        rungs = []
        for table in self.sheet.tables("rung"):
            part = f"rung {table.text('key')}"
            self.places[part] = table.place()
            table.only(_RUNG, "[[rung]]")
            enter = self.expression(table, "enter", f"{part}, enter", parse_condition)
            stay = self.expression(table, "stay", f"{part}, stay", parse_condition)
            height = table.number("height")
            if table.require("key", "enter") and enter is not None:
                fields = {"key": table.text("key"), "title": table.text("title")}
                rung = self.build(table, Rung, **fields, enter=enter, stay=stay, height=height)
                rungs += [rung] if rung else []
        return tuple(rungs)

    def read_included(self) -> tuple[Pattern, ...]:
        """Read the shipped patterns that `[include]` names."""
        table = self.sheet.table("include")
        table.only(("patterns", "without"), "[include]")
        keys, less = table.texts("patterns"), table.texts("without")
        if not keys and "settings" not in self.sheet.data:
            return ()
        if self.pattern_source is None:
            message = "[include] finds shipped patterns only when read by ladder.catalogue.read"
            table.wrong("patterns", message)
            return ()
        given = self.said_otherwise(self.pattern_source.settings())
        every = self.pattern_source.patterns(given, self.kinds)
        wanted = self.chosen(table, "patterns", keys, every)
        left = self.chosen(table, "without", less, every)
        return tuple(pattern for pattern in every if pattern in wanted and pattern not in left)

    def chosen(
        self, table: Table, name: str, keys: Sequence[str], every: Sequence[Pattern]
    ) -> list[Pattern]:
        """Choose the patterns that are named by key, by name or as a group."""
        patterns: list[Pattern] = []
        known = [*GROUPS, *(pattern.key for pattern in every)]
        for place, key in enumerate(keys):
            belongs = GROUPS.get(key, lambda pattern, key=key: key in (pattern.key, pattern.name))
            several = [pattern for pattern in every if belongs(pattern)]
            if not several and key not in GROUPS:
                message = f"no pattern called {key!r} ships{nearest(key, known)}"
                path = (*table.path, name, place)
                self.sheet.wrong(path, f"{message}; known: {', '.join(known)}")
            patterns += several
        return patterns

    def patterns(self) -> tuple[Pattern, ...]:
        """Read every `[[pattern]]`, leaving out those with mistakes."""
        patterns = []
        for table in self.sheet.tables("pattern"):
            pattern = self.pattern(table)
            patterns += [pattern] if pattern else []
        return tuple(patterns)

    def pattern(self, table: Table) -> Pattern | None:
        part = f"pattern {table.text('key')}"
        self.places[part] = table.place()
        table.only(_PATTERN, "[[pattern]]")
        given = [severity for severity in SEVERITIES if severity in table]
        conditions = [
            (severity, self.expression(table, severity, f"{part}, {severity}", parse_condition))
            for severity in given
        ]
        requires = self.expression(table, "requires", f"{part}, requires", parse_condition)
        evidence = self.expression(table, "evidence", f"{part}, evidence", parse_selector)
        side = table.choice("side", SIDES)
        attribution = table.choice("attribution", ATTRIBUTIONS)
        strength = table.choice("strength", ("A", "B", "C"), "C")
        if not given:
            table.wrong("key", f"a pattern needs a condition: one of {', '.join(SEVERITIES)}")
        whole = table.require("key", "side") and side and given
        if not whole or any(condition is None for _, condition in conditions):
            return None
        return self.build(
            table,
            Pattern,
            key=table.text("key"),
            side=side,
            attribution=attribution,
            next=table.choice("next", TOUCHES),
            strength=strength,
            grades=tuple(Grade(severity=s, condition=c) for s, c in conditions if c is not None),
            requires=requires,
            evidence=evidence,
            safeguard=table.flag("safeguard"),
            contested=table.flag("contested"),
            optional=table.flag("optional"),
            **{name: table.text(name) for name in _PATTERN_TEXTS},
        )

    def expression(
        self, table: Table, key: str, part: str, reads: Callable[..., Node]
    ) -> Node | None:
        """Read an expression; None when it is absent or wrong (which is noted)."""
        passage = table.passage(key)
        if passage is None:
            return None
        self.places[part] = passage.place(_start(passage))
        try:
            return reads(passage, kinds=self.kinds, names=self.names, macros=self.macros)
        except DefinitionError as error:
            self.sheet.note(error)
            return None

    def build(self, table: Table, model: Callable[..., Model], **fields: Any) -> Model | None:  # noqa: ANN401  (the fields of any model)
        """Build a model from fields; None when they are rejected (which is noted)."""
        try:
            return model(**fields)
        except ValidationError as error:
            self.invalid(table, error)
        except LadderError as error:
            self.sheet.note(DefinitionError(str(error), str(table.place())))
        return None

    def invalid(self, table: Table, error: ValidationError) -> None:
        for fault in error.errors():
            key = str(fault["loc"][0]) if fault["loc"] else "key"
            message = f"{key} {fault['input']!r} is refused: {_plainer(fault['msg'])}"
            table.wrong(key, message, value=True)


def _start(passage: Passage) -> int:
    return len(passage.text) - len(passage.text.lstrip())


def _plainer(message: str) -> str:
    if "match pattern" in message:
        return "small letters, digits and _, a letter first"
    return message[:1].lower() + message[1:]
