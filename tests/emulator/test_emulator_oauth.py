"""The consent page, PKCE, rotation, and every way the token endpoint says no."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from emulator_harness import Harness, MakeHarness, sample, shape

from emulator.tokens import challenge_of

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CALLBACK = "https://bot.example.vn/zalo/callback"


def _token(harness: Harness, secret: str | None = None, **form: str) -> Any:
    configuration = harness.emulator.configuration
    response = harness.client.post(
        "/v4/oa/access_token",
        data={"app_id": configuration.app_id, **form},
        headers={"secret_key": secret or configuration.app_secret},
    )
    assert response.status_code == 200
    return response.get_json() if response.data else None


def _consent(harness: Harness, **changes: str) -> dict[str, str]:
    return {
        "app_id": harness.emulator.app_id,
        "redirect_uri": CALLBACK,
        "code_challenge": challenge_of(VERIFIER),
        "state": "một",
        **changes,
    }


def _code(harness: Harness) -> str:
    form = _consent(harness) | {"oa_id": harness.account.oa_id, "decision": "allow"}
    response = harness.client.post("/v4/oa/permission", data=form)
    assert response.status_code == 302
    return parse_qs(urlsplit(response.location).query)["code"][0]


def _exchange(harness: Harness, code: str, verifier: str = VERIFIER) -> Any:
    return _token(harness, grant_type="authorization_code", code=code, code_verifier=verifier)


def _refresh(harness: Harness, refresh_token: str) -> Any:
    return _token(harness, grant_type="refresh_token", refresh_token=refresh_token)


def _current_refresh(harness: Harness) -> str:
    pair = harness.emulator.tokens.current(harness.account.oa_id)
    assert pair is not None
    return pair.refresh_token


def test_challenge_is_the_one_of_rfc_7636() -> None:
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_way_of_an_admin(make_harness: MakeHarness) -> None:
    harness = make_harness(oauth_callback_url=CALLBACK)
    page = harness.client.get("/v4/oa/permission", query_string=_consent(harness)).get_data(as_text=True)
    assert harness.account.name in page
    form = _consent(harness) | {"oa_id": harness.account.oa_id, "decision": "allow"}
    location = harness.client.post("/v4/oa/permission", data=form).location
    assert location.startswith(CALLBACK + "?")
    answer = parse_qs(urlsplit(location).query)
    assert answer["oa_id"] == [harness.account.oa_id]
    assert answer["state"] == ["một"]
    harness.account.granted = False
    tokens = _exchange(harness, answer["code"][0])
    assert shape(tokens) == shape(sample("responses", "oauth_ok")["json"])
    assert tokens["expires_in"] == "90000"
    assert harness.account.granted
    assert harness.post("/v3.0/oa/user/update", {"user_id": harness.resident.user_id}, tokens["access_token"]) == {
        "error": 0,
        "message": "Success",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"app_id": "1"}, -14002), ({"redirect_uri": "https://else.vn"}, -14003), ({"code_challenge": ""}, -14012)],
)
def test_the_consent_page_refuses(changes: dict[str, str], code: int, make_harness: MakeHarness) -> None:
    harness = make_harness(oauth_callback_url=CALLBACK)
    answer = harness.client.get("/v4/oa/permission", query_string=_consent(harness, **changes)).get_json()
    assert answer["error"] == code
    assert shape(answer) == shape(sample("responses", "oauth_err_redirect")["json"])


def test_no_consent_no_code(harness: Harness) -> None:
    form = _consent(harness) | {"oa_id": harness.account.oa_id, "decision": "refuse"}
    assert harness.client.post("/v4/oa/permission", data=form).get_json()["error"] == -14023


def test_a_code_is_good_once(harness: Harness) -> None:
    code = _code(harness)
    assert "access_token" in _exchange(harness, code)
    again = _exchange(harness, code)
    assert again["error"] == -14005
    assert shape(again) == shape(sample("responses", "oauth_err_code")["json"])


def test_a_wrong_verifier_spends_nothing(harness: Harness) -> None:
    code = _code(harness)
    assert _exchange(harness, code, "x" * 43)["error"] == -14013
    assert "access_token" in _exchange(harness, code)


def test_a_code_lives_ten_minutes(harness: Harness) -> None:
    code = _code(harness)
    harness.shift_hours(0.2)
    assert _exchange(harness, code)["error"] == -14019


def test_the_console_may_hold_the_challenge(make_harness: MakeHarness) -> None:
    harness = make_harness(console_code_challenge=challenge_of(VERIFIER))
    form = _consent(harness, code_challenge="") | {"oa_id": harness.account.oa_id, "decision": "allow"}
    location = harness.client.post("/v4/oa/permission", data=form).location
    assert "access_token" in _exchange(harness, parse_qs(urlsplit(location).query)["code"][0])


def test_wrong_secret_app_and_grant(harness: Harness) -> None:
    answer = _token(harness, secret="wrong", grant_type="refresh_token", refresh_token="x")
    assert answer["error"] == -14004
    assert shape(answer) == shape(sample("responses", "oauth_err_secret")["json"])
    assert _token(harness, app_id="1", grant_type="refresh_token", refresh_token="x")["error"] == -14002
    assert _token(harness, grant_type="password")["error"] == -14018
    assert _token(harness, grant_type="refresh_token")["error"] == -14017


def test_a_refresh_rotates_both_tokens_and_kills_the_old_pair(harness: Harness) -> None:
    old_access, old_refresh = harness.access_token, _current_refresh(harness)
    fresh = _refresh(harness, old_refresh)
    assert fresh["access_token"] != old_access
    assert fresh["refresh_token"] != old_refresh
    assert harness.get("/v2.0/oa/getoa") == sample("responses", "err_token_invalid")["json"]
    harness.access_token = fresh["access_token"]
    assert harness.get("/v2.0/oa/getoa")["error"] == 0


def test_an_access_token_lives_25_hours(harness: Harness) -> None:
    harness.shift_hours(24.9)
    assert harness.get("/v2.0/oa/getoa")["error"] == 0
    harness.shift_hours(0.2)
    assert harness.get("/v2.0/oa/getoa") == sample("responses", "err_token_expired")["json"]


def test_a_refresh_token_lives_three_months(harness: Harness) -> None:
    token = _current_refresh(harness)
    harness.shift_hours(24 * 91)
    assert _refresh(harness, token)["error"] == -14020


@pytest.mark.parametrize(
    ("mode", "code"), [("empty", None), ("-14014", -14014), ("-14020", -14020), ("quoted", "-14014")]
)
def test_a_refresh_token_used_twice(mode: str, code: object, harness: Harness) -> None:
    harness.client.post("/emulator/faults", json={"oauth": {"reused_refresh": mode}})
    token = _current_refresh(harness)
    fresh = _refresh(harness, token)
    answer = _refresh(harness, token)
    assert (answer["error"] if answer else None) == code
    assert "access_token" in _refresh(harness, fresh["refresh_token"])


def test_unknown_and_revoked_refresh_tokens(harness: Harness) -> None:
    answer = _refresh(harness, "never issued")
    assert answer == sample("responses", "oauth_err_refresh_unknown")["json"]
    token = _current_refresh(harness)
    harness.client.delete(f"/emulator/oas/{harness.account.oa_id}/tokens")
    assert _refresh(harness, token)["error"] == -14014


def test_troubles_of_the_token_endpoint(harness: Harness) -> None:
    token = _current_refresh(harness)
    harness.client.post("/emulator/faults", json={"oauth": {"gateway_page": 1, "empty_reply": 1, "http_500": 1}})
    form = {"app_id": harness.emulator.app_id, "grant_type": "refresh_token", "refresh_token": token}
    headers = {"secret_key": harness.emulator.configuration.app_secret}

    def call() -> tuple[int, bytes]:
        response = harness.client.post("/v4/oa/access_token", data=form, headers=headers)
        return response.status_code, response.data

    assert call() == (504, b"<html>504</html>")
    assert call() == (200, b"")
    assert call() == (500, b"")
    assert call()[0] == 200
    assert harness.emulator.tokens.current(harness.account.oa_id) is not None


def test_a_reply_that_never_comes_may_have_spent_the_token(harness: Harness) -> None:
    token = _current_refresh(harness)
    harness.client.post("/emulator/faults", json={"oauth": {"hang": 1, "hang_seconds": 0.0, "hang_delivered": True}})
    _refresh(harness, token)
    assert _refresh(harness, token) is None


def test_a_refresh_reply_may_lack_the_refresh_token(harness: Harness) -> None:
    harness.client.post("/emulator/faults", json={"oauth": {"omit_refresh_token": 1}})
    assert set(_refresh(harness, _current_refresh(harness))) == {"access_token", "expires_in"}
