"""Sums have those who are silent for good once more, apart."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0004"
down_revision: str | None = "ladder_0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

SUMS = ("summary", "standing_sum", "flow_sum", "finding_sum")


def upgrade() -> None:
    """Apply: sums made the old way would count the silent, so everything is counted one by one.

    Until the next `ladder db summarise` or replay, which makes them anew.
    """
    _forget()


def downgrade() -> None:
    """Take back: what an earlier version finds summed it takes for everybody who is heard."""
    _forget()


def _forget() -> None:
    for name in SUMS:
        op.execute(sa.delete(sa.table(f"ladder_{name}", schema=_schema())))


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that is there."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
