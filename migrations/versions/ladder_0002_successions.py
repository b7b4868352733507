"""Definitions that succeed one another, and what is carried along from recording to recording.

The first definition of a ladder keeps its movements and findings.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0002"
down_revision: str | None = "ladder_0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = "retracted_at IS NULL"
PENDING = "summed = (retracted_at IS NOT NULL)"


def upgrade() -> None:
    """Apply. What was adopted so far keeps its own movements: each is the first."""
    column = sa.Column("first_id", sa.BigInteger(), nullable=True)
    op.add_column("ladder_definition", column, schema=_schema())
    op.create_table(
        "ladder_carried",
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("definition_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("judged_by", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supporter_id"],
            ["ladder_supporter.id"],
            name=op.f("fk_ladder_carried_supporter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["ladder_definition.id"],
            name=op.f("fk_ladder_carried_definition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_carried_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("supporter_id", "definition_id", name=op.f("pk_ladder_carried")),
    )
    _index_for_reading()
    _sums()


def downgrade() -> None:
    """Take back."""
    for table in ("finding_sum", "flow_sum", "standing_sum", "summary"):
        op.drop_table(f"ladder_{table}")
    _index_as_before()
    op.drop_table("ladder_carried")
    _the_last_speaks_for_all()
    op.drop_column("ladder_definition", "first_id", schema=_schema())


def _the_last_speaks_for_all() -> None:
    """Where several definitions of a ladder speak, one did before: the first gets the last's words.

    Its movements are those of all until everybody is worked out anew (`ladder replay --anew`).
    """
    names = "id", "title", "document", "fingerprint", "adopted_at", "effective_from", "retired_at"
    table = sa.table("ladder_definition", *map(sa.column, (*names, "first_id")))
    later = sa.select(table).where(table.c.first_id.is_not(None), table.c.retired_at.is_(None))
    for row in op.get_bind().execute(later.order_by(table.c.effective_from)).all():
        words = {name: getattr(row, name) for name in ("title", "document", "fingerprint")}
        first = sa.update(table).where(table.c.id == row.first_id)
        op.execute(first.values(**words, effective_from=None, retired_at=None))
        op.execute(sa.update(table).where(table.c.id == row.id).values(retired_at=row.adopted_at))


def _index_for_reading() -> None:
    """What answers questions without reading a table, and what the sums hold of it."""
    for table in ("ladder_movement", "ladder_finding"):
        op.add_column(
            table,
            sa.Column("summed", sa.Boolean(), server_default=sa.false(), nullable=False),
            schema=_schema(),
        )
        _index(f"ix_{table}_pending", table, "definition_id", only=PENDING)
    _drop("ix_ladder_movement_definition_id_at", "ladder_movement")
    _drop("ix_ladder_finding_definition_id_pattern_at", "ladder_finding")
    _index(None, "ladder_supporter", "organisation_id", "first_at")
    _index(None, "ladder_movement", "definition_id", "kind", "at")
    _index(None, "ladder_movement", "definition_id", "after_id", "until", "at", only=STANDING)
    _index(
        "ix_ladder_movement_silence",
        "ladder_movement",
        *("definition_id", "supporter_id", "at", "until"),
        only=f"kind = 'silenced' AND {STANDING}",
    )
    _index(None, "ladder_finding", "definition_id", "at")
    _index(
        None,
        "ladder_finding",
        *("definition_id", "pattern", "severity", "until", "at"),
        only=STANDING,
    )


def _index_as_before() -> None:
    _drop("ix_ladder_supporter_organisation_id_first_at", "ladder_supporter")
    for end in ("definition_id_kind_at", "definition_id_after_id_until_at", "silence", "pending"):
        _drop(f"ix_ladder_movement_{end}", "ladder_movement")
    for end in ("definition_id_at", "definition_id_pattern_severity_until_at", "pending"):
        _drop(f"ix_ladder_finding_{end}", "ladder_finding")
    _index(None, "ladder_movement", "definition_id", "at")
    _index(None, "ladder_finding", "definition_id", "pattern", "at")
    for table in ("ladder_movement", "ladder_finding"):
        op.drop_column(table, "summed", schema=_schema())


def _sums() -> None:
    """Tables of sums by slots of time."""
    definition: sa.Column[int] = sa.Column("definition_id", ID, nullable=False)
    op.create_table(
        "ladder_summary",
        definition,
        sa.Column("summed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["ladder_definition.id"],
            name=op.f("fk_ladder_summary_definition_id"),
        ),
        sa.PrimaryKeyConstraint("definition_id", name=op.f("pk_ladder_summary")),
    )
    place: dict[str, Any] = {"place_id": ID}
    moved: dict[str, Any] = {"kind": sa.String(), "before_id": ID, "after_id": ID}
    moved |= {"new_peak": sa.Boolean(), "seam": sa.Boolean()}
    found = {"pattern": sa.String(), "severity": sa.String()}
    _sum("ladder_standing_sum", place | {"silent": sa.Boolean()})
    _sum("ladder_flow_sum", moved)
    _sum("ladder_finding_sum", found)


def _sum(table: str, columns: Mapping[str, Any]) -> None:
    of: dict[str, Any] = {"definition_id": ID, "shift": sa.SmallInteger(), "slot": sa.BigInteger()}
    of |= columns
    points = {"definition_id": "definition"} | dict.fromkeys(
        (name for name in columns if name.endswith("_id")), "place"
    )
    op.create_table(
        table,
        *(sa.Column(name, kind, nullable=False) for name, kind in of.items()),
        sa.Column("change", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"ladder_{at}.id"], name=op.f(f"fk_{table}_{name}"))
            for name, at in points.items()
        ),
        sa.PrimaryKeyConstraint(*of, name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )


def _index(name: str | None, table: str, *columns: str, only: str | None = None) -> None:
    where = None if only is None else sa.text(only)
    name = name or f"ix_{table}_{'_'.join(columns)}"
    op.create_index(
        name,
        table,
        list(columns),
        schema=_schema(),
        sqlite_where=where,
        postgresql_where=where,
    )


def _drop(name: str, table: str) -> None:
    op.drop_index(name, table, schema=_schema())


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that it alters."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
