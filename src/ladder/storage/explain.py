"""Show the query plans (EXPLAIN) of every SELECT in a block.

    with plans(connection) as shown:
        Queries(store, now).counts(at)
    print(*shown)

Use it to find out why an answer is slow. Tests use it to check that no query scans a whole table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event


@dataclass(frozen=True)
class Plan:
    """A statement as the driver gets it, and the steps of its plan."""

    statement: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.steps)

    def scanned(self) -> set[str]:
        """Return the tables that are scanned as a whole, not by an index."""
        if any(" Scan" in step for step in self.steps):
            marks = [step.split("Seq Scan on ", 1) for step in self.steps if "Seq Scan on " in step]
            return {mark[1].split()[0] for mark in marks}
        marks = [step.split("SCAN ", 1) for step in self.steps if step.startswith("SCAN ")]
        return {mark[1].split()[0] for mark in marks if " USING " not in mark[1]}


@contextmanager
def plans(connection: Connection) -> Iterator[list[Plan]]:
    """Collect the plans of all SELECTs of the block; the list is filled at its end."""
    asked: list[tuple[str, Any]] = []
    shown: list[Plan] = []

    def note(_: object, __: object, statement: str, given: Any, *rest: object) -> None:  # noqa: ANN401
        del rest
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append((statement, given))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield shown
    finally:
        event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    for statement, given in asked:
        rows = connection.exec_driver_sql(f"{explain} {statement}", given)
        shown.append(Plan(statement, tuple(str(row[-1]) for row in rows)))
