"""Documents that change the contact rules, and the places of their mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladder import catalogue, contact_rules
from ladder.contact_rules import Rule, Rules
from ladder.errors import DefinitionErrorGroup
from ladder.model.kinds import KINDS, Kind


def rule(rules: Rules, key: str) -> Rule:
    return next(each for each in rules.written if each.key == key)


def keys(rules: Rules) -> list[str]:
    return list(dict.fromkeys(each.key for each in rules.written))


def test_shipped_rules_have_texts_sources_and_their_order() -> None:
    rules = contact_rules.load()
    assert all(each.words and each.source for each in rules.written)
    verdicts = [each.verdict for each in rules.written]
    assert verdicts == sorted(verdicts)


def test_rules_that_can_be_unknown_say_what_is_missing() -> None:
    for each in contact_rules.load().written:
        assert (each.unknown is None) == (not each.unknown_words), each.key


def test_catalogue_setting_applies_to_the_rules() -> None:
    rules = contact_rules.load("[settings]\nrest_after_gift = 'days(45)'")
    assert "days(45)" in str(rule(rules, "rest").holds)
    assert "days(30)" in str(rule(contact_rules.load(), "rest").holds)


def test_rule_fields_are_replaced_one_by_one() -> None:
    rules = contact_rules.load('[[rule]]\nkey = "just_gave"\nwords = "wait a little"')
    mine, shipped = rule(rules, "just_gave"), rule(contact_rules.load(), "just_gave")
    assert mine.words == "wait a little"
    assert (mine.holds, mine.verdict, mine.source) == (
        shipped.holds,
        shipped.verdict,
        shipped.source,
    )


def test_channels_that_need_consent_can_be_set() -> None:
    rules = contact_rules.load('[[rule]]\nkey = "no_consent"\nchannels = ["phone"]')
    wanted = [each.channel for each in rules.written if each.key == "no_consent"]
    assert wanted == ["phone"]


def test_custom_rule_may_use_custom_definitions_and_kinds() -> None:
    text = """
    [let]
    lent = 'stand_lent and inbound'
    [[rule]]
    key = "lent_a_stand"
    verdict = "no"
    when = 'count(lent, days(10)) >= 1'
    words = "they lent us their stand"
    """
    kinds = KINDS.plus([Kind("stand_lent", "time", "inbound")])
    rules = contact_rules.load(text, kinds=kinds)
    assert str(rule(rules, "lent_a_stand").holds) == "count(stand_lent and inbound, days(10)) >= 1"


def test_rule_may_be_left_out() -> None:
    assert "cold" not in keys(contact_rules.load('without = ["cold"]'))


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('without = ["burst"]', encoding="utf-8")
    assert "burst" not in keys(contact_rules.load(path))


WRONG = {
    'without = ["cald"]': "no rule called 'cald'; did you mean cold",
    '[[rule]]\nverdict = "no"': "[[rule]] lacks its key",
    '[[rule]]\nkey = "new"\nverdict = "no"': "lacks its when",
    '[[rule]]\nkey = "cold"\nverdict = "perhaps"': "unknown verdict 'perhaps'",
    '[[rule]]\nkey = "cold"\nwhen = "count(gitf, ever) >= 1"': "gitf",
    '[[rule]]\nkey = "cold"\nwhen = "gift"': "when should be a condition",
    '[[rule]]\nkey = "large_amount"\nabove = "gift"': "above should be a figure",
    '[[rule]]\nkey = "large_amount"\nabove = "count(gift, ever)"': "compares with a figure",
    '[[rule]]\nkey = "cold"\nwords = 3': "words should be text in quotes",
    '[[rule]]\nkey = "cold"\n[[rule]]\nkey = "cold"': "said twice",
    '[[rule]]\nkey = "x"\nwhen = "count(thanks, days(9)) < 1"': "add is_covered(",
    '[[rule]]\nkey = "cold"\nwen = "x"': "unknown key 'wen' in [[rule]]; did you mean when",
    "[settings]\nrest = 'days(3)'": "unknown setting 'rest'",
    "[settings]\nrest_after_gift = '3'": "rest_after_gift should be",
    "[queue]\nx = 1": "unknown key 'queue'",
    "[[rule]\n": "this is no TOML",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items())
def test_mistake_is_reported_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionErrorGroup) as told:
        contact_rules.load(path)
    assert message in str(told.value)
    assert "line" in str(told.value)


def test_finding_rules_follow_the_ladder_and_the_severity_threshold() -> None:
    ladder = catalogue.read('[ladder]\nkey = "a"\n[include]\npatterns = ["all"]\n').ladder
    spelt = {each.pattern: each for each in contact_rules.load().of(ladder) if each.pattern}
    assert {"O1", "O7", "O15"} <= spelt.keys()
    assert not any(key.startswith(("S", "M")) for key in spelt)
    assert spelt["O1"].severities == ("high",)
    milder = contact_rules.load('[[rule]]\nkey = "finding"\nfindings = "medium"').of(ladder)
    assert next(each for each in milder if each.pattern == "O1").severities == ("medium", "high")
