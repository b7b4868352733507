"""What is done about findings, and what state they are in by it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0003"
down_revision: str | None = "ladder_0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
STANDING = sa.text("retracted_at IS NULL")
ACTION = "ladder_finding_action"
STATE = "ladder_finding_state"


def upgrade() -> None:
    """Apply. Nothing was done about findings so far, so there is nothing to fill in."""
    op.create_table(
        ACTION,
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_whom", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "action IN ('acknowledged', 'dismissed', 'taken back')",
            name=op.f(f"ck_{ACTION}_action"),
        ),
        sa.CheckConstraint(
            "action <> 'dismissed' OR reason <> ''", name=op.f(f"ck_{ACTION}_reason")
        ),
        *_keys(ACTION, "organisation", "supporter"),
    )
    _index(ACTION, "supporter_id", "ladder")
    _index(ACTION, "organisation_id", "at")
    op.create_table(
        STATE,
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("definition_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("retracted_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('acknowledged', 'dismissed')", name=op.f(f"ck_{STATE}_state")
        ),
        sa.CheckConstraint("until IS NULL OR until > at", name=op.f(f"ck_{STATE}_until")),
        *_keys(STATE, "organisation", "definition", "supporter"),
    )
    _index(STATE, "supporter_id", "at")
    _index(STATE, "definition_id", "state", "at")
    op.create_index(
        f"uq_{STATE}_standing",
        STATE,
        ["definition_id", "supporter_id", "pattern", "at"],
        unique=True,
        schema=_schema(),
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    """Take back: what was done about findings is lost."""
    op.drop_table(STATE)
    op.drop_table(ACTION)


def _keys(table: str, *points_at: str) -> list[sa.Constraint]:
    foreign = (
        sa.ForeignKeyConstraint(
            [f"{name}_id"], [f"ladder_{name}.id"], name=op.f(f"fk_{table}_{name}_id")
        )
        for name in points_at
    )
    return [*foreign, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), schema=_schema())


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that it alters."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
