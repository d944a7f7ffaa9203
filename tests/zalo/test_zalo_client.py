from __future__ import annotations

import json
import logging
import socket
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_zalo import IMPATIENT, PATIENT, FakeZalo, respond
from zalo_samples import OUR_OA, RESIDENT, request, response

from bot.replies import Button, Reply
from bot.zalo.client import ZaloClient

TOKEN = "zA1-secret-token"
GREETING = Reply("Chào bác")


def client_of(zalo: FakeZalo, **options: Any) -> ZaloClient:
    return ZaloClient(zalo.url, zalo.url, "1840275930164482011", "app-secret", **{"read_timeout": PATIENT, **options})


def answers_sample(zalo: FakeZalo, name: str) -> None:
    status, raw = response(name)
    zalo.answers(raw, status)


def path_of(url: str) -> str:
    return urlsplit(url).path


def test_send_makes_the_call_of_the_sample(zalo: FakeZalo) -> None:
    answers_sample(zalo, "cs_ok_reply_window")
    sample = request("cs_text")
    outcome = client_of(zalo).send(TOKEN, RESIDENT, Reply("Chào bạn!"))
    assert (outcome.kind, outcome.message_id, outcome.sent_at_ms) == ("sent", "8a7730be41c5d92f60b7", 1795257600456)
    assert (zalo.last.method, zalo.last.path) == (sample["method"], path_of(sample["url"]))
    assert zalo.last.headers["access_token"] == TOKEN
    assert zalo.last.headers["content-type"] == "application/json"
    assert "authorization" not in zalo.last.headers
    assert json.loads(zalo.last.body) == sample["json"]
    assert len(zalo.seen) == 1


def test_buttons_and_plain(zalo: FakeZalo) -> None:
    answers_sample(zalo, "cs_ok_reply_window")
    reply = Reply("Bác hỏi phần nào ạ?", (Button("Lệ phí", "#hoixa:fee"),))
    client = client_of(zalo, button_template_type="button")
    client.send(TOKEN, RESIDENT, reply)
    assert json.loads(zalo.last.body)["message"]["attachment"]["payload"]["template_type"] == "button"
    client.send(TOKEN, RESIDENT, reply, plain=True)
    assert "attachment" not in json.loads(zalo.last.body)["message"]


def test_anonymous_send(zalo: FakeZalo) -> None:
    answers_sample(zalo, "anonymous_ok")
    sample = request("anonymous_text")
    ids = sample["json"]["recipient"]
    outcome = client_of(zalo).send(
        TOKEN, ids["anonymous_id"], Reply("Chào bạn"), conversation_id=ids["conversation_id"]
    )
    assert (outcome.kind, outcome.message_id, outcome.paid) == ("sent", "e2590c8f1b7da4463d18", None)
    assert zalo.last.path == path_of(sample["url"])
    assert json.loads(zalo.last.body) == sample["json"]


@pytest.mark.parametrize(
    ("sample", "paid", "quota"),
    [
        ("cs_ok_billed", True, ""),
        ("cs_ok_reply_window", False, "reply"),
        ("cs_ok_reply_window_before_2026_03", False, "reply"),
        ("cs_ok_welcome", False, "welcome_msg"),
        ("cs_ok_sub_quota", False, "sub_quota"),
        ("cs_ok_purchase_quota", False, "purchase_quota"),
    ],
)
def test_what_a_message_cost(zalo: FakeZalo, sample: str, paid: bool, quota: str) -> None:
    answers_sample(zalo, sample)
    outcome = client_of(zalo).send(TOKEN, RESIDENT, GREETING)
    assert (outcome.kind, outcome.paid, outcome.quota_type) == ("sent", paid, quota)


@pytest.mark.parametrize(
    ("sample", "code", "action", "scope"),
    [
        ("err_window_7d", -230, "stop_user", "user"),
        ("err_window_none", -232, "stop_user", "user"),
        ("err_param_invalid", -201, "stop_user", "user"),
        ("err_tier", -224, "degrade", "message_type"),
        ("err_token_invalid", -216, "refresh_token", "call"),
        ("err_token_expired", -220, "refresh_token", "call"),
        ("err_rate_limit_app", -32, "retry", "app"),
        ("err_rate_limit_oa", -32, "retry", "oa"),
        ("err_send_failed", -200, "retry", "call"),
        ("err_too_long", -210, "bug", "call"),
        ("err_user_restricted", -244, "stop_user", "user"),
    ],
)
def test_refusals(zalo: FakeZalo, sample: str, code: int, action: str, scope: str) -> None:
    answers_sample(zalo, sample)
    outcome = client_of(zalo).send(TOKEN, RESIDENT, GREETING)
    assert (outcome.kind, outcome.code) == ("refused", code)
    assert outcome.rule is not None
    assert (outcome.rule.action, outcome.rule.scope) == (action, scope)
    assert outcome.message


@pytest.mark.parametrize(
    ("status", "body", "kind", "action"),
    [
        (200, {"error": "-216", "message": "quoted"}, "refused", "refresh_token"),
        (200, {"error": -98765, "message": "new"}, "refused", "bug"),
        (401, b"", "refused", "refresh_token"),
        (401, {"error": -216, "message": "Access token is invalid"}, "refused", "refresh_token"),
        (429, b"slow down", "refused", "retry"),
        (400, {"error": -201, "message": "text is invalid!"}, "refused", "bug"),
        (200, b"", "in_doubt", None),
        (200, b"<html>504</html>", "in_doubt", None),
        (200, b"[]", "in_doubt", None),
        (200, {}, "in_doubt", None),
        (200, b"[" * 100_000, "in_doubt", None),
        (500, {"error": -200, "message": "Send message failed"}, "in_doubt", None),
        (502, b"<html>502</html>", "in_doubt", None),
        (504, {"error": 0, "data": {"message_id": "a"}}, "in_doubt", None),
        (302, {"error": 0, "data": {"message_id": "a"}}, "in_doubt", None),
        (404, b"<html>404</html>", "in_doubt", None),
        (200, b"x" * 1_100_000, "in_doubt", None),
        (200, {"error": "0", "data": {"message_id": "a"}}, "sent", None),
        (200, {"data": {"message_id": "a"}}, "sent", None),
    ],
)
def test_odd_answers(zalo: FakeZalo, status: int, body: Any, kind: str, action: str | None) -> None:
    zalo.answers(body, status)
    outcome = client_of(zalo).send(TOKEN, RESIDENT, GREETING)
    assert outcome.kind == kind
    assert (outcome.rule.action if outcome.rule else None) == action
    assert len(zalo.seen) == 1


@pytest.mark.parametrize("trouble", ["resets", "closes", "stalls", "breaks_off"])
def test_once_the_request_has_left_a_failure_is_in_doubt(zalo: FakeZalo, trouble: str) -> None:
    getattr(zalo, trouble)()
    outcome = client_of(zalo, read_timeout=IMPATIENT).send(TOKEN, RESIDENT, GREETING)
    assert outcome.kind == "in_doubt"
    assert len(zalo.seen) == 1, "never sent twice by the client itself"


def test_a_connection_that_died_while_idle_is_not_used(zalo: FakeZalo) -> None:
    answers_sample(zalo, "cs_ok_reply_window")
    closed = threading.Event()

    def answer_and_close(handler: Any) -> None:
        respond(handler, response("cs_ok_reply_window")[1])
        handler.close_connection = True
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    zalo.act = answer_and_close
    client = client_of(zalo)
    assert client.send(TOKEN, RESIDENT, GREETING).kind == "sent"
    assert closed.wait(PATIENT)
    assert client.send(TOKEN, RESIDENT, GREETING).kind == "sent"


def test_a_connection_is_used_again_and_carries_no_cookie(zalo: FakeZalo) -> None:
    """A fresh connection per message would cost a TLS handshake each; a cookie would carry over from OA to OA."""
    callers: list[Any] = []

    def act(handler: Any) -> None:
        callers.append(handler.client_address)
        respond(handler, response("cs_ok_reply_window")[1], Set_Cookie="who=first-oa; Path=/")

    zalo.act = act
    client = client_of(zalo)
    for _ in range(3):
        assert client.send(TOKEN, RESIDENT, GREETING).kind == "sent"
    assert len(set(callers)) == 1
    assert not any("cookie" in seen.headers for seen in zalo.seen)


def test_redirects_are_not_followed(zalo: FakeZalo) -> None:
    """The token must not travel on, and a message moved to another address was not clearly taken."""
    zalo.act = lambda handler: respond(handler, b"", 307, Location="/elsewhere")
    assert client_of(zalo).send(TOKEN, RESIDENT, GREETING).kind == "in_doubt"
    assert len(zalo.seen) == 1


def test_an_answer_that_drips_is_cut_off(zalo: FakeZalo) -> None:
    """Each byte alone comes in time; all of them together must not hold a sender past its lease."""

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not zalo.released.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    zalo.act = drip
    client = client_of(zalo)
    client._transport._longest_answer_seconds = 0.2
    outcome = client.send(TOKEN, RESIDENT, GREETING)
    assert (outcome.kind, outcome.message) == ("in_doubt", "AnswerTooSlow")


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_refused_connection_is_surely_not_sent(scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:{unused_port()}"
    assert ZaloClient(url, url, "a", "b").send(TOKEN, RESIDENT, GREETING).kind == "not_sent"


def test_an_unknown_host_is_surely_not_sent() -> None:
    url = "https://no-such-host.invalid"
    assert ZaloClient(url, url, "a", "b").send(TOKEN, RESIDENT, GREETING).kind == "not_sent"


def test_a_failed_tls_handshake_is_surely_not_sent(zalo: FakeZalo) -> None:
    """The server speaks plain HTTP: the connection stands, the handshake fails, no byte of the request leaves."""
    url = zalo.url.replace("http:", "https:")
    assert ZaloClient(url, url, "a", "b", read_timeout=PATIENT).send(TOKEN, RESIDENT, GREETING).kind == "not_sent"
    assert zalo.seen == []


def test_a_connect_timeout_is_surely_not_sent() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = []
        for _ in range(4):  # fill the queue of a listener nobody serves, so that the next connection hangs
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        url = f"http://127.0.0.1:{address[1]}"
        outcome = ZaloClient(url, url, "a", "b", connect_timeout=0.2).send(TOKEN, RESIDENT, GREETING)
        for filler in fillers:
            filler.close()
    assert outcome.kind == "not_sent"


def test_proxies_of_the_environment_are_not_used(zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> None:
    answers_sample(zalo, "cs_ok_reply_window")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert client_of(zalo).send(TOKEN, RESIDENT, GREETING).kind == "sent"


@pytest.mark.parametrize("reply", [Reply("a" * 2001), Reply(""), Reply("a", tuple(Button("a", "b") for _ in range(6)))])
def test_a_message_over_the_limits_costs_no_call(zalo: FakeZalo, reply: Reply) -> None:
    outcome = client_of(zalo).send(TOKEN, RESIDENT, reply)
    assert (outcome.kind, outcome.code) == ("refused", -210)
    assert outcome.rule is not None
    assert outcome.rule.action == "bug"
    assert zalo.seen == []


@pytest.mark.parametrize("token", ["", "a\r\nb: c", "tökén"])
def test_a_token_no_header_can_hold_never_shows(zalo: FakeZalo, token: str) -> None:
    outcome = client_of(zalo).send(token, RESIDENT, GREETING)
    assert outcome.rule is not None
    assert (outcome.kind, outcome.rule.action) == ("refused", "refresh_token")
    assert not token or token not in repr(outcome)


def test_recent_messages(zalo: FakeZalo) -> None:
    answers_sample(zalo, "listrecentchat_ok")
    sample = request("conversation")
    recent = client_of(zalo).recent_messages(TOKEN, RESIDENT)
    assert recent.clear
    assert [(row.message_id, row.src, row.text, row.time_ms) for row in recent.rows] == [
        ("4f1c09d27ab3658ee091", 1, "Chào shop", 1795257600123),
        ("8a7730be41c5d92f60b7", 0, "Chào bạn", 1795257601123),
    ]
    assert zalo.last.path.partition("?")[0] == path_of(sample["url"])
    assert parse_qs(urlsplit(zalo.last.path).query) == {"data": [sample["query"]["data"]]}
    assert zalo.last.headers["access_token"] == TOKEN


def row(number: int) -> dict[str, Any]:
    return {"src": 0, "time": 1000 + number, "message_id": f"m{number}", "message": "a", "type": "text"}


def test_only_a_full_view_proves_that_a_message_is_missing(zalo: FakeZalo) -> None:
    client = client_of(zalo)
    zalo.answers({"error": 0, "data": [row(number) for number in range(10)]})
    ten = client.recent_messages(TOKEN, RESIDENT)
    assert (ten.clear, ten.reaches_back_to(1001), ten.reaches_back_to(1000)) == (True, True, False)
    zalo.answers({"error": 0, "data": [row(5)]})
    assert client.recent_messages(TOKEN, RESIDENT).reaches_back_to(0)
    zalo.answers({"error": 0, "data": []})
    empty = client.recent_messages(TOKEN, RESIDENT)
    assert (empty.clear, empty.reaches_back_to(0)) == (True, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": -216, "message": "Access token is invalid"}, 200),
        ({"error": -201, "message": "data is invalid!"}, 200),
        ({"error": 0, "message": "Success"}, 200),
        ({"error": 0, "data": {}}, 200),
        ({"error": 0, "data": [{"src": 0, "time": 1000}]}, 200),
        ({"error": 0, "data": ["a"]}, 200),
        ({"data": []}, 200),
        (b"", 200),
        (b"<html></html>", 200),
        ({"error": 0, "data": []}, 500),
    ],
)
def test_no_proper_answer_is_not_clear(zalo: FakeZalo, body: Any, status: int) -> None:
    zalo.answers(body, status)
    recent = client_of(zalo).recent_messages(TOKEN, RESIDENT)
    assert (recent.clear, recent.reaches_back_to(0)) == (False, False)


def test_nothing_can_have_reached_somebody_zalo_does_not_know(zalo: FakeZalo) -> None:
    zalo.answers({"error": -201, "message": "user_id is invalid!"})
    recent = client_of(zalo).recent_messages(TOKEN, RESIDENT)
    assert (recent.clear, recent.reaches_back_to(0), recent.rows) == (True, True, ())


@pytest.mark.parametrize("trouble", ["resets", "stalls"])
def test_no_answer_is_not_clear(zalo: FakeZalo, trouble: str) -> None:
    getattr(zalo, trouble)()
    assert not client_of(zalo, read_timeout=IMPATIENT).recent_messages(TOKEN, RESIDENT).clear


def test_reading_calls(zalo: FakeZalo) -> None:
    client = client_of(zalo)
    answers_sample(zalo, "getoa_ok")
    profile = client.oa_profile(TOKEN)
    assert (profile.ok, profile.data["oaid"]) == (True, OUR_OA)
    assert (zalo.last.method, zalo.last.path) == ("GET", path_of(request("getoa")["url"]))

    answers_sample(zalo, "user_detail_ok")
    detail = client.user_detail(TOKEN, RESIDENT)
    assert detail.data["user_last_interaction_date"] == "20/11/2026"
    assert "Nguyễn Văn A" not in repr(detail)
    sample = request("user_detail")
    assert parse_qs(urlsplit(zalo.last.path).query) == {"data": [sample["query"]["data"]]}

    answers_sample(zalo, "quota_user_ok")
    quota = client.user_quota(TOKEN, RESIDENT)
    assert (quota.answer.ok, quota.last_interaction_ms, quota.replies_left) == (True, 1795200000000, 8)
    assert json.loads(zalo.last.body) == request("quota_user")["json"]
    assert zalo.last.path == path_of(request("quota_user")["url"])

    answers_sample(zalo, "err_not_followed")
    refused = client.user_detail(TOKEN, RESIDENT)
    assert refused.rule is not None
    assert (refused.ok, refused.code, refused.rule.name) == (False, -213, "oa.NOT_FOLLOWER")
    zalo.stalls()
    unanswered = client_of(zalo, read_timeout=IMPATIENT).oa_profile(TOKEN)
    assert (unanswered.ok, unanswered.message) == (False, "ReadTimeout")


def test_the_hook_runs_before_every_call_but_a_send(zalo: FakeZalo) -> None:
    made: list[int] = []
    client = client_of(zalo, on_call=lambda: made.append(len(zalo.seen)))
    zalo.answers({"error": 0, "data": {}})
    client.send(TOKEN, RESIDENT, GREETING)
    assert made == []
    client.recent_messages(TOKEN, RESIDENT)
    client.oa_profile(TOKEN)
    client.user_detail(TOKEN, RESIDENT)
    client.user_quota(TOKEN, RESIDENT)
    client.refresh("zR2")
    client.exchange_code("code", "verifier")
    assert made == [1, 2, 3, 4, 5, 6]


def test_nothing_secret_is_logged_or_shown(zalo: FakeZalo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    zalo.resets()
    client = client_of(zalo)
    outcome = client.send(TOKEN, RESIDENT, Reply("điều bí mật"))
    failure = client.refresh("zR2-secret")
    shown = caplog.text + repr(outcome) + repr(failure) + repr(client)
    for secret in (TOKEN, "điều bí mật", "zR2-secret", "app-secret"):
        assert secret not in shown


def test_threads_do_not_mix(zalo: FakeZalo) -> None:
    def echo(handler: Any) -> None:
        number = json.loads(zalo_body(zalo, handler))["recipient"]["user_id"]
        respond(handler, json.dumps({"error": 0, "data": {"message_id": number}}).encode())

    def zalo_body(fake: FakeZalo, handler: Any) -> bytes:
        token = handler.headers["access_token"]
        return next(seen.body for seen in fake.seen if seen.headers["access_token"] == token)

    zalo.act = echo
    client = client_of(zalo)
    got: dict[str, str] = {}

    def work(number: int) -> None:
        got[str(number)] = client.send(f"token{number}", str(number), GREETING).message_id

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {str(number): str(number) for number in range(16)}
