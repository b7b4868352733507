"""Output of weighing: sentences, numbers and drawn intervals; and a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ladder.cli.context import Asking
from ladder.cli.render.console import Paper
from ladder.effects import Arm, Effect, WeighedPattern, Weighing
from ladder.effects.results import ASSOCIATED
from ladder.model.money import exponent, to_major

WIDE: Final = 45
"""Columns of a drawn interval."""
INDENT: Final = 4


def show(paper: Paper, ask: Asking, weighing: Weighing) -> None:
    """Print patterns with numbers, then those without, then the caveats."""
    paper.heading(f"{ask.name}: what followed each pattern")
    if weighing.dates:
        paper.prose(_frame(weighing), "dim")
    scale = _Scale.of(weighing)
    for effect in weighing.spoken:
        paper.line()
        _pattern(paper, ask, effect, weighing, scale)
    silent = [pattern for pattern in weighing.patterns if pattern.silent]
    if silent:
        paper.line()
        paper.line("Nothing is said of", "bold")
        for effect in silent:
            paper.prose(f"{_name(effect)}: {_sentence(effect.silent)}", indent=INDENT)
    paper.line()
    for words in _to_mind(weighing):
        paper.prose(words, "dim")


def _frame(weighing: Weighing) -> str:
    first, last = weighing.dates[0], weighing.dates[-1]
    dates = f"{len(weighing.dates)} dates, {first} to {last}" if first != last else f"{first}"
    return (
        f"Told apart at {dates}; giving counted in the {weighing.months} months after each; "
        "compared are supporters who had given as recently, as often and as much before."
    )


def _pattern(
    paper: Paper, ask: Asking, each: WeighedPattern, weighing: Weighing, scale: _Scale
) -> None:
    assert each.exposed and each.compared and each.difference and each.ratio  # noqa: PT018, S101
    with_it, without, currency = each.exposed, each.compared, ask.store.organisation.currency
    paper.line(_name(each), "bold")
    paper.prose(
        f"{_percent(with_it.gave)} of those with it gave in the next {weighing.months} months, "
        f"{_percent(without.gave)} of their like without it: {_points(each.difference)}.",
        indent=INDENT,
    )
    style = "yellow" if each.stands_out else ""
    for line in scale.draw(each.difference, blocks=paper.blocks):
        paper.line(" " * INDENT, (line, style))
    ratio = each.ratio
    words = f"{ratio.value:.2f} times as likely ({ratio.low:.2f} to {ratio.high:.2f})"
    if each.amount is not None:
        words += f"; {_money(each.amount, currency)} a supporter"
    paper.prose(f"{words}. {_standing_out(each)}", indent=INDENT)
    paper.prose(_people(with_it, without, weighing), "dim", INDENT)
    paper.prose(
        f"Before matching: {_percent(with_it.crude)} and {_percent(without.crude)}.", "dim", INDENT
    )
    for unlike in each.balance:
        if not unlike.alike:
            one, other = (
                _mean(unlike.what, unlike.exposed, currency),
                _mean(unlike.what, unlike.compared, currency),
            )
            words = f"Not quite alike before, {unlike.what}: {one} with it, {other} without."
            paper.prose(words, "yellow", INDENT)
    if each.note:
        paper.prose(each.note, "dim", INDENT)


def _to_mind(weighing: Weighing) -> Iterator[str]:
    yield from weighing.caveats
    if weighing.left_out != 0:
        yield f"Left out so: {_number(weighing.left_out, weighing)} supporters."
    if weighing.unpriced:
        yield f"{weighing.unpriced:,} gifts in currencies without a rate count without an amount."


def _name(each: WeighedPattern) -> str:
    return f"{each.pattern.key}  {each.pattern.title or each.pattern.name}".rstrip()


def _standing_out(each: WeighedPattern) -> str:
    if each.stands_out:
        return f"It stands out among all that were weighed. {ASSOCIATED}"
    return f"Chance alone could make that. {ASSOCIATED}"


def _people(with_it: Arm, without: Arm, weighing: Weighing) -> str:
    return (
        f"{_number(with_it.matched, weighing)} supporters with it are compared with "
        f"{_number(without.matched, weighing)} without; {_number(with_it.unmatched, weighing)} and "
        f"{_number(without.unmatched, weighing)} had no like on the other side."
    )


def _number(number: int | None, weighing: Weighing) -> str:
    return f"fewer than {weighing.cell}" if number is None else f"{number:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _points(effect: Effect) -> str:
    """Format a difference of shares: more or less, with its interval."""
    value = 100 * effect.value
    side = "more" if value > 0 else "less"
    ends = f"{_with_sign(100 * effect.low)} to {_with_sign(100 * effect.high)}"
    return f"{abs(value):.1f} points {side} (95 %: {ends})"


def _with_sign(number: float) -> str:
    """Format a number with its sign; zero has none."""
    text = f"{number:+.1f}"
    return "0" if text in ("+0.0", "-0.0") else text


def _money(effect: Effect, currency: str) -> str:
    low, high = (_major(end, currency, sign=True) for end in (effect.low, effect.high))
    side = "more" if effect.value > 0 else "less"
    return f"{_major(abs(effect.value), currency)} {currency} {side} ({low} to {high})"


def _major(minor: float, currency: str, *, sign: bool = False) -> str:
    digits = exponent(currency)
    return f"{minor / 10**digits:{'+' if sign else ''},.{digits}f}"


def _mean(what: str, value: float, currency: str) -> str:
    return f"{_major(value, currency)} {currency}" if "amount" in what else f"{value:.1f}"


def _sentence(text: str) -> str:
    text = text[:1].lower() + text[1:]
    return text if text.endswith(".") else f"{text}."


# -- the interval ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scale:
    """A scale from minus to plus `most`, common to all patterns of an answer."""

    most: float

    @classmethod
    def of(cls, weighing: Weighing) -> _Scale:
        """Build the smallest round scale that holds every interval."""
        effects = [effect.difference for effect in weighing.spoken if effect.difference]
        most = max((max(abs(effect.low), abs(effect.high)) for effect in effects), default=0.0)
        steps = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
        return cls(next((step for step in steps if most <= step), most))

    def draw(self, effect: Effect, *, blocks: bool) -> Iterator[str]:
        """Draw the interval with its scale; the bar in the middle is no difference."""
        left, right, middle, line, zero = "├┤●─│" if blocks else "[]o-|"
        cells = [" "] * WIDE
        cells[WIDE // 2] = zero
        low, value, high = (self._place(bound) for bound in (effect.low, effect.value, effect.high))
        cells[low : high + 1] = line * (high + 1 - low)
        cells[low], cells[high] = left, right
        cells[value] = middle
        ends = f"{100 * self.most:.0f}"
        yield f"-{ends} {''.join(cells)} +{ends} points"

    def _place(self, value: float) -> int:
        inside = max(-1.0, min(1.0, value / self.most))
        return round((inside + 1) / 2 * (WIDE - 1))


# -- JSON ------------------------------------------------------------------------------------------


def document(ask: Asking, weighing: Weighing) -> dict[str, object]:
    """Return a JSON document; null stands for a number of people too small to be shown."""
    currency = ask.store.organisation.currency
    return ask.document(
        now=ask.clock.iso(ask.clock.now),
        dates=[date.isoformat() for date in weighing.dates],
        months=weighing.months,
        every=weighing.every,
        giving=list(weighing.giving),
        min_group=weighing.min_group,
        cell=weighing.cell,
        currency=currency,
        left_out=weighing.left_out,
        unpriced=weighing.unpriced,
        patterns=[_effect_document(pattern, currency) for pattern in weighing.patterns],
        caveats=list(weighing.caveats),
    )


def _effect_document(each: WeighedPattern, currency: str) -> dict[str, object]:
    pattern = each.pattern
    content: dict[str, object] = {
        "pattern": pattern.key,
        "name": pattern.name,
        "title": pattern.title,
        "side": pattern.side,
        "silent": each.silent or None,
        "note": each.note or None,
    }
    if each.exposed is None or each.compared is None:
        return content
    return content | {
        "with": _arm(each.exposed, currency),
        "without": _arm(each.compared, currency),
        "difference": _effect(each.difference),
        "ratio": _effect(each.ratio),
        "amount": _effect(each.amount, currency),
        "p": _brief(each.p),
        "p_adjusted": _brief(each.adjusted),
        "stands_out": each.stands_out,
        "before": [
            {
                "what": row.what,
                "with": _value_document(row.exposed, currency if "amount" in row.what else None),
                "without": _value_document(
                    row.compared, currency if "amount" in row.what else None
                ),
                "standard_deviations_apart": round(row.apart, 4),
            }
            for row in each.balance
        ],
    }


def _arm(arm: Arm, currency: str) -> dict[str, object]:
    return {
        "supporters": arm.matched,
        "unmatched": arm.unmatched,
        "observations": arm.observations,
        "gave": round(arm.gave, 4),
        "gave_before_matching": round(arm.crude, 4),
        "amount": _value_document(arm.amount, currency),
    }


def _effect(effect: Effect | None, currency: str | None = None) -> dict[str, object] | None:
    if effect is None:
        return None
    ends = {"value": effect.value, "low": effect.low, "high": effect.high}
    return {name: _value_document(value, currency) for name, value in ends.items()}


def _value_document(value: float, currency: str | None) -> object:
    """Return a plain number, or money as a decimal text in major units."""
    if currency is None:
        return round(value, 4)
    return str(to_major(int(Decimal(value).to_integral_value()), currency))


def _brief(p: float | None) -> float | None:
    return None if p is None else float(f"{p:.3g}")
