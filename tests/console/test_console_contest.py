"""An official holds an answer of the bot to be wrong: kept sealed, listed for those who mend it, closed by one act."""

from __future__ import annotations

from console_visitor import OpenConsole
from rig import OUR_OA, Rig

from bot.store import contests, handovers, residents
from bot.store.handovers import NewLine
from bot.store.residents import ResidentChange

SAID = "Lệ phí khai sinh là 8.000 đồng, bác gọi 0912345678."
REASON = "Đúng hạn thì miễn phí"
PLACE = "/console/conversations/1"
FOLDER = "/console/knowledge?folder=contested"
TOPIC = "/console/knowledge/khai-sinh?part=papers"


def _talk(rig: Rig, commune: str = "ha-dong") -> str:
    """A conversation in which the bot spoke; the moment it did."""
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        residents.apply(connection, [ResidentChange(OUR_OA, "resident", now, interaction_ms=now)])
        handovers.queue(
            connection, rig.vault, key="k", oa_id=OUR_OA, commune_id=commune, user_id="resident", words="gặp cán bộ",
            topic="khai-sinh", at_ms=now,
        )  # fmt: skip
        handovers.keep_lines(connection, rig.vault, [NewLine("l", OUR_OA, "resident", "bot", "text", SAID, now)])
    return str(now)


def test_contested_in_a_conversation_listed_and_closed(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    at = _talk(sqlite_rig)
    official, chair = open_console("van-phong"), open_console("chu-tich")
    assert f'<option value="{at}">' in official.get(PLACE).text
    official.post(f"{PLACE}/contest", {"at": at, "reason": f"{REASON}, hỏi 0987654321"}, on=PLACE)
    listed = chair.get(FOLDER).text
    for words in ("Đăng ký khai sinh", "Lệ phí khai sinh là 8.000 đồng", REASON, official.staff.email):
        assert words in listed
    assert "0912345678" not in listed and "0987654321" not in listed
    assert REASON in chair.get("/console/").text
    (row,) = sqlite_rig.rows("answer_contest")
    assert REASON.encode() not in row.reason_sealed and b"8.000" not in row.answer_sealed
    chair.post("/console/knowledge/contests/1/close", on=FOLDER)
    assert REASON not in chair.get(FOLDER).text
    chair.post("/console/knowledge/contests/1/close", on=FOLDER, status=404)
    acts = [entry.act for entry in sqlite_rig.rows("audit") if entry.act == "answer.contest"]
    assert len(acts) == 2


def test_contested_among_the_answers(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official = open_console("hanh-chinh-cong")
    official.post("/console/knowledge/khai-sinh/papers/contest", {"reason": REASON}, on=TOPIC)
    listed = official.get(FOLDER).text
    assert REASON in listed and "chứng sinh" in listed
    for wrong in ("khong-co/papers", "khai-sinh/khong-co"):
        official.post(f"/console/knowledge/{wrong}/contest", {"reason": REASON}, on=TOPIC, status=404)


def test_without_a_reason_nothing_is_kept(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    at, official = _talk(sqlite_rig), open_console("van-phong")
    official.post(f"{PLACE}/contest", {"at": at, "reason": "  "}, on=PLACE)
    assert "Chưa ghi câu trả lời sai ở đâu" in official.get(PLACE).text
    official.post(f"{PLACE}/contest", {"at": "1", "reason": REASON}, on=PLACE, status=404)
    assert sqlite_rig.rows("answer_contest") == []


def test_another_commune_s_are_nobody_s_here(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    at = _talk(sqlite_rig, "dai-son")
    there, here = open_console("van-phong", "dai-son"), open_console("van-phong")
    here.post(f"{PLACE}/contest", {"at": at, "reason": REASON}, status=404)
    there.post(f"{PLACE}/contest", {"at": at, "reason": REASON}, on=PLACE)
    assert REASON not in here.get(FOLDER).text
    here.post("/console/knowledge/contests/1/close", on=FOLDER, status=404)
    open_console("truyen-thong", "dai-son").post("/console/knowledge/contests/1/close", on=FOLDER, status=403)
    assert REASON in there.get(FOLDER).text


def test_forgotten_with_their_person(rig: Rig) -> None:
    _talk(rig)
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        contests.add(connection, rig.vault, "ha-dong", "a@ha-dong.vn", SAID, REASON, now, handover_id=1)
        contests.add(connection, rig.vault, "ha-dong", "a@ha-dong.vn", SAID, REASON, now, topic="khai-sinh")
        assert contests.count_open(connection, "ha-dong") == 2
        assert contests.erase(connection, OUR_OA, "somebody-else") == 0
        handovers.erase(connection, OUR_OA, "resident")
        (left,) = contests.list_open(connection, rig.vault, "ha-dong", 10)
    assert left.topic == "khai-sinh"
