"""Query handled findings and ended findings: lists and counts.

Open findings are read by the index of findings, without the handled ones (`pages`). Acknowledged
and dismissed findings are read from their states, because there are only as many of those as
operators acted on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, exists, func, or_, select

from ladder.model.calendars import FOREVER
from ladder.storage import models, selects
from ladder.storage.indexes import indexed
from ladder.storage.models import SEVERITIES
from ladder.storage.rows import Finding
from ladder.storage.selects import known, open_at
from ladder.storage.sql import Query, as_integer
from ladder.storage.statements import Statement, raw_rows
from ladder.storage.store import Store

_FINDING = models.Finding.__table__
_STATE = models.FindingState.__table__
_SUPPORTER = models.Supporter.__table__

ENDING: Final = "ix_ladder_finding_definition_id_pattern_severity_until_at"
STANDING: Final = "uq_ladder_finding_standing"
IN_STATE: Final = "ix_ladder_finding_state_definition_id_state_at"


@dataclass(frozen=True)
class ActionedFindings:
    """Acknowledged and dismissed findings at an instant.

    Of supporters who are suppressed `now`, only safeguard patterns (`duties`) count. `silences` is
    the ladder whose movements decide who is suppressed. `root` is the ladder of the findings. They
    differ only when an earlier knowledge (`known_at`) is queried.
    """

    store: Store
    root: int
    silences: int
    now: int
    at: int
    duties: Collection[str] = ()
    known_at: int | None = None

    def findings(
        self,
        states: Iterable[str],
        *,
        least: str | None = None,
        pattern: str | None = None,
        whose: int | None = None,
    ) -> list[Finding]:
        """Return findings in these states, the gravest first; `least` is the mildest severity."""
        found, state, joined = self._joined()
        query: Query = (
            select(
                found.c.id, found.c.supporter_id, _SUPPORTER.c.key, found.c.pattern,
                found.c.severity, as_integer(found.c.at), as_integer(found.c.until),
                as_integer(found.c.recorded_at), state.c.state,
            )
            .select_from(joined.join(_SUPPORTER, _SUPPORTER.c.id == found.c.supporter_id))
            .where(*self._these(found, state, states))
        )  # fmt: skip
        if least is not None:
            query = query.where(found.c.severity.in_(SEVERITIES[SEVERITIES.index(least) :]))
        if pattern is not None:
            query = query.where(found.c.pattern == pattern)
        if whose is not None:
            query = query.where(found.c.supporter_id == whose)
        rows = raw_rows(self.store.connection.execute(query))
        return in_order(Finding(*row) for row in rows)

    def counts(self, states: Iterable[str]) -> dict[tuple[str, str, str], int]:
        """Count the findings of each (state, pattern, severity)."""
        found, state, joined = self._joined()
        keys = state.c.state, found.c.pattern, found.c.severity
        query = select(*keys, func.count()).select_from(joined)
        query = query.where(*self._these(found, state, states)).group_by(*keys)
        rows = self.store.connection.execute(query)
        return {(word, pattern, severity): n for word, pattern, severity, n in rows}

    def _joined(self) -> tuple[Any, Any, Any]:
        """Join findings to their states, starting from the states because they are few."""
        state: Any = indexed(_STATE, "state", IN_STATE)
        found: Any = _FINDING.alias("row")
        if self.known_at is None:
            found = indexed(_FINDING, "row", STANDING)
        same = (found.c[name] == state.c[name] for name in _SAME)
        return found, state, state.join(found, and_(*same))

    def _these(self, found: Any, state: Any, states: Iterable[str]) -> list[ColumnElement[bool]]:  # noqa: ANN401
        hidden = selects.silent(self.silences, found.c.supporter_id, self.now)
        return [
            state.c.definition_id == self.root,
            state.c.state.in_(list(states)),
            open_at(state.c, self.at),
            known(state.c, self.known_at),
            open_at(found.c, self.at),
            known(found.c, self.known_at),
            or_(found.c.pattern.in_(self.duties), ~hidden),
        ]


_SAME: Final = ("definition_id", "supporter_id", "pattern")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by severity, the gravest first, then by their end."""
    return sorted(
        findings,
        key=lambda each: (
            -SEVERITIES.index(each.severity), each.until is None, each.until or 0, each.at,
            each.key, each.pattern,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Over:
    """Findings that have ended, as known now.

    Of supporters who are suppressed `now`, only safeguard patterns (`duties`) count.
    """

    store: Store
    root: int
    now: int
    duties: Collection[str] = ()

    def page(
        self, grades: Iterable[tuple[str, str]], since: int, until: int, limit: int | None
    ) -> list[Finding]:
        """Return findings that ended in `(since, until]`, the latest first.

        `grades` are pairs of pattern and severity. Each finding has the values of its last
        interval. A change of severity does not end a finding.
        """
        found = [
            Finding(*row)
            for pattern, severity in grades
            for row in self._head(pattern, severity, since, until, limit)
        ]
        found.sort(key=lambda each: (-(each.until or FOREVER), each.key, each.pattern))
        return found[:limit]

    def _head(
        self, pattern: str, severity: str, since: int, until: int, limit: int | None
    ) -> Sequence[tuple[Any, ...]]:
        statement = _over(limit, heard=pattern not in self.duties)
        given: dict[str, Any] = {"root": self.root, "since": since, "until": until}
        given |= {"pattern": pattern, "severity": severity, "now": self.now}
        return raw_rows(self.store.connection.execute(statement.clause, given))


@lru_cache(maxsize=64)
def _over(limit: int | None, *, heard: bool) -> Statement:
    """Build the statement for a pattern's last ended findings that no other one continues."""
    row, after = indexed(_FINDING, "row", ENDING), indexed(_FINDING, "after", STANDING)
    root, since, until = (
        bindparam(name, type_=BigInteger()) for name in ("root", "since", "until")
    )
    goes_on = exists().where(
        after.c.definition_id == root,
        after.c.supporter_id == row.c.supporter_id,
        after.c.pattern == row.c.pattern,
        after.c.at == row.c.until,
        known(after.c),
    )
    query = (
        select(
            row.c.id, row.c.supporter_id, _SUPPORTER.c.key, row.c.pattern, row.c.severity,
            as_integer(row.c.at), as_integer(row.c.until), as_integer(row.c.recorded_at),
        )
        .select_from(row.join(_SUPPORTER, _SUPPORTER.c.id == row.c.supporter_id))
        .where(
            row.c.definition_id == root,
            row.c.pattern == bindparam("pattern"),
            row.c.severity == bindparam("severity"),
            row.c.until > since,
            row.c.until <= until,
            known(row.c),
            ~goes_on,
        )
        .order_by(row.c.until.desc(), _SUPPORTER.c.key)
    )  # fmt: skip
    if heard:
        now = bindparam("now", type_=BigInteger())
        query = query.where(~selects.silent(root, row.c.supporter_id, now))
    return Statement(query if limit is None else query.suffix_with(f"LIMIT {limit}"))
