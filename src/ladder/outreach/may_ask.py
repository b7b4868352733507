"""Answer "may we ask now?" for a whole list, with the columnar engine.

Histories are read in parts of whole supporters.

`ladder.contact_rules.evaluator` applies the rules to one supporter. Both must give equal answers,
and tests/outreach compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from ladder.contact_rules import Decision, Rule, Rules, decide
from ladder.contact_rules.evaluator import waits
from ladder.contact_rules.rules import NO_SIGN, SILENT, STATUS_ONLY, STRANGER
from ladder.engines.columnar.queries import ALIVE, Look, LookResult
from ladder.language.ladders import Ladder
from ladder.language.selectors import family, kind
from ladder.model.calendars import FOREVER
from ladder.storage import coverage, supporters
from ladder.storage.read.contact_queues import dismissed_at
from ladder.storage.read.finding_intervals import findings_from, keys_and_ids, silent_at
from ladder.storage.read.history_batches import PART_ROWS, Part, read_parts
from ladder.storage.store import Store

UNKNOWN_SUPPORTER: Final = "unknown supporter"

OnProgress = Callable[[int, int], None]

_STATUS: Final = family("status") & ~(kind(NO_SIGN[0]) | kind(NO_SIGN[1]))


@dataclass(frozen=True)
class Answers:
    """The answers for a list.

    `frame` has one row per row of the list, in its order. `verdict` is that of the rules, or
    `UNKNOWN_SUPPORTER`. `until` is in microseconds (2**60: does not end by itself). `most` is in
    minor units. `said` is the position in `decided` of everything else; it is null for an unknown
    supporter.
    """

    frame: pl.DataFrame
    decided: Sequence[Decision]


def may_ask(
    store: Store,
    root: int,
    ladder: Ladder,
    rules: Rules,
    wishes: pl.DataFrame,
    *,
    at: int,
    now: int,
    progress: OnProgress | None = None,
    part_rows: int = PART_ROWS,
) -> Answers:
    """Decide for every row of a list whether the supporter may be asked at an instant.

    `wishes` has `supporter` (a key), `channel` (null: any) and `amount` (minor units; null: any).
    `ladder` is the version in force at the instant, `root` the id under which its findings are
    stored. Memory grows with the list, not with the histories.

    Raises:
        CurrencyError: if an amount cannot be converted, as in any evaluation.
    """
    known = wishes.select("supporter", "channel", "amount").with_row_index("row")
    ids = keys_and_ids(store, known["supporter"].drop_nulls().unique())
    known = known.join(ids, on="supporter", how="left", maintain_order="left")
    supporter_ids = known["id"].drop_nulls().unique().sort()
    judge = _Judge(store, root, ladder, rules.of(ladder), rules.channels, at, now)
    frames, evaluated, there = [], 0, supporters.count(store)
    among = supporter_ids if 2 * len(supporter_ids) < there else None
    total = there if among is None else len(supporter_ids)
    for part in read_parts(
        store, ladder.kinds.values(), columns=judge.look.columns, among=among, max_rows=part_rows
    ):
        rows = known.join(part.supporters.alias("id").to_frame(), on="id")
        if len(rows):
            frames.append(judge.part(part, rows))
        evaluated += len(part.supporters)
        if progress is not None:
            progress(evaluated, total)
    missing = known.filter(pl.col("id").is_null()).select(
        "row", verdict=pl.lit(UNKNOWN_SUPPORTER), until=pl.lit(FOREVER, pl.Int64),
        most=pl.lit(None, pl.Int64), said=pl.lit(None, pl.Int64),
    )  # fmt: skip
    frame = pl.concat([*frames, missing], how="vertical_relaxed").sort("row").drop("row")
    return Answers(frame, judge.decided)


@dataclass
class _Judge:
    """Everything that all parts have in common."""

    store: Store
    root: int
    ladder: Ladder
    rules: Sequence[Rule]
    channels: Sequence[str]
    at: int
    now: int
    decided: list[Decision] = field(default_factory=list)
    _known: dict[tuple[str, str, str | None], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = {f"h{n}": rule.holds for n, rule in enumerate(self.rules) if rule.holds is not None}
        named |= {
            f"u{n}": rule.unknown for n, rule in enumerate(self.rules) if rule.unknown is not None
        }
        above = {n: rule.above for n, rule in enumerate(self.rules) if rule.above is not None}
        self.above = list(above)
        self.look = Look(
            self.ladder,
            masks={"status": _STATUS},
            conditions={"alive": ALIVE, **named},
            figures={f"{n}": (figure, self.at) for n, figure in above.items()},
        )
        self.covered = coverage.declared(self.store, self.ladder.kinds)
        self.silent = silent_at(self.store, self.root, self.now)
        self.findings = self._findings()

    def _findings(self) -> pl.DataFrame:
        """Read stored findings, open or to come and not dismissed.

        Columns: supporter, rule, start, end.
        """
        patterns = [rule.pattern for rule in self.rules if rule.pattern is not None]
        left = dismissed_at(self.store, self.root, patterns, self.at)
        frames = [
            findings_from(self.store, self.root, rule.pattern, rule.severities, self.at)
            .join(left.filter(pattern=rule.pattern), on="supporter", how="anti")
            .select("supporter", pl.lit(n, pl.Int64).alias("rule"), start="at", end="until")
            for n, rule in enumerate(self.rules)
            if rule.pattern is not None
        ]
        nothing = dict.fromkeys(("supporter", "rule", "start", "end"), pl.Int64())
        return pl.concat([pl.DataFrame(schema=nothing), *frames])

    def part(self, part: Part, rows: pl.DataFrame) -> pl.DataFrame:
        """Answer the rows of the list that concern the supporters of this part."""
        past = pl.col("at") <= self.at
        looked = self.look.at(
            part.frame.filter(past), self.store.organisation, self.covered,
            part.brought.filter(past),
        )  # fmt: skip
        open_ = self._open(looked, part.supporters)
        now = open_.filter(pl.col("start") <= self.at)
        rows = rows.join(self._places(now, "h", part.supporters, looked), on="id", how="left")
        rows = rows.join(self._unknown(now), on="id", how="left")
        for n in self.above:
            rows = self._amounts(rows, n, now, looked)
        rows = self._with_verdicts(rows)
        until = [
            self._until(open_, supporters["id"].unique(), channel).join(supporters, on="id")
            for (channel,), supporters in rows.select("row", "id", "channel").group_by("channel")
        ]
        ends = pl.concat(until).select("row", "ends")
        rows = rows.join(ends, on="row", how="left")
        by_itself = pl.col("waits") & (pl.col("verdict") == "not yet")
        rows = rows.with_columns(
            until=pl.when(by_itself).then("ends").otherwise(FOREVER).cast(pl.Int64),
            most=pl.when(~pl.col("alone")).then(self._most()).cast(pl.Int64),
        )
        return rows.select("row", "verdict", "until", "most", "said")

    def _open(self, looked: LookResult, people: pl.Series) -> pl.DataFrame:
        """Collect conditions and findings that end after the instant.

        Columns: supporter, sort (h: holds, u: unknown), rule, start, end.
        """
        episodes = looked.episodes.filter(
            pl.col("end") > self.at, pl.col("condition") != "alive"
        ).select(
            "supporter",
            sort=pl.col("condition").str.slice(0, 1),
            rule=pl.col("condition").str.slice(1).cast(pl.Int64),
            start="start",
            end="end",
        )
        theirs = self.findings.join(
            people.alias("supporter").to_frame(), on="supporter", how="semi"
        )
        theirs = theirs.select("supporter", pl.lit("h").alias("sort"), "rule", "start", "end")
        return pl.concat([episodes, theirs]).filter(pl.col("end") > self.at)

    def _places(
        self, now: pl.DataFrame, sort: str, people: pl.Series, looked: LookResult
    ) -> pl.DataFrame:
        """Collect the rules that hold, except rules about amounts: `id` and `holding`."""
        there = [now.filter(pl.col("sort") == sort, ~pl.col("rule").is_in(self.above))]
        everybody = people.alias("supporter").to_frame()
        hidden = everybody.join(self.silent, on="supporter", how="semi")
        alive = looked.episodes.filter(pl.col("condition") == "alive")
        lineless = everybody.join(alive, on="supporter", how="anti")
        status = looked.rows.filter("status")
        for frame, rule in (
            (hidden, SILENT),
            (lineless.join(status, on="supporter", how="semi"), STATUS_ONLY),
            (lineless.join(status, on="supporter", how="anti"), STRANGER),
        ):
            there.append(frame.select("supporter", rule=pl.lit(self._place(rule), pl.Int64)))
        every = pl.concat([frame.select("supporter", "rule") for frame in there])
        return every.group_by(id="supporter").agg(holding=pl.col("rule").unique().sort())

    def _place(self, rule: Rule) -> int:
        return next(n for n, known in enumerate(self.rules) if known.key == rule.key)

    def _unknown(self, now: pl.DataFrame) -> pl.DataFrame:
        open_ = now.filter(pl.col("sort") == "u", ~pl.col("rule").is_in(self.above))
        return open_.group_by(id="supporter").agg(unknown=pl.col("rule").unique().sort())

    def _amounts(
        self, rows: pl.DataFrame, n: int, now: pl.DataFrame, looked: LookResult
    ) -> pl.DataFrame:
        """Add a rule about amounts where it holds or is unknown, with its figure."""
        figure = looked.values.filter(pl.col("figure") == f"{n}")
        rows = rows.join(figure.select(id="supporter", value="value"), on="id", how="left")
        for sort in "hu":
            so = now.filter(pl.col("sort") == sort, pl.col("rule") == n)
            so = so.select(pl.col("supporter").unique().alias("id"))
            rows = rows.join(so.with_columns(pl.lit(value=True).alias(sort)), on="id", how="left")
        above = pl.col("amount") > pl.col("value")
        for sort, name in (("h", "holding"), ("u", "unknown")):
            only = pl.when(pl.col(sort).fill_null(value=False) & above.fill_null(value=False))
            more = only.then(pl.lit([n], pl.List(pl.Int64))).otherwise(
                pl.lit([], pl.List(pl.Int64))
            )
            rows = rows.with_columns(_list(name).list.concat(more).alias(name))
        most = pl.when(pl.col("h")).then("value").alias(f"most{n}")
        return rows.with_columns(most).drop("value", "h", "u")

    def _most(self) -> pl.Expr:
        return pl.min_horizontal([pl.lit(None, pl.Int64), *(f"most{n}" for n in self.above)])

    def _with_verdicts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add the verdict of the rules that hold together; a combination is decided only once."""
        texts = [
            _list(name).list.eval(pl.element().cast(pl.String)).list.join(",").alias(name)
            for name in ("holding", "unknown")
        ]
        rows = rows.with_columns(texts)
        sets = rows.select("holding", "unknown", "channel").unique()
        verdicts = [self._decide(*row) for row in sets.iter_rows()]
        columns = zip(*verdicts, strict=True)
        names = ("said", "verdict", "waits", "alone")
        sets = sets.with_columns(pl.Series(n, v) for n, v in zip(names, columns, strict=True))
        return rows.join(sets, on=["holding", "unknown", "channel"], how="left", nulls_equal=True)

    def _decide(
        self, holding: str, unknown: str, channel: str | None
    ) -> tuple[int, str, bool, bool]:
        key = (holding, unknown, channel)
        holds = list(_numbers(holding))
        if key not in self._known:
            decided = decide(self.rules, holds, _numbers(unknown), self.channels, channel)
            self._known[key] = len(self.decided)
            self.decided.append(decided)
        place = self._known[key]
        decided = self.decided[place]
        alone = any(self.rules[n].alone for n in holds)
        never = alone or any(self.rules[n].above is not None for n in decided.waits)
        return place, decided.verdict, not never, alone

    def _until(self, open_: pl.DataFrame, people: pl.Series, channel: str | None) -> pl.DataFrame:
        """Find when the last wait on that channel ends per supporter: `id` and `ends`."""
        rules = [n for n, rule in enumerate(self.rules) if waits(rule, channel)]
        stretches = open_.filter(pl.col("sort") == "h", pl.col("rule").is_in(rules)).select(
            pl.col("supporter").alias("id"), "start", "end"
        )
        ends = people.alias("id").to_frame().with_columns(ends=pl.lit(self.at, pl.Int64))
        while True:
            reached = (
                stretches.join(ends, on="id")
                .filter(pl.col("start") <= pl.col("ends"), pl.col("end") > pl.col("ends"))
                .group_by("id")
                .agg(later=pl.col("end").max())
            )
            if reached.is_empty():
                return ends
            ends = ends.join(reached, on="id", how="left").select(
                "id", ends=pl.coalesce("later", "ends")
            )


def _list(name: str) -> pl.Expr:
    return pl.col(name).fill_null(pl.lit([], pl.List(pl.Int64)))


def _numbers(text: str) -> Iterator[int]:
    return (int(number) for number in text.split(",") if number)
