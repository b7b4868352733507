"""The problems that `check` reports, and ladders without any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladder import catalogue
from ladder.documents import parse_condition, read
from ladder.errors import DefinitionErrorGroup
from ladder.language.aggregates import count
from ladder.language.ladders import Grade, Ladder, Pattern, Rung
from ladder.language.macros import do_not_contact
from ladder.language.nodes import Condition
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.lint import Problem, check
from ladder.lint.sample_runs import Trials
from ladder.model.organisations import Organisation
from tests.documents.catalogue import Definition, condition, definitions, kinds
from tests.sizes import examples
from tests.strategies import conditions


def ladder(*rungs: str | dict[str, Any], **more: Any) -> Ladder:
    """Rungs one, two, three: a condition, or the fields of a rung."""
    made = []
    for key, said in zip(("one", "two", "three", "four"), rungs, strict=False):
        fields = {"enter": said} if isinstance(said, str) else dict(said)
        for name in ("enter", "stay"):
            if name in fields:
                fields[name] = parse_condition(fields[name])
        made.append(Rung(key=key, **fields))
    return Ladder(key="tried", rungs=tuple(made), **more)


def pattern(requires: str | None = None, **grades: str) -> Ladder:
    made = Pattern(
        key="P",
        side="organisation",
        requires=None if requires is None else parse_condition(requires),
        requires_text="what it needs",
        grades=tuple(
            Grade(severity=severity, condition=parse_condition(text))  # type: ignore[arg-type]
            for severity, text in grades.items()
        ),
    )
    return Ladder(key="tried", patterns=(made,), suppress_when=do_not_contact())


def codes(problems: list[Problem]) -> list[str]:
    return [f"{each.severity} {each.code} {each.part}" for each in problems]


# rungs


def test_sound_ladder_has_no_problems() -> None:
    assert check(ladder("count(reply, years(1)) >= 1", "count(donation, years(1)) >= 1")) == []


def test_rung_true_of_nothing_is_an_error() -> None:
    (found,) = check(ladder("count(donation, ever) < 3"))
    assert codes([found]) == ["error true-of-nothing rung one, enter"]
    assert "somebody who never did anything" in found.what
    assert codes(check(ladder("not count(donation, ever) >= 1 or count(reply, ever) >= 1"))) == [
        "error true-of-nothing rung one, enter"
    ]


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ("donation and reply", "one kind"),
        ('donation and family("time")', "one family"),
        ("inbound and outbound", "goes one way"),
        ("individual and broadcast", "one audience"),
        ('channel("email") and channel("post")', "one channel"),
        ('channel("email") and not channel("email", "post")', "one channel"),
        ("automated and not automated", "automated or not"),
        ("in_months(1, 2) and in_months(3)", "one month"),
        ('amount_above("10") and not amount_at_least("10")', "no amount lies between"),
        ("quantity_at_least(3) and not quantity_above(2)", "no quantity lies between"),
        ("where(vip=true) and where(vip=1)", "a detail has one value"),
        ('purpose("ask") and not purpose("ask", "thank")', "a purpose is there or not"),
        ('asks_for("money") and asks_for("time")', "asks for one thing"),
        ("is_reply and not is_reply", "answers something or not"),
        ("in_reply_to(donation and reply)", "one kind"),
        ("referred(donation and reply)", "one kind"),
        ("(donation and reply) or (donation and appeal)", "one kind"),
        ("not any_touchpoint", "the opposite of anything"),
        ("(donation and reply).when(count(donation, ever) >= 1)", "one kind"),
    ],
)
def test_selector_that_can_select_nothing_is_an_error_with_its_reason(
    selector: str, reason: str
) -> None:
    found = check(ladder(f"count({selector}, ever) >= 1"))
    assert codes(found)[0] == "error selects-nothing rung one, enter"
    assert reason in found[0].what


@pytest.mark.parametrize(
    "selector",
    [
        "donation or reply",
        'inbound and family("money", "time") and not donation',
        'outbound and purpose("ask") and purpose("thank")',
        'channel("email", "post") and not channel("email")',
        'amount_above("10") and not amount_above("10.01")',
        "referred(donation) or donation",
        "is_reply and in_reply_to(donation)",
        "donation and not inbound",
    ],
)
def test_selector_that_can_select_a_touchpoint_has_no_problem(selector: str) -> None:
    assert check(ladder({"enter": f"count({selector}, ever) >= 1"})) == []


def test_bounds_that_exclude_each_other_are_an_error() -> None:
    found = check(ladder("count(reply, ever) >= 3 and count(reply, ever) < 3"))
    assert codes(found) == ["error contradiction rung one, enter"]
    assert check(ladder("count(reply, ever) >= 3 and count(reply, ever) <= 3")) == []


def test_rung_that_no_sample_history_reaches_is_a_warning() -> None:
    hopeless = "count(donation, months(3)) >= 1 and count(inbound, months(6)) < 1"
    assert codes(check(ladder(hopeless))) == ["warning unreachable rung one, enter"]


@pytest.mark.parametrize("definition", definitions(), ids=lambda each: each.name)
def test_sample_histories_reach_all_definitions_of_the_catalogue(definition: Definition) -> None:
    own = tuple(kind for kind in kinds().values() if kind.name in ("visit", "flagged"))
    trials = Trials(Ladder(key="tried", own_kinds=own), Organisation())
    assert trials.reach(condition(definition), definition.name, more=0) is not None


def test_rung_that_is_never_the_standing_is_shadowed() -> None:
    made = ladder("count(donation, months(6)) >= 1", "count(inbound, months(12)) >= 1")
    (found,) = check(made)
    assert codes([found]) == ["warning shadowed rung one"]
    assert "(two)" in found.what


def test_parallel_rungs_shadow_none() -> None:
    side = {"enter": "count(inbound, months(12)) >= 1", "height": 1}
    assert check(ladder("count(donation, months(6)) >= 1", side)) == []


def test_states_that_hold_together_are_an_error_with_an_example() -> None:
    made = ladder(
        "count(donation, ever) >= 1",
        "count(donation, ever) >= 5",
        "count(reply, ever) == 1 and count(donation, ever) < 1",
        kind="states",
    )
    (found,) = check(made)
    assert codes([found]) == ["error overlapping rung two, enter"]
    assert "states one and two both hold on 20" in found.what
    assert "donation 20" in found.what
    assert (
        check(ladder("count(donation, ever) == 1", "count(donation, ever) > 1", kind="states"))
        == []
    )


def test_short_window_without_stay_is_likely_to_flap() -> None:
    (found,) = check(ladder("count(reply, months(1)) >= 1"))
    assert codes([found]) == ["warning flapping rung one, enter"]
    assert "about once a month" in found.what
    assert "stay" in found.todo
    kept = {"enter": "count(reply, months(1)) >= 1", "stay": "count(reply, months(3)) >= 1"}
    assert check(ladder(kept)) == []
    assert check(ladder("count(reply, months(12)) >= 1")) == []


def test_money_of_another_currency_than_the_organisations_is_an_error() -> None:
    made = ladder('total(donation, ever) >= "250 USD"')
    (found,) = check(made, Organisation(currency="EUR"))
    assert (found.severity, found.code) == ("error", "currency")
    assert "USD" in found.what
    assert check(made, Organisation(currency="USD")) == []


# patterns


def test_requirements_without_an_absence_are_an_error() -> None:
    text = "count(donation, older_than(days(2), months(12)) and until(thank_you)) >= 1"
    (found,) = check(pattern(low=text))
    assert codes([found]) == ["error requires pattern P, requires"]
    assert "the absence of thank_you" in found.what.lower()
    assert check(pattern("is_covered(thank_you, months(12))", low=text)) == []
    (found,) = check(pattern("is_covered(thank_you, months(6))", low=text))
    assert "further back" in found.what


def test_finding_of_an_absence_without_end_is_a_warning() -> None:
    requires = "is_covered(inbound, ever)"
    text = "count(donation, ever) >= 1 and count(reply, ever) < 1"
    assert codes(check(pattern(requires, low=text))) == ["warning unbounded pattern P, low"]
    text = "count(donation, months(24)) >= 1 and count(reply, ever) < 1"
    assert check(pattern(requires, low=text)) == []


def test_pattern_that_is_never_found_is_a_warning() -> None:
    text = "count(donation, months(3)) >= 1 and count(inbound, months(6)) < 1"
    found = check(pattern("is_covered(inbound, months(6))", high=text))
    assert codes(found) == ["warning unreachable pattern P, high"]


def test_requirements_without_a_text_are_a_note() -> None:
    made = pattern("is_covered(reply, months(12))", low="count(reply, months(12)) >= 1")
    silent = made.patterns[0].model_copy(update={"requires_text": ""})
    found = check(made.model_copy(update={"patterns": (silent,)}))
    assert codes(found) == ["note words pattern P, requires"]


# the suppression condition


def test_patterns_of_a_ladder_without_suppression_are_a_warning() -> None:
    made = pattern(low="count(donation, months(12)) >= 1").model_copy(
        update={"suppress_when": None}
    )
    (found,) = check(made)
    assert codes([found]) == ["warning silent ladder"]
    assert "people who objected, people who died" in found.what
    assert "do_not_contact()" in found.todo
    assert check(made.model_copy(update={"patterns": ()})) == []


@pytest.mark.parametrize("forgotten", ["objected", "deceased", "erased", "placeholder"])
def test_incomplete_suppression_is_a_warning(forgotten: str) -> None:
    kinds = ["objected", "deceased", "erased", "placeholder"]
    others = " or ".join(kind for kind in kinds if kind != forgotten)
    silent = parse_condition(f"count({others}, ever) >= 1")
    (found,) = check(Ladder(key="tried", suppress_when=silent))
    assert codes([found]) == ["warning silent suppress_when"]
    assert f"({forgotten})" in found.what


def test_late_suppression_is_complete() -> None:
    gone = "objected or deceased or erased or placeholder"
    silent = parse_condition(f"count({gone}, older_than(days(3))) >= 1")
    assert check(Ladder(key="tried", suppress_when=silent)) == []


# the whole


@pytest.mark.parametrize("name", catalogue.names())
def test_shipped_ladders_pass_their_own_check(name: str) -> None:
    found = codes(check(catalogue.load(name)))
    if name == "netroots":  # its three months are the source's, and short for who signs quarterly
        assert all(each.startswith("warning flapping") for each in found)
    else:
        assert found == []


def test_problems_stand_at_their_place_in_the_document(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[ladder]\nkey = "mine"\n\n[[rung]]\nkey = "one"\n'
        "enter = 'count(donation and reply, ever) >= 1'\n"
    )
    document = read(file)
    (found,) = check(document.ladder, source=document.source)
    assert str(found) == (
        "mine.toml, line 6, column 10: error: donation and reply can never select anything: "
        "a touchpoint has one kind, of one family. Say what you mean with or, or leave a part of "
        "it out."
    )


def test_problems_are_the_same_in_all_processes() -> None:
    code = (
        "from ladder import catalogue; from ladder.lint import check; "
        "print([str(e) for name in ('netroots', 'default') for e in check(catalogue.load(name))])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


# the loader refuses the worst of it


def test_loader_rejects_a_rung_true_of_nothing_and_a_pattern_that_presumes_its_log() -> None:
    text = """
[ladder]
key = "bad"
[[rung]]
key = "one"
enter = 'count(donation, ever) < 3'
[[pattern]]
key = "P"
side = "organisation"
low = 'count(donation, months(12) and until(thank_you)) >= 1'
"""
    with pytest.raises(DefinitionErrorGroup) as caught:
        read(text)
    first, second = caught.value.errors
    assert str(first).startswith("line 6, column 10: rung one is true of somebody who never did")
    assert str(second).startswith("line 7, column 1: the absence of thank_you counts here")
    assert "add is_covered(thank_you, days(365)) to its needs" in str(second)
    trusted = read(text, trusted=True).ladder
    assert trusted.rungs[0].enter == (count(kind("donation"), ever) < 3)


# odd ladders


def test_far_spans_and_large_counts_are_tried_up_to_a_limit() -> None:
    found = check(
        ladder(
            "count(donation, years(2000)) >= 1 and count(reply, older_than(days(300000))) >= 1",
            "count(donation, ever) >= 100000",
            "count(donation, ever) >= 300",
            'total(donation, ever) >= "99999999999"',
        )
    )
    assert found == []


def test_currencies_without_cents_are_tried_in_whole_units() -> None:
    made = ladder('total(donation, years(1)) >= "99.5"', 'count(amount_above("10"), ever) >= 1')
    assert check(made, Organisation(currency="JPY")) == []


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(conditions(1), min_size=1, max_size=3), st.booleans())
def test_random_ladders_are_checked_without_a_crash(found: list[Condition], states: bool) -> None:
    rungs = tuple(Rung(key=f"rung_{n}", enter=each) for n, each in enumerate(found))
    for each in check(Ladder(key="any", rungs=rungs, kind="states" if states else "rungs")):
        assert each.what
        assert each.todo
