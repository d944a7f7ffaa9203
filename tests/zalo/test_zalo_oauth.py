from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from fake_zalo import IMPATIENT, PATIENT, FakeZalo
from zalo_samples import request, response

from bot.zalo.client import ZaloClient
from bot.zalo.outcomes import OAuthFailure, TokenPair
from bot.zalo.pkce import challenge, new_verifier

APP = "1840275930164482011"


def client_of(zalo: FakeZalo, read_timeout: float = PATIENT) -> ZaloClient:
    return ZaloClient(zalo.url, zalo.url, APP, "app-secret", read_timeout=read_timeout)


def test_exchange_makes_the_call_of_the_sample(zalo: FakeZalo) -> None:
    status, raw = response("oauth_ok")
    zalo.answers(raw, status)
    sample = request("oauth_code_exchange")
    pair = client_of(zalo).exchange_code("<AUTH_CODE>", "<43_CHAR_VERIFIER>")
    assert pair == TokenPair("zA1-<opaque ~400 chars>", "zR2-<opaque ~400 chars>", 90000)
    assert (zalo.last.method, zalo.last.path) == ("POST", urlsplit(sample["url"]).path)
    assert zalo.last.headers["secret_key"] == "app-secret"
    assert zalo.last.headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(zalo.last.body.decode())) == sample["form"]


def test_refresh_makes_the_call_of_the_sample(zalo: FakeZalo) -> None:
    zalo.answers({"access_token": "a", "refresh_token": "r", "expires_in": "3600"})
    sample = request("oauth_refresh")
    assert client_of(zalo).refresh("<REFRESH_TOKEN>") == TokenPair("a", "r", 3600)
    assert zalo.last.path == urlsplit(sample["url"]).path
    assert dict(parse_qsl(zalo.last.body.decode())) == sample["form"]


def test_the_permission_address(zalo: FakeZalo) -> None:
    sample = request("oauth_permission_url")
    query = sample["query"]
    client = ZaloClient("https://openapi.zalo.me", "https://oauth.zaloapp.com/", APP, "s")
    url = client.permission_url(query["redirect_uri"], query["state"], query["code_challenge"])
    assert url.partition("?")[0] == sample["url"]
    assert {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()} == query


@pytest.mark.parametrize(
    ("sample", "kind", "code"),
    [
        ("oauth_err_refresh_unknown", "terminal", -14014),
        ("oauth_err_refresh_expired", "terminal", -14020),
        ("oauth_err_refresh_reused", "terminal", None),
        ("oauth_err_gateway", "transient", None),
        ("oauth_err_code", "terminal", -14005),
        ("oauth_err_redirect", "terminal", -14003),
        ("oauth_err_secret", "terminal", -14004),
        ("oauth_err_app", "terminal", -14002),
    ],
)
def test_failures_of_the_samples(zalo: FakeZalo, sample: str, kind: str, code: int | None) -> None:
    status, raw = response(sample)
    zalo.answers(raw, status)
    failure = client_of(zalo).refresh("zR2")
    assert isinstance(failure, OAuthFailure)
    assert (failure.kind, failure.code) == (kind, code)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"error": "-14014", "access_token": "", "refresh_token": ""}, "terminal"),
        (200, {"error": -14014, "access_token": "a", "refresh_token": "r"}, "terminal"),
        (400, {"error": -14014}, "terminal"),
        (200, {"error": -14001}, "transient"),
        (200, {"error": -14013}, "bug"),
        (200, {"error": -14999}, "bug"),
        (200, {"error": "what"}, "bug"),
        (200, b" \n", "terminal"),
        (200, b"<html>ok</html>", "transient"),
        (200, b'{"access_token":"zA', "ambiguous"),
        (200, {}, "ambiguous"),
        (200, {"access_token": "", "refresh_token": ""}, "ambiguous"),
        (500, {"error": -14014}, "transient"),
        (403, b"", "transient"),
        (302, {"access_token": "a"}, "transient"),
    ],
)
def test_odd_replies(zalo: FakeZalo, status: int, body: Any, kind: str) -> None:
    zalo.answers(body, status)
    failure = client_of(zalo).refresh("zR2")
    assert isinstance(failure, OAuthFailure)
    assert failure.kind == kind


@pytest.mark.parametrize("trouble", ["stalls", "resets", "closes", "breaks_off"])
def test_once_the_token_has_left_it_may_be_spent(zalo: FakeZalo, trouble: str) -> None:
    getattr(zalo, trouble)()
    failure = client_of(zalo, IMPATIENT).refresh("zR2")
    assert isinstance(failure, OAuthFailure)
    assert failure.kind == "ambiguous"


def test_a_token_that_never_left_is_whole() -> None:
    failure = ZaloClient("http://x.invalid", "http://no-such-host.invalid", APP, "s").refresh("zR2")
    assert isinstance(failure, OAuthFailure)
    assert failure.kind == "transient"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"access_token": "a", "expires_in": "90000"}, TokenPair("a", None, 90000)),
        ({"access_token": "a", "refresh_token": "", "expires_in": 90000}, TokenPair("a", None, 90000)),
        ({"access_token": "a", "refresh_token": "r", "error": 0}, TokenPair("a", "r", 90000)),
        ({"access_token": "a", "refresh_token": "r", "expires_in": "soon"}, TokenPair("a", "r", 90000)),
    ],
)
def test_a_reply_without_refresh_token_keeps_the_old_one(
    zalo: FakeZalo, reply: dict[str, Any], expected: TokenPair
) -> None:
    zalo.answers(reply)
    assert client_of(zalo).refresh("zR2") == expected


def test_tokens_do_not_show() -> None:
    assert "secret" not in repr(TokenPair("secret-a", "secret-r", 1))


def test_pkce_by_the_example_of_rfc_7636() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifiers_are_43_letters_and_new_each_time() -> None:
    verifiers = {new_verifier() for _ in range(20)}
    assert len(verifiers) == 20
    for verifier in verifiers:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier)
        digest = hashlib.sha256(verifier.encode()).digest()
        assert base64.urlsafe_b64decode(challenge(verifier) + "=") == digest
