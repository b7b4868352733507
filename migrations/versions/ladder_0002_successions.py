"""Definitions that succeed one another: the first of a ladder keeps its movements and findings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0002"
down_revision: str | None = "ladder_0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply. What was adopted so far keeps its own movements: each is the first."""
    column = sa.Column("first_id", sa.BigInteger(), nullable=True)
    op.add_column("ladder_definition", column, schema=_schema())


def downgrade() -> None:
    """Take back."""
    op.drop_column("ladder_definition", "first_id", schema=_schema())


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that it alters."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
