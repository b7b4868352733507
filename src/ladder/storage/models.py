"""The tables, as SQLAlchemy models that hosts may query, join and reference.

Every table is called `ladder_*`, and every constraint has a name. All tables belong to a separate
`MetaData`, so that a host's `create_all` does not create them. To keep them in another schema, pass
its name to `migrations.upgrade` and give the engine or session
`execution_options={"schema_translate_map": {None: "name"}}`.

Rules for writers (storage and `crm` follow them; hosts should write through those):

- a touchpoint is never updated; a further touchpoint records a change;
- a movement or a finding is never updated, except for `retracted_at`, which is set once. Retract
  first, then add: at most one *standing* (not retracted) row may describe an instant;
- a row is known at K if `recorded_at <= K` and (`retracted_at` is NULL or `retracted_at > K`);
- a row that is `summed` is never deleted. It is retracted at the instant at which it was recorded,
  so that it is known at no K, until the summaries have subtracted it (`storage.summary`).

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
"""The states that an action gives to a finding that is still open in time; any other is "open"."""


def _one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    """Build a CHECK for a closed vocabulary; PostgreSQL could not drop a value of an enum type."""
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", name=name)


def _only(condition: str) -> dict[str, Any]:
    """Restrict an index to some rows, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


STANDING = "retracted_at IS NULL"
PENDING = "summed = (retracted_at IS NOT NULL)"
"""Rows that the summaries do not reflect yet: new rows, and summed rows that were retracted."""


def _follows(start: str) -> CheckConstraint:
    """Build the CHECK that an interval ends after it begins."""
    return CheckConstraint(f"until IS NULL OR until > {start}", name="until")


class Base(DeclarativeBase):
    """The ancestor of this library's models, with their own MetaData and naming convention."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[type, TypeEngine[Any]]] = {
        datetime: Instant(),
        int: BigInteger(),
        str: String(),
    }

    if TYPE_CHECKING:  # it is always a Table; SQLAlchemy promises only a FromClause
        __table__: ClassVar[Table]


class Organisation(Base):
    """One nonprofit: the tenant that owns every other row."""

    __tablename__ = "ladder_organisation"
    __table_args__ = (
        CheckConstraint("fiscal_month BETWEEN 1 AND 12", name="fiscal_month"),
        CheckConstraint("fiscal_day BETWEEN 1 AND 31", name="fiscal_day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """The name by which hosts and the command line refer to it."""
    name: Mapped[str]
    zone: Mapped[str]
    """Its time zone ("Europe/Zurich"), which defines where its days begin and end."""
    currency: Mapped[str]
    """ISO 4217, three letters: the currency in which its ladders add up money."""
    fiscal_month: Mapped[int] = mapped_column(SmallInteger)
    fiscal_day: Mapped[int] = mapped_column(SmallInteger)

    supporters: Mapped[list[Supporter]] = relationship(
        back_populates="organisation", passive_deletes="all"
    )
    definitions: Mapped[list[Definition]] = relationship(
        back_populates="organisation", passive_deletes="all"
    )


class Supporter(Base):
    """A person or household that the organisation knows, by the host's own key."""

    __tablename__ = "ladder_supporter"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        Index(None, "organisation_id", "first_at"),  # the number of lines begun at an instant
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    key: Mapped[str]
    first_at: Mapped[datetime | None]
    """The start of their line: their earliest touchpoint neither void nor of family status."""

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
    """Touchpoints of others that name this supporter as referrer."""
    movements: Mapped[list[Movement]] = relationship(
        back_populates="supporter",
        order_by="Movement.at, Movement.recorded_at, Movement.id",
        passive_deletes="all",
    )
    """All movements, including retracted ones and those that lie ahead."""
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
    """The actions on any of the findings."""
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
    """With `answers_source`, the key of the answered touchpoint; it may be unknown here."""
    referrer_id: Mapped[int | None] = mapped_column(ForeignKey("ladder_supporter.id"))
    source: Mapped[str]
    external_id: Mapped[str | None]
    """With `source`, the idempotency key; without it, every recording is a separate fact."""
    details: Mapped[str | None] = mapped_column(Text)
    """A JSON object with sorted keys, or NULL.

    Text instead of JSON: values that `where()` selects by must read back as written, and jsonb
    rewrites numbers.
    """
    recorded_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    supporter: Mapped[Supporter] = relationship(
        back_populates="touchpoints", foreign_keys=[supporter_id]
    )
    referrer: Mapped[Supporter | None] = relationship(
        back_populates="brought", foreign_keys=[referrer_id]
    )


class Definition(Base):
    """A ladder as an organisation adopted it: the document, and its period.

    The definitions of one key that are not retired apply one after the other, and form one ladder.
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
    """A hash of the expanded form: equal for two documents with the same meaning."""
    adopted_at: Mapped[datetime]
    effective_from: Mapped[datetime | None]
    """Start of its period, until the next definition of its key; NULL: the beginning."""
    retired_at: Mapped[datetime | None]
    first_id: Mapped[int | None]
    """The first definition of this ladder; NULL: this is the first.

    Movements and findings are stored under the first id. There is no foreign key: SQLite could add
    one only by rewriting the table and every table that references it.
    """
    digest: Mapped[str | None]
    """SHA-256 of the document; NULL: unknown.

    A reader recognises by it a document that it has read. A writer of another document writes its
    digest or NULL.
    """

    organisation: Mapped[Organisation] = relationship(back_populates="definitions")
    places: Mapped[list[Place]] = relationship(
        back_populates="definition", order_by="Place.height, Place.rungs", passive_deletes="all"
    )


class Place(Base):
    """A position on a ladder: the greatest height held and the rungs held there."""

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
    """A change from one place to another, at an instant past or to come, with its cause.

    The supporter stands at `after` during `[at, until)`; the preceding row of their line ended at
    `at`.
    """

    __tablename__ = "ladder_movement"
    __table_args__ = (
        _one_of("kind", MOVEMENT_KINDS, "kind"),
        _one_of("cause", CAUSES, "cause"),
        _follows("at"),
        # A supporter's line, and all their rows when they are erased.
        Index(None, "supporter_id", "at"),
        # Movements of a period, by kind, in order, including those ahead. Retracted rows are
        # included, because queries may ask for earlier knowledge.
        Index(None, "definition_id", "kind", "at"),
        # Supporters at a place, ordered by when they leave.
        Index(None, "definition_id", "after_id", "until", "at", **_only(STANDING)),
        Index(
            "uq_ladder_movement_standing", "definition_id", "supporter_id", "at",
            unique=True, **_only(STANDING),
        ),
        # Small for any size of the table: suppressions, and rows that the summaries do not include.
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
    """When the supporter leaves `after` if nothing happens; NULL: never."""
    kind: Mapped[str]
    before_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"))
    after_id: Mapped[int] = mapped_column(ForeignKey("ladder_place.id"))
    skipped: Mapped[str]
    """Keys of the rungs passed over, joined by +; mostly empty."""
    new_peak: Mapped[bool]
    """Higher than the supporter ever stood before."""
    cause: Mapped[str]
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("ladder_touchpoint.id"))
    """The touchpoint without which the movement would not have happened, where one is the cause."""
    cause_others: Mapped[str | None] = mapped_column(Text)
    """Ids of further such touchpoints of the same instant, as a JSON list."""
    recorded_at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]
    summed: Mapped[bool] = mapped_column(server_default=false())
    """Whether the summaries include the row; writers omit it, and `summaries.refresh` sets it."""

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
        # Findings that began within a period.
        Index(None, "definition_id", "at"),
        # Open findings, ordered by their end.
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
    """Whether the summaries include the row; writers omit it, and `summaries.refresh` sets it."""

    organisation: Mapped[Organisation] = relationship()
    definition: Mapped[Definition] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="findings")


class FindingAction(Base):
    """An operator's action on a finding: acknowledged, dismissed, or taken back.

    It refers to a pattern of a supporter and to the touchpoints that proved it, because findings
    are recomputed all the time and the action has to stay. A row is never changed; taking back adds
    a row.
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
    """The key of the ladder; the action stays valid when another definition is adopted under it."""
    pattern: Mapped[str]
    action: Mapped[str]
    at: Mapped[datetime]
    """The instant of the action, from which on it counts."""
    by_whom: Mapped[str]
    """The operator, in the host's words; may be empty."""
    reason: Mapped[str] = mapped_column(Text)
    """The reason; required for a dismissal, otherwise may be empty."""
    evidence: Mapped[str] = mapped_column(Text)
    """The touchpoints that proved the finding at the action, as a JSON list.

    Each entry is [source, external id], or the id in the database for a touchpoint without one.
    """
    recorded_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="finding_actions")


class FindingState(Base):
    """The interval `[at, until)` during which a finding is acknowledged or dismissed.

    All other findings are open. States are computed from the actions and from the evidence of the
    finding over time. They are stored like findings: a row is never changed, except for
    `retracted_at`.
    """

    __tablename__ = "ladder_finding_state"
    __table_args__ = (
        _one_of("state", HANDLED, "state"),
        _follows("at"),
        Index(None, "supporter_id", "at"),
        # Findings in a state, without reading any others.
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
    """When the finding is open again, or over, if nothing happens; NULL: never."""
    recorded_at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    definition: Mapped[Definition] = relationship()
    supporter: Mapped[Supporter] = relationship(back_populates="finding_states")


class Carried(Base):
    """A snapshot of a supporter's past, from which a recording continues without their history.

    It is computed from the touchpoints alone. Rows may be deleted at any time; the next recording
    then reads the history.
    """

    __tablename__ = "ladder_carried"

    supporter_id: Mapped[int] = mapped_column(ForeignKey("ladder_supporter.id"), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    at: Mapped[datetime]
    """It represents all touchpoints before this instant."""
    judged_by: Mapped[str]
    """A hash of the ladder, the coverage and every other input of the evaluation."""
    state: Mapped[str] = mapped_column(Text)
    """JSON, see `ladder.engines.incremental.snapshots`."""


class Summary(Base):
    """The marker that a ladder has summaries of its movements and findings.

    A summary row covers the `slot` of time from `slot << shift` up to the next one, in
    microseconds. Greater shifts exist so that few rows cover a long time. Rows that are included
    are marked `summed`; a count adds the others (see `summaries` and `summary_counts`). Writers
    leave the summaries alone.
    """

    __tablename__ = "ladder_summary"

    definition_id: Mapped[int] = mapped_column(
        ForeignKey("ladder_definition.id"), primary_key=True, autoincrement=False
    )
    summed_at: Mapped[datetime]


def _slotted() -> dict[str, Any]:
    """Omit SQLite's row id: rows are found by the key alone, which would be stored twice."""
    return {"sqlite_with_rowid": False}


class StandingSum(Base):
    """The change of the number of supporters at a place during a slot.

    Suppressed supporters count at the ground of the movement that suppressed them, separately:
    `silent`.
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
    """The number of movements of one sort during a slot."""

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
    """The cause is another definition, not an act."""
    change: Mapped[int]


class FindingSum(Base):
    """The change of the number of open findings of a pattern and severity during a slot."""

    __tablename__ = "ladder_finding_sum"
    __table_args__ = (_slotted(),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("ladder_definition.id"), primary_key=True)
    shift: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)
    change: Mapped[int]


class Coverage(Base):
    """The organisation's declaration that its log is complete for a selector, over a period."""

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
    """One replay run from a file: the file, the mapping, and the fate of its rows."""

    __tablename__ = "ladder_import"
    __table_args__ = (Index(None, "organisation_id", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ladder_organisation.id"))
    file: Mapped[str]
    digest: Mapped[str]
    """A hash of the file's bytes, which recognises the file under another name."""
    mapping: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """NULL while it runs, or for ever where it was killed."""
    rows: Mapped[int]
    kept: Mapped[int]
    known: Mapped[int]
    """Rows that an earlier run had already imported."""
    refused: Mapped[int]

    organisation: Mapped[Organisation] = relationship()
