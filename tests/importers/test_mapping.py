"""The mapping file: what it may say, and what it says of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.errors import ImportFileError
from ladder.importers import Mapping
from tests.importers.exports import GIFTS, Exports

WHOLE = """
source = "crm"
otherwise = "ignore"

[file]
format = "csv"
encoding = "cp1252"
delimiter = ";"
names = ["a", "b \\"quoted\\"", "tab\\there"]
stop_at = "Total*"

[columns]
supporter = "a"
at = { columns = ["a", "b"], join = "T" }
currency = { value = "EUR" }

[columns.direction]
column = "way"
values = { in = "inbound", "out of" = "outbound" }

[dates]
formats = ["%d.%m.%Y", "iso"]
zone = "Europe/Berlin"

[amounts]
decimal = ","
thousands = " ."
symbols = ["€", "EUR"]
negative = "refund"

[kinds]
default = "donation"
rules = [
  { when = { a = ["x", ""], "c d" = "*" }, kind = "appeal", purposes = ["thank", "ask"] },
  { when = { a = "test" }, ignore = true },
]

[placeholders]
values = ["", "(Anonymous)"]
each = "skip"

[details]
fund = "Fund"
count = { column = "n", type = "integer" }

[[coverage]]
selector = 'outbound and channel("post")'
since = 2020-01-01
until = 2024-01-01T00:00:00Z
source = "crm"

[[rows]]
name = "gift"
where = { a = "*" }

[[rows]]
name = "thanks"
columns = { at = "thanked", amount = "", answers_id = { block = "gift" } }
details = { letter = "Letter" }

[rows.kinds]
default = "thank_you"
rules = [{ when = { a = "x" }, channel = "post", details = { n = 1, ok = true, s = "t" } }]
"""


def refusal(text: str) -> list[str]:
    with pytest.raises(ImportFileError) as caught:
        Mapping.parse(text, "m.toml")
    return str(caught.value).splitlines()


def test_mapping_prints_toml_that_loads_to_an_equal_one() -> None:
    mapping = Mapping.parse(WHOLE)
    assert Mapping.parse(mapping.text()) == mapping
    assert Mapping.parse(mapping.text()).text() == mapping.text()


NAMES = st.text(min_size=1, max_size=8)


@given(
    st.dictionaries(NAMES, NAMES, max_size=4),
    st.dictionaries(NAMES, st.lists(st.text(max_size=5), min_size=1, max_size=3), min_size=1),
    st.lists(NAMES, max_size=3),
)
def test_names_survive_printing(
    values: dict[str, str], when: dict[str, list[str]], symbols: list[str]
) -> None:
    mapping = Mapping.model_validate(
        {
            "source": "crm",
            "columns": {"kind": {"column": "x", "values": values}},
            "kinds": {"rules": [{"when": when, "details": values}]},
            "details": {name: {"column": name, "type": "boolean"} for name in values},
            "amounts": {"symbols": symbols},
        }
    )
    assert Mapping.parse(mapping.text()) == mapping


def test_mapping_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(WHOLE, encoding="utf-8")
    assert Mapping.load(path) == Mapping.parse(WHOLE)
    with pytest.raises(ImportFileError, match="cannot be read"):
        Mapping.load(tmp_path / "none.toml")


def test_source_must_be_named() -> None:
    assert refusal('[columns]\nsupporter = "who"') == [
        "m.toml: 'source' is missing: say source = ..."
    ]


def test_mistake_in_toml_has_its_line() -> None:
    assert "at line 2" in refusal('source = "crm"\n[columns\n')[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[colums]", "m.toml, line 2: unknown key 'colums'; did you mean columns?"),
        (
            '[columns]\nsuporter = "who"',
            "m.toml, line 3: unknown key 'columns.suporter'; did you mean supporter?",
        ),
        (
            'columns = { at = { colum = "x" } }',
            "m.toml, line 2: unknown key 'columns.at.colum'; did you mean column or columns?",
        ),
        (
            "[amounts]\n\nnegative = 'cash'",
            "m.toml, line 4: amounts.negative: input should be 'refuse' or 'refund' (not 'cash')",
        ),
        (
            '[[kinds.rules]]\nwhen = { a = "x" }\n[[kinds.rules]]\nwhen = { a = "y" }\nasks_to = 1',
            "m.toml, line 6: unknown key 'kinds.rules.asks_to'; did you mean asks_for?",
        ),
        (
            '[kinds]\nrules = [\n  { when = { a = "" } },\n  { when = { a = "" }, knd = "y" },\n]',
            "m.toml, line 5: unknown key 'kinds.rules.knd'; did you mean kind?",
        ),
        (
            '[dates]\nformats = ["%d.%m"]',
            (
                "m.toml, line 3: dates.formats: the date format '%d.%m' has no year: add %Y "
                "or %y, or say iso or epoch"
            ),
        ),
        (
            '[file]\nencoding = "cp12"',
            (
                "m.toml, line 3: file.encoding: unknown encoding 'cp12': try utf-8, cp1252, "
                "latin-1, utf-16 or mac-roman"
            ),
        ),
        (
            '[file]\ndelimiter = ";;"',
            "m.toml, line 2: file: delimiter is one character or \"whitespace\", not ';;'",
        ),
        (
            "[file]\nheader = false",
            (
                "m.toml, line 2: file: a file without a header needs names = [...], one for each "
                "column"
            ),
        ),
        (
            '[amounts]\ndecimal = ","\nthousands = ","',
            "m.toml, line 2: amounts: ',' cannot be both the decimal mark and the thousands mark",
        ),
        (
            '[columns]\nat = { column = "a", value = "b" }',
            "m.toml, line 3: columns.at: say exactly one of column, columns, value or block",
        ),
        (
            '[columns]\nkind = { value = "donation" }',
            "m.toml, line 2: columns: one kind for every row is said as default under [kinds]",
        ),
        (
            '[[coverage]]\nselector = "any_touchpoint"\nsince = 2024-01-01T00:00:00',
            (
                "m.toml, line 4: coverage.since: 2024-01-01 00:00:00 has no time zone: add an "
                "offset such as +01:00, or give a date"
            ),
        ),
        (
            '[[rows]]\nname = "a"\n[[rows]]\nname = "a"',
            "m.toml: two [[rows]] blocks are called 'a'",
        ),
        (
            '[[rows]]\nname = "a"\ncolumns = { answers_id = { block = "b" } }',
            "m.toml: block 'a' answers 'b', which must come before",
        ),
    ],
)
def test_mistake_has_its_file_its_line_and_the_nearest_name(line: str, message: str) -> None:
    assert message in refusal(f'source = "crm"\n{line}')


def test_mistakes_of_a_mapping_are_reported_together() -> None:
    assert len(refusal("surce = 1\n[amounts]\nzero = 1\nblank = 2")) == 4


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ('[kinds]\ndefault = "donatoin"', "kinds.default: unknown kind 'donatoin'; did you mean"),
        (
            '[[kinds.rules]]\nwhen = { who = "a" }\nkind = "apeal"',
            "kinds.rules[0].kind: unknown kind 'apeal'; did you mean appeal",
        ),
        ('[dates]\nzone = "Europe/Berln"', "dates.zone: unknown time zone 'Europe/Berln'"),
        ('[amounts]\ncurrency = "EURO"', "amounts.currency: 'EURO' is no ISO 4217 currency code"),
    ],
)
def test_mistake_that_affects_all_rows_is_an_error_before_the_first(
    exports: Exports, part: str, message: str
) -> None:
    mapping = GIFTS.replace('[kinds]\ndefault = "donation"\n', "") + part
    with pytest.raises(ImportFileError) as caught:
        exports.read("who,date,amount\na,2024-01-01,1\n", mapping)
    assert message in str(caught.value)


def test_unknown_columns_are_an_error_with_the_nearest_and_all_names(exports: Exports) -> None:
    with pytest.raises(ImportFileError) as caught:
        exports.read("who,when,amounts\na,2024-01-01,1\n")
    place = exports.folder / "gifts.csv"
    assert str(caught.value).splitlines() == [
        f"{place}: columns.at: no column 'date'",
        f"{place}: columns.amount: no column 'amount'; did you mean amounts?",
        f"{place}: the file's columns are: 'who', 'when', 'amounts'",
    ]


def test_wrong_delimiter_is_guessed_at(exports: Exports) -> None:
    with pytest.raises(ImportFileError, match="only one column: is the delimiter another one"):
        exports.read("who;date;amount\na;2024-01-01;1\n")


def test_duplicate_header_must_be_named_exactly(exports: Exports) -> None:
    text = "who,date,date,amount\na,2024-01-01,2024-02-02,1\n"
    with pytest.raises(
        ImportFileError, match=r"'date' stands 2 times .*say date \(1\) or date \(2\)"
    ):
        exports.read(text)
    second = exports.read(text, GIFTS.replace('"date"', '"date (2)"')).only
    first = exports.read(text, GIFTS.replace('"date"', '"date (1)"')).only
    assert first["at"] < second["at"]


@pytest.mark.parametrize("field", ["supporter", "at"])
def test_supporter_and_time_are_required(exports: Exports, field: str) -> None:
    lines = [line for line in GIFTS.splitlines() if not line.startswith(field)]
    with pytest.raises(ImportFileError, match=f"no column tells {field}"):
        exports.read("who,date,amount\n", "\n".join(lines))


def test_coverage_is_only_carried_along() -> None:
    (coverage,) = Mapping.parse(WHOLE).coverage
    assert coverage.selector == 'outbound and channel("post")'
    assert str(coverage.since) == "2020-01-01"
