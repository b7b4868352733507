"""The app's own Alembic: its tables, and a blind eye for the ladder's."""

from __future__ import annotations

from alembic import context

from ladder import alembic_include_name

context.configure(
    connection=context.config.attributes["connection"],
    include_name=alembic_include_name,  # without it, autogenerate would propose to drop ladder_*
)
with context.begin_transaction():
    context.run_migrations()
