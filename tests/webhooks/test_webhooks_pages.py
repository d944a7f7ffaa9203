"""Health, figures, proof of the domain, the way back from Zalo's consent page, traces; and who may see them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rig import OUR_OA, Rig
from sqlalchemy import text
from webhook_rig import Web

from bot import grants
from bot.clock import Clock
from bot.journal.liveness import Liveness
from bot.store import accounts
from bot.store.staff_requests import DecisionRow, add_decisions
from bot.zalo.outcomes import ApiAnswer, OAuthFailure, TokenPair
from webhooks.app import PUBLIC_ENDPOINTS


@pytest.mark.parametrize("trace", ["0", "1"])
def test_every_route_is_named_with_its_reason_or_guarded(trace: str, sqlite_rig: Rig) -> None:
    web = Web(sqlite_rig, HOIXA_TRACE=trace)
    endpoints = {rule.endpoint for rule in web.application.url_map.iter_rules()}
    guarded = {
        endpoint for endpoint in endpoints if getattr(web.application.view_functions[endpoint], "required_role", None)
    }
    assert endpoints - guarded <= set(PUBLIC_ENDPOINTS)
    assert all(reason.strip() for reason in PUBLIC_ENDPOINTS.values())
    if trace == "1":
        assert set(PUBLIC_ENDPOINTS) <= endpoints
    web.close()


def test_alive(sqlite_rig: Rig) -> None:
    web = Web(sqlite_rig)
    assert web.client.get("/healthz").status_code == 200
    web.close()


def _ready(web: Web) -> tuple[int, dict[str, Any]]:
    answer = web.client.get("/readyz")
    return answer.status_code, json.loads(answer.text)


def test_ready_only_with_database_schema_and_a_worker(rig: Rig) -> None:
    web = Web(rig)
    assert _ready(web) == (503, {"database": True, "schema": True, "worker": False})
    with Liveness(rig.database, rig.clock, "clock"):
        assert _ready(web)[0] == 503
    with Liveness(rig.database, rig.clock, "worker"):
        assert _ready(web) == (200, {"database": True, "schema": True, "worker": True})
        rig.clock.pass_ms(20_000)
        assert _ready(web)[1]["worker"] is False, "a worker that has been silent for long does not count"
    with rig.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert _ready(web) == (503, {"database": True, "schema": False, "worker": False})
    finally:
        with rig.database.write() as connection:
            from bot.store.schema import REVISIONS

            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": REVISIONS[-1]})
        web.close()


def test_not_ready_without_a_database(sqlite_rig: Rig) -> None:
    web = Web(sqlite_rig)
    sqlite_rig.database.close()
    path = sqlite_rig.database.path
    assert path is not None
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 500)
    assert _ready(web) == (503, {"database": False, "schema": False, "worker": False})
    web.close()


def test_figures_for_this_machine_or_for_the_token(sqlite_rig: Rig) -> None:
    web = Web(sqlite_rig)
    sqlite_rig.receive(sqlite_rig.event())
    answer = web.client.get("/metrics")
    assert answer.status_code == 200
    assert 'hoixa_open_rows{queue="inbox",state="new"} 1.0' in answer.text
    assert web.client.get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200
    assert web.client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert web.client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    web.close()
    guarded = Web(sqlite_rig, HOIXA_METRICS_TOKEN="the token é")
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer the token"}, 401),
    ):
        assert guarded.client.get("/metrics", headers=headers).status_code == status
    guarded.close()
    plain = Web(sqlite_rig, HOIXA_METRICS_TOKEN="the-token")
    answer = plain.client.get(
        "/metrics", headers={"Authorization": "Bearer the-token"}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert answer.status_code == 200
    plain.close()


def test_the_proof_of_the_domain(sqlite_rig: Rig) -> None:
    web = Web(sqlite_rig, HOIXA_ZALO_VERIFIER="Abc-123")
    answer = web.client.get("/zalo_verifierAbc-123.html")
    assert answer.status_code == 200
    assert 'content="Abc-123"' in answer.text
    assert web.client.get("/zalo_verifierother.html").status_code == 404
    web.close()
    without = Web(sqlite_rig)
    assert without.client.get("/zalo_verifier.html").status_code == 404
    assert without.client.get("/zalo_verifierAbc-123.html").status_code == 404
    without.close()


class ConsentByHeart:
    """Zalo's OAuth server for the callback."""

    def __init__(self, answer: TokenPair | OAuthFailure) -> None:
        self.answer = answer
        self.seen: list[tuple[str, str]] = []
        self.oa_of_the_token = OUR_OA

    def exchange_code(self, code: str, verifier: str) -> TokenPair | OAuthFailure:
        self.seen.append((code, verifier))
        return self.answer

    def oa_profile(self, access_token: str) -> ApiAnswer:
        assert access_token == "access"
        return ApiAnswer(ok=True, data={"oaid": self.oa_of_the_token})

    def permission_url(self, redirect: str, state: str, challenge: str) -> str:
        return f"https://zalo.invalid/?redirect_uri={redirect}&state={state}&code_challenge={challenge}"


def _granting(rig: Rig, answer: TokenPair | OAuthFailure) -> tuple[Web, ConsentByHeart, str]:
    zalo = ConsentByHeart(answer)
    services = rig.services(zalo)  # type: ignore[arg-type]
    url = grants.begin_grant(
        rig.database, rig.vault, rig.clock, zalo,  # type: ignore[arg-type]
        commune_id="ha-dong", secret="the secret", redirect="https://here.invalid/oauth/zalo/callback",
    )  # fmt: skip
    web = Web(rig)
    web.close()
    from webhooks.app import create_app

    web.client = create_app(services, web.writer).test_client()
    return web, zalo, parse_qs(urlsplit(url).query)["state"][0]


def _come_back(web: Web, **query: str) -> int:
    answer = web.client.get("/oauth/zalo/callback", query_string=query)
    assert "text/html" in answer.content_type
    return answer.status_code


def test_granted(rig: Rig) -> None:
    web, zalo, state = _granting(rig, TokenPair("access", "refresh", 90_000))
    assert _come_back(web, code="the code", oa_id=OUR_OA, state=state) == 200
    with rig.database.read() as connection:
        stored = accounts.read_tokens(connection, rig.vault, OUR_OA)
        (account,) = accounts.list_accounts(connection, rig.vault, rig.clock.now_ms())
    assert stored is not None
    assert (stored.access_token, stored.refresh_token) == ("access", "refresh")
    assert (account.oa_id, account.commune_id, account.secrets) == (OUR_OA, "ha-dong", ("the secret",))
    ((code, verifier),) = zalo.seen
    assert code == "the code"
    assert len(verifier) == 43
    assert _come_back(web, code="the code", oa_id=OUR_OA, state=state) == 400, "a state works once"
    assert len(zalo.seen) == 1


@pytest.mark.parametrize("missing", ["code", "oa_id", "state"])
def test_an_incomplete_way_back_spends_nothing(missing: str, sqlite_rig: Rig) -> None:
    web, zalo, state = _granting(sqlite_rig, TokenPair("access", "refresh", 90_000))
    query = {"code": "c", "oa_id": OUR_OA, "state": state}
    assert _come_back(web, **{**query, missing: ""}) == 400
    assert _come_back(web, **query) == 200
    assert len(zalo.seen) == 1


def test_a_way_back_nobody_began_or_that_took_too_long(sqlite_rig: Rig) -> None:
    web, zalo, state = _granting(sqlite_rig, TokenPair("access", "refresh", 90_000))
    assert _come_back(web, code="c", oa_id=OUR_OA, state="another") == 400
    sqlite_rig.clock.pass_ms(grants.ATTEMPT_LIVES_MS + 1)
    assert _come_back(web, code="c", oa_id=OUR_OA, state=state) == 400
    assert zalo.seen == []
    assert sqlite_rig.rows("oa") == []


@pytest.mark.parametrize(
    "failure",
    [OAuthFailure("terminal", -14005, "x"), OAuthFailure("transient", None, "x"), OAuthFailure("ambiguous", None, "x")],
)
def test_refused_by_zalo(failure: OAuthFailure, sqlite_rig: Rig) -> None:
    web, _zalo, state = _granting(sqlite_rig, failure)
    assert _come_back(web, code="c", oa_id=OUR_OA, state=state) == 400
    assert sqlite_rig.rows("oa") == []
    assert sqlite_rig.rows("oa_token") == []


def test_a_token_of_another_oa_than_the_address_says(sqlite_rig: Rig) -> None:
    web, zalo, state = _granting(sqlite_rig, TokenPair("access", "refresh", 90_000))
    zalo.oa_of_the_token = "1234567890"
    assert _come_back(web, code="c", oa_id=OUR_OA, state=state) == 400
    assert sqlite_rig.rows("oa") == []


def test_a_first_grant_without_a_refresh_token_does_not_crash(sqlite_rig: Rig) -> None:
    web, _zalo, state = _granting(sqlite_rig, TokenPair("access", None, 90_000))
    assert _come_back(web, code="c", oa_id=OUR_OA, state=state) == 400
    assert sqlite_rig.rows("oa") == []


def test_nothing_a_stranger_writes_into_the_address_is_shown_raw(sqlite_rig: Rig) -> None:
    web = Web(sqlite_rig)
    answer = web.client.get(
        "/oauth/zalo/callback", query_string={"code": "<b>x", "oa_id": "<script>", "state": "{{7*7}}"}
    )
    assert "<script>" not in answer.text
    assert "49" not in answer.text
    web.close()


def test_traces_are_there_only_where_asked_for(sqlite_rig: Rig) -> None:
    with sqlite_rig.database.write() as connection:
        row = DecisionRow(1, OUR_OA, "m1", "answer", None, None, None, None, 1, '{"kind": "text"}')
        add_decisions(connection, sqlite_rig.vault, [row])
    query = {"oa_id": OUR_OA, "msg_id": "m1"}
    without = Web(sqlite_rig)
    assert without.client.get("/traces", query_string=query).status_code == 404
    without.close()
    web = Web(sqlite_rig, HOIXA_TRACE="1")
    assert web.client.get("/traces", query_string=query).json == {"kind": "text"}
    assert web.client.get("/traces", query_string={**query, "msg_id": "m2"}).status_code == 404
    web.close()


def test_the_clock_of_the_product_can_be_shifted() -> None:
    assert abs(Clock(3600).now_ms() - Clock().now_ms() - 3_600_000) < 60_000
