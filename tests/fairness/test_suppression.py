"""Suppressed supporters and placeholders are in no answer, at any date.

A list with such people and the same list without them are asked the same: the answers are equal.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ladder import catalogue
from ladder.cli.group import run
from ladder.contact_rules.next_action import QUEUES
from tests.cli.conftest import Ran

NOW = "2026-11-15"
LEFT = {
    "zz-objected": "objected",
    "zz-deceased": "deceased",
    "zz-erased": "erased",
    "zz-staff": "staff_joined",
    "zz-walk-in": "",  # a placeholder by the mapping
}
SINCE = "2026-07-01"
"""When all of them are left alone from."""
DATES = ("2024-06-01", "2025-06-01", "2026-06-30", SINCE, NOW, "2027-06-01")

MAPPING = """\
source = "list"

[columns]
supporter = "who"
kind = "what"
at = "when"
amount = "amount"
campaign = "campaign"
external_id = "id"

[dates]
zone = "Europe/Berlin"

[amounts]
currency = "EUR"

[placeholders]
values = "zz-walk*"
each = "mark"

[[coverage]]
selector = "any_touchpoint"
"""

HARSH = """\
[ladder]
key = "default"
title = "Harsh"
ground = "unreached"
suppress_when = 'do_not_contact()'

[include]
patterns = ["O1", "O2", "O7", "O9", "S1", "S4"]

[[rung]]
key = "donating"
enter = 'count(donation, days(30)) >= 1'
"""


def lives(*, left: bool) -> list[list[str]]:
    """Thirty people who were treated well and badly, and, if `left`, five more who were, too."""
    draw, rows = random.Random(11), []
    names = [f"p{number:02}" for number in range(30)]
    for supporter in [*names, *(LEFT if left else ())]:
        luck = draw if supporter in names else random.Random(supporter)
        day = date(2023, 1, 10) + timedelta(luck.randrange(300))
        rows.append((supporter, "appeal", day, ""))
        until = date.fromisoformat(SINCE) if LEFT.get(supporter) else date(2026, 11, 1)
        while (day := day + timedelta(luck.randrange(20, 120))) < until:  # O15 is another matter
            kind = luck.choice(
                ("donation", "donation", "appeal", "thank_you", "question", "reply", "newsletter",
                 "subscribed", "volunteer_shift", "impact_report")
            )  # fmt: skip
            rows.append((supporter, kind, day, "25" if kind == "donation" else ""))
        rows.append((supporter, "donation", date(2026, 5, 2), "40"))
        if LEFT.get(supporter):
            rows.append((supporter, LEFT[supporter], date.fromisoformat(SINCE), ""))
    return [
        [
            f"{supporter}-{n}",
            supporter,
            kind,
            str(day),
            amount,
            "spring" if day.month < 7 else "winter",
        ]
        for n, (supporter, kind, day, amount) in enumerate(rows)
    ]


def written(folder: Path, *, left: bool) -> Path:
    head = ["id", "who", "what", "when", "amount", "campaign"]
    text = "\n".join(",".join(row) for row in [head, *lives(left=left)]) + "\n"
    (folder / "list.csv").write_text(text, encoding="utf-8")
    (folder / "list.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "harsh.toml").write_text(HARSH, encoding="utf-8")
    db = folder / "list.db"
    words = ["replay", folder / "list.csv", "--mapping", folder / "list.toml", "--db", db]
    assert run([str(word) for word in (*words, "--now", NOW)]) == 0
    return db


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The database with those who are left alone, and the one without them."""
    with_, without = (tmp_path_factory.mktemp(name) for name in ("with", "without"))
    return written(with_, left=True), written(without, left=False)


Ask = Callable[..., Ran]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(db: Path, *words: object) -> Ran:
        capsys.readouterr()
        command, *rest = (str(word) for word in words)
        code = run([command, *rest, "--db", str(db), "--now", NOW])
        caught = capsys.readouterr()
        return Ran(code, caught.out, caught.err)

    return call


QUESTIONS: list[tuple[str, ...]] = [
    *(
        (*words, "--at", day, "--json")
        for day in DATES
        for words in (
            ("standings", "--list"),
            ("standings", "--rung", "donating"),
            ("standings", "--rung", "ground"),
            ("findings",),
            ("whatif", "HARSH"),
        )
    ),
    ("standings", "--list", "--known-at", NOW, "--json"),
    ("movements", "--since", "2023-01-01", "--until", "2028-01-01", "--json"),
    ("movements", "--since", "2023-01-01", "--summary", "--json"),
    ("upcoming", "--days", "900", "--json"),
    ("findings", "--severity", "high", "--json"),
    ("findings", "--state", "dismissed", "--json"),
    ("findings", "--state", "resolved", "--since", "2024-01-01", "--limit", "0", "--json"),
    ("next", "--json"),
    ("next", "--limit", "0", "--json"),
    *(("next", "--queue", queue, "--limit", "0", "--csv") for queue in QUEUES),
    ("metrics", "--since", "2023-01-01", "--by", "month", "--minimum", "1", "--json"),
    ("metrics", "--since", "2023-01-01", "--by", "campaign", "--minimum", "1", "--json"),
    ("patterns", "weigh", "--min-group", "2", "--cell", "1", "--pattern", "O1", "--json"),
]


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_answers_leave_suppressed_supporters_out(
    both: tuple[Path, Path], ask: Ask, words: tuple[str, ...]
) -> None:
    answers = []
    for db in both:
        harsh = str(db.parent / "harsh.toml")
        command = [harsh if word == "HARSH" else word for word in words]
        said = ask(db, *command)
        assert said.code == 0, said.err
        assert not any(name in said.out + said.err for name in LEFT)
        answers.append(said.out if "--csv" in words else comparable(json.loads(said.out)))
    assert answers[0] == answers[1]


def comparable(document: Any) -> Any:
    """Without how many were left out, which is the one thing that is said of them."""
    if isinstance(document, dict):
        kept = {k: v for k, v in document.items() if k not in ("left_out", "silent_now")}
        return {key: comparable(value) for key, value in kept.items()}
    return [comparable(each) for each in document] if isinstance(document, list) else document


@pytest.mark.parametrize(
    "words",
    [
        ("standings", "--svg", "FILE"),
        ("standings", "--at", "2025-06-01", "--svg", "FILE"),
        ("metrics", "--since", "2023-01-01", "--minimum", "1", "--svg", "FILE"),
        ("whatif", "HARSH", "--svg", "FILE"),
        ("whatif", "HARSH", "--people", "FILE"),
        ("whatif", "HARSH", "--at", "2026-06-30", "--people", "FILE"),
    ],
    ids=" ".join,
)
def test_drawings_and_exports_leave_suppressed_supporters_out(
    both: tuple[Path, Path], ask: Ask, words: tuple[str, ...], tmp_path: Path
) -> None:
    files = []
    for number, db in enumerate(both):
        file = tmp_path / f"{number}.out"
        given = {"HARSH": str(db.parent / "harsh.toml"), "FILE": str(file)}
        said = ask(db, *(given.get(word, word) for word in words))
        assert said.code == 0, said.err
        assert not any(name in said.out + said.err for name in LEFT)
        files.append(file.read_text(encoding="utf-8"))
    assert files[0] == files[1]


@pytest.mark.parametrize("day", DATES)
@pytest.mark.parametrize("supporter", LEFT)
def test_suppressed_supporter_by_name_is_reported_only_as_left_alone(
    both: tuple[Path, Path], ask: Ask, supporter: str, day: str
) -> None:
    db, _ = both
    said = ask(db, "explain", supporter, "--at", day, "--json").document
    assert said["standing"] == {"height": 0, "rungs": [], "silent": True, "title": "silent"}
    told = [said[name] for name in ("rungs", "lifts", "findings", "not_assessable")]
    assert told == [[], [], [], []]
    short = ask(db, "explain", supporter, "--at", day, "--short").out
    assert short.startswith(f"{supporter}: nothing is shown of them")
    assert "EUR" not in short
    moved = ask(db, "movements", "--supporter", supporter, "--json").document["movements"]
    assert [each["kind"] for each in moved] in ([], ["silenced"])


def test_survey_of_the_log_counts_them_among_no_people(both: tuple[Path, Path], ask: Ask) -> None:
    with_, without = (ask(db, "coverage", "--json") for db in both)
    for name in ("patterns", "crowds"):
        assert with_.document[name] == without.document[name]
    assert not any(name in with_.out for name in LEFT)
    assert with_.document["touchpoints"] > without.document["touchpoints"]


def test_replay_counts_them_apart(both: tuple[Path, Path], ask: Ask) -> None:
    with_, without = both
    said, plain = (
        ask(db, "replay", "--ladder", db.parent / "harsh.toml", "--recompute", "--json").document
        for db in (with_, without)
    )
    assert (said["supporters"], said["left_out"]) == (30, 5)
    assert (plain["supporters"], plain["left_out"]) == (30, 0)
    assert said["not_assessable"] == plain["not_assessable"]


def test_may_ask_says_no_for_them_and_is_unchanged_for_others(
    both: tuple[Path, Path], ask: Ask, tmp_path: Path
) -> None:
    names = [f"p{number:02}" for number in range(30)]
    told = []
    for db, people in zip(both, ([*names, *LEFT], names), strict=True):
        file = tmp_path / "mailing.csv"
        file.write_text("\n".join(["who", *people]) + "\n", encoding="utf-8")
        said = ask(db, "may-ask", file)
        assert said.code == 0, said.err
        told.append({row["who"]: row for row in csv.DictReader(said.out.splitlines())})
    assert {supporter: told[0][supporter] for supporter in names} == told[1]
    for supporter in LEFT:
        row = told[0][supporter]
        assert row["may_ask"] == "no"
        assert "EUR" not in row["reasons"]
        assert not row["channels"]
        assert not row["at_most"]


@pytest.mark.parametrize("name", catalogue.names())
def test_shipped_ladders_all_suppress_them(name: str) -> None:
    assert str(catalogue.load(name).suppress_when) == (
        "count(objected or deceased or erased or placeholder, ever) >= 1"
        " or count(staff_joined, until(staff_left)) >= 1"
    )
