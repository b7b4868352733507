"""Definitions that succeed one another, and what is carried along from recording to recording.

The first definition of a ladder keeps its movements and findings.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0002"
down_revision: str | None = "ladder_0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


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


def downgrade() -> None:
    """Take back."""
    op.drop_table("ladder_carried")
    op.drop_column("ladder_definition", "first_id", schema=_schema())


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that it alters."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
