"""Count the lines that a user writes: code in a way's module and in modules next to it.

Blank lines, comments and docstrings do not count; imports, and the lines of a definition or a
statement of SQL within quotes, do. A neighbouring module that it imports counts in full.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

WAYS = Path(__file__).parent / "ways"
_HERE = "tests.benchmarks.peers.ways."


def lines(module: str) -> int:
    """The lines of a way."""
    return sum(code_lines(path.read_text(encoding="utf-8")) for path in _parts(module))


def code_lines(source: str) -> int:
    """Lines that are neither blank nor a comment nor part of a docstring."""
    said = {number for node in ast.walk(ast.parse(source)) for number in _docstring(node)}
    numbered = enumerate(map(str.strip, source.splitlines()), 1)
    return sum(
        bool(line) and not line.startswith("#") and number not in said for number, line in numbered
    )


def _parts(module: str) -> Iterator[Path]:
    path = WAYS / f"{module}.py"
    yield path
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_HERE):
            yield from _parts(str(node.module).removeprefix(_HERE))


def _docstring(node: ast.AST) -> range:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or not node.body:
        return range(0)
    first = node.body[0]
    value = first.value if isinstance(first, ast.Expr) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return range(first.lineno, (first.end_lineno or first.lineno) + 1)
    return range(0)
