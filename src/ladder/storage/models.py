"""The tables, as SQLAlchemy models that hosts may query, join and point foreign keys at.

Every table is called `ladder_*`, every constraint has a name, and all of it lives in a `MetaData`
of its own, so that a host's `create_all` never makes our tables, nor ours the host's. To keep them
in another schema, hand `migrations.upgrade` its name and give the engine or session
`execution_options={"schema_translate_map": {None: "name"}}`.

Rules that a writer keeps (storage itself and `crm` do; hosts should write through those):

- a touchpoint is never updated; what changes is told by a further one;
- a movement or a finding is never updated but for `retracted_at`, which is set once: retract first,
  then add, for at most one *standing* (not retracted) row may say something about one instant;
- known at K is what has `recorded_at <= K` and (`retracted_at` is NULL or `retracted_at > K`);
- a row that is `summed` is never deleted: it is retracted at the instant at which it was recorded,
  which is known at no K, until the sums have taken it out (`sums`).

Not `MappedAsDataclass`: its defaults mean different things in SQLAlchemy 2.0 and 2.1.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeEngine

from ladder.storage.columns import BigId, Instant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

MOVEMENT_KINDS = (
    "arrived", "climbed", "slipped", "crossed", "lapsed", "returned", "silenced", "unsilenced",
)  # fmt: skip
CAUSES = ("clock", "touchpoint", "placement", "definition")
SEVERITIES = ("info", "low", "medium", "high", "critical")
ACTIONS = ("acknowledged", "dismissed", "taken back")
HANDLED = ("acknowledged", "dismissed")
"""What may have been done about a finding that is found still; else it is open."""


def _one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    """A closed vocabulary as a CHECK: an enum type of PostgreSQL could not lose a value again."""
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", name=name)


def _only(condition: str) -> dict[str, Any]:
    """An index over some rows only, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


STANDING = "retracted_at IS NULL"
PENDING = "summed = (retracted_at IS NOT NULL)"
"""What the sums do not know yet: rows that are new, and rows they hold that were retracted."""


def _follows(start: str) -> CheckConstraint:
    """A stretch that ends does so after it begins."""
    return CheckConstraint(f"until IS NULL OR until > {start}", name="until")


class Base(DeclarativeBase):
    """The ancestor of this library's models, with their own MetaData and naming convention."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[type, TypeEngine[Any]]] = {
        datetime: Instant(),
        int: BigInteger(),
        str: String(),
    }

    if TYPE_CHECKING:  # each is a Table; SQLAlchemy promises only a FromClause
        __table__: ClassVar[Table]


class Organisation(Base):
    """One nonprofit: the tenant to whom every other row belongs."""

    __tablename__ = "ladder_organisation"
    __table_args__ = (
        CheckConstraint("fiscal_month BETWEEN 1 AND 12", name="fiscal_month"),
        CheckConstraint("fiscal_day BETWEEN 1 AND 31", name="fiscal_day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """The name by which hosts and the command line ask for it."""
    name: Mapped[str]
    zone: Mapped[str]
    """Its time zone ("Europe/Zurich"): where its days begin and end."""
    currency: Mapped[str]
    """ISO 4217, three letters: the currency in which its ladder adds up money."""
    fiscal_month: Mapped[int] = mapped_column(SmallInteger)
    fiscal_day: Mapped[int] = mapped_column(SmallInteger)

    supporters: Mapped[list[Supporter]] = relationship(
        back_populates="organisation", passive_deletes="all"
    )
    definitions: Mapped[list[Definition]] = relationship(
        back_populates="organisation", passive_deletes="all"
    )


class Supporter(Base):
    """A person or household whom the organisation knows, by the host's own key."""

    __tablename__ = "ladder_supporter"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        Index(None, "organisation_id", "first_at"),  # how many lines had begun at an instant
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    key: Mapped[str]
    first_at: Mapped[datetime | None]
    """Where her line begins: her earliest touchpoint neither void nor of family status."""

    organisation: Mapped[Organisation] = relationship(back_populates="supporters")
    touchpoints: Mapped[list[Touchpoint]] = relationship(
        back_populates="supporter",
        foreign_keys="Touchpoint.supporter_id",
        order_by="Touchpoint.at, Touchpoint.id",
        passive_deletes="all",
    )
    brought: Mapped[list[Touchpoint]] = relationship(
        back_populates="referrer",
        foreign_keys="Touchpoint.referrer_id",
        order_by="Touchpoint.at, Touchpoint.id",
        passive_deletes="all",
    )
    """Touchpoints of others whom she brought."""
    movements: Mapped[list[Movement]] = relationship(
        back_populates="supporter",
        order_by="Movement.at, Movement.recorded_at, Movement.id",
        passive_deletes="all",
    )
    """All of them: retracted ones and those that lie ahead too."""
    findings: Mapped[list[Finding]] = relationship(
        back_populates="supporter",
        order_by="Finding.at, Finding.recorded_at, Finding.id",
        passive_deletes="all",
    )
    finding_actions: Mapped[list[FindingAction]] = relationship(
        back_populates="supporter",
        order_by="FindingAction.at, FindingAction.id",
        passive_deletes="all",
    )
    """What was done about any of them."""
    finding_states: Mapped[list[FindingState]] = relationship(
        back_populates="supporter",
        order_by="FindingState.at, FindingState.recorded_at, FindingState.id",
        passive_deletes="all",
    )


class Touchpoint(Base):
    """One contact between a supporter and the organisation: a fact, never updated."""

    __tablename__ = "ladder_touchpoint"
    __table_args__ = (
        UniqueConstraint("organisation_id", "source", "external_id"),
        CheckConstraint("direction IN ('inbound', 'outbound')", name="direction"),
        CheckConstraint("amount IS NULL OR currency IS NOT NULL", name="money"),
        Index(None, "supporter_id", "at"),
        Index(None, "referrer_id", **_only("referrer_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    date_only: Mapped[bool]
    """Only the day is known; `at` is then its start in the organisation's zone."""
    direction: Mapped[str | None]
    purposes: Mapped[str]
    """Sorted and joined by commas ("ask,thank"); empty when none is known."""
    asks_for: Mapped[str | None]
    channel: Mapped[str | None]
    audience: Mapped[str | None]
    automated: Mapped[bool | None]
    campaign: Mapped[str | None]
    amount: Mapped[int | None]
    """Minor units of `currency` (cents), exact."""
    currency: Mapped[str | None]
    quantity: Mapped[int | None]
    """Millionths of the unit that the kind declares (hours), exact."""
    answers_source: Mapped[str | None]
    answers_id: Mapped[str | None]
    """With `answers_source` the key of the touchpoint it answers, known here or not yet."""
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("ladder_supporter.id"))
    source: Mapped[str]
    external_id: Mapped[str | None]
    """With `source` the idempotency key; without it every recording is a fact of its own."""
    details: Mapped[str | None] = mapped_column(Text)
    """A JSON object with sorted keys, or NULL. Text and not JSON: what `where()` selects on must
    read back as it was written, and jsonb rewrites numbers."""
    recorded_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    supporter: Mapped[Supporter] = relationship(
        back_populates="touchpoints", foreign_keys=[supporter_id]
    )
    referrer: Mapped[Supporter | None] = relationship(
        back_populates="brought", foreign_keys=[referrer_id]
    )


class Definition(Base):
    """A ladder as an organisation adopted it: the document, and from when it speaks.

    Those of one key that are not retired speak one after the other, and are one ladder.
    """

    __tablename__ = "ladder_definition"
    __table_args__ = (Index(None, "organisation_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    key: Mapped[str]
    title: Mapped[str]
    document: Mapped[str] = mapped_column(Text)
    """The TOML text."""
    fingerprint: Mapped[str]
    """Of the expanded form: equal for two documents that mean the same."""
    adopted_at: Mapped[datetime]
    effective_from: Mapped[datetime | None]
    """From when it speaks, until the next one of its key does; NULL: from the beginning."""
    retired_at: Mapped[datetime | None]
    first_id: Mapped[int | None]
    """The first definition that this ladder had, under whose id its movements and findings are
    kept; NULL: this is the first. No foreign key: SQLite could add one only by writing the table
    anew, with everything that points at it."""
    digest: Mapped[str | None]
    """SHA-256 of the document, by which whoever has read it before knows it again; NULL: not known.
    Whoever writes another document writes its digest or none."""

    organisation: Mapped[Organisation] = relationship(back_populates="definitions")
    places: Mapped[list[Place]] = relationship(
        back_populates="definition", order_by="Place.height, Place.rungs", passive_deletes="all"
    )


class Place(Base):
    """Where one can stand on a ladder: the greatest height held and the rungs held there."""

    __tablename__ = "ladder_place"
    __table_args__ = (UniqueConstraint("definition_id", "rungs"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"))
    height: Mapped[int] = mapped_column(Integer)
    rungs: Mapped[str]
    """Keys of the rungs held at that height, joined by + in the ladder's order; "" is ground."""

    definition: Mapped[Definition] = relationship(back_populates="places")
    rung_rows: Mapped[list[PlaceRung]] = relationship(
        back_populates="place", cascade="save-update, merge, delete, delete-orphan"
    )


class PlaceRung(Base):
    """One rung of a place, so that "who holds donating?" is a plain join."""

    __tablename__ = "ladder_place_rung"

    place_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"), primary_key=True)
    rung: Mapped[str] = mapped_column(primary_key=True)

    place: Mapped[Place] = relationship(back_populates="rung_rows")


class Movement(Base):
    """One place gives way to another, at an instant past or to come, for a cause.

    She stands at `after` during `[at, until)`; the row before it in her line ended at `at`.
    """

    __tablename__ = "ladder_movement"
    __table_args__ = (
        _one_of("kind", MOVEMENT_KINDS, "kind"),
        _one_of("cause", CAUSES, "cause"),
        _follows("at"),
        # Her line, and everything of hers when she is erased.
        Index(None, "supporter_id", "at"),
        # Movements of a time, by kind, in order: also those to come. Not only what stands, since
        # what was believed of a time is asked too.
        Index(None, "definition_id", "kind", "at"),
        # Who stands somewhere, in the order in which they leave.
        Index(None, "definition_id", "after_id", "until", "at", **_only(STANDING)),
        Index(
            "uq_ladder_movement_standing", "definition_id", "supporter_id", "at",
            unique=True, **_only(STANDING),
        ),
        # Small, whatever the table's size: who is silent, what the sums do not know yet.
        Index(
            "ix_ladder_movement_silence", "definition_id", "supporter_id", "at", "until",
            **_only(f"kind = 'silenced' AND {STANDING}"),
        ),
        Index("ix_ladder_movement_pending", "definition_id", **_only(PENDING)),
        Index(None, "cause_id", **_only("cause_id IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"))
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    """When she leaves `after` if nothing happens; NULL: never."""
    kind: Mapped[str]
    before_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"))
    after_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"))
    skipped: Mapped[str]
    """Keys of the rungs passed over, joined by +; mostly empty."""
    new_peak: Mapped[bool]
    """Higher than she ever stood before."""
    cause: Mapped[str]
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("ladder_touchpoint.id"))
    """The touchpoint without which she would not have moved, where the cause is one."""
    cause_others: Mapped[str | None] = mapped_column(Text)
    """Ids of further such touchpoints of the same instant, as a JSON list."""
    recorded_at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]
    summed: Mapped[bool] = mapped_column(server_default=false())
    """Whether the sums hold it: whoever writes a row leaves it out, and `sums.refresh` sets it."""

    organisation: Mapped[Organisation] = relationship()
    definition: Mapped[Definition] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="movements")
    before: Mapped[Place] = relationship(foreign_keys=[before_id])
    after: Mapped[Place] = relationship(foreign_keys=[after_id])
    cause_touchpoint: Mapped[Touchpoint | None] = relationship()


class Finding(Base):
    """A pattern of the relationship that was true during `[at, until)`."""

    __tablename__ = "ladder_finding"
    __table_args__ = (
        _one_of("severity", SEVERITIES, "severity"),
        _follows("at"),
        Index(None, "supporter_id", "at"),
        # What began within a time.
        Index(None, "definition_id", "at"),
        # What is open, in the order in which it ends.
        Index(
            None, "definition_id", "pattern", "severity", "until", "at", **_only(STANDING)
        ),
        Index(
            "uq_ladder_finding_standing",
            "definition_id", "supporter_id", "pattern", "at", "severity",
            unique=True, **_only(STANDING),
        ),
        Index("ix_ladder_finding_pending", "definition_id", **_only(PENDING)),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"))
    pattern: Mapped[str]
    severity: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]
    summed: Mapped[bool] = mapped_column(server_default=false())
    """Whether the sums hold it: whoever writes a row leaves it out, and `sums.refresh` sets it."""

    organisation: Mapped[Organisation] = relationship()
    definition: Mapped[Definition] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="findings")


class FindingAction(Base):
    """What somebody did about a finding: acknowledged it, dismissed it, or took that back.

    It is said of a pattern about a supporter, and of the touchpoints that proved it: findings are
    worked out anew all the time, and what was said of them has to stay. A row is never changed;
    taking back is one more.
    """

    __tablename__ = "ladder_finding_action"
    __table_args__ = (
        _one_of("action", ACTIONS, "action"),
        CheckConstraint("action <> 'dismissed' OR reason <> ''", name="reason"),
        Index(None, "supporter_id", "ladder"),
        Index(None, "organisation_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"))
    ladder: Mapped[str]
    """The key of the ladder: whatever is adopted under it, this goes on to be said."""
    pattern: Mapped[str]
    action: Mapped[str]
    at: Mapped[datetime]
    """From when on it counts: when it was done."""
    by_whom: Mapped[str]
    """Who did it, in the host's words; perhaps empty."""
    reason: Mapped[str] = mapped_column(Text)
    """Why; a dismissal has one, a note may be empty."""
    evidence: Mapped[str] = mapped_column(Text)
    """The touchpoints that proved the finding for whoever acted, as a JSON list: each by
    [source, external id], or by its id in the database where it has none."""
    recorded_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="finding_actions")


class FindingState(Base):
    """A finding is acknowledged, or dismissed, during `[at, until)`. All others are open.

    Worked out from the actions and from what proves the finding when, and kept as findings are: a
    row is never changed but for `retracted_at`.
    """

    __tablename__ = "ladder_finding_state"
    __table_args__ = (
        _one_of("state", HANDLED, "state"),
        _follows("at"),
        Index(None, "supporter_id", "at"),
        # Who is in a state, without reading anybody who is not.
        Index(None, "definition_id", "state", "at"),
        Index(
            "uq_ladder_finding_state_standing", "definition_id", "supporter_id", "pattern", "at",
            unique=True, **_only(STANDING),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"))
    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"))
    pattern: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    """When it is open again, or over, if nothing happens; NULL: never."""
    recorded_at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    definition: Mapped[Definition] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="finding_states")


class Carried(Base):
    """What a recording has to know of a supporter's past: read instead of her history.

    Worked out from the touchpoints and nothing else: rows may be deleted at any time, and the next
    recording reads the history instead.
    """

    __tablename__ = "ladder_carried"

    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    at: Mapped[datetime]
    """It speaks for all that happened before."""
    judged_by: Mapped[str]
    """A hash of the ladder, the coverage and all else that she was judged by."""
    state: Mapped[str] = mapped_column(Text)
    """JSON, see `ladder.engines.incremental.snapshot_json`."""


class Summary(Base):
    """That there are sums for a ladder: what was summed up of its movements and findings.

    A sum is about the `slot` of time from `slot << shift` up to the next, in microseconds; the
    greater shifts are there so that few rows reach far. What they hold is marked `summed`; all else
    is added to them when somebody asks (see `sums` and `counting`). Writers leave them alone.
    """

    __tablename__ = "ladder_summary"

    definition_id: Mapped[int] = mapped_column(
        ForeignKey("ladder_definition.id"), primary_key=True, autoincrement=False
    )
    summed_at: Mapped[datetime]


def _slotted() -> dict[str, Any]:
    """Its key is all that it is found by; SQLite would keep the key a second time."""
    return {"sqlite_with_rowid": False}


class StandingSum(Base):
    """By how many those who stand at a place became more (or fewer) during a slot.

    Whoever is silent stands at the ground of the movement that silenced her, apart: `silent`.
    """

    __tablename__ = "ladder_standing_sum"
    __table_args__ = (_slotted(),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"), primary_key=True)
    shift: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"), primary_key=True)
    silent: Mapped[bool] = mapped_column(primary_key=True)
    change: Mapped[int]


class FlowSum(Base):
    """How many movements of one sort there were during a slot."""

    __tablename__ = "ladder_flow_sum"
    __table_args__ = (_slotted(),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"), primary_key=True)
    shift: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    before_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"), primary_key=True)
    after_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"), primary_key=True)
    new_peak: Mapped[bool] = mapped_column(primary_key=True)
    seam: Mapped[bool] = mapped_column(primary_key=True)
    """The cause is another definition: nobody did anything."""
    change: Mapped[int]


class FindingSum(Base):
    """By how many the open findings of a pattern and severity became more during a slot."""

    __tablename__ = "ladder_finding_sum"
    __table_args__ = (_slotted(),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"), primary_key=True)
    shift: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)
    change: Mapped[int]


class Coverage(Base):
    """The organisation's word that its log holds what a selector selects, over a time."""

    __tablename__ = "ladder_coverage"
    __table_args__ = (
        CheckConstraint("since IS NULL OR until IS NULL OR until > since", name="until"),
        Index(None, "organisation_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    selector: Mapped[str] = mapped_column(Text)
    """In the ladder language: `family("money")`."""
    source: Mapped[str | None]
    since: Mapped[datetime | None]
    """NULL: from the beginning."""
    until: Mapped[datetime | None]
    declared_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()


class Import(Base):
    """One run of a replay from a file: what it read, how, and what became of its rows."""

    __tablename__ = "ladder_import"
    __table_args__ = (Index(None, "organisation_id", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    file: Mapped[str]
    digest: Mapped[str]
    """Of the file's bytes, so that the same file is known again under another name."""
    mapping: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """NULL while it runs, or for ever where it was killed."""
    rows: Mapped[int]
    kept: Mapped[int]
    known: Mapped[int]
    """Rows that an earlier run had brought already."""
    refused: Mapped[int]

    organisation: Mapped[Organisation] = relationship()
