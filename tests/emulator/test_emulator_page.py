"""The chat page without a browser: it renders, its forms act, it escapes, the trace is shown."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from emulator_harness import Harness, MakeHarness, Product

TRACE = {
    "normalised": "làm khai sinh",
    "decision": "answer",
    "candidates": [{"id": "khai-sinh", "score": 0.93}, {"id": "khai-tu", "score": 0.2}],
    "facet": "papers",
    "action": None,
    "confidence": 0.94,
    "steps": [{"name": "bỏ dấu", "detail": "lam khai sinh"}, {"name": "mô hình", "detail": {"a": 1}}],
    "reply": "Bác mang theo giấy chứng sinh",
}


def _do(harness: Harness, name: str, /, **form: Any) -> Any:
    who = {"oa_id": harness.account.oa_id, "user_id": harness.resident.user_id}
    return harness.client.post(f"/do/{name}", data=who | form)


def _page(harness: Harness) -> str:
    who = {"oa_id": harness.account.oa_id, "user_id": harness.resident.user_id}
    response = harness.client.get("/", query_string=who)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_an_empty_world_still_has_a_page(harness: Harness) -> None:
    harness.client.post("/emulator/reset")
    assert "Chưa có xã nào" in harness.client.get("/").get_data(as_text=True)


def test_a_conversation_by_plain_forms(harness: Harness, product: Product) -> None:
    response = _do(harness, "send", kind="text", text="Làm khai sinh cần gì?")
    assert response.status_code == 303
    buttons = [{"title": "Lệ phí?", "type": "oa.query.show", "payload": "#hoixa:fee"}]
    shown = harness.reply("Bác mang giấy", attachment={"type": "template", "payload": {"buttons": buttons}})
    page = _page(harness)
    assert "Làm khai sinh cần gì?" in page
    assert "Bác mang giấy" in page
    assert "Lệ phí?" in page
    _do(harness, "tap", message_id=shown["data"]["message_id"], index="0")
    harness.settle()
    texts = {item.body["message"]["text"] for item in product.events("user_send_text")}
    assert texts == {"Làm khai sinh cần gì?", "#hoixa:fee"}
    page = _page(harness)
    assert "#hoixa:fee" not in page
    assert page.count("Lệ phí?") == 2


def test_nothing_a_message_holds_becomes_markup(harness: Harness) -> None:
    harness.say("<script>alert(1)</script>")
    harness.reply("<b>x</b> https://example.vn", attachment=None)
    page = _page(harness)
    assert "<script>alert(1)" not in page
    assert "<b>x</b>" not in page
    assert 'href="https://example.vn"' in page


@pytest.mark.parametrize("kind", ["image", "location", "sticker", "audio", "file"])
def test_attachments_from_the_menu(kind: str, harness: Harness, product: Product) -> None:
    _do(harness, "send", kind=kind, text="")
    harness.settle()
    (received,) = product.events(f"user_send_{kind}")
    payload = received.body["message"]["attachments"][0]["payload"]
    assert "m-" + received.body["message"]["msg_id"] in _page(harness)
    url = payload.get("url")
    if url is not None:
        path = urlsplit(url).path
        response = harness.client.get(f"/media{path}")
        assert response.status_code == 200
        assert response.data


def test_a_photo_from_the_machine(harness: Harness, product: Product) -> None:
    _do(harness, "send", kind="image", photo=(io.BytesIO(b"\xff\xd8photo"), "a.jpg"))
    _do(harness, "send", kind="image", photo=(io.BytesIO(b"MZ"), "a.exe"))
    harness.settle()
    (received,) = product.events("user_send_image")
    url = received.body["message"]["attachments"][0]["payload"]["url"]
    response = harness.client.get("/media" + urlsplit(url).path)
    assert (response.data, response.mimetype) == (b"\xff\xd8photo", "image/jpeg")


def test_an_empty_message_is_not_sent(harness: Harness) -> None:
    _do(harness, "send", kind="text", text="   ")
    assert harness.emulator.world.messages() == []


def test_the_switches_of_the_page(harness: Harness) -> None:
    emulator = harness.emulator
    _do(harness, "follow")
    assert harness.resident.follower
    _do(harness, "clock", hours="49")
    assert emulator.clock.offset_seconds == 49 * 3600
    _do(harness, "clock", reset="1")
    assert emulator.clock.offset_seconds == 0
    _do(harness, "account", tier="plain_text_only")
    assert harness.account.tier == "plain_text_only"
    _do(harness, "webhook-faults", copies="3", signature="bare", latency="80", numeric_timestamp="on")
    assert (emulator.faults.webhook.copies, emulator.faults.webhook.signature) == (3, "bare")
    assert emulator.faults.webhook.numeric_timestamp
    assert emulator.faults.latency_milliseconds == 80
    _do(harness, "api-fault", trouble="hang_sent", times="0")
    _do(harness, "api-fault", trouble="rate", times="2")
    assert [fault.times for fault in emulator.faults.api] == [None, 2]
    _do(harness, "api-fault", trouble="oauth.gateway_page", times="2")
    assert emulator.faults.oauth.gateway_page == 2
    page = _page(harness)
    assert "đổi token: trang HTML 504 · còn 2 lần" in page
    assert "treo 12 giây, tin đã đi · mọi lần" in page
    assert "-32 quá hạn gọi · còn 2 lần" in page
    _do(harness, "clear-faults")
    assert emulator.faults.api == []
    _do(harness, "resident", name="Bác mới")
    assert emulator.world.residents(harness.account.oa_id)[-1].name == "Bác mới"
    _do(harness, "staff-reply", text="Cán bộ đây")
    assert "Cán bộ đây" in _page(harness)
    _do(harness, "clear-chat")
    assert emulator.world.messages() == []


def test_a_problem_is_told_both_ways(harness: Harness) -> None:
    response = _do(harness, "resident", name=" ")
    assert parse_qs(urlsplit(response.location).query)["problem"] == ["Xin ghi tên người dân mới."]
    who = {"oa_id": harness.account.oa_id, "user_id": "0", "kind": "text", "text": "a"}
    answer = harness.client.post("/do/send", data=who, headers={"X-Requested-With": "fetch"})
    assert answer.get_json() == {"problem": "user_id is invalid!"}
    assert _do(harness, "nothing").status_code == 404


def test_fragments_come_only_when_something_is_new(harness: Harness) -> None:
    who = {"oa_id": harness.account.oa_id, "user_id": harness.resident.user_id}
    first = harness.client.get("/fragments", query_string=who).get_json()
    assert {"log", "status", "person"} <= set(first)
    again = harness.client.get("/fragments", query_string=who | {"version": first["version"]}).get_json()
    assert again == {"version": first["version"]}
    harness.say("tin mới")
    news = harness.client.get("/fragments", query_string=who | {"version": first["version"]}).get_json()
    assert "tin mới" in news["log"]


@pytest.fixture
def tracer() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = parse_qs(urlsplit(self.path).query).get("msg_id") == ["known"]
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(json.dumps(TRACE).encode() if known else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/traces?oa_id={{oa_id}}&msg_id={{msg_id}}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_trace_panel(make_harness: MakeHarness, tracer: str) -> None:
    harness = make_harness(trace_url=tracer)
    panel = harness.client.get("/trace-panel?oa_id=1&msg_id=known").get_data(as_text=True)
    for words in (
        "làm khai sinh",
        "khai-sinh",
        "93%",
        "width:20%",
        "trả lời",
        "papers",
        "lam khai sinh",
        "giấy chứng sinh",
    ):
        assert words in panel
    missing = harness.client.get("/trace-panel?oa_id=1&msg_id=other").get_data(as_text=True)
    assert "không có dấu vết" in missing


def test_no_trace_address_no_trace(harness: Harness) -> None:
    assert "Chưa đặt địa chỉ" in harness.client.get("/trace-panel?msg_id=x").get_data(as_text=True)


def test_a_silent_tracer_is_no_trace(make_harness: MakeHarness) -> None:
    harness = make_harness(trace_url="http://127.0.0.1:9/{msg_id}")
    assert "Không hỏi được" in harness.client.get("/trace-panel?msg_id=x").get_data(as_text=True)


def test_the_page_needs_nothing_from_elsewhere(harness: Harness) -> None:
    page = _page(harness)
    assert 'src="http' not in page
    for name in ("chat.css", "chat.js"):
        response = harness.client.get(f"/static-emulator/{name}")
        assert response.status_code == 200
        assert "//" not in response.get_data(as_text=True).replace("// ", "")
        response.close()


def test_every_control_has_a_name(harness: Harness) -> None:
    page = _page(harness)
    assert 'lang="vi"' in page
    assert 'aria-live="polite"' in page
    assert 'for="text"' in page


def test_a_link_never_runs_a_script(harness: Harness) -> None:
    harness.say()
    button = {"title": "Mở", "type": "oa.open.url", "payload": {"url": "javascript:alert(1)"}}
    harness.reply("a", attachment={"type": "template", "payload": {"buttons": [button]}})
    assert "javascript:" not in _page(harness)
