"""The context of a query: the organisation's rows, its ladder and its clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from ladder.cli.dates import Clock
from ladder.errors import NotFoundError, nearest
from ladder.model.organisations import Organisation
from ladder.reports.pyramid import title_of
from ladder.storage import definitions
from ladder.storage.databases import reading
from ladder.storage.outlines import LadderOutline, read_outline
from ladder.storage.read.queries import Queries
from ladder.storage.rows import Movement
from ladder.storage.store import Store

if TYPE_CHECKING:
    from ladder.language.ladders import Ladder
    from ladder.language.versions import Version


@dataclass(frozen=True)
class Asking:
    """An open database, one organisation in it, one of its ladders, and the present.

    `seen` is the instant of the question, where it is not the present.
    """

    store: Store
    clock: Clock
    key: str | None
    seen: int | None = None

    def at(self, instant: int) -> Asking:
        """Return the context of a question about an instant, with the version of that time."""
        asking = replace(self, seen=instant)
        vars(asking)["questions"] = self.questions
        vars(asking)["outlines"] = self.outlines  # so that the documents are read only once
        return asking

    @cached_property
    def questions(self) -> Queries:
        """The queries about standings and movements."""
        return Queries(self.store, self.clock.now, self.key)

    @cached_property
    def outlines(self) -> dict[int, LadderOutline]:
        """The outline of the ladder by each definition in force, by id, oldest first."""
        found = self.questions.in_force
        documents = definitions.documents(self.store, found)
        return {
            definition.id: read_outline(document)
            for definition, document in zip(found, documents, strict=True)
        }

    @cached_property
    def outline(self) -> LadderOutline:
        """The outline of the ladder version that is valid at the instant of the question."""
        definition = definitions.speaking(self.questions.in_force, self._instant)
        return self.outlines[definition.id]

    @property
    def _instant(self) -> int:
        return self.clock.now if self.seen is None else self.seen

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The ladder by all definitions that the organisation has in force."""
        from ladder.storage.adopted_ladders import in_force  # noqa: PLC0415  (see tests/test_imports.py)

        root = self.questions.definition.root
        (match,) = (held for held in in_force(self.store) if held.definition.root == root)
        return match.versions

    @cached_property
    def ladder(self) -> Ladder:
        """The ladder version that is valid at the instant of the question, with its conditions."""
        from ladder.language.versions import speaking  # noqa: PLC0415  (see tests/test_imports.py)

        return speaking(self.versions, self._instant)

    @cached_property
    def finding_questions(self) -> Queries:
        """The queries about findings, which show safeguards of suppressed supporters too."""
        patterns = (pattern for version in self.versions for pattern in version.ladder.patterns)
        duties = tuple(pattern.key for pattern in patterns if pattern.safeguard)
        return replace(self.questions, duties=duties)

    @property
    def name(self) -> str:
        """Name of the organisation in headings; "Your supporters" for the unnamed default one."""
        organisation = self.store.organisation
        unnamed = organisation.key == Organisation().key
        return organisation.name or ("Your supporters" if unnamed else organisation.key)

    def title(self, rungs: str) -> str:
        """Name a place by the latest definition that has all its rungs."""
        for ladder in (self.outline, *reversed(self.outlines.values())):
            if set(rungs.split("+")) <= {"", *(rung.key for rung in ladder.rungs)}:
                return title_of(ladder, rungs)
        return title_of(self.outline, rungs)

    def step(self, movement: Movement) -> str:
        """Format a movement as "from > to"."""
        return f"{self.title(movement.before)} > {self.title(movement.after)}"

    def rung(self, key: str) -> str:
        """Return the key of a rung; "" for the ground, which its own title names as well.

        Raises:
            NotFoundError: The rung is unknown; the message has the nearest names.
        """
        known = [rung.key for rung in self.outline.rungs]
        if key in ("ground", self.outline.ground):
            return ""
        if key not in known:
            near = nearest(key, known)
            message = f"unknown rung {key!r}{near}; known: {', '.join(known)}, ground"
            raise NotFoundError(message)
        return key

    def document(self, **more: object) -> dict[str, object]:
        """Return the head of a JSON answer, with more fields."""
        head = {"organisation": self.store.organisation.key, "ladder": self.outline.key}
        return {**head, **more}


@contextmanager
def asking(
    db: str, organisation: str | None, ladder: str | None, now: date | None
) -> Iterator[Asking]:
    """Open a database for reading and yield the context of a question."""
    with reading(db, organisation) as store:
        yield Asking(store, Clock.of(store.organisation.calendar, now), ladder)
