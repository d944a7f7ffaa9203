"""Events at the console: put up, changed, called off with word to those signed up; the list, who came, the file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from console_visitor import OpenConsole, Visitor
from rig import OUR_OA, Rig

from bot.broadcasts import service_messages
from bot.replies import Reply
from bot.store import events, residents
from bot.store.events import Event
from bot.store.residents import ResidentChange

LIST = "/console/events"
NEW = f"{LIST}/new"
DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def connected(sqlite_rig: Rig) -> None:
    """The commune has an OA."""
    sqlite_rig.connect_oa()


def form(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "class", "title": "Lớp dùng VNeID", "place": "Nhà văn hóa thôn Đoài", "audience": "người cao tuổi",
        "starts": "2026-11-25T08:00", "ends": "2026-11-25T10:00", "seats": "20", **changes,
    }  # fmt: skip


def put_up(visitor: Visitor, **changes: Any) -> str:
    """Its page."""
    return visitor.post(NEW, form(**changes), on=NEW).headers["Location"]


def look(rig: Rig, number: int = 1) -> Event:
    with rig.database.read() as connection:
        one = events.get(connection, number)
    assert one is not None
    return one


def sign_up(rig: Rig, *names: str) -> None:
    for number, name in enumerate(names):
        with rig.database.write() as connection:
            assert events.sign_up(connection, rig.vault, 1, OUR_OA, f"u{number}", name, rig.clock.now_ms()) == "in"


def said(rig: Rig) -> list[str]:
    return [Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text for row in rig.rows()]


def test_put_up_listed_changed_and_on_the_calendar(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official = open_console("van-hoa-xa-hoi")
    place = put_up(official)
    assert "08:00 25/11/2026" in official.get(place).text
    assert "Lớp dùng VNeID" in official.get(LIST).text
    assert "Lớp dùng VNeID" in official.get("/console/calendar").text
    edit = f"{place}/edit"
    assert 'value="2026-11-25T08:00"' in official.get(edit).text
    official.post(edit, form(place="Trụ sở xã", seats=""), on=edit)
    one = look(sqlite_rig)
    assert (one.place, one.seats, one.kind) == ("Trụ sở xã", None, "class")
    assert "Lớp dùng VNeID" in open_console("truyen-thong").get("/console/broadcasts/new?event=1").text
    sqlite_rig.clock.pass_ms(5 * DAY_MS)
    official.sign_in()
    assert "Lớp dùng VNeID" not in official.get(LIST).text
    assert "Lớp dùng VNeID" in official.get(f"{LIST}?folder=past").text
    official.get(f"{LIST}?folder=x", 404)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "Hãy ghi tên lớp"),
        ({"place": ""}, "Hãy ghi nơi"),
        ({"starts": ""}, "Hãy chọn ngày giờ"),
        ({"starts": "2026-13-45T99:00"}, "Hãy chọn ngày giờ"),
        ({"starts": "2026-11-01T08:00", "ends": ""}, "đã qua"),
        ({"ends": "2026-11-25T07:00"}, "phải sau giờ bắt đầu"),
        ({"seats": "0"}, "Số chỗ"),
        ({"seats": "nhiều"}, "Số chỗ"),
        ({"title": "a" * 301}, "dài quá 300"),
    ],
)
def test_what_is_wrong_comes_back(
    sqlite_rig: Rig, open_console: OpenConsole, changes: dict[str, Any], words: str
) -> None:
    answer = open_console("van-phong").post(NEW, form(**changes), on=NEW, status=400)
    assert words in answer.text and 'role="alert"' in answer.text
    assert sqlite_rig.rows("event") == []


def test_the_list_who_came_and_the_file(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official = open_console("van-hoa-xa-hoi")
    place = put_up(official)
    sign_up(sqlite_rig, "Bà Năm", "<b>Ông Sáu</b>", "")
    seen = official.get(place).text
    assert "Bà Năm" in seen and "<b>Ông" not in seen and "3 người đã đăng ký" in seen
    keys = re.findall(r'name="came" value="([^"]+)"', seen)
    official.post(f"{place}/attendance", {"came": [keys[0], f"{OUR_OA}:stranger", "x"]}, on=place)
    with sqlite_rig.database.read() as connection:
        listed = events.list_sign_ups(connection, sqlite_rig.vault, 1)
    assert [one.attended for one in listed] == [True, False, False]
    table = official.get(f"{place}/export.csv").text
    assert "Bà Năm" in table and "có" in table
    assert official.get(f"{place}/export.xlsx").data[:2] == b"PK"
    official.get(f"{place}/export.pdf", 404)
    assert "Bà Năm" not in open_console("thon", village="thôn đoài").get("/console/calendar").text


@pytest.mark.parametrize(("hours", "days", "count"), [("24", 2, 0), ("72", 2, 1), ("24", 3, 1), ("0", 3, 0)])
def test_the_reminder_comes_when_the_organiser_chose(
    sqlite_rig: Rig, open_console: OpenConsole, hours: str, days: int, count: int
) -> None:
    put_up(open_console("van-hoa-xa-hoi"), starts="2026-11-25T13:00", ends="", remind_hours=hours)
    sign_up(sqlite_rig, "Bà Năm")
    sqlite_rig.clock.pass_ms(days * DAY_MS - DAY_MS // 2)
    with sqlite_rig.database.write() as connection:
        change = ResidentChange(OUR_OA, "u0", sqlite_rig.clock.now_ms(), interaction_ms=sqlite_rig.clock.now_ms())
        residents.apply(connection, [change])
    assert service_messages.remind_of_events(sqlite_rig.services()) == count


def test_called_off_and_everybody_told_once(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official = open_console("van-hoa-xa-hoi")
    place = put_up(official)
    sign_up(sqlite_rig, "Bà Năm", "Ông Sáu")
    official.post(f"{place}/call-off", {"why": "Trời bão."}, on=place)
    assert len(said(sqlite_rig)) == 2 and "08:00 25/11 không tổ chức nữa. Trời bão." in said(sqlite_rig)[0]
    assert "nhắn cho 2 người" in official.get(place).text
    official.post(f"{place}/call-off", {"why": "Trời bão."})
    assert len(said(sqlite_rig)) == 2
    official.post(f"{place}/edit", form(), status=302)
    assert look(sqlite_rig).state == "cancelled"
    assert "Lớp dùng VNeID" not in official.get("/console/calendar").text


def test_nothing_of_another_commune_and_names_for_those_with_the_right(
    sqlite_rig: Rig, open_console: OpenConsole
) -> None:
    place = put_up(open_console("van-hoa-xa-hoi"))
    sign_up(sqlite_rig, "Bà Năm")
    stranger, village = open_console("quan-tri", "dai-son"), open_console("thon", village="thôn đoài")
    for part in ("", "/edit", "/export.csv"):
        stranger.get(f"{place}{part}", 404)
        village.get(f"{place}{part}", 403)
    for part, fields in (("/edit", form()), ("/call-off", {}), ("/attendance", {})):
        stranger.post(f"{place}{part}", fields, status=404)
        village.post(f"{place}{part}", fields, status=403)
    stranger.get(f"{LIST}/{10**30}", 404)
    assert "Lớp dùng VNeID" not in stranger.get("/console/calendar").text
    open_console("truyen-thong", "dai-son").get("/console/broadcasts/new?event=1")
    assert "Lớp dùng VNeID" not in open_console("truyen-thong", "dai-son").get("/console/broadcasts/new?event=1").text
    official = open_console("van-hoa-xa-hoi")
    assert official.client.post(f"{place}/call-off", data={}).status_code in (400, 403)
    assert look(sqlite_rig).state == "planned" and look(sqlite_rig).taken == 1
