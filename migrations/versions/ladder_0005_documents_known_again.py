"""A definition has the digest of its document, so that the text need not be read to know it."""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0005"
down_revision: str | None = "ladder_0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Apply, and know what is there."""
    op.add_column(
        "ladder_definition", sa.Column("digest", sa.String(), nullable=True), schema=_schema()
    )
    definition = sa.table(
        "ladder_definition",
        sa.column("id", sa.BigInteger()),
        sa.column("document", sa.Text()),
        sa.column("digest", sa.String()),
        schema=_schema(),
    )
    connection = op.get_bind()
    known = connection.execute(sa.select(definition.c.id, definition.c.document)).all()
    for number, document in known:
        digest = hashlib.sha256(document.encode()).hexdigest()
        this = sa.update(definition).where(definition.c.id == number)
        connection.execute(this.values(digest=digest))


def downgrade() -> None:
    """Take back."""
    op.drop_column("ladder_definition", "digest", schema=_schema())


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that is there."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
