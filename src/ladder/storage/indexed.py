"""Tables read by a certain index, where SQLite would have to guess.

Without ANALYZE, which a library cannot ask of its hosts, SQLite takes an index of a million entries
for as good as one of ten, and a condition on two columns for better than one on one, whatever they
are. `INDEXED BY` says which; a statement that cannot be run so fails instead of being slow.
PostgreSQL counts by itself, and takes no orders.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Alias, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal


class Indexed(Alias):
    """An alias of a table together with the index by which it is read."""

    inherit_cache = True
    _traverse_internals: Any = [  # noqa: RUF012  (it is never changed)
        *Alias._traverse_internals,  # noqa: SLF001  (how SQLAlchemy has its elements extended)
        ("index", InternalTraversal.dp_string),
    ]
    index: str


def indexed(table: Table, name: str, index: str) -> Indexed:
    """That table under another name, to be read by that index."""
    alias: Indexed = Indexed._construct(table, name=name)  # noqa: SLF001
    alias.index = index
    return alias


@compiles(Indexed)
def _rendered(element: Indexed, compiler: Any, **how: Any) -> str:  # noqa: ANN401
    text: str = compiler.visit_alias(element, **how)
    if how.get("asfrom") and not how.get("ashint") and compiler.dialect.name == "sqlite":
        return f"{text} INDEXED BY {element.index}"
    return text
