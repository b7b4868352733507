"""The evidence of a finding, worked out for one instant alone."""

from __future__ import annotations

from collections.abc import Iterator

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.language.conditions import HeldFor, OnRung
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Measure
from ladder.language.nodes import And, Node, Or, Selector
from ladder.language.selectors import static


def expected_evidence(reading: Evaluation, made: Ladder, key: str, at: int) -> set[Fact]:
    """Return the touchpoints that prove a finding at an instant."""
    only = made.pattern(key)
    counted: set[Fact] = set()
    looks: set[Selector] = set()
    for grade, found in zip(only.grades, made.open_while[key], strict=True):
        condition = made.expand(grade.condition)
        looks |= {measure.selector for measure in _anywhere(condition, reading)}
        if reading.at(found, at):
            for measure in _true(condition, reading, at):
                counted |= set(reading.counted_facts(measure, at))
    if only.evidence is None or not counted:
        return counted
    chosen = set(reading.select(only.evidence))
    countable = {fact for look in looks for fact in reading.select(static(look))}
    since = min(fact.at for fact in counted)
    others = {fact for fact in chosen - countable if since <= fact.at <= at}
    return counted & chosen | others or counted


def _true(node: Node, reading: Evaluation, at: int) -> Iterator[Measure]:
    match node:
        case Measure():
            yield node
        case Compare():
            yield from (term.measure for term in node.terms)
        case And():
            for item in node.items:
                yield from _true(item, reading, at)
        case Or():
            for item in node.items:
                if reading.at(item, at):
                    yield from _true(item, reading, at)
        case OnRung():
            yield from _true(reading.rule(node.rung), reading, at)
        case HeldFor():
            yield from _true(node.condition, reading, at)
        case _:
            yield from _anywhere(node, reading)


def _anywhere(node: Node, reading: Evaluation) -> Iterator[Measure]:
    if isinstance(node, Measure):
        yield node
    elif isinstance(node, OnRung):
        yield from _anywhere(reading.rule(node.rung), reading)
    else:
        for part in node.parts():
            yield from _anywhere(part, reading)
