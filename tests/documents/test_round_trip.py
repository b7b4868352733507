"""Printed expressions parse back to equal ones, for every node."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ladder.documents.expression_parser import parse
from ladder.language import aggregates
from ladder.language import selectors as s
from ladder.language.nodes import And, Condition, Selector, Span
from ladder.language.selectors import Where
from ladder.language.spans import ever
from ladder.model.money import Money
from tests.strategies import conditions, selectors, spans


@given(conditions(2, rungs=("hearing", "donating"), logged=True, patterns=("O1", "S1")))
def test_condition_parses_back_from_its_text(condition: Condition) -> None:
    assert parse(str(condition)) == condition


@given(selectors(2))
def test_selector_parses_back_from_its_text(selector: Selector) -> None:
    assert parse(str(selector)) == selector


@given(spans(2))
def test_span_parses_back_from_its_text(span: Span) -> None:
    assert parse(str(span)) == span


@given(st.text(st.characters(exclude_categories=("Cs",))), st.sampled_from(("channel", "campaign")))
def test_quoted_text_parses_back(text: str, field: str) -> None:
    node = {"channel": s.channel, "campaign": s.campaign}[field](text)
    assert parse(str(node)) == node
    assert parse(str(s.where(topic=text))) == s.where(topic=text)


@given(st.decimals(min_value=0, max_value=10**15, places=4), st.sampled_from((None, "EUR", "KWD")))
def test_amounts_keep_every_digit(amount: Decimal, currency: str | None) -> None:
    money = str(Money(amount, currency))
    for node in (aggregates.amount_above(money), aggregates.total(s.any_touchpoint, ever) > money):
        assert parse(str(node)) == node


@given(st.decimals(min_value=0, max_value=10**40, places=6))
def test_numbers_keep_every_digit(number: Decimal) -> None:
    node = aggregates.total(s.any_touchpoint, ever, of="quantity") > number
    assert parse(str(node)) == node


@given(st.integers())
def test_whole_numbers_in_details_parse_back(number: int) -> None:
    assert parse(str(s.where(level=number))) == s.where(level=number)


def test_true_and_one_are_different_details() -> None:
    assert s.where(vip=True) != s.where(vip=1)
    assert len({s.where(vip=True), s.where(vip=1)}) == 2
    assert parse("where(vip=true)") == Where(field="vip", value=True)
    assert str(s.where(vip=True)) == "where(vip=true)"


def test_kind_that_is_not_an_identifier_is_written_in_quotes() -> None:
    assert str(s.kind("Tree Planting")) == 'kind("Tree Planting")'
    assert str(s.kind("year")) == 'kind("year")'
    assert str(s.kind("donation")) == "donation"


def test_sum_of_several_figures_parses_back() -> None:
    one, two, three = (aggregates.count(s.kind(k), ever) for k in ("donation", "reply", "appeal"))
    for node in (
        one - two + three >= 2,
        two - one - three < 4,
        2 * one == 3 * two - 5 + three,
        aggregates.total(s.inbound, ever) - "10 EUR" * one <= "-3 EUR",
    ):
        assert parse(str(node)) == node


def test_nested_joints_are_one_joint_however_built() -> None:
    a, b, d = (aggregates.count(s.kind(k), ever) >= 1 for k in ("donation", "reply", "appeal"))
    assert And(items=(And(items=(a, b)), d)) == a & b & d
    assert parse(f"({a} and {b}) and {d}") == a & (b & d)
