"""The page of questions nobody could answer: answered once for all who asked, taught, approved by another."""

from __future__ import annotations

import re

import pytest
from console_visitor import OpenConsole, Visitor
from rig import OUR_OA, Rig

from bot.casework import volunteers
from bot.conversation.acts import ForwardQuestion
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.replies import Reply
from bot.store import learned_models, residents, staff_requests
from bot.store.residents import ResidentChange
from bot.store.staff_requests import NewRequest

ASKED = (
    "Xã có lớp dạy bơi miễn phí cho trẻ em không",
    "lop day boi mien phi cho tre em",
    "lớp dạy bơi miễn phí cho các trẻ em ạ",
)
ANSWER = "Có lớp bơi từ ngày 1/6, đăng ký ở nhà văn hóa thôn."


def _ask(rig: Rig, *texts: str, commune: str = "ha-dong") -> None:
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        for number, text in enumerate(texts):
            user_id = f"{commune}-{number}"
            residents.apply(connection, [ResidentChange(OUR_OA, user_id, now, interaction_ms=now)])
            request = NewRequest(f"{commune}-{text}", OUR_OA, commune, user_id, "unanswered", text, (), now)
            staff_requests.add(connection, rig.vault, [request])


def _page_of_first(visitor: Visitor) -> str:
    found = re.search(r'href="(/console/unanswered/questions\?ids=[\d,%C]+)"', visitor.get("/console/unanswered").text)
    assert found
    return found[1]


def _fields(page: str, **more: str) -> dict[str, str]:
    return {"ids": page.rpartition("=")[2].replace("%2C", ","), **more}


def _sent(rig: Rig) -> list[str]:
    return [Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text for row in rig.rows("outbox")]


def test_three_who_asked_are_answered_at_once_and_the_machine_is_taught(
    sqlite_rig: Rig, open_console: OpenConsole
) -> None:
    _ask(sqlite_rig, *ASKED, "bao giờ trạm bơm chạy")
    official, chair = open_console("van-hoa-xa-hoi"), open_console("chu-tich")
    page = _page_of_first(official)
    assert all(text in official.get(page).text for text in ASKED)
    official.post("/console/unanswered/questions", _fields(page, words=ANSWER, teach="words"), on=page)
    assert len(_sent(sqlite_rig)) == 3
    assert "3 người" in official.get("/console/unanswered").text
    assert "trạm bơm" in official.get("/console/unanswered").text
    assert "dạy bơi" not in official.get("/console/unanswered").text
    taught = "/console/unanswered/taught"
    assert "Duyệt</button>" not in official.get(taught).text, "nobody approves their own"
    assert "Câu dạy máy" in chair.get("/console/").text
    chair.post(f"{taught}/1/approve", on=taught)
    assert ANSWER in chair.get(f"{taught}?state=approved").text
    official.post(f"{taught}/1/withdraw", on=f"{taught}?state=approved")
    assert ANSWER in chair.get(f"{taught}?state=withdrawn").text


def test_a_topic_answers_and_asks_for_a_model(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _ask(sqlite_rig, "làm cái giấy cho thằng cu mới đẻ của nhà tôi")
    official, chair = open_console("van-phong"), open_console("chu-tich")
    page = _page_of_first(official)
    wrong = _fields(page, teach="topic", topic="khong-co")
    official.post("/console/unanswered/questions", wrong, on=page, status=400)
    official.post("/console/unanswered/questions", _fields(page, teach="topic", topic="khai-sinh"), on=page)
    (sent,) = _sent(sqlite_rig)
    assert "khai sinh" in sent.lower()
    chair.post("/console/unanswered/taught/1/approve", on="/console/unanswered/taught")
    with sqlite_rig.database.read() as connection:
        assert [model.state for model in learned_models.latest(connection)] == ["asked"]
    assert "chờ học" in chair.get("/console/unanswered/taught").text


@pytest.mark.parametrize(("words", "status"), [("", 400), ("a" * 1501, 400)])
def test_what_cannot_be_sent_comes_back_with_the_reason(
    sqlite_rig: Rig, open_console: OpenConsole, words: str, status: int
) -> None:
    _ask(sqlite_rig, ASKED[0])
    official = open_console("van-phong")
    page = _page_of_first(official)
    answer = official.post("/console/unanswered/questions", _fields(page, words=words), on=page, status=status)
    assert 'role="alert"' in answer.text
    assert _sent(sqlite_rig) == []


def test_questions_of_another_commune_are_nobody_s_here(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _ask(sqlite_rig, ASKED[0], commune="dai-son")
    official = open_console("van-phong")
    assert "dạy bơi" not in official.get("/console/unanswered").text
    official.get("/console/unanswered/questions?ids=1", 404)
    official.post("/console/unanswered/questions", {"ids": "1", "words": ANSWER})
    assert _sent(sqlite_rig) == []
    open_console("truyen-thong").get("/console/unanswered", 403)
    open_console("thanh-pho").get("/console/unanswered", 403)


def test_words_of_residents_are_shown_as_words(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    _ask(sqlite_rig, "<script>alert(1)</script> hỏi lớp bơi")
    official = open_console("van-phong")
    for path in ("/console/unanswered", _page_of_first(official), "/console/"):
        assert "<script>alert" not in official.get(path).text


def test_a_forwarded_question_is_answered_to_the_volunteer(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    person = Person(OUR_OA, "volunteer")
    act = ForwardQuestion(link_code="CG-234562", text="bà cụ hỏi tiền quà Tết", for_whom="cụ Mẫu", village="")
    with sqlite_rig.database.write() as connection:
        filed = FiledAct("k", person, "ha-dong", "t", sqlite_rig.clock.now_ms(), act)
        volunteers.forward_question(connection, sqlite_rig.vault, filed, act)
    official = open_console("van-phong")
    assert "tiền quà Tết" in official.get("/console/unanswered").text
    place = "/console/unanswered/forwarded/CG-234562"
    official.post(place, {"words": "Quà Tết phát ngày 20 tháng Chạp."}, on="/console/unanswered")
    (sent,) = _sent(sqlite_rig)
    assert "20 tháng Chạp" in sent
    assert "tiền quà Tết" not in official.get("/console/unanswered").text
    official.post("/console/unanswered/forwarded/CG-999999", {"words": "x"}, status=404)
