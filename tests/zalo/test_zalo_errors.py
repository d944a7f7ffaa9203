from __future__ import annotations

import json

import pytest
from zalo_samples import RESPONSE_FILES, response

from bot.zalo.errors import ACTIONS, SCOPES, SURFACES, UNKNOWN_CODE_MEANING, all_rules, rule


def test_every_code_has_a_known_action_scope_and_surface() -> None:
    assert len(all_rules()) >= 110
    for (surface, code), found in all_rules().items():
        assert found.action in ACTIONS, (surface, code)
        assert found.scope in SCOPES, (surface, code)
        assert surface in SURFACES
        assert found.name.startswith(surface + ".")
        assert found.meaning


@pytest.mark.parametrize("file", [name for name in RESPONSE_FILES if name.startswith("err_")])
def test_every_refusal_of_the_samples_is_known(file: str) -> None:
    status, raw = response(file.removesuffix(".json"))
    body = json.loads(raw)
    assert status == 200
    assert rule("oa", body["error"], body["message"]).meaning != UNKNOWN_CODE_MEANING


@pytest.mark.parametrize(
    ("sample", "name", "action", "scope"),
    [
        ("err_rate_limit_app", "oa.RATE_LIMIT_APP", "retry", "app"),
        ("err_rate_limit_oa", "oa.RATE_LIMIT_OA", "retry", "oa"),
        ("err_article_quota", "oa.ARTICLE_QUOTA", "stop_oa", "message_type"),
        ("err_not_authorized", "oa.NOT_AUTHORIZED", "stop_oa", "message_type"),
        ("err_param_invalid", "oa.USER_ID_INVALID", "stop_user", "user"),
        ("err_tier", "oa.TIER_TOO_LOW", "degrade", "message_type"),
        ("err_token_expired", "oa.TOKEN_EXPIRED", "refresh_token", "call"),
        ("err_window_7d", "oa.NO_INTERACTION_7D", "stop_user", "user"),
        ("err_night", "oa.NIGHT", "retry", "call"),
    ],
)
def test_rules_of_the_samples(sample: str, name: str, action: str, scope: str) -> None:
    body = json.loads(response(sample)[1])
    found = rule("oa", body["error"], body["message"])
    assert (found.code, found.name, found.action, found.scope) == (body["error"], name, action, scope)


def test_another_bad_parameter_is_our_own_fault_and_not_the_residents() -> None:
    assert rule("oa", -201, "attachment_id is invalid!").action == "bug"


def test_the_same_number_differs_by_surface() -> None:
    assert rule("oa", -100).name == "oa.ATTACHMENT_EXPIRED"
    assert rule("zbs", -100).name == "zbs.UNKNOWN"


def test_a_code_nobody_described_stops_only_the_call() -> None:
    found = rule("oa", -98765, "something new")
    assert (found.action, found.scope, found.meaning) == ("bug", "call", UNKNOWN_CODE_MEANING)
