"""Where things go: results to stdout, the rest to stderr; terminals, pipes, closed pipes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.conftest import Ladder
from tests.cli.worlds import NOW, write

COMMAND = [sys.executable, "-m", "ladder"]
QUESTIONS = [
    ["standings"],
    ["standings", "--list"],
    ["movements", "--since", "2024-01-01"],
    ["movements", "--since", "2024-01-01", "--summary"],
    ["upcoming", "--days", "60"],
    ["findings"],
    ["explain", "ben"],
    ["explain", "anna", "--short"],
    ["verify"],
    ["whatif", "kanter"],
]
BOX = set("─│┌┐└┘├┤┬┴┼━┃╭╮╰╯║═")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(words: list[str], columns: int) -> tuple[int, str]:
    """Run a command on a terminal so wide; exit code and what was seen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    settings = {
        name: text for name, text in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")
    }
    settings["TERM"] = "xterm-256color"
    process = subprocess.Popen(
        [*COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=settings
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # how Linux tells the end of a pseudo-terminal
            break
        if not more:
            break
        seen += more
    os.close(ours)
    return process.wait(), seen.decode()


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_json_is_one_document_and_nothing_else(ask: Ladder, words: list[str]) -> None:
    said = ask(*[word for word in words if word != "--short"], "--json")
    assert json.loads(said.out) == said.document
    assert said.out == ask(*[word for word in words if word != "--short"], "--json").out


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_pipe_gets_plain_text(ask: Ladder, words: list[str]) -> None:
    said = ask(*words)
    assert said.code == 0
    assert not BOX & set(said.out)
    assert "\x1b" not in said.out
    assert all(line == line.rstrip() or "\u2594" in line for line in said.out.splitlines())


@pytest.mark.parametrize("columns", [60, 80, 132])
def test_terminal_output_fits_its_width(
    ask: Ladder, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in QUESTIONS:
        if words[0] == "explain" and columns < 80:
            continue  # an explanation is written for 80 columns
        lines = [ANSI.sub("", line).rstrip() for line in ask(*words).out.splitlines()]
        assert max(map(len, lines)) <= columns, (words, max(lines, key=len))
        assert not BOX & set("".join(lines))


def test_real_terminal_gets_colours_and_no_boxes(db: Path) -> None:
    code, seen = on_terminal(["upcoming", "--days", "60", "--db", str(db), "--now", NOW], 80)
    assert code == 0
    assert "\x1b[" in seen
    assert not BOX & set(seen)


def test_keys_are_never_cut_off_on_a_terminal(db: Path) -> None:
    _, seen = on_terminal(["standings", "--list", "--db", str(db), "--now", NOW], 60)
    for supporter in ("anna", "ben", "cara", "dora", "erik"):
        assert f"{supporter} " in ANSI.sub("", seen)


CLOSED_PIPES = """
import importlib, json, os, sys
from ladder.cli import main
from ladder.cli.group import module_of
commands = json.loads(sys.argv[1])
for words in commands:
    importlib.import_module(module_of(words[0]))
for words in commands:
    ours, theirs = os.pipe()
    os.close(ours)
    if os.fork():
        os.close(theirs)
        _, status = os.wait()
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
    else:  # a process of its own, which need not import the commands again
        os.dup2(theirs, 1)
        sys.argv[1:] = words
        main()
"""


def test_closed_pipe_is_not_an_error(db: Path) -> None:
    commands = [[*words, "--db", str(db), "--now", NOW] for words in QUESTIONS]
    commands += [["ladders", "default"], [*commands[5], "--json"]]
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_PIPES, json.dumps(commands)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["0"] * len(commands)
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_progress_is_for_terminals_only(tmp_path: Path) -> None:
    words = [*write(tmp_path), "--db", str(tmp_path / "a.db"), "--now", NOW]
    code, seen = on_terminal(words, 80)
    assert code == 0
    assert "reading list.csv" in seen
    assert "working out" in seen
    piped = subprocess.run(
        [*COMMAND, *words[:-3], str(tmp_path / "b.db"), *words[-2:]],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "reading" not in piped.stderr
    assert "\x1b" not in piped.stderr


def test_limit_reports_the_number_left_out(ask: Ladder) -> None:
    said = ask("standings", "--list", "--limit", "2")
    assert len(said.rows) == 3
    assert "2 of 5 supporters shown: --limit 0 shows all" in said.err
    assert len(ask("standings", "--list", "--limit", "0").rows) == 6


def test_error_is_one_message_on_stderr(ask: Ladder) -> None:
    said = ask("explain", "hannah")
    assert said.out == ""
    assert said.err.count("Error:") == 1
    assert "Traceback" not in said.err


def test_terminal_without_unicode_gets_plain_marks(db: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "standings", "--db", str(db), "--now", NOW], check=True, capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert b"####" in done.stdout
    assert b"====" in done.stdout
