"""Ladders as TOML: what is read, what is written back, and what is said about mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ladder.documents import dump, load, read, read_patterns, read_settings
from ladder.documents.settings import Setting
from ladder.errors import DefinitionError, DefinitionErrorGroup
from ladder.language import aggregates, macros
from ladder.language import conditions as c
from ladder.language import selectors as s
from ladder.language import spans as p
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.nodes import Condition, Selector
from ladder.model.kinds import Kind, Kinds
from ladder.model.money import Rates

SMALL = """\
[ladder]
key = "small"

[[rung]]
key = "donating"
enter = 'count(donation, months(12)) >= 1'
"""

FULL = Path(__file__).with_name("full.toml").read_text(encoding="utf-8")


def refused(text: str) -> DefinitionErrorGroup:
    with pytest.raises(DefinitionErrorGroup) as caught:
        load(text)
    return caught.value


def test_document_loads_to_the_ladder_built_in_python() -> None:
    gift = s.kind("donation") & ~s.in_reply_to(s.kind("pledge"))
    adoption, thanks = s.kind("adoption"), s.kind("thank_you")
    late, later = (p.older_than(p.days(d), p.months(12)) & p.until(thanks) for d in (2, 30))
    assert load(FULL) == Ladder(
        key="full-one",
        title="Über die Leiter",
        ground="not yet",
        placements="cap",
        suppress_when=aggregates.count(s.kind("objected"), p.ever) >= 1,
        sources=("one", "two"),
        own_kinds=(
            Kind(
                "adoption",
                "voice",
                "inbound",
                frozenset({"inform"}),
                "voice",
                "individual",
                automated=False,
                unit="trees",
            ),
        ),
        rungs=(
            Rung(
                key="hearing",
                title="Hearing",
                enter=aggregates.count(adoption, p.months(1) + p.days(10)) >= 1,
                stay=aggregates.count(adoption, p.months(3)) >= 1,
                height=2,
            ),
            Rung(
                key="donating",
                enter=(aggregates.count(gift, p.years(2)) >= 3) & ~c.on_rung("hearing"),
            ),
        ),
        patterns=(
            Pattern(
                key="O1",
                name="unthanked",
                title="A gift without thanks",
                side="organisation",
                grades=(
                    Grade(severity="low", condition=aggregates.count(gift, late) >= 1),
                    Grade(severity="high", condition=aggregates.count(gift, later) >= 1),
                ),
                requires=c.is_covered(s.outbound & s.purpose("thank") | thanks, p.months(12)),
                requires_text="thanks",
                evidence=gift,
                remedy="Thank.",
                caveat="Phones.",
                strength="B",
                source="a source",
                safeguard=True,
                contested=True,
                optional=True,
                attribution="unclear",
                next="thank",
            ),
        ),
        rates=Rates.of(
            "EUR",
            [
                ("USD", date(2024, 1, 1), Decimal("0.91")),
                ("CHF", date(2024, 1, 1), Decimal("1.05")),
            ],
        ),
    )


def test_dumped_ladder_loads_to_an_equal_one() -> None:
    ladder = load(FULL)
    again = load(dump(ladder))
    assert again == ladder
    assert again.fingerprint == ladder.fingerprint
    assert dump(again) == dump(ladder)


@pytest.mark.parametrize(
    "title", ['a "quoted" one', "it's", "two\nlines", "back\\slash", "\x7f\x01"]
)
def test_titles_survive_writing_and_reading(title: str) -> None:
    channel = s.channel(title)
    rung = Rung(key="one", title=title, enter=aggregates.count(channel, p.ever) >= 1)
    ladder = Ladder(key="odd", title=title, rungs=(rung,), sources=(title, "x" * 99))
    assert load(dump(ladder)) == ladder


def test_source_gives_the_place_of_each_part() -> None:
    source = read(FULL).source
    lines = FULL.splitlines()
    for part, key in (
        ("rung hearing", "[[rung]]"),
        ("rung hearing, stay", "stay"),
        ("pattern O1, high", "high"),
        ("pattern O1, requires", "requires"),
        ("suppress_when", "suppress_when"),
    ):
        place = source.place(part)
        assert place is not None
        assert lines[place.line - 1].startswith(key)
    assert source.place("rung donating, stay") == source.place("rung donating")
    assert source.place("rung unheard of") is None


def test_path_is_a_file_and_its_name_is_in_every_message(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(file) == load(SMALL)
    file.write_text(SMALL.replace("donation", "donatoin"))
    with pytest.raises(
        DefinitionErrorGroup, match=r"^mine.toml, line 6, column 16: unknown name 'do"
    ):
        load(file)
    file.write_bytes(b'[ladder]\ntitle = "M\xfcller"\n')
    with pytest.raises(DefinitionErrorGroup, match="not UTF-8"):
        load(file)
    with pytest.raises(DefinitionErrorGroup, match="cannot be read"):
        load(tmp_path / "missing.toml")
    with pytest.raises(DefinitionErrorGroup, match="give Path"):
        load("mine.toml")


def test_rates_may_be_in_a_separate_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SMALL + '[rates]\ncurrency = "EUR"\nfile = "rates.csv"\n')
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,from,rate\nUSD,2024-01-01,0.91\n")
    assert load(file).rates == Rates.of("EUR", [("USD", date(2024, 1, 1), Decimal("0.91"))])
    rates.write_text(
        "currency,from,rate\nUSD,2024-01-01,0.91\nUSD,2024-13-01,1\nCHF,2024-01-01,x\n"
    )
    with pytest.raises(DefinitionErrorGroup) as caught:
        load(file)
    assert "rates.csv, line 3: " in str(caught.value)
    assert "rates.csv, line 4: 'x' is no rate" in str(caught.value)
    rates.write_text("currency,rate\n")
    with pytest.raises(DefinitionErrorGroup, match="lacks the columns from"):
        load(file)
    rates.unlink()
    with pytest.raises(DefinitionErrorGroup, match="cannot be read"):
        load(file)


def test_mistakes_of_a_document_are_reported_together_in_their_order() -> None:
    text = """\
[ladder]
key = "wrong"
titel = "x"
sources = ["a", 3]

[let]
gift = 'donatoin'
donation = 'inbound'
months = 'inbound'
"two words" = 'inbound'
inactive = 'inbound'

[kinds.gardening]
family = "thyme"

[kinds.year]
family = "time"

[[rung]]
key = "Giving"
enter = 'count(gift, ever) >= 1'

[[rung]]
key = "two"
enter = '''
  count(inbound, ever) >= 1
  and count(outbound, evr) >= 1'''
height = "high"

[[rung]]
enter = 'inbound'

[[pattern]]
key = "P"
side = "nobody"
mild = 'x'

[rungs]
"""
    error = refused(text)
    said = [str(each) for each in error.errors]
    assert [line.split(": ", 1) for line in said] == [
        ["line 3, column 1", "unknown key 'titel' in [ladder]; did you mean title?"],
        ["line 4, column 17", "sources lists texts in quotes, not a whole number"],
        ["line 7, column 9", "unknown name 'donatoin'; did you mean donation?"],
        ["line 8, column 1", "[let] cannot name a piece 'donation': that is a kind of touchpoint"],
        ["line 9, column 1", "[let] cannot name a piece 'months': that is a word of the language"],
        [
            "line 10, column 1",
            "[let] cannot name a piece 'two words': use letters, digits and _, a letter first",
        ],
        [
            "line 11, column 1",
            "[let] cannot name a piece 'inactive': that is a word of the language",
        ],
        [
            "line 14, column 10",
            (
                "unknown family 'thyme'; known: money, time, voice, word, signal, commitment, "
                "outreach, service, status"
            ),
        ],
        [
            "line 16, column 1",
            "no kind may be called 'year': that is a word of the language",
        ],
        [
            "line 27, column 23",
            "unknown name 'evr'; did you mean ever?",
        ],
        ["line 28, column 10", "height should be a whole number, not text in quotes"],
        ["line 30, column 1", "[[rung]] lacks its key"],
        [
            "line 31, column 10",
            (
                "a condition is needed here, and this is a selector; "
                "count it over a span: count(inbound, months(12)) >= 1"
            ),
        ],
        [
            "line 34, column 1",
            "a pattern needs a condition: one of info, low, medium, high, critical",
        ],
        [
            "line 35, column 8",
            "unknown side 'nobody'; known: organisation, supporter, relationship",
        ],
        [
            "line 36, column 1",
            (
                "unknown key 'mild' in [[pattern]]; known: key, side, attribution, requires, "
                "evidence, next, strength, safeguard, contested, optional, name, title, rule, "
                "requires_text, remedy, caveat, source, info, low, medium, high, critical"
            ),
        ],
        ["line 38, column 1", "unknown key 'rungs' in a ladder's document; did you mean rung?"],
    ]
    assert str(error).startswith(f"{len(said)} problems\n  line 3, column 1: ")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[ladder]\n", "[ladder\n", "line 1, column 8: this is no TOML: expected ']'"),
        ('key = "small"\n', "", "[ladder] lacks its key"),
        ('key = "small"', 'key = "Big One"', "line 2, column 7: key 'Big One' is refused"),
        ("[ladder]", "[lader]", "unknown key 'lader' in a ladder's document; did you mean ladder?"),
        ('"donating"', '"Donating"', "line 5, column 7: key 'Donating' is refused"),
        ('key = "donating"\n', "", "[[rung]] lacks its key"),
        ("[[rung]]", "[rung]", "line 4, column 1: rung should be written with two brackets"),
        ("enter = 'count(donation, months(12)) >= 1'", "", "[[rung]] lacks its enter"),
        ("'count(donation, months(12)) >= 1'", "3", "enter should be text in quotes"),
        (
            '"small"',
            '"small"\nplacements = "list"',
            "unknown placements 'list'; did you mean lift?",
        ),
        ('"small"', '"small"\nkind = "pyramid"', "unknown kind 'pyramid'; known: rungs, states"),
        (
            "'count(donation, months(12)) >= 1'",
            "'on_rung(\"donating\")'",
            "line 6, column 10: on_rung('donating') must name a rung listed before",
        ),
        (
            "'count(donation, months(12)) >= 1'",
            "'is_covered(donation, ever)'",
            "line 6, column 10: is_covered(…) belongs in a pattern's needs only",
        ),
        (
            "[[rung]]",
            "[[rung]]\nkey = 'donating'\nenter = 'count(reply, ever) >= 1'\n[[rung]]",
            "line 7, column 1: rung donating is defined more than once",
        ),
        ("[[rung]]", "[include]\npatterns = ['O1']\n[[rung]]", "line 5, column 1: [include] finds"),
        ("[[rung]]", "[rates]\n[[rung]]", "[rates] lacks its currency"),
        (
            "[[rung]]",
            "[rates]\ncurrency='EUR'\nrows=[['USD']]\n[[rung]]",
            "line 6, column 7: a row",
        ),
        (
            "[[rung]]",
            "[rates]\ncurrency='EUR'\nrows=[['USD', 2024-01-01, 0.0]]\n[[rung]]",
            "must be above 0",
        ),
        (
            "[[rung]]",
            "[rates]\ncurrency='EUR'\nfile='x.csv'\n[[rung]]",
            "needs a ladder that is a file itself",
        ),
    ],
)
def test_mistake_is_named_at_its_place(old: str, new: str, words: str) -> None:
    assert words in str(refused(SMALL.replace(old, new, 1)))


def test_piece_that_cannot_be_read_is_reported_once() -> None:
    text = SMALL.replace("[[rung]]", "[let]\ngift = 'donatoin'\n[[rung]]")
    text = text.replace("count(donation,", "count(gift,")
    assert len(refused(text).errors) == 1


def test_rung_that_cannot_be_read_does_not_blame_those_above_it() -> None:
    text = SMALL.replace("donation", "donatoin") + (
        "[[rung]]\nkey = 'two'\nenter = 'on_rung(\"donating\")'\n"
    )
    assert [error.place for error in refused(text).errors] == ["line 6, column 16"]


def test_places_are_right_behind_escapes_and_folded_lines() -> None:
    text = SMALL.replace(
        "'count(donation, months(12)) >= 1'",
        '"""\\\n   count(where(tag=\\"\\u00e4\\"), ever) >= 1 and \\\n\n'
        '    count(donatoin, ever) >= 1"""',
    )
    assert "line 9, column 11: unknown name 'donatoin'" in str(refused(text))


def test_macros_are_passed_by_the_caller() -> None:
    def lately(selector: Selector) -> Condition:
        return aggregates.count(selector, p.months(3)) >= 1

    text = SMALL.replace("count(donation, months(12)) >= 1", "lately(donation)")
    assert "unknown name 'lately'" in str(refused(text))
    ladder = load(text, macros={**macros.MACROS, "lately": lately})
    assert ladder.rungs[0].enter == (aggregates.count(s.kind("donation"), p.months(3)) >= 1)
    with pytest.raises(DefinitionErrorGroup, match="that is a macro"):
        load(SMALL + "[let]\nlately = 'inbound'\n", macros={**macros.MACROS, "lately": lately})


def test_patterns_alone_can_be_read_for_others_to_include() -> None:
    patterns = FULL[FULL.index("[[pattern]]") : FULL.index("[rates]")].replace("gift", "donation")
    (found,) = read_patterns(patterns)
    assert found.key == "O1"
    ladder = load("[include]\npatterns = ['O1']\n" + SMALL, pattern_source=OfDocument(patterns))
    assert ladder.patterns == (found,)


@dataclass
class OfDocument:
    """A pattern_source with the patterns of a document."""

    text: str

    def settings(self) -> Mapping[str, Setting]:
        return read_settings(self.text)

    def patterns(self, given: Mapping[str, object], kinds: Kinds) -> tuple[Pattern, ...]:
        return read_patterns(self.text, given=given, kinds=kinds)


SHELF = OfDocument(
    """
[settings.late]
is = 'days(2)'
means = "After how long thanks are late."

[settings.kindnesses]
is = '3'
means = "How many for each request."

[let]
overdue = 'older_than(late, months(12)) and until(thank_you)'

[[pattern]]
key = "A"
name = "unthanked"
side = "organisation"
low = 'count(donation, overdue) >= 1'
requires = 'is_covered(thank_you, months(12))'

[[pattern]]
key = "B"
side = "supporter"
contested = true
low = 'count(thank_you, ever) >= kindnesses'

[[pattern]]
key = "C"
side = "relationship"
optional = true
low = 'has_finding("A")'
"""
)


def included(rest: str) -> Ladder:
    return load("[include]\n" + rest + SMALL, pattern_source=SHELF)


@pytest.mark.parametrize(
    ("rest", "keys"),
    [
        ("patterns = ['default']\n", "A"),
        ("patterns = ['all']\n", "A B C"),
        ("patterns = ['organisation']\n", "A"),
        ("patterns = ['supporter']\n", ""),
        ("patterns = ['C', 'unthanked', 'default']\n", "A C"),
        ("patterns = ['all']\nwithout = ['B']\n", "A C"),
    ],
)
def test_patterns_are_included_by_key_by_name_and_by_group(rest: str, keys: str) -> None:
    assert [pattern.key for pattern in included(rest).patterns] == keys.split()


def test_settings_change_included_patterns() -> None:
    own = "patterns = ['all']\n[settings]\nlate = 'days(5) '\nkindnesses = '4'\n"
    late, more, _ = included(own).patterns
    assert "older_than(days(5), months(12))" in str(late.grades[0].condition)
    assert str(more.grades[0].condition) == "count(thank_you, ever) >= 4"
    assert included("patterns = ['all']\n").patterns != included(own).patterns


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("lat = 'days(5)'", "unknown setting 'lat'; did you mean late"),
        ("late = 'donation'", r"late should be a duration such as days\(2\), not a selector"),
        ("late = 'days(x)'", "unknown name 'x'"),
    ],
)
def test_invalid_setting_is_reported_at_its_place(said: str, words: str) -> None:
    with pytest.raises(DefinitionErrorGroup, match=words) as caught:
        included(f"patterns = ['all']\n[settings]\n{said}\n")
    (error,) = caught.value.errors
    assert error.place.startswith("line 4")


def test_unknown_pattern_is_answered_with_the_nearest() -> None:
    with pytest.raises(DefinitionErrorGroup, match=r"'defualt' ships; did you mean default"):
        included("patterns = ['defualt']\n")


def test_pattern_of_findings_without_its_parts_names_them() -> None:
    with pytest.raises(
        DefinitionErrorGroup, match=r'has_finding\("A"\) asks for a pattern .* take it in'
    ):
        included("patterns = ['C']\n")


def test_errors_of_a_document_are_definition_errors() -> None:
    assert issubclass(DefinitionErrorGroup, DefinitionError)
    assert str(refused(SMALL.replace("donation", "x"))) == "line 6, column 16: unknown name 'x'"
