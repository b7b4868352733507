"""Random ladders and declared coverage, over the random histories."""

from __future__ import annotations

from hypothesis import strategies as st

from ladder.coverage import Coverage
from ladder.language.conditions import is_covered
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.nodes import And, Condition, Or
from ladder.language.selectors import any_touchpoint
from ladder.model.organisations import Organisation
from tests import histories
from tests.strategies import conditions, plain_selectors, spans


@st.composite
def coverages(draw: st.DrawFn, organisation: Organisation) -> list[Coverage]:
    """Declared stretches of the log, some of everything, some of plain selectors."""
    selector = st.one_of(st.just(any_touchpoint), plain_selectors(0))
    made = []
    for _ in range(draw(st.integers(0, 3))):
        moments = histories.moments(organisation.calendar)
        since, until = sorted((draw(moments)[0], draw(moments)[0]))
        bounds = draw(st.sampled_from(("both", "since", "until", "always")))
        edges: dict[str, int] = {}
        if bounds in ("both", "since"):
            edges["since"] = since
        if bounds in ("both", "until"):
            edges["until"] = until + 1
        source = draw(st.sampled_from((None, None, "office", "mail")))
        made.append(Coverage(selector=draw(selector), source=source, **edges))
    return made


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Three rungs, some of a height, some with hysteresis; two patterns; perhaps a silence."""
    rungs: list[Rung] = []
    for key in histories.RUNGS:
        known = tuple(rung.key for rung in rungs)
        stay = draw(st.none() | conditions(1, known))
        height = draw(st.sampled_from((None, 1, 2)))
        rungs.append(Rung(key=key, enter=draw(conditions(1, known)), stay=stay, height=height))
    plain = conditions(1, histories.RUNGS)
    composed = conditions(1, histories.RUNGS, patterns=("P1",))
    patterns = tuple(
        Pattern(
            key=key,
            side="organisation",
            grades=tuple(
                Grade(severity=severity, condition=draw(asked)) for severity in ("low", "high")
            ),
            requires=draw(st.none() | conditions(1, logged=True)),
            safeguard=draw(st.booleans()),
        )
        for key, asked in (("P1", plain), ("P2", plain), ("P3", composed))
    )
    return Ladder(
        key="random",
        rungs=tuple(rungs),
        patterns=patterns,
        suppress_when=draw(st.none() | conditions(0)),
        placements=draw(st.sampled_from(("ignore", "lift", "hold", "cap"))),
    )


@st.composite
def coverage_conditions(draw: st.DrawFn, depth: int = 2) -> Condition:
    """Conditions of `logged` alone."""
    if depth and draw(st.booleans()):
        items = [draw(coverage_conditions(depth - 1)) for _ in range(2)]
        joined = And.of(*items) if draw(st.booleans()) else Or.of(*items)
        return ~joined if draw(st.booleans()) else joined
    selector = draw(st.one_of(st.just(any_touchpoint), plain_selectors(0)))
    return is_covered(selector, draw(spans(0)))
