"""Announcements at the console: written, checked, forecast, approved by another, controlled, accounted for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from console_visitor import OpenConsole, Visitor
from rig import HOUR_MS, OUR_OA, Rig

from bot.broadcasts import acts
from bot.broadcasts.running import Announcer
from bot.replies import Reply
from bot.store import audit, broadcasts, residents, schedules, segments
from bot.store.broadcasts import Broadcast
from bot.store.residents import ResidentChange

LIST = "/console/broadcasts"
NEW = f"{LIST}/new"
DAY_MS = 24 * HOUR_MS


@pytest.fixture(autouse=True)
def connected(sqlite_rig: Rig) -> None:
    """The commune has an OA."""
    sqlite_rig.connect_oa()


def form(**changes: Any) -> dict[str, Any]:
    """What a person fills in."""
    return {
        "kind": "message", "title": "Lịch tiêm chủng", "text": "Sáng thứ Bảy 28/11, trạm y tế tiêm cho trẻ nhỏ.",
        "who": "all", "when": "now", "late": "ask", "rule_kind": "weekly", "rule_at": "08:00", "do": "submit",
        **changes,
    }  # fmt: skip


def write(visitor: Visitor, **changes: Any) -> int:
    """Through the form; the number of the announcement."""
    answer = visitor.post(NEW, form(**changes), on=NEW)
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def look(rig: Rig, number: int) -> Broadcast:
    with rig.database.read() as connection:
        return acts.find(connection, number)


def people(rig: Rig, *hours_ago: float) -> None:
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        changes = [
            ResidentChange(OUR_OA, f"50000000000000000{number:02d}", now - int(hours * HOUR_MS),
                           interaction_ms=now - int(hours * HOUR_MS))
            for number, hours in enumerate(hours_ago)
        ]  # fmt: skip
        residents.apply(connection, changes)


def page(number: int) -> str:
    return f"{LIST}/{number}"


def test_written_by_one_approved_by_another_and_sent(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author, chair = open_console("truyen-thong", name="Chị Viết"), open_console("chu-tich", name="Ông Duyệt")
    people(sqlite_rig, 1, 60, 200)
    number = write(author)
    assert look(sqlite_rig, number).state == "submitted"
    seen = chair.get(page(number)).text
    assert "Gửi được <b>2</b> trên 3 người" in seen and "55 đồng" in seen and "quá 7 ngày" in seen
    assert "Thông báo chờ duyệt" in chair.get("/console/").text
    chair.post(f"{page(number)}/approve", {"revision": "1"}, on=page(number))
    assert look(sqlite_rig, number).state == "scheduled"
    announcer = Announcer(sqlite_rig.services(HOIXA_QUIET_HOURS="off"))
    while announcer.step():
        pass
    assert [row.user_id for row in sqlite_rig.rows("outbox")] == ["5000000000000000000", "5000000000000000001"]
    part = author.get(f"{page(number)}/progress").text
    assert "trên 3 người" in part and "quá 7 ngày" in part
    everyone = author.get(f"{page(number)}/people").text
    assert "5000000000000000002" in everyone
    one = author.get(f"{page(number)}/people?reason=outside_window").text
    assert "5000000000000000002" in one and "5000000000000000000" not in one
    assert "Kết quả" in author.get(page(number)).text
    assert "Tất cả" in author.get(f"{page(number)}/results").text
    with sqlite_rig.database.read() as connection:
        noted = audit.list_entries(connection, "ha-dong")
    assert any(entry.act == "broadcast.approve" for entry in noted)


def test_the_author_never_approves_not_even_a_chief(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    chair = open_console("chu-tich")
    number = write(chair)
    assert f"{page(number)}/approve" not in chair.get(page(number)).text
    chair.post(f"{page(number)}/approve")
    assert look(sqlite_rig, number).state == "submitted"
    assert "không được tự duyệt" in chair.get(page(number)).text
    assert "Thông báo chờ duyệt" not in chair.get("/console/").text
    open_console("truyen-thong").post(f"{page(number)}/approve", status=403)
    assert look(sqlite_rig, number).state == "submitted"


def test_a_change_after_approval_takes_it_away_and_what_was_read_is_what_is_approved(
    sqlite_rig: Rig, open_console: OpenConsole
) -> None:
    author, chair = open_console("truyen-thong"), open_console("chu-tich")
    number = write(author)
    edit = f"{page(number)}/edit"
    assert "Lịch tiêm chủng" in author.get(edit).text
    author.post(edit, form(title="Lịch tiêm chủng mới"), on=edit)
    chair.post(f"{page(number)}/approve", {"revision": "1"})
    assert look(sqlite_rig, number).state == "submitted", "another text than the one on the chair's page"
    chair.post(f"{page(number)}/approve", {"revision": "2"})
    assert look(sqlite_rig, number).state == "scheduled"
    author.post(edit, form(title="Lần nữa"), on=edit)
    assert (look(sqlite_rig, number).state, look(sqlite_rig, number).approved_by) == ("submitted", None)
    assert "đã sửa sau khi duyệt" in chair.get(page(number)).text
    chair.post(f"{page(number)}/send_back")
    assert look(sqlite_rig, number).state == "draft"
    author.post(f"{page(number)}/submit")
    assert look(sqlite_rig, number).state == "submitted"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Hãy ghi tiêu đề"),
        ({"text": "  "}, "Hãy ghi nội dung"),
        ({"text": "a" * 1_950}, "Hãy bớt"),
        ({"title": "a" * 151}, "Zalo chỉ nhận"),
        ({"who": "some"}, "ít nhất một điều kiện"),
        ({"who": "some", "seen_within_days": "0"}, "từ 1 đến 3650"),
        ({"kind": "group"}, "mã của ít nhất một nhóm"),
        ({"kind": "article", "cover_url": "http://x.vn/a.jpg"}, "https://"),
        ({"when": "at", "send_at": ""}, "Hãy chọn ngày và giờ gửi"),
        ({"when": "at", "send_at": "2026-11-01T08:00"}, "đã qua"),
        ({"when": "schedule", "rule_weekdays": []}, "ít nhất một thứ"),
        ({"when": "schedule", "rule_kind": "lunar_yearly", "rule_day": "31", "rule_month": "1"}, "Ngày không có"),
        ({"when": "schedule", "rule_kind": "yearly", "rule_day": "31", "rule_month": "2"}, "Lịch chưa đúng"),
        ({"when": "schedule", "rule_kind": "once", "rule_on": "2020-01-01"}, "đã qua"),
        ({"when": "schedule", "rule_kind": "daily", "rule_days_before": "99"}, "từ 0 đến 60"),
    ],
)  # fmt: skip
def test_what_zalo_would_refuse_comes_back_with_what_was_typed(
    sqlite_rig: Rig, open_console: OpenConsole, changes: dict[str, Any], said: str
) -> None:
    answer = open_console("truyen-thong").post(NEW, form(**changes), on=NEW, status=400)
    assert said in answer.text and 'role="alert"' in answer.text
    assert "Lịch tiêm chủng" in answer.text or "title" in changes
    assert sqlite_rig.rows("broadcast") == [] and sqlite_rig.rows("broadcast_schedule") == []


def test_the_preview_shows_length_forecast_and_words_as_words(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    people(sqlite_rig, 1, 2)
    author = open_console("truyen-thong")
    part = author.post(f"{LIST}/preview", form(text="<script>alert(1)</script>"), status=200).text
    assert "Gửi được <b>2</b> trên 2 người" in part and "trên 1900 ký tự" in part
    assert "<script>" not in part and "<html" not in part
    whole = author.post(NEW, form(do="preview"), on=NEW, status=200).text
    assert "Gửi được <b>2</b>" in whole and sqlite_rig.rows("broadcast") == []
    article = author.post(f"{LIST}/preview", form(kind="article"), status=200).text
    assert "Zalo tự chọn" in article
    open_console("thon", village="thôn đoài").post(f"{LIST}/preview", form(), status=403)


def test_paused_resumed_and_cancelled_at_once(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author, chair = open_console("truyen-thong"), open_console("chu-tich")
    number = write(author, when="at", send_at="2026-11-28T08:00")
    chair.post(f"{page(number)}/approve", {"revision": "1"})
    for act, state in (("pause", "paused"), ("resume", "scheduled"), ("cancel", "cancelled")):
        author.post(f"{page(number)}/{act}", on=page(number))
        assert look(sqlite_rig, number).state == state
    author.post(f"{page(number)}/resume")
    assert "không làm được việc này" in author.get(page(number)).text
    author.post(f"{page(number)}/retry")
    assert look(sqlite_rig, number).state == "cancelled"
    listed = author.get(f"{LIST}?folder=cancelled").text
    assert "Lịch tiêm chủng" in listed
    assert "Lịch tiêm chủng" not in author.get(f"{LIST}?folder=running").text
    author.get(f"{LIST}?folder=nothing", 404)


def test_nothing_of_another_commune_can_be_seen_or_done(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    number = write(open_console("truyen-thong"))
    stranger = open_console("quan-tri", "dai-son")
    for part in ("", "/edit", "/progress", "/people", "/results", "/loudspeaker", "/notice"):
        stranger.get(f"{page(number)}{part}", 404)
        stranger.get(f"{page(10**30)}{part}", 404)
    for act in ("submit", "approve", "send_back", "pause", "resume", "cancel", "test", "retry"):
        stranger.post(f"{page(number)}/{act}", {"user_id": "1"}, status=404)
    stranger.post(f"{page(number)}/edit", form(), status=404)
    assert "Lịch tiêm chủng" not in stranger.get(LIST).text
    assert look(sqlite_rig, number).state == "submitted"
    open_console("thanh-pho").get(LIST, 403)


def test_every_act_wants_its_token_and_its_right(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author, reader = open_console("truyen-thong"), open_console("kinh-te")
    number = write(author)
    assert reader.get(page(number)).status_code == 200
    reader.get(NEW, 403)
    for act in ("submit", "approve", "send_back", "pause", "resume", "cancel", "test", "retry"):
        assert author.client.post(f"{page(number)}/{act}", data={}).status_code in (400, 403)
        reader.post(f"{page(number)}/{act}", status=403)
    assert look(sqlite_rig, number).state == "submitted"


def test_a_test_goes_to_one_person_alone(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    people(sqlite_rig, 1, 200)
    author = open_console("truyen-thong")
    number = write(author, topic="khai-sinh")
    author.post(f"{page(number)}/test", {"user_id": "5000000000000000000"}, on=page(number))
    row = sqlite_rig.row()
    reply = Reply.from_json(sqlite_rig.vault.decrypt(row.payload_sealed, "outbox.payload"))
    assert "Lịch tiêm chủng" in reply.text and reply.buttons
    author.post(f"{page(number)}/test", {"user_id": "5000000000000000001"})
    assert "quá 7 ngày" in author.get(page(number)).text
    author.post(f"{page(number)}/test", {"user_id": "nobody"})
    assert len(sqlite_rig.rows()) == 1


def test_for_the_loudspeaker_and_the_board(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author = open_console("truyen-thong")
    number = write(author, text="8h20 ngày 28/11 & <b>mang CCCD</b>")
    assert "tám giờ hai mươi" in author.get(f"{page(number)}/loudspeaker").text
    board = author.get(f"{page(number)}/notice")
    assert "<svg" in board.text and "&lt;b&gt;" in board.text and "ỦY BAN" in board.text.upper()
    policy = board.headers["Content-Security-Policy"]
    assert "style-src 'sha256-" in policy and "unsafe" not in policy


def test_a_schedule_is_approved_by_another_and_shown_on_the_calendar(
    sqlite_rig: Rig, open_console: OpenConsole
) -> None:
    author, chair = open_console("truyen-thong"), open_console("chu-tich")
    place = f"{LIST}/schedules"
    author.post(NEW, form(when="schedule", rule_weekdays=["0", "4"]), on=NEW)
    seen = author.get(place).text
    assert "thứ Hai, thứ Sáu, lúc 08:00" in seen and "08:00 23/11/2026" in seen
    author.post(f"{place}/1/approve", status=403)
    open_console("quan-tri", "dai-son").post(f"{place}/1/approve", status=404)
    assert "Lịch gửi chờ duyệt" in chair.get("/console/").text
    chair.post(f"{place}/1/approve", on=place)
    calendar = author.get("/console/calendar").text
    assert calendar.count(">Lịch tiêm chủng</a>") >= 2 and "Tháng 11 năm 2026" in calendar
    for act, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        author.post(f"{place}/1/{act}", on=place)
        with sqlite_rig.database.read() as connection:
            (one,) = schedules.list_schedules(connection, "ha-dong")
        assert one.state == state
    own = chair.post(NEW, form(when="schedule", rule_kind="daily"), on=NEW)
    assert own.status_code == 302
    chair.post(f"{place}/2/approve", on=place)
    assert "không được tự duyệt" in chair.get(place).text


def test_what_should_have_gone_and_did_not_waits_on_the_first_page(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author, chair = open_console("truyen-thong"), open_console("chu-tich")
    number = write(author)
    chair.post(f"{page(number)}/approve", {"revision": "1"})
    assert "lẽ ra đã gửi" not in author.get("/console/").text
    sqlite_rig.clock.pass_ms(20 * 60_000)
    assert "lẽ ra đã gửi" in author.get("/console/").text
    assert "lẽ ra đã gửi" not in open_console("truyen-thong", "dai-son").get("/console/").text


def test_recipients_are_chosen_and_kept_under_a_name(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author = open_console("truyen-thong")
    found = re.findall(r'name="villages" value="([^"]+)"', author.get(NEW).text)
    chosen = {"who": "some", "villages": found[:1], "roles": ["volunteers"], "seen_within_days": "30"}
    chosen["interests"] = ["khai-sinh"]
    author.post(NEW, form(**chosen, do="save_segment"), on=NEW, status=400)
    author.post(NEW, form(**chosen, do="save_segment", save_as="Tổ"), on=NEW, status=200)
    with sqlite_rig.database.read() as connection:
        (saved,) = segments.list_saved(connection, "ha-dong")
    assert (saved.name, saved.segment.roles, saved.segment.seen_within_days) == ("Tổ", ("volunteers",), 30)
    again = author.get(f"{NEW}?saved={saved.id}").text
    assert 'value="30"' in again
    number = write(author, **chosen)
    assert acts.spec_of(look(sqlite_rig, number)).segment == saved.segment
    assert "nhắn trong 30 ngày qua" in author.get(page(number)).text
    with sqlite_rig.database.read() as connection:
        assert broadcasts.count_by_state(connection, "ha-dong") == {"submitted": 1}


def test_an_article_s_figures_are_zalo_s(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author, chair = open_console("truyen-thong"), open_console("chu-tich")
    number = write(author, kind="article")
    chair.post(f"{page(number)}/approve", {"revision": "1"})
    assert "0 trên" not in author.get(page(number)).text, "there is nothing to count here"
    assert "là số của Zalo" in author.get(page(number)).text
    assert "là số của Zalo" in author.get(f"{page(number)}/results").text
    group = write(author, kind="group", groups="g1\ng2")
    assert acts.spec_of(look(sqlite_rig, group)).segment.groups == ("g1", "g2")


def test_without_an_oa_it_is_said_and_what_was_typed_stays(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    answer = open_console("truyen-thong", "dai-son").post(NEW, form(), on=NEW, status=409)
    assert "chưa nối tài khoản Zalo" in answer.text and "Lịch tiêm chủng" in answer.text


def test_the_feed_opens_with_its_secret_address_alone(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    author = open_console("truyen-thong")
    write(author, when="at", send_at="2026-11-28T08:00")
    found = re.search(
        r'href="https?://[^/]+(/console/calendar/ha-dong/\w+\.ics)"', author.get("/console/calendar").text
    )
    assert found
    client = author.application.test_client()
    feed = client.get(found[1])
    assert feed.status_code == 200 and feed.mimetype == "text/calendar" and "Lịch tiêm chủng" in feed.text
    assert client.get(found[1].replace("ha-dong", "dai-son")).status_code == 404
    assert client.get("/console/calendar/ha-dong/0000.ics").status_code == 404
    month = author.get("/console/calendar?month=2027-05").text
    assert "đổi mới sáng tạo Việt Nam" in month and "1/4 âm" in month
    author.get("/console/calendar?month=0001-01", 404)
    author.get("/console/calendar?month=x", 404)
