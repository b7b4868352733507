"""docs/architecture.md names what exists, and modules of tests stand alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/architecture.md").read_text()
SOURCE = ROOT / "src/ladder"


def test_paths_on_the_page_all_exist() -> None:
    named = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", PAGE))
    missing = [path for path in named if not ((SOURCE / path).exists() or (ROOT / path).exists())]
    assert named
    assert missing == []


def test_rooms_are_all_on_the_page() -> None:
    rooms = [path.parent.name for path in SOURCE.glob("*/__init__.py")]
    assert [room for room in rooms if not re.search(rf"\b{room}\b", PAGE)] == []


def test_modules_of_tests_import_no_test_module() -> None:
    """Shared strategies, worlds and rows have modules of their own."""
    imported = {
        f"{path.name}: {ast.unparse(node)}"
        for path in Path(__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        if re.search(r"\btests\b.*\btest_\w+", ast.unparse(node))
    }
    assert imported == set()
