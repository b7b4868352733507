"""Query an organisation's supporters at any instant.

    ask = Queries(store, now=now)
    ask.counts(at), ask.people("donating", at), ask.upcoming(now, days=30), …

"Now" is the instant of the query. Supporters who are suppressed then (objected, died, erased) are
left out of every answer, regardless of its date. `known_at` queries what was known at an earlier
instant. `selects` has the statements, for hosts that join them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, or_, select

from ladder.errors import NotFoundError, nearest
from ladder.storage import definitions, finding_states, models, selects
from ladder.storage.finding_states import OPEN, STATES
from ladder.storage.indexes import indexed
from ladder.storage.models import HANDLED, SEVERITIES, Place, Supporter
from ladder.storage.read.finding_history import ActionedFindings, Over
from ladder.storage.read.pages import Open, People, later, merged
from ladder.storage.rows import (
    Count,
    Finding,
    Flow,
    Movement,
    Standing,
    finding,
    integers,
    movement,
)
from ladder.storage.sql import Query, besides, members
from ladder.storage.statements import Statement, query_batch
from ladder.storage.store import Store
from ladder.storage.summary import summary_counts
from ladder.storage.supporters import known_supporter

__all__ = ["Count", "Finding", "Flow", "Movement", "Queries", "Standing"]


_SILENT: Final = Statement(
    select(selects.silent(bindparam("definition"), bindparam("supporter"), bindparam("now")))
)
FEW: Final = 500
"""Up to this many findings, states are read per supporter; above it, all states are read."""


def _following(found: Sequence[Finding], after: Finding | None) -> list[Finding]:
    """Return the findings after that one; all of them when it is None."""
    ids = [each.id for each in found]
    return list(found if after is None else found[ids.index(after.id) + 1 :])


def _refuse(what: str, words: Iterable[str], known: Collection[str]) -> None:
    """Check words against a vocabulary.

    Raises:
        NotFoundError: A word is unknown; the message has the nearest known word.
    """
    for word in words:
        if word not in known:
            near = nearest(word, known)
            message = f"unknown {what} {word!r}{near}; known: {', '.join(known)}"
            raise NotFoundError(message)


@dataclass(frozen=True)
class Queries:
    """All queries about one organisation and one of its ladders.

    `ladder` is the key of the ladder; it is needed only where there are several. `duties` are the
    safeguard patterns: their findings are shown for suppressed supporters too.

    Raises:
        NotFoundError: No such ladder was adopted.
    """

    store: Store
    now: int
    ladder: str | None = None
    duties: Collection[str] = ()

    @cached_property
    def in_force(self) -> list[definitions.Definition]:
        """The definitions in force of the ladder, oldest first."""
        return definitions.of_one_ladder(self.store, self.ladder)

    @property
    def definition(self) -> definitions.Definition:
        """The last definition in force, which also decides who is suppressed."""
        return self.in_force[-1]

    def counts(self, at: int, *, known_at: int | None = None) -> list[Count]:
        """Count supporters at each place, highest first; the ground is always last.

        Uses the summaries, where they exist and the present knowledge is queried.
        """
        if known_at is None:
            said = summary_counts.standings(self.store, self.definition.root, at=at, now=self.now)
            if said is not None:
                return self._counted(said)
        return self._counted_one_by_one(at, known_at)

    def rung_counts(self, at: int, *, known_at: int | None = None) -> dict[str, int]:
        """Count supporters on each rung of their greatest height; one may hold several rungs."""
        found: Counter[str] = Counter()
        for count in self.counts(at, known_at=known_at):
            found.update(dict.fromkeys(filter(None, count.rungs.split("+")), count.supporters))
        return dict(sorted(found.items()))

    def people(
        self,
        rung: str,
        at: int,
        *,
        known_at: int | None = None,
        limit: int | None = None,
        after: Standing | None = None,
    ) -> list[Standing]:
        """Return supporters on that rung ("" for the ground) at an instant, ordered by their end.

        Supporters who stay for ever come next, then those who never moved. Ties are ordered by
        start, then by key. `limit` gives one page, and `after` the page that follows that standing;
        every page costs the same. Without a limit all supporters are read, even a million.
        """
        root = self._definition_id(known_at)
        people = People(self.store, self.definition.root, self.now, at, root, known_at)
        return people.page(rung, limit, after)

    def standing(self, supporter: str, at: int, *, known_at: int | None = None) -> Standing | None:
        """Return where that supporter stands; None before their line begins and while suppressed.

        Raises:
            NotFoundError: The key is unknown.
        """
        number = known_supporter(self.store, supporter)
        query = self._standings(at, known_at).where(models.Movement.supporter_id == number)
        above = self._stand(query.where(Place.height > 0))
        ground = self._ground(at, known_at).where(Supporter.id == number)
        return next(iter(above or self._on_ground(ground, at, known_at)), None)

    def movements(
        self,
        since: int | None = None,
        until: int | None = None,
        *,
        kinds: Collection[str] = (),
        supporter: str | None = None,
        known_at: int | None = None,
        limit: int | None = None,
        after: Movement | None = None,
        seams: bool = True,
    ) -> list[Movement]:
        """Return movements within `[since, until)`, oldest first, of these kinds (all when empty).

        Movements that lie ahead are included; `until` limits them to the past. `limit` gives one
        page, and `after` the page that follows that movement. Without `seams`, movements caused by
        another definition are left out.
        """
        whose = None if supporter is None else known_supporter(self.store, supporter)
        if after is not None:
            since = after.at
        row = models.Movement

        def head(*kinds: str) -> Query:
            root = self._definition_id(known_at)
            query = selects.movements(
                root, since=since, until=until, kinds=kinds, known_at=known_at
            )
            if whose is not None:
                query = query.where(row.supporter_id == whose)
            if after is not None:
                query = query.where(later(((row.at, after.at), (Supporter.key, after.key))))
            if not seams:
                query = query.where(row.cause != "definition")
            query = self._heard(query, row.supporter_id).order_by(row.at, Supporter.key)
            return integers(query).limit(limit)

        if limit is None or whose is not None:
            found = self.store.connection.execute(head(*kinds))
        else:
            heads = [head(kind) for kind in dict.fromkeys(kinds or models.MOVEMENT_KINDS)]
            found = self.store.connection.execute(merged(heads, ("at", "key"), limit))
        return [movement(each) for each in found]

    def history(self, supporter: str, *, known_at: int | None = None) -> list[Movement]:
        """Return all movements of one supporter, past and ahead, oldest first."""
        return self.movements(supporter=supporter, known_at=known_at)

    def upcoming(
        self,
        since: int,
        days: int,
        *,
        kinds: Collection[str] = selects.FALLS,
        limit: int | None = None,
        after: Movement | None = None,
    ) -> list[Movement]:
        """Return falls after `since` and within that many days, unless something happens.

        Days are the organisation's and whole: `days=0` ends tonight. Movements by another
        definition at a version boundary ahead are left out, because no act of the supporter would
        change them.
        """
        calendar = self.store.organisation.calendar
        until = calendar.day_end(calendar.day_of(since) + days)
        return self.movements(since + 1, until, kinds=kinds, limit=limit, after=after, seams=False)

    def moved_by_definition(self, at: int) -> int:
        """Count the supporters that another definition moved at that version boundary."""
        row = models.Movement
        kinds = row.kind.in_(models.MOVEMENT_KINDS)  # all kinds: an index begins with them
        seam = and_(row.definition_id == self.definition.root, kinds, row.at == at)
        its = and_(seam, row.cause == "definition", row.retracted_at.is_(None))
        return self.store.connection.scalar(select(func.count()).where(its)) or 0

    def findings(
        self,
        at: int | None = None,
        *,
        severity: str | None = None,
        pattern: str | None = None,
        supporter: str | None = None,
        known_at: int | None = None,
        limit: int | None = None,
        states: Collection[str] = (),
        after: Finding | None = None,
    ) -> list[Finding]:
        """Return findings that are open at an instant (all findings when None), the gravest first.

        `severity` is the mildest severity to show. `limit` gives one page of all supporters'
        findings, and `after` the page that follows that finding. `states` are the wanted states at
        that instant, of open, acknowledged and dismissed: all when empty.

        Raises:
            NotFoundError: A word is no severity or no state.
        """
        _refuse("severity", [severity] if severity else (), SEVERITIES)
        _refuse("state", states, STATES)
        whose = None if supporter is None else known_supporter(self.store, supporter)
        if at is not None and states and OPEN not in states:
            handled = self._handled(at, known_at)
            found = handled.findings(states, least=severity, pattern=pattern, whose=whose)
            return _following(found, after)[:limit]
        without = tuple(each for each in HANDLED if states and each not in states)
        if at is not None and limit is not None and whose is None and known_at is None:
            found = self._gravest(at, limit, severity, pattern, after, without)
        else:
            found = self._stored(at, severity, pattern, whose, known_at, limit, without)
        return found if at is None else self._in_their_states(found, at, known_at)

    def resolved(
        self,
        grades: Iterable[tuple[str, str]],
        *,
        since: int,
        until: int,
        limit: int | None = None,
    ) -> list[Finding]:
        """Return findings that ended in `(since, until]`, the latest first, as known now.

        `grades` are pairs of a pattern's key and the severity at which the finding ended. A finding
        that only changes its severity has not ended. Each finding has the values of its last
        interval.
        """
        over = Over(self.store, self.definition.root, self.now, self.duties)
        found = over.page(grades, since, until, limit)
        return [replace(each, state="resolved") for each in found]

    def states_of(self, supporter: str, at: int) -> dict[str, str]:
        """Return a supporter's handled patterns at an instant: acknowledged or dismissed."""
        whose = [known_supporter(self.store, supporter)]
        found = finding_states.at(self.store, self.definition.root, at, people=whose)
        return {pattern: state for (_, pattern), state in found.items()}

    def state_counts(
        self, at: int, *, known_at: int | None = None
    ) -> dict[tuple[str, str, str], int]:
        """Count the acknowledged and dismissed findings of each (state, pattern, severity).

        They are among `finding_counts`; all others of those are open.
        """
        return dict(sorted(self._handled(at, known_at).counts(HANDLED).items()))

    def _handled(self, at: int, known_at: int | None) -> ActionedFindings:
        root, silences = self._definition_id(known_at), self.definition.root
        return ActionedFindings(self.store, root, silences, self.now, at, self.duties, known_at)

    def _stored(
        self,
        at: int | None,
        severity: str | None,
        pattern: str | None,
        whose: int | None,
        known_at: int | None,
        limit: int | None,
        without: Collection[str],
    ) -> list[Finding]:
        """Read findings by one statement, in the order of lists."""
        query = selects.findings(
            self._definition_id(known_at),
            at=at,
            severity=severity,
            pattern=pattern,
            known_at=known_at,
        )
        row = models.Finding
        if whose is not None:  # by the supporter's index: SQLite guesses wrong
            hers = indexed(row.__table__, "hers", "ix_ladder_finding_supporter_id_at")
            query = query.where(row.id.in_(select(hers.c.id).where(hers.c.supporter_id == whose)))
        if at is not None and without:
            query = query.where(~finding_states.in_state(row, without, at=at, known_at=known_at))
        query = query.where(self._shown())
        grave = case({name: n for n, name in enumerate(SEVERITIES)}, value=row.severity)
        order = row.until.is_(None), row.until, row.at, Supporter.key, row.pattern
        found = self._execute(query.order_by(grave.desc(), *order).limit(limit))
        return [finding(each) for each in found]

    def _gravest(
        self,
        at: int,
        limit: int,
        least: str | None,
        only: str | None,
        after: Finding | None,
        without: tuple[str, ...],
    ) -> list[Finding]:
        """Return a page of the findings open at an instant, starting from the gravest severity."""
        found = list[Finding]()
        open_ = Open(self.store, self.definition.root, self.now, at, self.duties, without)
        most = len(SEVERITIES) if after is None else SEVERITIES.index(after.severity) + 1
        grades = SEVERITIES[SEVERITIES.index(least or SEVERITIES[0]) : most]
        there = self._sorts(at) if only is None else [(only, each) for each in grades]
        for severity in reversed(grades):
            wanted = [pattern for pattern, grade in there if grade == severity]
            last = after if after is not None and after.severity == severity else None
            if len(found) < limit:
                found += open_.page(severity, wanted, limit - len(found), last)
        return found

    def _sorts(self, at: int) -> Iterable[tuple[str, str]]:
        """Return each (pattern, severity) that may occur at an instant, in order."""
        sorts = summary_counts.sorts_of_findings(self.store, self.definition.root)
        return self.finding_counts(at) if sorts is None else sorted(sorts)

    def _in_their_states(
        self, found: Sequence[Finding], at: int, known_at: int | None
    ) -> list[Finding]:
        """Return these findings, each with its state."""
        few = len(found) <= FEW
        states = finding_states.at(
            self.store, self._definition_id(known_at), at, known_at=known_at,
            people=[each.supporter_id for each in found] if few else None,
        )  # fmt: skip
        if not states:
            return list(found)
        keys = ((each, (each.supporter_id, each.pattern)) for each in found)
        return [replace(each, state=states[key]) if key in states else each for each, key in keys]

    def is_silent(self, supporter: str) -> bool:
        """Return whether the supporter is suppressed now."""
        number = known_supporter(self.store, supporter)
        values = {"definition": self.definition.root, "supporter": number, "now": self.now}
        ((silent,),) = query_batch(self.store.connection, [(_SILENT, values)])[0]
        return bool(silent)

    def silent_among(self, supporters: Collection[int]) -> frozenset[int]:
        """Return which of these supporters (ids) are suppressed now."""
        if not supporters:
            return frozenset()
        among = Supporter.id.in_(members(self.store.connection, sorted(supporters)))
        mine = besides(Supporter.organisation_id) == self.store.organisation_id
        hidden = selects.silent(self.definition.root, Supporter.id, self.now)
        rows = self.store.connection.execute(select(Supporter.id).where(mine, among, hidden))
        return frozenset(number for (number,) in rows)

    def flows(
        self, since: int | None = None, until: int | None = None, *, known_at: int | None = None
    ) -> list[Flow]:
        """Count movements of each sort within `[since, until)`, past or ahead."""
        if known_at is None:
            root = self.definition.root
            said = summary_counts.flows(self.store, root, since=since, until=until, now=self.now)
            if said is not None:
                return self._flowed(said[summary_counts.NUMBER])
        query = selects.movements(
            self._definition_id(known_at), since=since, until=until, known_at=known_at
        )
        moved = self._heard(query, models.Movement.supporter_id).subquery()
        seam = moved.c.cause == literal_column("'definition'")
        keys = *(moved.c[name] for name in ("kind", "before", "after", "new_peak")), seam
        rows = self._execute(select(*keys, func.count()).group_by(*keys))
        return sorted(Flow(*row) for row in rows)

    def finding_counts(self, at: int, *, known_at: int | None = None) -> dict[tuple[str, str], int]:
        """Count the open findings of each (pattern, severity) at an instant."""
        if known_at is None:
            root, duties = self.definition.root, self.duties
            said = summary_counts.findings(self.store, root, at=at, now=self.now, duties=duties)
            if said is not None:
                return dict(sorted((key, n) for key, n in said[summary_counts.NUMBER].items() if n))
        query = selects.findings(self._definition_id(known_at), at=at, known_at=known_at)
        found = query.where(self._shown()).subquery()
        keys = found.c.pattern, found.c.severity
        rows = self._execute(select(*keys, func.count()).group_by(*keys).order_by(*keys))
        return {(pattern, severity): number for pattern, severity, number in rows}

    def _counted(self, said: dict[str, summary_counts.Numbers]) -> list[Count]:
        """Return occupied places; the ground has all supporters with a line, less the others."""
        places, above = self._places(), Counter[tuple[str, int]]()
        elsewhere = 0
        for (place, silent), number in said[summary_counts.NUMBER].items():
            rungs, height = places.get(place, ("", 0))
            if height and not silent:
                above[rungs, height] += number
            if height or silent:
                elsewhere += number
        ordered = sorted(above.items(), key=lambda each: (-each[0][1], each[0][0]))
        counts = [Count(*place, number) for place, number in ordered if number]
        return [*counts, Count("", 0, said[summary_counts.BEGUN].total() - elsewhere)]

    def _flowed(self, numbers: summary_counts.Numbers) -> list[Flow]:
        places, flowed = self._places(), Counter[tuple[str, str, str, bool, bool]]()
        for (kind, before, after, new_peak, seam), number in numbers.items():
            flowed[kind, places[before][0], places[after][0], bool(new_peak), bool(seam)] += number
        return sorted(
            Flow(kind, before, after, new_peak, seam, number)
            for (kind, before, after, new_peak, seam), number in flowed.items()
            if number
        )

    def _counted_one_by_one(self, at: int, known_at: int | None) -> list[Count]:
        stand = self._standings(at, known_at).where(Place.height > 0).subquery()
        query = select(stand.c.rungs, stand.c.height, func.count()).group_by(
            stand.c.rungs, stand.c.height
        )
        rows = self._execute(query.order_by(stand.c.height.desc(), stand.c.rungs))
        ground = self._ground(at, known_at).subquery()
        below = self.store.connection.scalar(select(func.count()).select_from(ground))
        return [*(Count(*row) for row in rows), Count("", 0, below or 0)]

    def _places(self) -> dict[int, tuple[str, int]]:
        """Read rungs and height of every place that this ladder ever had."""
        its = Place.definition_id.in_(definitions.succession(self.definition.root))
        query = select(Place.id, Place.rungs, Place.height).where(its)
        return {row.id: (row.rungs, row.height) for row in self._execute(query)}

    def _shown(self) -> ColumnElement[bool]:
        """Build the condition of shown findings: only safeguards for suppressed supporters."""
        row = models.Finding
        hidden = selects.silent(self.definition.root, row.supporter_id, self.now)
        return or_(row.pattern.in_(self.duties), ~hidden)

    def _definition_id(self, known_at: int | None) -> int:
        """Return the root of the definition in force now, or at `known_at`."""
        if known_at is None:
            return self.definition.root
        return definitions.current(self.store, self.definition.key, known_at=known_at).root

    def _standings(self, at: int, known_at: int | None) -> Query:
        query = selects.standings(self._definition_id(known_at), at=at, known_at=known_at)
        return self._heard(query, models.Movement.supporter_id)

    def _ground(self, at: int, known_at: int | None) -> Query:
        mine, number = self.store.organisation_id, self._definition_id(known_at)
        query = selects.on_ground(mine, number, at=at, known_at=known_at)
        return self._heard(query, Supporter.id)

    def _heard(self, query: Query, supporter_id: Any) -> Query:  # noqa: ANN401
        """Leave out supporters who are suppressed now."""
        return query.where(~selects.silent(self.definition.root, supporter_id, self.now))

    def _stand(self, query: Query) -> list[Standing]:
        query = query.join(Supporter, Supporter.id == models.Movement.supporter_id)
        named = query.add_columns(Supporter.key).order_by(Supporter.key)
        return [
            Standing(row.supporter_id, row.key, row.rungs, row.height, row.since, row.until)
            for row in self._execute(named)
        ]

    def _on_ground(self, query: Query, at: int, known_at: int | None) -> list[Standing]:
        """Add start and end to supporters on the ground, where they have stood elsewhere."""
        row = models.Movement
        here = and_(
            row.supporter_id == Supporter.id,
            row.definition_id == self._definition_id(known_at),
            selects.open_at(row, at),
            selects.known(row, known_at),
        )
        query = query.outerjoin(row, here).add_columns(row.at.label("since"), row.until)
        return [
            Standing(each.supporter_id, each.key, "", 0, each.since, each.until)
            for each in self._execute(query.order_by(Supporter.key))
        ]

    def _execute(self, query: Query) -> Sequence[Any]:
        return self.store.connection.execute(integers(query)).all()
