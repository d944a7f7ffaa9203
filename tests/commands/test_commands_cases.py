"""``hoixa cases``: what residents sent in, for officials at a terminal and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rig import OUR_OA, SECRET_KEY, Rig

from bot.casework import acts
from bot.conversation.acts import Contact, FileInitiative, FileReport, JoinReport, Place
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.store import staff
from bot.store.staff import NewStaff
from commands.main import main

OFFICIAL = "van-phong@example.vn"
FIRST, SECOND, IDEA = "PA-222222", "PA-33333D", "SK-222222"


class Done:
    """How a command ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    def refused(self) -> str:
        assert self.code == 1, (self.code, self.out)
        line = self.err.strip()
        assert line.startswith("Lỗi: ")
        assert "\n" not in line
        assert "{" not in line
        return line


Hoixa = Callable[..., Done]


@pytest.fixture
def hoixa(
    sqlite_rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Hoixa:
    """Run a command in this process over a rig with three cases."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOIXA_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("HOIXA_DATABASE_URL", sqlite_rig.database.url)
    sqlite_rig.connect_oa()
    at_ms = sqlite_rig.clock.now_ms()
    filed = [
        (
            FileReport(
                FIRST, "nuoc", "Mất nước từ sáng", Place("thôn đông", "cạnh đình"), Contact("Bà Tư", "0912345678")
            ),
            1,
        ),
        (JoinReport(FIRST, "Nhà tôi cũng thế"), 2),
        (FileReport(SECOND, "nuoc", "Cúp nước", Place(), Contact(anonymous=True)), 3),
        (
            FileInitiative(
                IDEA,
                "Bảng QR",
                "Khó tìm",
                "Dán bảng",
                "Đỡ đi lại",
                "cai-cach-hanh-chinh",
                "resident",
                "idea",
                Contact(),
            ),
            1,
        ),
    ]
    with sqlite_rig.database.write() as connection:
        staff.add(connection, NewStaff("ha-dong", OFFICIAL, "Văn phòng", "van-phong", "none"), at_ms)
        staff.add(connection, NewStaff("kien-minh", "xa-khac@example.vn", "Khác", "quan-tri", "none"), at_ms)
        for number, (act, who) in enumerate(filed):
            person = Person(OUR_OA, str(who))
            acts.apply(connection, sqlite_rig.vault, [FiledAct(f"in:{number}:0", person, "ha-dong", "t", at_ms, act)])

    def run(*arguments: str) -> Done:
        monkeypatch.setattr("sys.argv", ["hoixa", "cases", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


def test_lists_for_people_and_programs(hoixa: Hoixa) -> None:
    rows = hoixa("list", "--kind", "report", "--json").json
    assert [row["code"] for row in rows] == [SECOND, FIRST]
    first = rows[1]
    assert (first["kind"], first["state"], first["commune"], first["people"]) == ("report", "received", "ha-dong", 2)
    assert first["filed"] == "2026-11-22T12:00:00+07:00"
    assert first["due"] == "2026-11-30T17:30:00+07:00"
    assert first["gist"] == "Mất nước từ sáng"
    assert "0912345678" not in json.dumps(rows)
    assert [row["code"] for row in hoixa("list", "--kind", "initiative", "--json").json] == [IDEA]
    assert len(hoixa("list", "--json").json) == 3
    assert hoixa("list", "--commune", "kien-minh", "--json").json == []
    assert hoixa("list", "--state", "resolved", "--json").json == []
    assert [row["code"] for row in hoixa("list", "--village", "Thôn Đông", "--json").json] == [FIRST]
    plain = hoixa("list", "--kind", "report")
    assert FIRST in plain.out
    assert "Mới nhận" in plain.out
    assert "(2 người)" in plain.out
    assert "Không có mục nào" in hoixa("list", "--state", "resolved").out


def test_shows_a_case_by_any_spelling_of_its_code(hoixa: Hoixa) -> None:
    for spelling in (FIRST, "pa222222", "Pa-222 222", "PA 222222"):
        shown = hoixa("show", spelling, "--json").json
        assert shown["code"] == FIRST
    assert shown["words"] == {"text": "Mất nước từ sáng"}
    assert shown["contact"] == {"name": "Bà Tư", "phone": "0912345678"}
    assert shown["place"]["words"] == "cạnh đình"
    assert [event["kind"] for event in shown["events"]] == ["filed", "joined"]
    assert [person["role"] for person in shown["people_told"]] == ["filer", "joined"]
    plain = hoixa("show", FIRST).out
    assert "cạnh đình" in plain
    assert "Đã gửi" in plain
    assert hoixa("show", SECOND, "--json").json["contact"] is None
    assert "Ẩn danh" in hoixa("show", SECOND).out
    assert "sai một chữ" in hoixa("show", "PA-222223").refused()
    assert "PA-444" not in hoixa("show", "PA-55555" + "4").refused().replace("PA-555554", "")
    assert "không phải mã" in hoixa("show", "nothing").refused()
    assert "không phải mã" in hoixa("show", "CG-222222").refused()


def test_moves_a_case_and_says_who_is_told(hoixa: Hoixa, sqlite_rig: Rig) -> None:
    done = hoixa("move", "pa222222", "--to", "resolved", "--by", OFFICIAL, "--reason", "Đã thay ống nước")
    assert done.out.strip() == f"{FIRST}: Mới nhận → Đã xử lý. 2 người được báo."
    shown = hoixa("show", FIRST, "--json").json
    assert shown["state"] == "resolved"
    assert "Đã thay ống nước" in shown["events"][-1]["public"]
    assert shown["events"][-1]["by"] == OFFICIAL
    assert {row.user_id for row in sqlite_rig.rows("outbox")} == {"1", "2"}
    moved = hoixa("move", SECOND, "--to", "refused", "--by", OFFICIAL, "--reason", "unclear", "--json").json
    assert (moved["state"], moved["reason"], moved["due"]) == ("refused", "unclear", None)
    free = hoixa("move", IDEA, "--to", "declined", "--by", "xa-khac@example.vn", "--reason", "Chưa có tiền")
    assert free.code == 1


def test_a_reason_typed_freely_is_words(hoixa: Hoixa) -> None:
    moved = hoixa(
        "move", FIRST, "--to", "out_of_scope", "--by", OFFICIAL, "--reason", "Việc của huyện cũ", "--json"
    ).json
    assert moved["reason"] == "other"
    assert "Việc của huyện cũ" in hoixa("show", FIRST, "--json").json["events"][-1]["public"]


def test_every_refusal_is_one_line_that_says_what_would_do(hoixa: Hoixa, sqlite_rig: Rig) -> None:
    before = sqlite_rig.everything()
    move = ("--by", OFFICIAL)
    assert "assigned (Đang xử lý)" in hoixa("move", FIRST, "--to", "trial", *move).refused()
    assert "đúng trạng thái" in hoixa("move", FIRST, "--to", "received", *move).refused()
    assert "unclear (Nội dung chưa rõ)" in hoixa("move", FIRST, "--to", "refused", *move).refused()
    assert "assessing (Đang thẩm định)" in hoixa("move", IDEA, "--to", "trial", *move).refused()
    assert "Quyết định" in hoixa("move", IDEA, "--to", "scaled", *move).refused()
    assert "hỏi thêm" in hoixa("move", FIRST, "--to", "waiting_resident", *move).refused()
    assert "Không có tài khoản" in hoixa("move", FIRST, "--to", "resolved", "--by", "nobody@example.vn").refused()
    assert hoixa("move", FIRST, "--to", "resolved", "--by", "xa-khac@example.vn").refused()
    assert "Không có phản ánh" in hoixa("move", "PA-555554", "--to", "resolved", *move).refused()
    assert "sai một chữ" in hoixa("merge", FIRST, "PA-222223").refused()
    assert hoixa("merge", FIRST, FIRST).refused()
    assert "sáng kiến" in hoixa("merge", FIRST, IDEA, "--by", OFFICIAL).refused()
    assert sqlite_rig.everything() == before


@pytest.mark.parametrize("by", [(), ("--by", OFFICIAL)], ids=["the operator", "an official"])
def test_merges_the_second_into_the_first(hoixa: Hoixa, by: tuple[str, ...]) -> None:
    done = hoixa("merge", FIRST, SECOND, *by)
    assert done.out.strip() == f"Đã gộp {SECOND} vào {FIRST}. 1 người được báo."
    assert [row["code"] for row in hoixa("list", "--kind", "report", "--json").json] == [FIRST]
    assert [row["merged_into"] for row in hoixa("list", "--kind", "report", "--merged", "--json").json] == [FIRST, None]
    shown = hoixa("show", FIRST, "--json").json
    assert (shown["people"], shown["merged"]) == (3, [SECOND])
    assert "đã được gộp" in hoixa("move", SECOND, "--to", "resolved", "--by", OFFICIAL).refused()
    assert "Đã gộp vào" in hoixa("show", SECOND).out
