"""Taking a conversation over: answered inside the window, noted beside, given back; nothing of another commune's."""

from __future__ import annotations

import pytest
from console_visitor import OpenConsole
from rig import HOUR_MS, OUR_OA, Rig

from bot.replies import Reply
from bot.store import handover_notes, handovers, residents
from bot.store.residents import ResidentChange

ASKED = "Tôi muốn hỏi cán bộ về đất nhà tôi"
PLACE = "/console/conversations/1"


def _queue(rig: Rig, *, hours_ago: int = 0, commune: str = "ha-dong", user_id: str = "resident") -> None:
    then = rig.clock.now_ms() - hours_ago * HOUR_MS
    with rig.database.write() as connection:
        residents.apply(connection, [ResidentChange(OUR_OA, user_id, then, interaction_ms=then)])
        handovers.queue(
            connection, rig.vault, key=f"k-{user_id}", oa_id=OUR_OA, commune_id=commune, user_id=user_id,
            words=ASKED, topic="khai-sinh", at_ms=then,
        )  # fmt: skip


def _sent(rig: Rig) -> list[str]:
    return [Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text for row in rig.rows("outbox")]


def test_taken_answered_noted_and_given_back(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _queue(sqlite_rig)
    official, other = open_console("van-phong"), open_console("hanh-chinh-cong")
    assert ASKED in official.get("/console/conversations").text
    assert ASKED in official.get("/console/").text
    official.post(f"{PLACE}/take", on=PLACE)
    assert "Tôi" in official.get("/console/conversations/rows").text
    official.post(f"{PLACE}/note", {"note": "Nhớ hỏi địa chính, gọi 0912345678"}, on=PLACE)
    official.post(f"{PLACE}/reply", {"words": "Bác mang sổ đỏ ra xã giúp.", "key": "1"}, on=PLACE)
    official.post(f"{PLACE}/reply", {"words": "Bác mang sổ đỏ ra xã giúp.", "key": "1"}, on=PLACE)
    (sent,) = _sent(sqlite_rig)
    assert "sổ đỏ" in sent
    page = other.get(PLACE).text
    assert official.staff.email in page
    assert "Nhớ hỏi địa chính" in page
    assert "0912345678" not in page
    other.post(f"{PLACE}/reply", {"words": "Tôi nói nữa"}, on=PLACE, status=400)
    official.post(f"{PLACE}/release", on=PLACE)
    assert ASKED not in official.get("/console/conversations").text
    assert not any("địa chính" in text for text in _sent(sqlite_rig)), "a note goes nowhere"


def test_outside_the_window_nothing_is_sent_and_the_words_come_back(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _queue(sqlite_rig, hours_ago=24 * 8)
    official = open_console("van-phong")
    assert "quá 7 ngày" in official.get("/console/conversations").text
    answer = official.post(f"{PLACE}/reply", {"words": "Lời đã gõ"}, on=PLACE, status=400)
    assert "Lời đã gõ" in answer.text
    assert "quá 7 ngày" in answer.text
    assert _sent(sqlite_rig) == []


@pytest.mark.parametrize(("hours_ago", "left"), [(0, "còn 7 ngày"), (130, "còn 38 giờ"), (167, "còn 1 giờ")])
def test_the_time_left_stands_beside_the_box(
    sqlite_rig: Rig, open_console: OpenConsole, hours_ago: int, left: str
) -> None:
    _queue(sqlite_rig, hours_ago=hours_ago)
    assert left in open_console("van-phong").get(PLACE).text


def test_an_answer_of_ours_is_put_into_the_box(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _queue(sqlite_rig)
    page = open_console("van-phong").get(f"{PLACE}?topic=khai-sinh&facet=papers").text
    box = page.partition('name="words"')[2].partition("</textarea>")[0]
    assert "chứng sinh" in box
    empty = open_console("van-phong").get(f"{PLACE}?topic=khong-co&facet=x").text
    assert empty.partition('name="words"')[2].partition("</textarea>")[0].strip().endswith(">")


def test_another_commune_s_conversation_does_not_exist(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _queue(sqlite_rig, commune="dai-son")
    official = open_console("van-phong")
    assert ASKED not in official.get("/console/conversations").text
    official.get(PLACE, 404)
    official.get(f"{PLACE}/lines", 404)
    for act in ("take", "release", "reply", "note"):
        official.post(f"{PLACE}/{act}", {"words": "x", "note": "x"}, status=404)
    official.get("/console/conversations/999", 404)
    open_console("truyen-thong").get("/console/conversations", 403)


def test_words_are_shown_as_words(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _queue(sqlite_rig)
    official = open_console("van-phong")
    official.post(f"{PLACE}/note", {"note": "<img src=x onerror=alert(1)>"}, on=PLACE)
    assert "<img src=x" not in official.get(PLACE).text


def test_notes_are_forgotten_with_their_person(rig: Rig) -> None:
    _queue(rig)
    with rig.database.write() as connection:
        handover_notes.add(connection, rig.vault, "ha-dong", 1, "a@ha-dong.vn", "một", rig.clock.now_ms())
        assert [note.text for note in handover_notes.notes_of(connection, rig.vault, 1)] == ["một"]
        assert handover_notes.erase(connection, OUR_OA, "somebody-else") == 0
        assert handover_notes.erase(connection, OUR_OA, "resident") == 1
        handover_notes.add(connection, rig.vault, "ha-dong", 1, "a@ha-dong.vn", "hai", rig.clock.now_ms())
        assert handovers.erase(connection, OUR_OA, "resident") == 2
