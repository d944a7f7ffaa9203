"""What Zalo is told for each kind of request, and what is kept of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import APP_ID, HOUR_MS, OA_SECRET, OTHER_OA, OUR_OA, RESIDENT, Rig
from webhook_rig import PATH, Web, body, encoded

from bot.journal import writer as writer_module
from bot.journal.inbox import InboxRow
from bot.journal.states import InboxState
from bot.journal.writer import NotStored
from bot.zalo import signature
from bot.zalo.effects import Effect, effect_of
from bot.zalo.events import parse
from webhooks import accounts as known_accounts
from webhooks.receiver import MAXIMUM_BYTES, NOTHING_LEFT_TO_DO

SAMPLES = Path(__file__).parent.parent / "zalo" / "samples" / "events"


@pytest.fixture
def web(sqlite_rig: Rig) -> Iterator[Web]:
    sqlite_rig.connect_oa()
    started = Web(sqlite_rig)
    yield started
    started.close()


@pytest.fixture
def web_on_both(rig: Rig) -> Iterator[Web]:
    rig.connect_oa()
    started = Web(rig)
    yield started
    started.close()


def _counts(web: Web) -> dict[str, float]:
    lines = web.client.get("/metrics").text.splitlines()
    prefix = 'hoixa_webhook_requests_total{outcome="'
    return {
        line.removeprefix(prefix).partition('"')[0]: float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith(prefix) and not line.endswith(" 0.0")
    }


def test_a_signed_event_is_stored_sealed_and_then_acknowledged(web_on_both: Web) -> None:
    assert web_on_both.post(body()) == 200
    row = web_on_both.rig.row("inbox")
    assert (row.oa_id, row.event, row.msg_id, row.sender, row.user_id, row.state) == (
        OUR_OA, "user_send_text", "message-1", RESIDENT, RESIDENT, InboxState.NEW,
    )  # fmt: skip
    assert (row.event_ms, row.received_ms) == (1795323600000, web_on_both.rig.clock.now_ms())
    assert json.loads(web_on_both.rig.vault.decrypt(row.body_sealed, "inbox.body")) == body()
    assert "khai sinh" not in repr(web_on_both.rig.everything())
    assert _counts(web_on_both) == {"stored": 1}


def test_copies_are_acknowledged_and_stored_once(web_on_both: Web) -> None:
    assert [web_on_both.post(body()) for _ in range(3)] == [200, 200, 200]
    assert web_on_both.rig.row("inbox").msg_id == "message-1"


@pytest.mark.parametrize("query", ["", "?anything=1"])
def test_any_get_is_answered(query: str, web: Web) -> None:
    assert web.client.get(PATH + query).status_code == 200
    assert web.client.head(PATH).status_code == 200


@pytest.mark.parametrize("content", [b"{}", b"", b"not JSON", encoded(body())])
def test_without_a_signature_nothing_is_done(content: bytes, web: Web) -> None:
    assert web.client.post(PATH, data=content).status_code == 200
    assert web.client.post(PATH, data=content, headers={"X-ZEvent-Signature": "  "}).status_code == 200
    assert web.rig.rows("inbox") == []
    assert _counts(web) == {"unsigned": 2}


def _signed(document: Any, secret: str = OA_SECRET) -> str:
    return signature.sign(encoded(document), *signature.signed_parts(document), secret)


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("mac=" + "0" * 64, "bad_signature"),
        ("mac=", "bad_signature"),
        ("nonsense \u00e9", "bad_signature"),
        (_signed(body(), "another secret"), "bad_signature"),
        (_signed(body(), ""), "bad_signature"),
        (_signed(body(timestamp="1795323600001")), "bad_signature"),
    ],
)
def test_a_wrong_signature_is_refused(header: str, outcome: str, web: Web) -> None:
    assert web.post(body(), header=header) == 401
    assert web.rig.rows("inbox") == []
    assert _counts(web) == {outcome: 1}


@pytest.mark.parametrize("raw", [b"not JSON", b"", b"[]", b'"text"', b"\xff\xfe", b"[" * 200_000, b"1" * 5000, b"null"])
def test_what_is_no_json_object_is_refused(raw: bytes, web: Web) -> None:
    assert web.post(None, raw=raw, header="mac=" + "0" * 64) == 401
    assert _counts(web) == {"unreadable": 1}


def test_an_oa_we_do_not_have_is_refused(web: Web) -> None:
    assert web.post(body(recipient={"id": OTHER_OA})) == 401
    assert web.post(body(recipient=None, sender=None)) == 401


def test_a_byte_changed_after_signing_is_noticed(web: Web) -> None:
    assert web.post(body(), raw=encoded(body()).replace(b"khai", b"Khai"), header=_signed(body())) == 401


def test_a_body_over_a_megabyte_is_refused(web: Web) -> None:
    large = body(message={"text": "a" * MAXIMUM_BYTES, "msg_id": "large"})
    assert web.post(large) == 413
    assert web.post(large, header="") == 413
    assert web.rig.rows("inbox") == []


def test_a_large_body_without_a_length_is_refused_too(web: Web) -> None:
    content = encoded(body(message={"text": "a" * MAXIMUM_BYTES, "msg_id": "large"}))
    import io

    answer = web.client.post(
        PATH,
        input_stream=io.BytesIO(content),
        headers={"X-ZEvent-Signature": "mac=" + "0" * 64, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


def test_what_cannot_be_stored_is_not_acknowledged(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_row: InboxRow) -> None:
        raise NotStored

    monkeypatch.setattr(web.writer, "store", refuse)
    assert web.post(body()) == 503
    assert _counts(web) == {"not_stored": 1}
    monkeypatch.undo()
    assert web.post(body()) == 200


def test_a_database_that_fails_is_told_to_zalo(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(writer_module.inbox, "store", fail)
    assert web.post(body()) == 503


@pytest.mark.parametrize("document", [body(event_name="user_did_something_new"), body(event_name=None)])
def test_an_event_nobody_described_is_acknowledged_and_left_alone(document: dict[str, Any], web: Web) -> None:
    assert web.post(document) == 200
    assert web.rig.claim_events() == []


def test_a_bare_signature_and_a_numeric_timestamp_are_accepted(web: Web) -> None:
    assert web.post(body(), header=_signed(body()).removeprefix("mac=")) == 200
    assert web.post(body(timestamp=1795323600000, message={"text": "hai", "msg_id": "message-2"})) == 200
    assert [row.event_ms for row in web.rig.rows("inbox")] == [1795323600000] * 2


def test_signed_with_the_id_of_the_oa_in_place_of_the_app(web: Web) -> None:
    header = signature.sign(encoded(body()), OUR_OA, body()["timestamp"], OA_SECRET)
    assert web.post(body(), header=header) == 200


def test_a_body_without_app_id_is_checked_with_ours(web: Web) -> None:
    document = body(app_id=None)
    assert web.post(document, header=signature.sign(encoded(document), APP_ID, document["timestamp"], OA_SECRET)) == 200


def test_an_oa_added_while_running_is_known_at_once(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_accounts, "RELOAD_AT_MOST_EVERY_SECONDS", 0)
    document = body(recipient={"id": OTHER_OA})
    assert web.post(document, secret="the other secret") == 401
    web.rig.connect_oa(OTHER_OA, "dai-son", "the other secret")
    assert web.post(document, secret="the other secret") == 200


def test_both_secrets_fit_while_one_replaces_the_other(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_accounts, "RELOAD_AT_MOST_EVERY_SECONDS", 0)
    web.rig.connect_oa(secret="the new secret")
    for number, secret in enumerate((OA_SECRET, "the new secret", OA_SECRET)):
        assert web.post(body(message={"text": "x", "msg_id": f"m{number}"}), secret=secret) == 200


def test_the_former_secret_ends_after_a_day_in_a_running_process_too(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_accounts, "RELOAD_AT_MOST_EVERY_SECONDS", 0)
    web.rig.connect_oa(secret="the new secret")
    assert web.post(body(), secret="the new secret") == 200
    assert web.post(body(), secret=OA_SECRET) == 200
    web.rig.clock.pass_ms(25 * HOUR_MS)
    assert web.post(body(), secret=OA_SECRET) == 401
    assert web.post(body(), secret="the new secret") == 200


def test_forged_requests_do_not_make_us_read_the_store_each_time(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read = known_accounts.list_accounts
    monkeypatch.setattr(known_accounts, "list_accounts", lambda *a: (reads.append(1), read(*a))[1])
    monkeypatch.setattr(known_accounts, "RELOAD_AT_MOST_EVERY_SECONDS", 3600)
    for _ in range(20):
        assert web.post(body(), header="mac=" + "0" * 64) == 401
    assert len(reads) <= 1


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_each_event_of_the_contract_is_acknowledged_and_queued_only_if_a_worker_has_something_to_do(
    name: str, web: Web
) -> None:
    document = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    if not document:
        assert web.post(document, header="") == 200
        return
    assert web.post(document) == 200
    effect = effect_of(parse(document, {OUR_OA}))
    row = web.rig.row("inbox")
    waits = effect not in NOTHING_LEFT_TO_DO
    assert (row.state, row.body_sealed is not None) == (InboxState.NEW if waits else InboxState.DONE, waits)
    assert len(web.rig.claim_events()) == int(waits)
    if effect is Effect.ECHO:
        echo = web.rig.row("echo")
        assert (echo.oa_id, echo.msg_id, echo.user_id) == (OUR_OA, row.msg_id, row.user_id)
    else:
        assert web.rig.rows("echo") == []


def test_an_echo_keeps_the_digest_of_what_was_said(web: Web) -> None:
    document = json.loads((SAMPLES / "oa_send_text.json").read_text("utf-8"))
    assert web.post(document) == 200
    echo = web.rig.row("echo")
    assert echo.text_digest == web.rig.vault.digest(document["message"]["text"])
    assert echo.sent_ms == int(document["timestamp"])


def test_events_without_a_message_id_are_the_same_when_their_bytes_are(web: Web) -> None:
    tap = body(event_name="user_click_chatnow", message=None)
    later = body(event_name="user_click_chatnow", message=None, timestamp="1795323600001")
    assert [web.post(one) for one in (tap, tap, later)] == [200, 200, 200]
    assert len(web.rig.rows("inbox")) == 2


@pytest.mark.parametrize(
    "raw",
    [
        encoded(body()).replace("Làm".encode(), b"\xed\xa0\xbd"),
        json.dumps(body()).encode("utf-16"),
        json.dumps(body(message={"text": "\ud83d", "msg_id": "m"})).encode(),
    ],
    ids=["half a surrogate pair in UTF-8", "UTF-16", "half a pair, escaped"],
)
def test_odd_but_signed_bytes_are_stored(raw: bytes, web: Web) -> None:
    header = signature.sign(raw, APP_ID, body()["timestamp"], OA_SECRET)
    assert web.post(None, raw=raw, header=header) == 200
    sealed = web.rig.row("inbox").body_sealed
    assert json.loads(web.rig.vault.decrypt(sealed, "inbox.body"))["recipient"]["id"] == OUR_OA


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": {"id": "9" * 200}},
        {"event_name": "user_send_" + "x" * 180},
        {"message": {"text": "x", "msg_id": "m" * 199}},
        {"event_name": "oa_send_text", "sender": {"id": OUR_OA}, "recipient": {"id": "9" * 200}},
        {"event_name": "oa_send_text", "sender": {"id": OUR_OA}, "recipient": {"id": RESIDENT},
         "message": {"text": "x", "msg_id": "m" * 199}},
        {"timestamp": "999999999999999999"},
    ],
)  # fmt: skip
def test_no_signed_length_keeps_an_event_out(changes: dict[str, Any], web_on_both: Web) -> None:
    assert web_on_both.post(body(**changes)) == 200
    assert len(web_on_both.rig.rows("inbox")) == 1


def test_many_at_once(web: Web) -> None:
    statuses: list[int] = []

    def bring(number: int) -> None:
        client = web.application.test_client()
        document = body(message={"text": "x", "msg_id": f"m{number % 10}"})
        answer = client.post(PATH, data=encoded(document), headers={"X-ZEvent-Signature": _signed(document)})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 30
    assert len(web.rig.rows("inbox")) == 10
