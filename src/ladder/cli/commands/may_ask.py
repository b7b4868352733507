"""`ladder may-ask`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
import polars as pl

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.exit_codes import FINE, FOUND
from ladder.cli.output import number_of, print_json, tell, warn
from ladder.cli.progress import Bar
from ladder.contact_rules import Decision, Reason, load
from ladder.crm.may_ask import minor
from ladder.errors import ImportFileError, NotFoundError, nearest
from ladder.model.calendars import FOREVER
from ladder.model.money import exponent
from ladder.outreach import UNKNOWN_SUPPORTER, may_ask
from ladder.outreach.request_file import Wishes, read_wishes

UNREADABLE: Final = "unreadable"
ANSWERS: Final = ("yes", "not yet", "no", UNKNOWN_SUPPORTER, UNREADABLE)
TEXTS: Final = ("until_what", "reasons", "not_known", "not_by", "channels")
OURS: Final = ("may_ask", "until", *TEXTS, "at_most")
"""Columns that are added to the list's own; they replace columns of the same name."""
SHOWN: Final = 5
MOST_REASONS: Final = 6


@click.command(name="may-ask")
@click.argument("source", metavar="LIST", type=click.Path(path_type=Path))
@options.where
@options.at
@click.option("--column", metavar="NAME", help="The column of supporters (default: by heading).")
@click.option("--channel", metavar="NAME", help="How they are to be asked, where no column says.")
@click.option("--amount", metavar="AMOUNT", help="For how much, where no column says it.")
@options.rules
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file, not stdout."
)
@options.now
@options.as_json
def command(
    *,
    source: Path,
    db: str,
    organisation: str | None,
    ladder: str | None,
    at: date | None,
    column: str | None,
    channel: str | None,
    amount: str | None,
    rules: Path | None,
    out: Path | None,
    now: date | None,
    as_json: bool,
) -> int:
    """May we ask them now? Every row of LIST, answered: yes, not yet (until when or what), or no.

    LIST is a CSV file with a column of supporters and, if you like, one of channels and one of
    amounts. The answer is the same rows with columns added: may_ask, until, until_what, reasons,
    not_known, not_by, channels, at_most. Rows that cannot be read and supporters who are not known
    are kept, and told; the exit code is 1 then. The rules: docs/asking.md
    """
    if out is not None and out.resolve() == source.resolve():
        message = f"{out}: the answers would overwrite the list: name another file"
        raise ImportFileError(message)
    begun = time.perf_counter()
    with asking(db, organisation, ladder, now) as opened:
        instant = min(opened.clock.as_of(at), FOREVER - 1)
        ask = opened.at(instant)
        known = load(rules, kinds=ask.ladder.kinds)
        if channel is not None and channel not in known.channels:
            near = nearest(channel, known.channels)
            message = f"unknown channel {channel!r}{near}; known: {', '.join(known.channels)}"
            raise NotFoundError(message)
        mine = ask.store.organisation
        wishes = read_wishes(
            source, mine, known.channels, column=column, channel=channel,
            amount=minor(amount, mine.currency),
        )  # fmt: skip
        readable = wishes.wrong.is_null()
        with Bar() as bar:
            answers = may_ask(
                ask.store, ask.questions.definition.root, ask.ladder, known,
                wishes.wanted.filter(readable), at=instant, now=ask.clock.now,
                progress=bar.working_out(ask.ladder.key),
            )  # fmt: skip
        rows = with_answers(ask, wishes, answers.frame, answers.decided)
        if as_json:
            print_json(_document(ask, instant, rows))
        else:
            _write(rows, out)
    _summary(wishes, rows, answers.frame, answers.decided, time.perf_counter() - begun)
    missing = rows["may_ask"].is_in([UNKNOWN_SUPPORTER, UNREADABLE]).any() or wishes.broken
    return FOUND if missing else FINE


def with_answers(
    ask: Asking, wishes: Wishes, frame: pl.DataFrame, decided: Sequence[Decision]
) -> pl.DataFrame:
    """Return the list's rows with the answer columns, in the order of the list."""
    texts = pl.DataFrame(
        [_texts(decision) for decision in decided],
        schema=dict.fromkeys(TEXTS, pl.String),
        orient="row",
    ).with_row_index("said")
    organisation = ask.store.organisation
    local = pl.from_epoch("until", "us").dt.replace_time_zone("UTC")
    joined_rows = frame.with_columns(pl.col("said").cast(pl.UInt32)).join(
        texts, on="said", how="left", maintain_order="left"
    )
    answers = joined_rows.select(
        may_ask="verdict",
        until=pl.when(pl.col("until") < _BEYOND).then(
            local.dt.convert_time_zone(organisation.zone).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")
        ),
        **{name: name for name in TEXTS},
        at_most=_major(exponent(organisation.currency)),
    )
    places = wishes.wrong.is_null().arg_true()
    rows = wishes.cells.drop(OURS, strict=False).with_row_index("row")
    answers = answers.with_columns(places.cast(pl.UInt32).alias("row"))
    rows = rows.join(answers, on="row", how="left", maintain_order="left").drop("row")
    wrong = wishes.wrong.alias("wrong")
    return rows.with_columns(
        may_ask=pl.when(wrong.is_null()).then("may_ask").otherwise(pl.lit(UNREADABLE)),
        reasons=pl.coalesce("reasons", wrong),
    )


def _major(digits: int) -> pl.Expr:
    """Format minor units as an exact decimal number."""
    most, scale = pl.col("most"), 10**digits
    if not digits:
        return most.cast(pl.String)
    rest = (most % scale).cast(pl.String).str.zfill(digits)
    return pl.format("{}.{}", most // scale, rest)


_BEYOND: Final = 253_402_210_800_000_000
"""The last days of the year 9999, which are treated as for ever."""


def _texts(decided: Decision) -> tuple[str | None, ...]:
    """Return the values of the columns `TEXTS`."""
    lists = (decided.until_what, decided.reasons, decided.unknown, decided.other_channels)
    return (
        *("; ".join(map(str, texts)) or None for texts in lists),
        " ".join(decided.free) or None,
    )


def _write(rows: pl.DataFrame, out: Path | None) -> None:
    if out is None:
        for place, part in enumerate(rows.iter_slices(20_000) if len(rows) else [rows]):
            sys.stdout.write(part.write_csv(include_header=place == 0))
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        rows.write_csv(partial)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def _document(ask: Asking, at: int, rows: pl.DataFrame) -> dict[str, object]:
    counts = dict(rows["may_ask"].value_counts().iter_rows())
    return ask.document(
        at=ask.clock.iso(at),
        counts={name: counts.get(name, 0) for name in ANSWERS},
        rows=rows.to_dicts(),
    )


def _summary(
    wishes: Wishes,
    rows: pl.DataFrame,
    frame: pl.DataFrame,
    decided: Sequence[Decision],
    seconds: float,
) -> None:
    """Print the number of each answer, the commonest reasons, and the problems of the list."""
    counts = dict(rows["may_ask"].value_counts().iter_rows())
    line = ", ".join(f"{counts[name]:,} {name}" for name in ANSWERS if counts.get(name))
    rate = f"{seconds:.1f} s, {len(rows) / max(seconds, 1e-9):,.0f} a second"
    tell(f"{number_of(len(rows), 'row')}: {line or 'nothing to answer'} ({rate})")
    counts_by_place = dict(frame["said"].drop_nulls().value_counts().iter_rows())
    _commonest("because", counts_by_place, decided, lambda item: item.reasons)
    _commonest("not known", counts_by_place, decided, lambda item: item.unknown)
    numbers = wishes.numbers.to_list()
    for verdict in (UNKNOWN_SUPPORTER, UNREADABLE):
        places = (rows["may_ask"] == verdict).arg_true().to_list()
        for place in places[:SHOWN]:
            why = rows["reasons"][place] or rows[wishes.column][place]
            warn(f"row {numbers[place]}: {verdict}: {why}")
        if len(places) > SHOWN:
            warn(f"and {len(places) - SHOWN:,} more: {verdict}")
    for row, reason in wishes.broken[:SHOWN]:
        warn(f"row {row} is left out: {reason}")
    if len(wishes.broken) > SHOWN:
        warn(f"and {len(wishes.broken) - SHOWN:,} more lines that are no rows")


def _commonest(words: str, numbers: dict[int, int], decided: Sequence[Decision], of: Any) -> None:  # noqa: ANN401
    reasons = Counter[str]()
    for place, number in numbers.items():
        each: Reason
        for each in of(decided[place]):
            reasons[str(each)] += number
    commonest = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    for reason, number in commonest[:MOST_REASONS]:
        tell(f"  {number:>9,}  {words}: {reason}")
