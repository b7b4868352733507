"""Touchpoints of a row: kinds by rules, placeholders, refunds, several at once, details."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.importers import SCHEMA
from ladder.importers.cells import matching
from ladder.importers.details import details_of_rows
from ladder.importers.kind_rules import rule_places
from ladder.importers.mapping import Detail, Rule
from ladder.importers.rejections import Reasons
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import details_text
from tests.importers.exports import GIFTS, Exports, at

LOG = """
source = "log"
columns = { supporter = "who", at = "day", channel = "channel", external_id = "id" }
"""


def test_frame_has_exactly_the_contracts_columns(exports: Exports) -> None:
    for text in ("who,date,amount\n", "who,date,amount\nada,2024-01-01,5\n"):
        frame = exports.read(text).frame
        assert dict(frame.schema) == SCHEMA


def test_plain_gift_becomes_a_touchpoint(exports: Exports) -> None:
    gift = exports.gift("2024-05-01", "12.50").only
    made_up = gift.pop("external_id")
    assert made_up.startswith("row-")
    assert at(gift.pop("at")) == "2024-04-30 22:00:00"
    assert gift == {
        "supporter": "ada",
        "kind": "donation",
        "date_only": True,
        "direction": "inbound",
        "purposes": "",
        "asks_for": None,
        "channel": None,
        "audience": None,
        "automated": None,
        "campaign": None,
        "amount": 1250,
        "currency": "EUR",
        "quantity": None,
        "answers_source": None,
        "answers_id": None,
        "referrer": None,
        "source": "crm",
        "details": None,
    }


def test_first_rule_that_fits_wins_then_the_column_then_the_default(exports: Exports) -> None:
    mapping = (
        LOG.replace("}", ', kind = "what" }')
        + """
    [kinds]
    default = "message"
    rules = [
        { when = { what = "letter", note = "*thank*" }, kind = "thank_you" },
        { when = { what = ["letter", "mail"] }, kind = "appeal" },
    ]
    """
    )
    text = (
        "id,who,day,what,channel,note\n"
        "1,a,2024-01-01,letter,,we thank you\n"
        "2,a,2024-01-01,letter,,\n"
        "3,a,2024-01-01,mail,,\n"
        "4,a,2024-01-01,newsletter,,\n"
        "5,a,2024-01-01,,,\n"
    )
    result = exports.read(text, mapping)
    assert result.column("kind") == ["thank_you", "appeal", "appeal", "newsletter", "message"]


def test_rule_says_more_than_a_kind_and_goes_over_the_columns(exports: Exports) -> None:
    mapping = (
        LOG
        + """
    [[kinds.rules]]
    when = { what = "thask" }
    kind = "thank_you"
    purposes = "thank, ask"
    asks_for = "money"
    channel = "post"
    audience = "individual"
    automated = false
    campaign = "spring"
    direction = "outbound"
    details = { letter = 7 }
    """
    )
    row = exports.read("id,who,day,what,channel\n1,a,2024-01-01,thask,email\n", mapping).only
    assert (row["purposes"], row["asks_for"], row["channel"]) == ("ask,thank", "money", "post")
    assert (row["audience"], row["automated"], row["campaign"]) == ("individual", False, "spring")
    assert row["details"] == '{"letter":7}'


def test_kinds_defaults_fill_missing_fields(exports: Exports) -> None:
    mapping = LOG.replace("}", ', kind = "what" }')
    text = "id,who,day,what,channel\n1,a,2024-01-01,appeal,\n2,a,2024-01-01,receipt,\n"
    appeal, receipt = exports.read(text, mapping).rows
    assert (appeal["direction"], appeal["purposes"], appeal["asks_for"]) == (
        "outbound",
        "ask",
        "money",
    )
    assert (receipt["purposes"], receipt["automated"]) == ("receipt", True)


def test_columns_may_tell_every_field_and_are_held_to_the_known_words(exports: Exports) -> None:
    mapping = """
    source = "log"
    [columns]
    supporter = "who"
    at = "day"
    direction = { column = "way", values = { in = "inbound", out = "outbound" } }
    purposes = "why"
    asks_for = "for"
    audience = "to"
    automated = "auto"
    [kinds]
    default = "message"
    """
    result = exports.read(
        "who,day,way,why,for,to,auto\n"
        'a,2024-01-01,out,"thank, ask",Money,broadcast,Ja\n'
        "a,2024-01-01,sideways,asks,time,all,maybe\n",
        mapping,
    )
    (row,) = result.rows
    assert (row["direction"], row["purposes"], row["asks_for"]) == (
        "outbound",
        "ask,thank",
        "money",
    )
    assert (row["audience"], row["automated"]) == ("broadcast", True)
    assert result.reasons == [
        "row 3, column 'way': 'sideways' is none of inbound, outbound",
        "row 3, column 'why': unknown purpose 'asks'; did you mean ask?",
        "row 3, column 'to': 'all' is none of individual, broadcast",
        "row 3, column 'auto': 'maybe' is neither yes nor no",
    ]


def test_unknown_kind_is_rejected_with_the_nearest(exports: Exports) -> None:
    mapping = LOG.replace("}", ', kind = { column = "what", values = { Spende = "donation" } } }')
    text = "id,who,day,what,channel\n1,a,2024-01-01,apeal,\n2,a,2024-01-01,Spenden,\n"
    assert exports.read(text, mapping).reasons == [
        "row 2, column 'what': unknown kind 'apeal'; did you mean appeal?",
        "row 3, column 'what': unknown kind 'Spenden'; did you mean Spende?",
    ]


def test_row_without_a_matching_rule_is_rejected_with_its_text(exports: Exports) -> None:
    mapping = LOG + '[[kinds.rules]]\nwhen = { what = "a" }\nkind = "appeal"\n'
    assert exports.read("id,who,day,what,channel\n1,a,2024-01-01,b,\n", mapping).reasons == [
        "row 2, kind: no rule fits what = 'b': add a rule or a default under [kinds]"
    ]


def test_ignored_rows_are_counted_and_never_rejected(exports: Exports) -> None:
    mapping = (
        LOG
        + """
    [kinds]
    default = "message"
    rules = [{ when = { what = ["test", ""] }, ignore = true }]
    """
    )
    text = "id,who,day,what,channel\n1,a,no date,test,\n2,a,2024-01-01,,\n3,a,2024-01-01,x,\n"
    result = exports.read(text, mapping)
    assert (len(result.frame), result.ignored, result.reasons) == (1, 2, [])


def test_reasons_of_a_rejected_row_are_all_collected(exports: Exports) -> None:
    result = exports.read("who,date,amount\n,2024-02-30,ten\n")
    (refused,) = result.refused
    assert refused.row == 2
    assert refused.raw == {"who": "", "date": "2024-02-30", "amount": "ten"}
    assert [reason.split(":")[0] for reason in refused.reasons] == [
        "row 2, column 'who'",
        "row 2, column 'date'",
        "row 2, column 'amount'",
    ]
    assert refused.reason.count("; ") == 2


# -- placeholders ---------------------------------------------------------------------------------

CROWD = "who,date,amount\n(Anonymous),2024-01-01,5\n(Anonymous),2024-01-01,5\n,2024-01-01,5\n"


def test_anonymous_donor_is_not_one_person(exports: Exports) -> None:
    mapping = GIFTS + '[placeholders]\nvalues = ["(Anonymous)", ""]\n'
    result = exports.read(CROWD, mapping)
    assert len(set(result.column("supporter"))) == 3
    assert all(key.startswith("anonymous:crm:row-") for key in result.column("supporter"))
    assert exports.read(CROWD, mapping).frame.equals(result.frame)


def test_placeholder_rows_come_with_the_placeholder_fact(exports: Exports) -> None:
    mapping = GIFTS + '[placeholders]\nvalues = ["(Anonymous)", ""]\n'
    result = exports.read("who,date,amount\nada,2024-01-01,5\n,2024-01-02,5\n", mapping)
    assert result.column("kind") == ["donation", "donation", "placeholder"]
    _, gift, fact = result.rows
    alike = ("supporter", "at", "date_only", "source")
    assert [fact[name] for name in alike] == [gift[name] for name in alike]
    assert fact["external_id"] == gift["external_id"] + ":placeholder"
    told = {"kind", "external_id", *alike}
    assert {value for name, value in fact.items() if name not in told} == {None, ""}


def test_names_that_are_marked_stay_together_and_are_marked_once(exports: Exports) -> None:
    mapping = GIFTS + '[placeholders]\nvalues = ["Walk-in", ""]\neach = "mark"\n'
    rows = "Walk-in,2024-01-02,5\n" * 3 + ",2024-01-01,5\nada,2024-01-01,1\n"
    text = f"who,date,amount\n{rows}"
    result = exports.read(text, mapping, batch_rows=2)
    facts = result.frame.filter(pl.col("kind") == "placeholder")
    assert facts.select("supporter", "external_id").rows() == [
        ("Walk-in", "placeholder:Walk-in:1704150000000000"),
        ("anonymous:crm", "placeholder:anonymous:crm:1704063600000000"),
    ]
    assert result.column("supporter").count("Walk-in") == 4


def test_rejected_placeholder_row_adds_no_placeholder_fact(exports: Exports) -> None:
    mapping = GIFTS + '[placeholders]\nvalues = ""\n'
    result = exports.read("who,date,amount\n,2024-02-30,5\n", mapping)
    assert (len(result.frame), len(result.refused)) == (0, 1)


def test_blank_person_is_rejected_unless_blank_is_a_placeholder(exports: Exports) -> None:
    result = exports.read(CROWD, GIFTS + '[placeholders]\nvalues = "(Anon*"\n')
    assert result.column("kind") == ["donation", "placeholder"] * 2
    assert result.reasons == [
        (
            "row 4, column 'who': is blank: say values = [\"\"] under [placeholders] if it "
            "names no person"
        )
    ]


@pytest.mark.parametrize(("each", "refused", "ignored"), [("refuse", 3, 0), ("skip", 0, 3)])
def test_placeholders_may_be_rejected_or_skipped(
    exports: Exports, each: str, refused: int, ignored: int
) -> None:
    mapping = GIFTS + f'[placeholders]\nvalues = ["(Anonymous)", ""]\neach = "{each}"\n'
    result = exports.read(CROWD, mapping)
    assert (len(result.refused), result.ignored) == (refused, ignored)


def test_supporter_who_refers_themself_is_rejected_and_placeholders_refer_no_one(
    exports: Exports,
) -> None:
    mapping = GIFTS.replace("amount =", 'referrer = "by"\namount =')
    result = exports.read(
        "who,date,amount,by\na,2024-01-01,1,b\na,2024-01-01,1,a\na,2024-01-01,1,-\n",
        mapping + '[placeholders]\nvalues = "-"\n',
    )
    assert result.column("referrer") == ["b", None]
    assert result.reasons == ["row 3, column 'by': 'a' cannot refer themselves"]


# -- money back -----------------------------------------------------------------------------------


def test_negative_amount_becomes_a_refund_that_answers_nothing(exports: Exports) -> None:
    mapping = GIFTS + '[amounts]\nnegative = "refund"\n[[kinds.rules]]\nwhen = { who = "*" }\n'
    row = exports.read("who,date,amount\nada,2024-01-01,-5\n", mapping + 'purposes = "ask"').only
    assert (row["kind"], row["amount"], row["direction"]) == ("refund", 500, "outbound")
    assert (row["purposes"], row["answers_id"], row["answers_source"]) == ("", None, None)


def test_refund_answers_the_id_in_its_column(exports: Exports) -> None:
    mapping = GIFTS.replace(
        "amount =", 'external_id = "id"\nrefunds = "of"\nanswers_id = "re"\namount ='
    )
    result = exports.read(
        "id,who,date,amount,of,re\n1,a,2024-01-01,5,,letter\n2,a,2024-02-01,-5,1,letter\n",
        mapping + '[amounts]\nnegative = "refund"\n',
    )
    assert result.column("kind") == ["donation", "refund"]
    assert result.column("answers_id") == ["letter", "1"]
    assert result.column("answers_source") == ["crm", "crm"]


def test_refunds_in_columns_of_their_own_are_blocks(exports: Exports) -> None:
    mapping = (
        GIFTS.replace("amount =", 'external_id = "id"\namount =')
        + """
    [[rows]]
    name = "gift"
    [[rows]]
    name = "refund"
    where = { back = "*", back_on = "*" }
    columns = { at = "back_on", amount = "back", answers_id = { block = "gift" } }
    kinds = { default = "refund" }
    """
    )
    result = exports.read(
        "id,who,date,amount,back,back_on\n"
        "1,a,2024-01-01,5,,\n"
        "2,a,2024-01-02,7,3,2024-01-09\n"
        "3,a,2024-01-03,7,x,2024-01-10\n",
        mapping,
    )
    told = list(
        zip(*(result.column(n) for n in ("external_id", "amount", "answers_id")), strict=True)
    )
    assert told == [("1", 500, None), ("2", 700, None), ("2:refund", 300, "2"), ("3", 700, None)]
    assert result.reasons == [
        "row 4, block refund, column 'back': 'x' is no number (decimal mark '.', no thousands mark)"
    ]


# -- several touchpoints a row --------------------------------------------------------------------

FUNNEL = """
source = "funnel"
otherwise = "ignore"
columns = { supporter = "who" }
[[rows]]
name = "signed_up"
where = { signed_up = "*" }
columns = { at = "signed_up" }
kinds = { default = "volunteer_signup" }
details = { ward = "ward" }
[[rows]]
name = "came"
where = { came = "*" }
columns = { at = "came", answers_id = { block = "signed_up" } }
kinds = { default = "volunteer_shift" }
"""


def test_stage_dates_of_a_row_become_touchpoints(exports: Exports) -> None:
    result = exports.read(
        "who,signed_up,came,ward\na,2024-01-01,2024-02-01,N\nb,2024-01-02,,S\nc,,,E\nd,,2024-03-03,W\n",
        FUNNEL,
    )
    assert [(row["supporter"], row["kind"]) for row in result.rows] == [
        ("a", "volunteer_signup"),
        ("a", "volunteer_shift"),
        ("b", "volunteer_signup"),
        ("d", "volunteer_shift"),
    ]
    first, second, _, last = result.rows
    assert second["answers_id"] == first["external_id"]
    assert second["external_id"].endswith(":came")
    assert last["answers_id"] is None
    assert (first["details"], second["details"]) == ('{"ward":"N"}', None)
    assert result.ignored == 1


def test_row_without_a_matching_block_is_rejected_by_default(exports: Exports) -> None:
    strict = FUNNEL.replace('otherwise = "ignore"', "")
    result = exports.read("who,signed_up,came,ward\nc,,,E\n", strict)
    assert result.reasons == ["row 2: no [[rows]] block takes it"]


def test_block_may_override_settings_of_the_file(exports: Exports) -> None:
    mapping = (
        GIFTS
        + """
    [[rows]]
    name = "gift"
    [[rows]]
    name = "thanks"
    columns = { amount = "", at = "thanked" }
    kinds = { default = "thank_you" }
    where = { thanked = "*" }
    """
    )
    result = exports.read("who,date,amount,thanked\na,2024-01-01,5,2024-01-03\n", mapping)
    assert result.column("amount") == [500, None]


# -- the rest -------------------------------------------------------------------------------------


def test_details_keep_columns_with_their_types(exports: Exports) -> None:
    mapping = (
        GIFTS
        + """
    [details]
    projekt = "Projekt"
    anzahl = { column = "n", type = "integer" }
    neu = { column = "new", type = "boolean" }
    """
    )
    result = exports.read(
        'who,date,amount,Projekt,n,new\na,2024-01-01,1,"Größe ""X""",007,nein\n'
        "a,2024-01-01,1,,,\na,2024-01-01,1,x,1.5,vielleicht\n",
        mapping,
    )
    first, second = result.column("details")
    assert first == '{"anzahl":7,"neu":false,"projekt":"Größe \\"X\\""}'
    assert json.loads(first) == {"anzahl": 7, "neu": False, "projekt": 'Größe "X"'}
    assert second is None
    assert result.reasons == [
        "row 4, detail anzahl, column 'n': '1.5' is no integer",
        "row 4, detail neu, column 'new': 'vielleicht' is no yes or no",
    ]


WORDS = st.text(max_size=5).map(str.strip)


@given(
    st.lists(st.fixed_dictionaries({"a": WORDS, "Ä z": WORDS}), min_size=1, max_size=8),
    st.dictionaries(st.text(max_size=3) | st.just("a"), st.text() | st.integers() | st.booleans()),
)
def test_details_are_the_text_that_a_single_touchpoints_are(
    rows: list[dict[str, str]], said: dict[str, str | int | bool]
) -> None:
    cells = pl.DataFrame(rows, schema={"a": pl.String, "Ä z": pl.String})
    cells = cells.select(pl.when(pl.all() != "").then(pl.all()))
    details = {name: Detail(column=name) for name in ("a", "Ä z")}
    rules = (Rule(when={"a": ("*",)}, details=said),)
    reasons = Reasons(pl.Series(range(len(rows))), "")
    told = details_of_rows(cells, details, rule_places(cells, rules), rules, reasons)
    assert told.to_list() == [
        details_text({k: v for k, v in row.items() if v} | (said if row["a"] else {}))
        for row in rows
    ]


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_text_of_a_condition_means_itself_and_a_star_anything(
    text: str, before: str, after: str
) -> None:
    text, before, after = (each.replace("*", "").strip() for each in (text, before, after))
    asked = pl.Series([text or None, f"{before}{text}{after}".strip() or None], dtype=pl.String)
    exact = matching(asked, (text,)).to_list()
    assert exact == [True, asked[0] == asked[1]]
    if before and after:
        assert matching(asked, (f"{before}*{after}",))[1]
    assert matching(asked, ("*",)).to_list() == [each is not None for each in asked]


def test_currencies_come_from_a_column_a_constant_or_the_organisation(exports: Exports) -> None:
    mapping = GIFTS.replace("amount =", 'currency = "cur"\namount =')
    text = "who,date,amount,cur\na,2024-01-01,1,usd\na,2024-01-01,1,\na,2024-01-01,1,ETH\n"
    result = exports.read(text, mapping)
    assert result.column("currency") == ["USD", "EUR"]
    assert result.reasons == ["row 4, column 'cur': 'ETH' is no ISO 4217 currency code"]
    constant = exports.read(text, mapping + '[amounts]\ncurrency = "CHF"\n')
    assert constant.column("currency") == ["USD", "CHF"]


def test_foreign_currencies_may_be_rejected(exports: Exports) -> None:
    mapping = GIFTS.replace("amount =", 'currency = { value = "usd" }\namount =')
    mapping += '[amounts]\nforeign_currency = "refuse"\n'
    text = "who,date,amount\na,2024-01-01,1\n"
    assert exports.read(text, mapping).reasons == [
        "row 2, currency: USD is not EUR, the organisation's own"
    ]
    assert len(exports.read(text, mapping, organisation=Organisation(currency="USD")).frame) == 1


def test_future_date_is_a_fact_like_any_other(exports: Exports) -> None:
    assert at(exports.gift("2199-01-01").only["at"]) == "2198-12-31 23:00:00"


def test_batch_size_does_not_change_the_frame(exports: Exports) -> None:
    rows = "".join(f"p{n % 7},2024-01-{n % 28 + 1:02},{n % 5}\n" for n in range(100))
    whole = exports.read("who,date,amount\n" + rows)
    for size in (1, 7, 99):
        parts = exports.read("who,date,amount\n" + rows, batch_rows=size)
        assert parts.frame.equals(whole.frame)
        assert parts.refused == whole.refused


def test_file_without_rows_is_no_error(exports: Exports) -> None:
    assert exports.read("", name="a.jsonl").rows_read == 0
    assert exports.read("\n\n", name="a.jsonl").ignored == 2
    assert exports.read("who,date,amount\n").rows_read == 0


def test_keys_that_json_lines_leave_out_are_blank(exports: Exports) -> None:
    lines = '{"who": "a", "date": "2024-01-01", "amount": 1, "of": {"id": "x"}}\n'
    later = '{"who": "b", "date": "2024-01-01", "amount": 2}\n'
    mapping = GIFTS.replace("amount =", 'campaign = "of.id"\namount =')
    result = exports.read(lines + later, mapping, name="a.jsonl", batch_rows=1)
    assert result.column("campaign") == ["x", None]
