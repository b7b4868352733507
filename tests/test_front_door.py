"""`import ladder` gives hosts what they need, each name loaded when it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ladder
from ladder.documents.vocabulary import CONSTANTS, FUNCTIONS

TREE = ast.parse(Path(str(ladder.__file__)).read_text(encoding="utf-8"))


def test_exported_names_all_exist() -> None:
    assert [name for name in ladder.__all__ if getattr(ladder, name, None) is None] == []
    assert set(ladder.__all__) <= set(dir(ladder))


def test_exported_names_are_the_same_for_type_checkers() -> None:
    told = {
        (node.module, alias.name)
        for outer in ast.walk(TREE)
        if isinstance(outer, ast.If)
        for node in ast.walk(outer)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == {(module, name) for name, module in ladder._HOMES.items()}


def test_words_of_the_language_are_all_exported() -> None:
    words = {*CONSTANTS, *FUNCTIONS} - {"true", "false"}
    assert words <= set(ladder.__all__)
    assert all(getattr(ladder, name) is word for name, word in FUNCTIONS.items())


def test_wrong_name_is_reported() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Lader'"):
        _ = ladder.Lader


def test_words_of_the_language_need_no_database() -> None:
    code = (
        "import sys, ladder; "
        "ladder.count(ladder.kind('donation'), ladder.months(12)) >= 1; ladder.load('default'); "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"sqlalchemy", "alembic", "polars", "numpy"}


def test_recording_needs_neither_polars_nor_numpy() -> None:
    code = "import sys, ladder; ladder.CRM, ladder.create_engine; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "sqlalchemy" in loaded
    assert not loaded & {"polars", "numpy"}
