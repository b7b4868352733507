"""Members and gifts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "app_0001"
down_revision = None


def upgrade() -> None:
    """The app's first tables."""
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(), nullable=False, unique=True),
        sa.Column("supporter", sa.String(), nullable=False, unique=True),
    )
    op.create_table(
        "gift",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("gift")
    op.drop_table("member")
