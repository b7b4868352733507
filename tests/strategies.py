"""Random pieces of the ladder language, for every suite that needs them.

Small ones come first and most: a shallow condition over few kinds meets a random history far more
often than a deep one. Every node type is drawn (tests/documents/test_strategies.py says so), and
what the constructors refuse as nonsense is thrown away and drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ladder.errors import DefinitionError
from ladder.language import aggregates as f
from ladder.language import conditions as c
from ladder.language import measures as m
from ladder.language import selectors as s
from ladder.language import spans as p
from ladder.language.nodes import Condition, Joint, Node, Selector, Span
from ladder.model.calendars import UNITS

T = TypeVar("T")

KINDS_USED = (
    "donation",
    "instalment",
    "pledge",
    "payment",
    "volunteer_shift",
    "petition_signed",
    "reply",
    "subscribed",
    "appeal",
    "thank_you",
    "newsletter",
    "unsubscribed",
)
"""The kinds that random selectors name; draw histories from them too."""

CHANNELS = ("email", "post", "phone")
CAMPAIGNS = ("spring", "winter")
TOPICS = ("river", "weir")
"""Values of the detail `topic`; the others are `vip` (true or false) and `level` (1, 2)."""

AMOUNTS = ("0", "10", "25", "40 EUR", "99.5")
QUANTITIES = (1, 2, Decimal("2.5"))
DIMENSIONS = (*m.DIMENSIONS, "details.topic", "details.level", "details.vip")


def node_types() -> set[type[Node]]:
    """Every node type that a definition can hold."""
    abstract = {Node, Selector, Span, Condition, Joint, m.Measure}
    return {kind for kind in _below(Node) if kind not in abstract}


def evaluated_types() -> set[type[Node]]:
    """Those that evaluators meet: a ladder hands them `found` written out."""
    return node_types() - {c.HasFinding}


class _AllDrawn(Exception):
    pass


def missing_types(
    strategy: SearchStrategy[Condition], types: set[type[Node]], most: int = 1_000
) -> set[type[Node]]:
    """Return the node types that none of `most` conditions holds; stop when all have been drawn."""
    missing = set(types)

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(condition: Condition) -> None:
        missing.difference_update(type(node) for node in condition.walk())
        if not missing:
            raise _AllDrawn

    with suppress(_AllDrawn):
        draw()
    return missing


def _below(kind: type[Node]) -> Iterator[type[Node]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


def durations() -> SearchStrategy[p.Duration]:
    """Calendar durations of one or two steps, mostly short."""
    step = st.one_of(
        st.sampled_from((0, 1, 2, 7, 30, 31, 90)).map(p.days),
        st.sampled_from((1, 1, 2, 6, 12, 13, 0)).map(p.months),
        st.sampled_from((1, 1, 2, 0)).map(p.years),
        st.builds(p.end_of, st.sampled_from(UNITS), st.sampled_from((0, 0, 1, 2))),
    )
    return st.one_of(step, step, st.builds(lambda a, b: a + b, step, step))


def elapsed() -> SearchStrategy[p.Elapsed]:
    """Durations and hours."""
    return st.one_of(durations(), durations(), st.sampled_from((1, 24, 48, 72)).map(p.hours))


@st.composite
def spans(draw: DrawFn, depth: int = 2) -> Span:
    """How long touchpoints count."""
    sort = draw(st.sampled_from(("plain",) * 4 + ("until", "both") * (depth > 0)))
    if sort == "until":
        return p.until(draw(selectors(depth - 1)))
    if sort == "both":
        return draw(spans(depth - 1)) & draw(spans(depth - 1))
    return draw(_TIMED)


@st.composite
def plain_selectors(draw: DrawFn, depth: int = 1) -> Selector:
    """Selectors that look at nothing but the touchpoint itself."""
    if depth > 0 and draw(_ONE_IN_THREE):
        return _join(draw, plain_selectors(depth - 1))
    return draw(_PLAIN)


@st.composite
def selectors(draw: DrawFn, depth: int = 1) -> Selector:
    """Every sort of selector; deeper ones look at links, at others and at the moment."""
    looking = ("is_reply", "answers", "brought", "when", "exceeds", "joined") * (depth > 0)
    sort = draw(st.sampled_from(("plain",) * 5 + looking))
    if sort == "plain":
        return draw(plain_selectors(min(depth, 1)))
    if sort == "is_reply":
        return s.is_reply
    if sort == "answers":
        return s.in_reply_to(draw(selectors(depth - 1)))
    if sort == "brought":
        return s.referred(draw(plain_selectors(1)))
    if sort == "exceeds":
        return _exceeding(draw, depth - 1)
    if sort == "when":
        return draw(selectors(depth - 1)).when(draw(conditions(depth - 1)))
    return _join(draw, selectors(depth - 1))


@st.composite
def figures(draw: DrawFn, depth: int = 1, unit: str = "number") -> f.Figure:
    """A single measure of what counts now."""
    chosen, long = draw(selectors(depth)), draw(spans(depth))
    if unit == "money":
        return f.total(chosen, long)
    if unit == "quantity":
        return f.total(chosen, long, "quantity")
    by = draw(st.sampled_from((None, None, None, *DIMENSIONS)))
    return f.count(chosen, long) if by is None else f.distinct(chosen, long, by)


def _of_the_moment(draw: DrawFn, moments: SearchStrategy[Condition]) -> Condition:
    """A figure of touchpoints that happened while something was found, or was not."""
    chosen = draw(plain_selectors(0)).when(draw(moments))
    if draw(st.booleans()):
        chosen = ~chosen
    figure = f.count(chosen, draw(spans(0)))
    op = draw(st.sampled_from((">=", ">", "<=", "<", "==")))
    try:
        return _compare(figure, op, draw(_NUMBERS))
    except DefinitionError:
        reject()


def _exceeding(draw: DrawFn, depth: int) -> Selector:
    """More than a figure was at the moment, of several terms or of one."""
    unit = draw(st.sampled_from(("money", "money", "quantity")))
    figure = draw(_FACTORS) * draw(figures(depth, unit))
    more = draw(st.sampled_from(("", "", "plus", "minus")))
    if more:
        other = draw(figures(depth, unit)) + draw(_MONEY if unit == "money" else _QUANTITIES)
        figure = figure + other if more == "plus" else figure - other
    words = {
        "money": (f.amount_above, f.amount_at_least),
        "quantity": (f.quantity_above, f.quantity_at_least),
    }
    try:
        return draw(st.sampled_from(words[unit]))(figure)
    except DefinitionError:
        reject()


@st.composite
def comparisons(draw: DrawFn, depth: int = 1) -> Condition:
    """Measures against constants and each other, shares and averages."""
    sort = draw(st.sampled_from(("plain",) * 5 + ("figures", "sum", "each", "share", "average")))
    unit = draw(st.sampled_from(("number", "number", "money", "quantity")))
    op = draw(st.sampled_from((">=", ">=", ">", "<=", "<", "==")))
    constant = draw({"number": _NUMBERS, "money": _MONEY, "quantity": _QUANTITIES}[unit])
    left: Any = None
    if sort in ("share", "average"):
        chosen, long = draw(selectors(depth)), draw(spans(depth))
        if sort == "share":
            left, right = f.share(draw(selectors(0)), chosen, long), draw(_SHARES)
        else:
            left, right = f.average(chosen, long), draw(_MONEY)
    elif sort == "each":
        left, right = draw(figures(depth, "money")), draw(_MONEY) * draw(figures(depth))
    else:
        left, right = draw(figures(depth, unit)), constant
    if sort == "figures":
        right = draw(_FACTORS) * draw(figures(depth, unit))
    if sort == "sum":
        other = draw(figures(depth, unit))
        left, right = draw(st.sampled_from(((left + other, right), (left, other - right))))
    try:
        return _compare(left, op, right)
    except DefinitionError:
        reject()


@st.composite
def conditions(
    draw: DrawFn,
    depth: int = 2,
    rungs: tuple[str, ...] = (),
    *,
    logged: bool = False,
    patterns: tuple[str, ...] = (),
) -> Condition:
    """Every sort of condition; rungs, patterns' findings and `logged` only when asked for."""
    sorts = ("compare",) * 3 + ("holds",) * bool(rungs) + ("logged",) * logged
    sorts += ("found", "found") * bool(patterns)
    sorts += ("joined", "joined", "lasting", "latch") * (depth > 0)
    sort = draw(st.sampled_from(sorts))
    if sort == "compare" and not (patterns and depth > 0 and draw(_ONE_IN_THREE)):
        return draw(comparisons(max(0, min(depth, 2) - 1)))
    if sort == "holds":
        return c.on_rung(draw(st.sampled_from(rungs)))
    if sort == "logged":
        return c.is_covered(draw(plain_selectors()), draw(spans(0)))
    if sort == "found":
        severity = draw(st.sampled_from((None, None, "low", "high")))
        return c.has_finding(draw(st.sampled_from(patterns)), severity)
    inner = conditions(depth - 1, rungs, logged=logged, patterns=patterns)
    if sort == "compare":
        return _of_the_moment(draw, inner)
    if sort == "joined":
        return _join(draw, inner)
    if sort == "lasting":
        return c.held_for(draw(inner), draw(elapsed()))
    return c.latch(draw(inner), draw(st.none() | inner))


def _compare(left: Any, op: str, right: Any) -> Condition:
    result = {
        ">=": lambda: left >= right,
        ">": lambda: left > right,
        "<=": lambda: left <= right,
        "<": lambda: left < right,
        "==": lambda: left == right,
    }[op]()
    assert isinstance(result, Condition)
    return result


def _several(word: Callable[..., T], values: Any) -> SearchStrategy[T]:
    chosen = st.lists(st.sampled_from(tuple(values)), min_size=1, max_size=3, unique=True)
    return chosen.map(lambda names: word(*names))


def _join(draw: DrawFn, items: SearchStrategy[Any]) -> Any:
    word = draw(st.sampled_from(("and", "or", "not")))
    first = draw(items)
    if word == "not":
        return ~first
    return first & draw(items) if word == "and" else first | draw(items)


def _built(build: Callable[..., T], *arguments: SearchStrategy[Any]) -> SearchStrategy[T]:
    """Call `build` with drawn arguments; combinations that it rejects are drawn again."""

    def attempt(given: tuple[Any, ...]) -> T:
        try:
            return build(*given)
        except DefinitionError:
            reject()

    return st.tuples(*arguments).map(attempt)


_ONE_IN_THREE = st.sampled_from((True, False, False))
_NUMBERS = st.sampled_from((1, 1, 2, 3, 0))
_MONEY = st.sampled_from(AMOUNTS)
_QUANTITIES = st.sampled_from(QUANTITIES)
_SHARES = st.sampled_from((Decimal("0.5"), Decimal("0.25"), 1))
_FACTORS = st.sampled_from((1, 2, 3, Decimal("0.5"), Decimal("1.5")))
_TIMED = st.one_of(
    st.just(p.ever),
    elapsed(),
    elapsed(),
    _built(p.older_than, elapsed(), st.none() | elapsed()),
    _built(p.current, st.sampled_from(UNITS), st.sampled_from((0, -1, -2))),
)
_KINDS = st.sampled_from(KINDS_USED).map(s.kind)
_FIELDS = st.one_of(
    _several(s.family, ("money", "time", "voice", "word", "signal", "outreach", "status")),
    _several(s.purpose, ("ask", "thank", "report", "inform")),
    _several(s.asks_for, ("money", "time", "voice")),
    _several(s.channel, CHANNELS),
    _several(s.campaign, CAMPAIGNS),
    _several(s.in_months, range(1, 13)),
    _MONEY.map(f.amount_at_least),
    _MONEY.map(f.amount_above),
    _QUANTITIES.map(f.quantity_at_least),
    _QUANTITIES.map(f.quantity_above),
    st.sampled_from(TOPICS).map(lambda topic: s.where(topic=topic)),
    st.sampled_from((1, 2, True, False)).map(lambda level: s.where(level=level)),
    st.booleans().map(lambda vip: s.where(vip=vip)),
)
_PLAIN = st.one_of(
    _KINDS,
    _KINDS,
    _KINDS,
    st.sampled_from(
        (s.any_touchpoint, s.inbound, s.outbound, s.individual, s.broadcast, s.automated)
    ),
    st.just(s.has_rate),
    _FIELDS,
)
