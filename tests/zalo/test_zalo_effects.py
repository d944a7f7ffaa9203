from __future__ import annotations

import pytest
from zalo_samples import EVENT_FILES, OUR_OA, event, index

from bot.zalo.effects import EFFECTS, Effect, effect_of, is_interaction, rule_of
from bot.zalo.event_types import Unknown
from bot.zalo.events import ALIASES, parse


def test_every_row_of_the_index_has_an_effect() -> None:
    names = {row["event_name"] for row in index()}
    assert names - set(EFFECTS) == set()


def test_the_table_names_no_event_the_index_does_not() -> None:
    assert set(EFFECTS) - {row["event_name"] for row in index()} == set()


def test_every_sample_file_is_in_the_index() -> None:
    assert {row["file"] for row in index()} == set(EVENT_FILES)


def test_whatever_is_ignored_says_why() -> None:
    assert [name for name, rule in EFFECTS.items() if rule.effect is Effect.IGNORE and not rule.reason] == []


def test_aliases_lead_to_known_names() -> None:
    assert set(ALIASES.values()) <= set(EFFECTS)


@pytest.mark.parametrize("row", index(), ids=lambda row: row["file"])
def test_no_sample_falls_through_to_unknown(row: dict[str, str]) -> None:
    found = parse(event(row["file"].removesuffix(".json")), {OUR_OA})
    assert not isinstance(found, Unknown)
    assert rule_of(found).effect is effect_of(found)


def test_exactly_what_the_contract_names_opens_the_windows() -> None:
    """Contract 3.2: message, message in a group, follow, chat-now, menu or query tap, call, accepting a call."""
    opens = {
        row["event_name"]
        for row in index()
        if is_interaction(parse(event(row["file"].removesuffix(".json")), {OUR_OA}))
    }
    messages = {name for name in EFFECTS if name.startswith(("user_send_", "anonymous_send_"))}
    assert opens == messages | {"follow", "user_click_chatnow", "user_call_oa", "oa_call_user"}


def test_a_call_nobody_accepted_opens_nothing() -> None:
    body = dict(event("oa_call_user"), talk_time="0")
    found = parse(body, {OUR_OA})
    assert (effect_of(found), is_interaction(found)) == (Effect.IGNORE, False)


@pytest.mark.parametrize("name", ["user_received_message", "oa_send_text", "user_seen_message", "oa_send_list"])
def test_echoes_and_receipts_are_never_input(name: str) -> None:
    """Contract 7, pitfall 8: an echo taken for a question makes the assistant talk to itself."""
    found = parse(event(name), {OUR_OA})
    assert effect_of(found) in {Effect.ECHO, Effect.RECEIPT}
    assert not is_interaction(found)
