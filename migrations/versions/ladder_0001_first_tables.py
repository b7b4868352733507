"""First tables: facts, definitions, movements, findings, coverage and imports.

Types are spelt out here and not imported from the library: history must not change with the models.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ladder_0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = ("ladder",)
depends_on: Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers INTEGER keys only
STANDING = sa.text("retracted_at IS NULL")
INSTANT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ladder_organisation",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("fiscal_month", sa.SmallInteger(), nullable=False),
        sa.Column("fiscal_day", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "fiscal_day BETWEEN 1 AND 31", name=op.f("ck_ladder_organisation_fiscal_day")
        ),
        sa.CheckConstraint(
            "fiscal_month BETWEEN 1 AND 12", name=op.f("ck_ladder_organisation_fiscal_month")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_organisation")),
        sa.UniqueConstraint("key", name=op.f("uq_ladder_organisation_key")),
    )
    op.create_table(
        "ladder_coverage",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "since IS NULL OR until IS NULL OR until > since", name=op.f("ck_ladder_coverage_until")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_coverage_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_coverage")),
    )
    op.create_index("ix_ladder_coverage_organisation_id", "ladder_coverage", ["organisation_id"])

    op.create_table(
        "ladder_definition",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("adopted_at", INSTANT, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_definition_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_definition")),
    )
    op.create_index(
        "ix_ladder_definition_organisation_id_key", "ladder_definition", ["organisation_id", "key"]
    )

    op.create_table(
        "ladder_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_import_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_import")),
    )
    op.create_index(
        "ix_ladder_import_organisation_id_digest", "ladder_import", ["organisation_id", "digest"]
    )

    op.create_table(
        "ladder_supporter",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_supporter_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_supporter")),
        sa.UniqueConstraint(
            "organisation_id", "key", name=op.f("uq_ladder_supporter_organisation_id_key")
        ),
    )
    op.create_table(
        "ladder_finding",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("definition_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("retracted_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "severity IN ('info', 'low', 'medium', 'high', 'critical')",
            name=op.f("ck_ladder_finding_severity"),
        ),
        sa.CheckConstraint("until IS NULL OR until > at", name=op.f("ck_ladder_finding_until")),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["ladder_definition.id"],
            name=op.f("fk_ladder_finding_definition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_finding_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["ladder_supporter.id"], name=op.f("fk_ladder_finding_supporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_finding")),
    )
    op.create_index(
        "ix_ladder_finding_definition_id_pattern_at",
        "ladder_finding",
        ["definition_id", "pattern", "at"],
    )
    op.create_index("ix_ladder_finding_supporter_id_at", "ladder_finding", ["supporter_id", "at"])
    op.create_index(
        "uq_ladder_finding_standing",
        "ladder_finding",
        ["definition_id", "supporter_id", "pattern", "at", "severity"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )

    op.create_table(
        "ladder_place",
        sa.Column("id", ID, nullable=False),
        sa.Column("definition_id", ID, nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("rungs", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["ladder_definition.id"], name=op.f("fk_ladder_place_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_place")),
        sa.UniqueConstraint(
            "definition_id", "rungs", name=op.f("uq_ladder_place_definition_id_rungs")
        ),
    )
    op.create_table(
        "ladder_touchpoint",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("date_only", sa.Boolean(), nullable=False),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("purposes", sa.String(), nullable=False),
        sa.Column("asks_for", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("audience", sa.String(), nullable=True),
        sa.Column("automated", sa.Boolean(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("answers_source", sa.String(), nullable=True),
        sa.Column("answers_id", sa.String(), nullable=True),
        sa.Column("referrer_id", ID, nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "direction IN ('inbound', 'outbound')", name=op.f("ck_ladder_touchpoint_direction")
        ),
        sa.CheckConstraint(
            "amount IS NULL OR currency IS NOT NULL", name=op.f("ck_ladder_touchpoint_money")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_touchpoint_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["referrer_id"], ["ladder_supporter.id"], name=op.f("fk_ladder_touchpoint_referrer_id")
        ),
        sa.ForeignKeyConstraint(
            ["supporter_id"],
            ["ladder_supporter.id"],
            name=op.f("fk_ladder_touchpoint_supporter_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_touchpoint")),
        sa.UniqueConstraint(
            "organisation_id",
            "source",
            "external_id",
            name=op.f("uq_ladder_touchpoint_organisation_id_source_external_id"),
        ),
    )
    op.create_index(
        "ix_ladder_touchpoint_referrer_id",
        "ladder_touchpoint",
        ["referrer_id"],
        sqlite_where=sa.text("referrer_id IS NOT NULL"),
        postgresql_where=sa.text("referrer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ladder_touchpoint_supporter_id_at", "ladder_touchpoint", ["supporter_id", "at"]
    )

    op.create_table(
        "ladder_movement",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("definition_id", ID, nullable=False),
        sa.Column("supporter_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before_id", ID, nullable=False),
        sa.Column("after_id", ID, nullable=False),
        sa.Column("skipped", sa.String(), nullable=False),
        sa.Column("new_peak", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("cause_id", ID, nullable=True),
        sa.Column("cause_others", sa.Text(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("retracted_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "cause IN ('clock', 'touchpoint', 'placement', 'definition')",
            name=op.f("ck_ladder_movement_cause"),
        ),
        sa.CheckConstraint(
            "kind IN ('arrived', 'climbed', 'slipped', 'crossed',"
            " 'lapsed', 'returned', 'silenced', 'unsilenced')",
            name=op.f("ck_ladder_movement_kind"),
        ),
        sa.CheckConstraint("until IS NULL OR until > at", name=op.f("ck_ladder_movement_until")),
        sa.ForeignKeyConstraint(
            ["after_id"], ["ladder_place.id"], name=op.f("fk_ladder_movement_after_id")
        ),
        sa.ForeignKeyConstraint(
            ["before_id"], ["ladder_place.id"], name=op.f("fk_ladder_movement_before_id")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["ladder_touchpoint.id"], name=op.f("fk_ladder_movement_cause_id")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["ladder_definition.id"],
            name=op.f("fk_ladder_movement_definition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ladder_organisation.id"],
            name=op.f("fk_ladder_movement_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["ladder_supporter.id"], name=op.f("fk_ladder_movement_supporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_movement")),
    )
    op.create_index(
        "ix_ladder_movement_cause_id",
        "ladder_movement",
        ["cause_id"],
        sqlite_where=sa.text("cause_id IS NOT NULL"),
        postgresql_where=sa.text("cause_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ladder_movement_definition_id_at", "ladder_movement", ["definition_id", "at"]
    )
    op.create_index("ix_ladder_movement_supporter_id_at", "ladder_movement", ["supporter_id", "at"])
    op.create_index(
        "uq_ladder_movement_standing",
        "ladder_movement",
        ["definition_id", "supporter_id", "at"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )

    op.create_table(
        "ladder_place_rung",
        sa.Column("place_id", ID, nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["ladder_place.id"], name=op.f("fk_ladder_place_rung_place_id")
        ),
        sa.PrimaryKeyConstraint("place_id", "rung", name=op.f("pk_ladder_place_rung")),
    )


def downgrade() -> None:
    """Take back: everything, with its rows."""
    for table in (
        "place_rung",
        "movement",
        "touchpoint",
        "place",
        "finding",
        "supporter",
        "import",
        "definition",
        "coverage",
        "organisation",
    ):
        op.drop_table(f"ladder_{table}")
