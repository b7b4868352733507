"""The made-up river charity: its history is repeatable, well-formed and plausible."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import runpy
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ladder.model.kinds import AUDIENCES, FAMILIES, KINDS, PURPOSES

RIVER = Path(__file__).parents[1] / "examples" / "river"
TABLES = runpy.run_path(str(RIVER / "words.py"))
WORDS = TABLES["WORDS"]
UNTIL = date(2026, 11, 15)

Row = dict[str, str]


def make(folder: Path, *arguments: str, hash_seed: str = "0") -> tuple[Path, str]:
    """Run the generator as the README says; the file and what it wrote to stderr."""
    done = subprocess.run(
        [sys.executable, str(RIVER / "generate.py"), "--out", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )
    return folder / "contacts.csv", done.stderr


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True)
class History:
    rows: list[Row]
    by_id: dict[str, Row]
    people: dict[str, list[Row]]
    said: str

    def kinds(self, rows: Iterable[Row]) -> set[str]:
        return {WORDS[row["what"]].kind for row in rows}


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> History:
    """The history of 3,000 supporters, without dirt."""
    folder = tmp_path_factory.mktemp("river")
    path, said = make(folder, "--supporters", "3000", "--clean", "--rates")
    rows = read(path)
    people = {key: list(group) for key, group in groupby(rows, lambda row: row["person"])}
    assert sum(len(own) for own in people.values()) == len(rows), "a person's rows lie together"
    return History(rows, {row["id"]: row for row in rows}, people, said)


# -- repeatable --------------------------------------------------------------------------------


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    one, _ = make(tmp_path / "one", "--supporters", "200", "--seed", "3", hash_seed="1")
    two, _ = make(tmp_path / "two", "--supporters", "200", "--seed", "3", hash_seed="2")
    other, _ = make(tmp_path / "other", "--supporters", "200", "--seed", "4")
    assert digest(one) == digest(two)
    assert digest(one) != digest(other)


def test_printing_the_rates_changes_no_byte(tmp_path: Path) -> None:
    quiet, silence = make(tmp_path / "quiet", "--supporters", "100")
    loud, said = make(tmp_path / "loud", "--supporters", "100", "--rates")
    assert digest(quiet) == digest(loud)
    assert silence == ""
    assert said.startswith("100 supporters")


def test_memory_does_not_grow_with_the_number_of_supporters() -> None:
    program = """
import sys, tracemalloc
sys.path.insert(0, sys.argv[1])
from generate import Charity, table
def peak(supporters):
    tracemalloc.start()
    rows = sum(1 for row in table(Charity(supporters=supporters)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return rows, most
peak(50)
print(*peak(200), *peak(2000))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(RIVER)], check=True, capture_output=True, text=True
    )
    few, small, many, large = map(int, done.stdout.split())
    assert many > 8 * few
    assert large < small + 500_000


def test_charity_without_supporters_is_rejected_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        make(tmp_path, "--supporters", "0")
    assert "at least one supporter" in caught.value.stderr
    assert caught.value.returncode == 2


# -- dirt --------------------------------------------------------------------------------------


def test_history_without_its_dirty_rows_is_the_clean_one(tmp_path: Path) -> None:
    dirty, _ = make(tmp_path / "dirty", "--supporters", "600")
    clean, _ = make(tmp_path / "clean", "--supporters", "600", "--clean")
    pure = clean.read_text(encoding="utf-8").splitlines()
    known = set(pure)
    lines = dirty.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line in known] == pure
    assert 6 <= len(lines) - len(pure) <= 10


def test_dirty_rows_have_different_mistakes(tmp_path: Path) -> None:
    rows = read(make(tmp_path, "--supporters", "600")[0])
    ids = Counter(row["id"] for row in rows)
    times = re.compile(r"\d{4}-\d\d-\d\d( ([01]\d|2[0-3]):[0-5]\d)?")
    faults = Counter(
        fault
        for row in rows
        for fault, found in {
            "date": row["date"] == "2024-02-30",
            "time": not times.fullmatch(row["date"]),
            "blank amount": row["what"] in TABLES["GIFTS"] and not row["amount"],
            "amount": bool(row["amount"]) and not re.fullmatch(r"\d+\.\d\d", row["amount"]),
            "word": row["what"] not in WORDS,
            "id": ids[row["id"]] > 1,
            "nobody": not row["person"],
            "currency": row["currency"] not in {"EUR", ""},
        }.items()
        if found
    )
    assert faults == {
        "date": 1, "time": 1, "blank amount": 1, "amount": 1,
        "word": 1, "id": 2, "nobody": 1, "currency": 1,
    }  # fmt: skip


# -- well-formed -------------------------------------------------------------------------------


def test_words_of_the_export_all_stand_for_known_kinds() -> None:
    for word in WORDS.values():
        kind = KINDS.find(word.kind)
        assert kind.family in FAMILIES
        assert set(word.purposes.split(",")) <= {"", *PURPOSES}
        assert word.audience in {"", *AUDIENCES}
        if word.purposes or word.audience:
            assert kind.direction == "outbound"
        assert (word.kind in {"message", "call", "meeting"}) <= bool(word.purposes)


def test_contact_kinds_all_occur(river: History) -> None:
    assert {row["what"] for row in river.rows} == set(WORDS)


def test_rows_all_parse(river: History) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert len(river.by_id) == len(river.rows)
    for row in river.rows:
        word = WORDS[row["what"]]
        assert row["channel"] == word.channel
        if row["what"] in TABLES["BARE_DATES"]:
            assert date.fromisoformat(row["date"]) <= UNTIL
        else:
            local = datetime.strptime(row["date"], "%Y-%m-%d %H:%M").replace(tzinfo=berlin)
            assert local.astimezone(UTC).astimezone(berlin) == local, "the clock showed that time"
            assert local.hour >= 7
            assert local.date() <= UNTIL
        family = KINDS[word.kind].family
        assert bool(row["hours"]) == (family == "time" and row["what"].endswith(("shift", "help")))
        assert not row["hours"] or 0 < Decimal(row["hours"]) <= 4
        assert bool(row["amount"]) == bool(row["currency"])
        assert (family == "money") <= bool(row["amount"])
        assert not row["amount"] or re.fullmatch(r"\d+\.\d\d", row["amount"])
        assert row["amount"] != "0.00"


def test_supporters_rows_lie_in_order_of_time(river: History) -> None:
    for own in river.people.values():
        dates = [row["date"] for row in own]
        assert dates == sorted(dates)


def test_answers_point_to_earlier_rows_of_the_same_person(river: History) -> None:
    answers = [row for row in river.rows if row["in_reply_to"]]
    for row in answers:
        answered = river.by_id[row["in_reply_to"]]
        assert answered["person"] == row["person"]
        assert answered["id"] < row["id"]
        assert answered["date"] <= row["date"]
    assert len(answers) > len(river.rows) / 8


def test_undoing_and_instalments_answer_what_they_belong_to(river: History) -> None:
    wanted = {
        "refund": {"donation"},
        "chargeback": {"donation"},
        "void": {"donation"},
        "instalment": {"commitment_started"},
        "commitment_ended": {"commitment_started"},
        "payment": {"pledge"},
        "payment_failed": {"instalment"},
    }
    seen = set()
    for row in river.rows:
        kind = WORDS[row["what"]].kind
        if kind in wanted:
            seen.add(kind)
            assert river.kinds([river.by_id[row["in_reply_to"]]]) <= wanted[kind]
    assert seen == set(wanted)


def test_referrers_come_before_those_they_referred(river: History) -> None:
    brought = [row for row in river.rows if row["brought_by"]]
    for row in brought:
        assert row["brought_by"] != row["person"]
        assert river.people[row["brought_by"]][0]["date"] < row["date"]
    newcomers = {row["person"] for row in brought}
    assert 0.04 < len(newcomers) / len(river.people) < 0.15


def test_death_or_objection_ends_the_history(river: History) -> None:
    ends = 0
    for own in river.people.values():
        for place, row in enumerate(own):
            if WORDS[row["what"]].kind in {"deceased", "objected"}:
                ends += 1
                assert all(after["date"][:10] == row["date"][:10] for after in own[place:])
    assert ends > 10


# -- plausible ---------------------------------------------------------------------------------


def years_of_giving(river: History) -> list[set[int]]:
    """Return each donor's years with a gift that stood, counted apart from the generator."""
    undone: dict[str, Decimal] = defaultdict(Decimal)
    for row in river.rows:
        if WORDS[row["what"]].kind in {"refund", "chargeback"}:
            undone[row["in_reply_to"]] += Decimal(row["amount"])
        elif WORDS[row["what"]].kind == "void":
            undone[row["in_reply_to"]] += Decimal("1e9")
    years = [
        {
            int(row["date"][:4])
            for row in own
            if WORDS[row["what"]].kind in {"donation", "instalment"}
            and Decimal(row["amount"]) > undone[row["id"]]
        }
        for own in river.people.values()
    ]
    return [one for one in years if one]


def kept(pairs: Sequence[tuple[set[int], int]]) -> float:
    return sum(year + 1 in years for years, year in pairs) / len(pairs)


def test_givers_stay_at_the_published_rates(river: History) -> None:
    givers = years_of_giving(river)
    pairs = [(years, year) for years in givers for year in (2022, 2023, 2024) if year in years]
    first = [(years, year) for years, year in pairs if year == min(years)]
    again = [(years, year) for years, year in pairs if year > min(years)]
    assert 0.41 <= kept(pairs) <= 0.45
    assert 0.19 <= kept(first) <= 0.29
    assert 0.60 <= kept(again) <= 0.70
    printed = f"{len(pairs):6}  {kept(first):10.1%}  {kept(again):6.1%}  {kept(pairs):7.1%}"
    assert f"all        {printed}" in river.said
    assert f" {len(givers)} givers" in river.said


def test_almost_half_of_the_gifts_come_from_october_to_december(river: History) -> None:
    months = Counter(
        row["date"][5:7]
        for row in river.rows
        if WORDS[row["what"]].kind == "donation" and "2021" <= row["date"][:4] <= "2025"
    )
    late = months["10"] + months["11"] + months["12"]
    assert 0.35 < late / months.total() < 0.60


def test_most_gifts_are_thanked_within_days_and_the_office_gets_better(river: History) -> None:
    thanks = {
        row["in_reply_to"]: date.fromisoformat(row["date"][:10])
        for row in river.rows
        if row["what"].startswith("Thank-you")
    }

    def thanked(years: set[str], within: int) -> float:
        gifts = [
            row
            for row in river.rows
            if row["date"][:4] in years and WORDS[row["what"]].kind == "donation"
        ]
        last = timedelta(days=within)
        days = [(thanks.get(row["id"]), date.fromisoformat(row["date"][:10])) for row in gifts]
        return sum(then is not None and then - day <= last for then, day in days) / len(gifts)

    early, late = {"2021", "2022"}, {"2024", "2025"}
    assert 0.60 < thanked(early, within=3) < thanked(late, within=3) < 0.90
    assert thanked(early, within=3) + 0.05 < thanked(early, within=60) < 0.95


PATIENCE = {"appeal", "volunteer_call", "action_call"}
GIVES_BACK = (
    "thank_you impact_report newsletter invitation message call meeting survey_sent birthday_card"
)
ACTS = {"money", "time", "voice", "word"}


def patterns(own: list[Row]) -> set[str]:
    """Roughly what the six patterns say of one supporter now; the library says it exactly."""
    now, year_ago = str(UNTIL), str(UNTIL - timedelta(days=365))
    kinds = [(row["date"][:10], WORDS[row["what"]].kind, row) for row in own]
    gifts = [(day, row) for day, kind, row in kinds if kind == "donation"]
    thanks = [(day, row["in_reply_to"]) for day, kind, row in kinds if kind == "thank_you"]
    asks = [day for day, kind, _ in kinds if kind == "appeal"]
    acts = [(day, kind) for day, kind, _ in kinds if KINDS[kind].family in ACTS]
    gives = [day for day, kind, _ in kinds if kind in GIVES_BACK.split()]
    open_gifts = [
        day
        for day, row in gifts
        if not any(link == row["id"] or (not link and at >= day) for at, link in thanks)
    ]
    waiting = [day for day in open_gifts if year_ago < day < str(UNTIL - timedelta(days=14))]
    found = {
        "unthanked gift": bool(waiting),
        "ask before thank": any(ask > day for ask in asks for day in waiting),
        "ask only": sum(kind in PATIENCE and day > year_ago for day, kind, _ in kinds) >= 2
        and not any(day > year_ago for day in gives),
        "cold ask": bool(asks)
        and str(UNTIL - timedelta(days=90)) < asks[0] <= now
        and not acts
        and not any(day < asks[0] for day in gives),
        "one and done": len(gifts) == 1
        and gifts[0][0] < year_ago
        and not any(day > gifts[0][0] for day, _ in acts),
        "money only": len({day[:4] for day, _ in gifts}) >= 2
        and all(KINDS[kind].family == "money" for _, kind in acts),
    }
    return {name for name, true in found.items() if true}


def test_planted_patterns_all_occur_and_most_relationships_are_sound(river: History) -> None:
    found = Counter[str]()
    fine = 0
    for own in river.people.values():
        here = patterns(own)
        found.update(here)
        fine += here <= {"one and done"}  # so is every fourth giver everywhere; no grievance
    share = {name: count / len(river.people) for name, count in found.items()}
    assert share.keys() == {
        "unthanked gift", "ask before thank", "ask only", "cold ask", "one and done", "money only",
    }  # fmt: skip
    assert all(value > 0.002 for value in share.values()), share
    assert all(value < 0.06 for name, value in share.items() if name != "one and done"), share
    assert share["one and done"] < 0.2
    assert fine / len(river.people) > 0.85
