"""The text form: what it says, and what it answers to mistakes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ladder.documents import vocabulary
from ladder.documents.expression_parser import parse, parse_condition, parse_selector, parse_span
from ladder.errors import DefinitionError
from ladder.language import aggregates, macros
from ladder.language import selectors as s
from ladder.language import spans as p
from ladder.language.nodes import Condition, Selector
from ladder.model.kinds import KINDS, RESERVED, Kind

donation, reply, appeal = s.kind("donation"), s.kind("reply"), s.kind("appeal")
gave = aggregates.count(donation, p.ever) >= 1


def refused(text: str, **lexicon: object) -> str:
    with pytest.raises(DefinitionError) as caught:
        parse(text, **lexicon)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "built"),
    [
        ("count(donation, months(12)) >= 1", aggregates.count(donation, p.months(12)) >= 1),
        ("donation or reply and not appeal", donation | (reply & ~appeal)),
        ('family("money", "time") and inbound', s.family("money", "time") & s.inbound),
        ("where(vip=true, level=2)", s.where(vip=True, level=2)),
        ("appeal.when(count(donation, ever) >= 1)", appeal.when(gave)),
        ("months(1) + days(10) and until(donation)", p.months(1) + p.days(10) & p.until(donation)),
        ("older_than(days(2), months(12))", p.older_than(p.days(2), p.months(12))),
        ("fiscal_year(-1)", p.fiscal_year(-1)),
        ("year()", p.year()),
        ('total(donation, ever) >= "99.50 EUR"', aggregates.total(donation, p.ever) >= "99.5 EUR"),
        (
            'total(donation, ever) > "10" * count(donation, ever)',
            aggregates.total(donation, p.ever) > "10" * aggregates.count(donation, p.ever),
        ),
        ("1 <= count(donation, ever)", aggregates.count(donation, p.ever) >= 1),
        (
            'total(volunteer_shift, ever, of="quantity") >= 2.5',
            aggregates.total(s.kind("volunteer_shift"), p.ever, of="quantity") >= Decimal("2.5"),
        ),
        (
            "share(reply, inbound, ever) > 0.25",
            aggregates.share(reply, s.inbound, p.ever) > Decimal("0.25"),
        ),
        (
            "0.25 < share(reply, inbound, ever)",
            aggregates.share(reply, s.inbound, p.ever) > Decimal("0.25"),
        ),
        ('average(donation, ever) >= "5"', aggregates.average(donation, p.ever) >= "5"),
        ("inactive(donation, months(12))", macros.inactive(donation, p.months(12))),
        ("streak_of_years(donation, years=3)", macros.streak_of_years(donation, 3)),
        ('kind("donation")', donation),
        ("not not donation", donation),
        ("where(level=-3)", s.where(level=-3)),
    ],
)
def test_expression_text_builds_the_objects_of_python(text: str, built: object) -> None:
    assert parse(text) == built


def test_expression_may_run_over_lines_and_hold_comments() -> None:
    text = """
      count(donation, ever) >= 1  # a gift (of any size
        and
          count(reply, ever) >= 1
    """
    assert parse(text) == gave & (aggregates.count(reply, p.ever) >= 1)


def test_decimals_are_read_from_the_text_and_never_as_floats() -> None:
    hours = aggregates.total(donation, p.ever, of="quantity")
    long = "0.1000000000000000055511151231257827021181583404541015625"
    assert parse(f'total(donation, ever, of="quantity") >= {long}') == (hours >= Decimal(long))
    assert parse('total(donation, ever, of="quantity") >= 0.1') == (hours >= Decimal("0.1"))


def test_named_pieces_and_handed_in_macros_are_words_too() -> None:
    def allow_reimport(selector: Selector) -> Condition:
        return aggregates.count(selector, p.ever) >= 2

    names = {"gift": donation, "long": p.years(2), "gifts": aggregates.count(donation, p.ever)}
    assert parse("count(gift, long) >= 2", names=names) == (
        aggregates.count(donation, p.years(2)) >= 2
    )
    assert parse("gifts >= 2 and twice(gift)", names=names, macros={"twice": allow_reimport}) == (
        (aggregates.count(donation, p.ever) >= 2) & (aggregates.count(donation, p.ever) >= 2)
    )


def test_own_kinds_are_bare_names() -> None:
    kinds = KINDS.plus([Kind("adoption", "voice", "inbound")])
    assert parse("adoption or donation", kinds=kinds) == s.kind("adoption") | donation
    assert "unknown name 'adoption'" in refused("adoption or donation")


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("count(donatoin, ever) >= 1", 7, "unknown name 'donatoin'; did you mean donation?"),
        ("counts(donation, ever) >= 1", 1, "unknown name 'counts'; did you mean count?"),
        ('kind("donatoin")', 1, "did you mean donation?"),
        ('family("monney")', 1, "did you mean money?"),
        ("family(money)", 8, 'in quotes: family("money")'),
        ("on_rung(donating)", 9, 'in quotes: on_rung("donating")'),
        ("count(donation) >= 1", 1, "count() lacks its span; write count(selector, span)"),
        ("count(donation, ever, 3) >= 1", 1, "given too much"),
        ("count(donation, ever, by=3) >= 1", 1, "count() has no by"),
        ("count(donation, reply) >= 1", 17, "did you mean until(reply)?"),
        ("until(count(donation, ever) >= 1)", 7, "<selector>.when("),
        ("older_than(ever)", 12, "should be a duration"),
        ("count(donation, months(1.5)) >= 1", 24, "give a whole number"),
        ("months(true)", 8, "whole number"),
        ("months(-1)", 1, "cannot lead backwards"),
        ("days(4000000)", 1, "longer than any calendar"),
        ("hours(100000000)", 1, "longer than any calendar"),
        ("count(donation, ever) & 1", 23, "in text say and"),
        ("count(donation, ever) >= 1 | count(reply, ever) >= 1", 28, "in text say or"),
        ("~donation", 1, "in text say not"),
        ("count(donation, ever) && 1", 24, "say and"),
        ("!donation", 1, "say not"),
        ("1 <= count(donation, ever) <= 3", 1, "one comparison at a time"),
        ("count(donation, ever) != 1", 1, "there is no !="),
        ("count(donation, ever) = 1", 1, "say =="),
        ("count(donation, ever) is 1", 1, "say =="),
        ('"email" in channel', 1, "there is no 'in'"),
        ("donation if reply else appeal", 1, "no if"),
        ("lambda: donation", 1, "macro"),
        ('channel(f"email")', 9, "f-strings"),
        ('channel(b"email")', 9, "neither a number nor text"),
        ("donation.amount", 1, "only .when(condition) may follow a dot"),
        ("donation.filter(reply)", 1, "not .filter"),
        ("donation.when(reply)", 15, "count it over a span: count(reply, months(12)) >= 1"),
        ("(count(donation, ever) >= 1).when(reply)", 1, ".when() follows a selector"),
        ("donation.when()", 1, "takes one condition"),
        ("count(donation, ever) >= 1 and reply", 32, "things of one sort"),
        ("count(donation, ever) and reply", 1, "compare it: count(donation, ever) >= 1"),
        ("not count(donation, ever)", 1, "compare it"),
        ("not 1", 1, "'not' goes before selectors and conditions"),
        ("ever or days(3)", 1, "spans join with 'and' only"),
        ("hours(3) + days(1)", 1, "only days, months, years and end_of add up"),
        ("donation + reply", 1, "+ cannot use a selector"),
        ("count(donation, ever) / 2 >= 1", 23, "no division"),
        ("count(donation, ever) + days(1) >= 1", 1, "cannot join a figure and a duration"),
        ("count(donation, ever) >= 1e3", 26, "plain digits"),
        ("count(donation, ever) >= 0x10", 26, "plain digits"),
        ("count(donation, ever) >= reply", 26, "reply is a selector"),
        ("count(donation, ever) >= true", 26, "true or false"),
        ("3 >= 1", 1, "nothing here is a figure"),
        ("share(reply, inbound, ever) >= share(appeal, inbound, ever)", 1, "with a number"),
        ("share(reply, inbound, ever) >= count(reply, ever)", 1, "not with a figure"),
        ("count(donation, ever) >= 0", 1, "always true"),
        ("count(donation, ever) < 0", 1, "never true"),
        ("total(donation, ever) >= 250", 1, "write the amount like '250 EUR'"),
        ('count(donation, ever) >= "250 EUR"', 1, "give a plain number"),
        ('total(donation, ever) >= "10 EUR" * count(reply, ever) + "5 USD"', 1, "one currency"),
        ("amount_above(10)", 14, 'in quotes: "10"'),
        ('amount_above("ten")', 1, "no amount of money"),
        ("amount_above(count(donation, ever))", 1, "a figure of the same sort"),
        ('amount_above("5" - total(donation, ever))', 1, "can be above zero"),
        ('has_finding("S1", "grave")', 1, "unknown severity"),
        ("credited(donation)", 1, "referred"),
        ("months", 1, "months takes arguments"),
        ("inbound()", 1, "inbound takes no arguments"),
        ("donation()", 1, "donation takes no arguments"),
        ("(donation)(reply)", 1, "takes no arguments"),
        ("donation.when(count(reply, ever) >= 1)(reply)", 1, "cannot be called"),
        ("where(**donation)", 7, "** is not part of the language"),
        ("where(level=1.5)", 13, "the level of where()"),
        ("where()", 1, "at least one"),
        ("in_months(13)", 1, "months from 1 to 12"),
        ('distinct(donation, ever, by="moth") >= 1', 1, "did you mean month?"),
        ('distinct(donation, by="month", ever) >= 1', 36, "come last"),
        ("donation, reply", 11, "a comma has no meaning here"),
        ("gift = donation", 1, "[let]"),
        ("[donation]", 1, "lists are not part"),
        ("donation reply", 1, "something is missing"),
        ("count(donation, ever", 1, "never closed"),
        ("count(donation, ever))", 1, "never opened"),
        ("donation) or until(reply", 1, "never opened"),
        ('channel("email', 9, "never closed"),
        ("", 1, "empty"),
        ("# nothing", 1, "empty"),
        ("donation or", 1, "ends too early"),
        ("-donation", 1, "a sign goes before numbers"),
        ("referred(is_reply)", 1, "only plain selectors"),
        ("is_covered(donation, until(reply))", 1, "of its own length"),
    ],
)
def test_mistake_is_reported_in_plain_words_at_its_place(
    text: str, column: int, words: str
) -> None:
    message = refused(text)
    assert message.startswith(f"line 1, column {column}: "), message
    assert words in message


def test_columns_count_characters_and_lines_count_from_the_text() -> None:
    message = refused('\n  channel("Öffentlichkeit") and\n  channel("Öfen") and donatoin')
    assert message.startswith("line 3, column 23: unknown name 'donatoin'")


@pytest.mark.parametrize("text", ["(" * 300 + "donation" + ")" * 300, "not " * 5000 + "donation"])
def test_absurdly_deep_nesting_is_an_error_and_no_crash(text: str) -> None:
    assert "this" in refused(text)


def test_rung_needs_a_condition_and_coverage_a_selector() -> None:
    assert parse_condition("count(donation, ever) >= 1") == gave
    assert parse_selector("donation") == donation
    assert parse_span("ever") == p.ever
    with pytest.raises(
        DefinitionError, match=r"a condition is needed here, and this is a selector"
    ):
        parse_condition("donation")
    with pytest.raises(DefinitionError, match=r"compare it: count\(donation, ever\) >= 1"):
        parse_condition("count(donation, ever)")
    with pytest.raises(DefinitionError, match="a selector is needed here"):
        parse_selector("ever")
    with pytest.raises(DefinitionError, match=r"did you mean until\(donation\)"):
        parse_span("donation")


def test_macro_that_breaks_is_reported_at_its_place() -> None:
    def broken(selector):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001
        raise TypeError("broken inside")

    message = refused("count(donation, ever) >= 1 and broken(donation)", macros={"broken": broken})
    assert message == "line 1, column 32: broken inside"


def test_language_words_are_reserved_and_no_others() -> None:
    grammar = "when and or not if else for in is as def del try with from import pass class"
    others = {*grammar.split(), "lambda", "return", "while"}
    assert vocabulary.WORDS | set(macros.MACROS) | others == RESERVED


@pytest.mark.parametrize("name", ["year", "count", "inactive", "and", "has_finding", "global"])
def test_kind_may_not_take_the_name_of_a_language_word(name: str) -> None:
    with pytest.raises(DefinitionError, match="a word of the language"):
        Kind(name, "voice")
