"""Stored ladders and declared selectors are translated into the words of this version.

A ladder's fingerprint and digest are computed again, so that adopting the same ladder again
changes nothing. A document that cannot be read keeps its fingerprint: it was unreadable before.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress

import sqlalchemy as sa
from alembic import op

from ladder.documents.loader import load
from ladder.documents.old_words import modern_document, modern_expression
from ladder.errors import LadderError

revision: str = "ladder_0006"
down_revision: str | None = "ladder_0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Translate, and compute digest and fingerprint of what was translated."""
    connection = op.get_bind()
    definition = sa.table(
        "ladder_definition",
        sa.column("id", sa.BigInteger()),
        sa.column("document", sa.Text()),
        sa.column("digest", sa.String()),
        sa.column("fingerprint", sa.String()),
        schema=_schema(),
    )
    rows = connection.execute(sa.select(definition.c.id, definition.c.document)).all()
    for number, old in rows:
        document = modern_document(old)
        values = {"document": document, "digest": hashlib.sha256(document.encode()).hexdigest()}
        with suppress(LadderError):
            values["fingerprint"] = load(document, trusted=True).fingerprint
        this = sa.update(definition).where(definition.c.id == number)
        connection.execute(this.values(**values))
    coverage = sa.table(
        "ladder_coverage",
        sa.column("id", sa.BigInteger()),
        sa.column("selector", sa.Text()),
        schema=_schema(),
    )
    declared = connection.execute(sa.select(coverage.c.id, coverage.c.selector)).all()
    for number, selector in declared:
        this = sa.update(coverage).where(coverage.c.id == number)
        connection.execute(this.values(selector=modern_expression(selector)))


def downgrade() -> None:
    """Leave the documents in the words of this version: no column or table changed."""


def _schema() -> str | None:
    """Alembic translates the schema of a new table and not of one that is there."""
    translated = op.get_bind().get_execution_options().get("schema_translate_map") or {}
    schema: str | None = translated.get(None)
    return schema
