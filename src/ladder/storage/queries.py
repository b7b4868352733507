"""Questions about an organisation's supporters at any instant, answered.

    ask = Questions(store, now=now)
    ask.counts(at), ask.people("donating", at), ask.upcoming(now, days=30), …

"Now" is the instant of looking: whoever is silent then (objected, died, erased) is left out of
every answer, whichever date it is about. `known_at` asks what was believed at an earlier instant.
The statements behind are in `selects`, for hosts that want to join them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from ladder.errors import NotKnown, nearest
from ladder.storage import definitions, models, selects
from ladder.storage.answers import Count, Finding, Movement, Standing, finding, integers, movement
from ladder.storage.models import SEVERITIES, Place, PlaceRung, Supporter
from ladder.storage.sets import Query
from ladder.storage.store import Store
from ladder.storage.supporters import known_supporter

__all__ = ["Count", "Finding", "Movement", "Questions", "Standing"]


@dataclass(frozen=True)
class Questions:
    """Everything that can be asked about one organisation and one of its ladders.

    `ladder` is its key, needed only where there are several. `duties` are the patterns that protect
    people who are silent: their findings are shown all the same. Raises `NotKnown` when no such
    ladder was adopted.
    """

    store: Store
    now: int
    ladder: str | None = None
    duties: Collection[str] = ()

    @cached_property
    def definition(self) -> definitions.Definition:
        """The definition in force, which also says who is silent."""
        return definitions.current(self.store, self.ladder)

    def counts(self, at: int, *, known_at: int | None = None) -> list[Count]:
        """How many stand at each place, highest first, the ground last and always there."""
        stand = self._standings(at, known_at).where(Place.height > 0).subquery()
        query = select(stand.c.rungs, stand.c.height, func.count()).group_by(
            stand.c.rungs, stand.c.height
        )
        rows = self._execute(query.order_by(stand.c.height.desc(), stand.c.rungs))
        ground = self._ground(at, known_at).subquery()
        below = self.store.connection.scalar(select(func.count()).select_from(ground))
        return [*(Count(*row) for row in rows), Count("", 0, below or 0)]

    def rung_counts(self, at: int, *, known_at: int | None = None) -> dict[str, int]:
        """How many hold each rung at their greatest height; several may stand side by side."""
        stand = self._standings(at, known_at).subquery()
        query = (
            select(PlaceRung.rung, func.count())
            .join(stand, stand.c.place_id == PlaceRung.place_id)
            .group_by(PlaceRung.rung)
            .order_by(PlaceRung.rung)
        )
        return dict(map(tuple, self._execute(query)))

    def people(self, rung: str, at: int, *, known_at: int | None = None) -> list[Standing]:
        """Who holds that rung ("" for the ground) at an instant, by key."""
        if not rung:
            return self._on_ground(self._ground(at, known_at), at, known_at)
        number = self._definition_id(known_at)
        query = selects.on_rung(number, rung, at=at, known_at=known_at)
        return self._stand(self._heard(query, models.Movement.supporter_id))

    def standing(self, supporter: str, at: int, *, known_at: int | None = None) -> Standing | None:
        """Where that supporter stands; None before her line begins and while nothing is shown.

        Raises `NotKnown` for an unknown key.
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
    ) -> list[Movement]:
        """Movements within `[since, until)`, oldest first, of these kinds (all when empty).

        Those that lie ahead are among them: ask with `until` for those that have happened.
        """
        query = selects.movements(
            self._definition_id(known_at), since=since, until=until, kinds=kinds, known_at=known_at
        )
        whose = models.Movement.supporter_id
        if supporter is not None:
            query = query.where(whose == known_supporter(self.store, supporter))
        query = self._heard(query, whose).order_by(models.Movement.at, Supporter.key).limit(limit)
        return [movement(row) for row in self._execute(query)]

    def history(self, supporter: str, *, known_at: int | None = None) -> list[Movement]:
        """All movements of one supporter, past and ahead, oldest first."""
        return self.movements(supporter=supporter, known_at=known_at)

    def upcoming(
        self, since: int, days: int, *, kinds: Collection[str] = selects.FALLS
    ) -> list[Movement]:
        """Who falls after `since` and within that many days, unless something happens.

        Days are the organisation's and whole: `days=0` ends tonight.
        """
        calendar = self.store.organisation.calendar
        until = calendar.day_end(calendar.day_of(since) + days)
        return self.movements(since + 1, until, kinds=kinds)

    def findings(
        self,
        at: int | None = None,
        *,
        severity: str | None = None,
        pattern: str | None = None,
        supporter: str | None = None,
        known_at: int | None = None,
        limit: int | None = None,
    ) -> list[Finding]:
        """Findings that are open at an instant (all when None), the gravest first.

        `severity` is the least one to show. Raises `NotKnown` for a word that is no severity.
        """
        if severity is not None and severity not in SEVERITIES:
            known = f"known: {', '.join(SEVERITIES)}"
            message = f"unknown severity {severity!r}{nearest(severity, SEVERITIES)}; {known}"
            raise NotKnown(message)
        query = selects.findings(
            self._definition_id(known_at),
            at=at,
            severity=severity,
            pattern=pattern,
            known_at=known_at,
        )
        row = models.Finding
        if supporter is not None:
            query = query.where(row.supporter_id == known_supporter(self.store, supporter))
        hidden = selects.silent(self.definition.root, row.supporter_id, self.now)
        query = query.where(or_(row.pattern.in_(self.duties), ~hidden))
        grave = case({name: n for n, name in enumerate(SEVERITIES)}, value=row.severity)
        query = query.order_by(grave.desc(), row.at, Supporter.key, row.pattern).limit(limit)
        return [finding(each) for each in self._execute(query)]

    def is_silent(self, supporter: str) -> bool:
        """Whether nothing is shown of her now."""
        number = known_supporter(self.store, supporter)
        query = select(selects.silent(self.definition.root, number, self.now))
        return bool(self.store.connection.scalar(query))

    def _definition_id(self, known_at: int | None) -> int:
        """The definition that speaks, or that spoke then."""
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
        """Without those who are silent now."""
        return query.where(~selects.silent(self.definition.root, supporter_id, self.now))

    def _stand(self, query: Query) -> list[Standing]:
        query = query.join(Supporter, Supporter.id == models.Movement.supporter_id)
        named = query.add_columns(Supporter.key).order_by(Supporter.key)
        return [
            Standing(row.supporter_id, row.key, row.rungs, row.height, row.since, row.until)
            for row in self._execute(named)
        ]

    def _on_ground(self, query: Query, at: int, known_at: int | None) -> list[Standing]:
        """With since when and until when, for those who have stood elsewhere."""
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
