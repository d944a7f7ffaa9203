"""``hoixa teams``: codes, lists, answers, digests and receipts; each fault ends as one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import OUR_OA, RESIDENT, Rig
from voices_acting import COMMUNE, do, filed

from bot.cases.enrolment_codes import read_enrolment_code
from bot.casework import volunteers_digest
from bot.conversation.acts import EnrolVolunteer, EraseMyData, FileTeamReport, ForwardQuestion
from bot.store import staff
from bot.store.staff import NewStaff
from commands.main import main

Run = Callable[..., tuple[int, str, str]]
LINK = "CG-7K3M9X"


@pytest.fixture
def hoixa(
    sqlite_rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run a command over the rig's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOIXA_DATABASE_URL", sqlite_rig.database.url)
    monkeypatch.setenv("HOIXA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOIXA_SECRET_KEY", "a key of the tests, and of nothing else")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["hoixa", "teams", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    yield run


def _json(done: tuple[int, str, str]) -> Any:
    assert done[0] == 0, done
    return json.loads(done[1])


def test_a_code_is_printed_and_enrols(hoixa: Run, sqlite_rig: Rig) -> None:
    found = _json(hoixa("code", "--commune", COMMUNE, "--village", "Thôn Đoài", "--json"))
    assert read_enrolment_code(found["code"]) == (found["code"], True)
    code, out, _ = hoixa("code", "--commune", COMMUNE, "--village", "Thôn Đoài", "--days", "3")
    assert code == 0 and "TO-" in out and "Thôn Đoài" in out
    do(sqlite_rig, filed(sqlite_rig, EnrolVolunteer(found["code"])))
    assert _json(hoixa("list", "--commune", COMMUNE, "--json"))[0]["members"] == 1
    assert "thôn đoài: 1 người" in hoixa("list", "--commune", COMMUNE)[1]
    assert [row.act for row in sqlite_rig.rows("audit")] == ["volunteer.code"] * 2


def test_questions_are_listed_and_answered(hoixa: Run, sqlite_rig: Rig) -> None:
    with sqlite_rig.database.write() as connection:
        account = NewStaff(COMMUNE, "motcua@ha-dong.vn", "Một cửa", "hanh-chinh-cong", "no password fits this")
        official = staff.add(connection, account, sqlite_rig.clock.now_ms())
    do(sqlite_rig, filed(sqlite_rig, ForwardQuestion(LINK, "Xin cấp lại giấy", "bà Năm", "Thôn Đoài", "0987654321")))
    (row,) = _json(hoixa("questions", "--commune", COMMUNE, "--json"))
    assert (row["code"], row["for_whom"], row["phone"]) == (LINK, "bà Năm", "0987654321")
    assert LINK in hoixa("questions", "--commune", COMMUNE)[1]
    answer = ("--commune", COMMUNE, "--by", official.email)
    assert hoixa("answer", LINK.lower().replace("-", ""), "Mời bà ra xã", *answer)[0] == 0
    assert _json(hoixa("questions", "--commune", COMMUNE, "--json")) == []
    assert "Không có câu nào" in hoixa("questions", "--commune", COMMUNE)[1]
    for arguments, said in (
        ((LINK, "Nữa", *answer), "có người trả lời"),
        (("CG-222222", "Nữa", *answer), "Không có câu nào mã"),
        (("PA-222222", "Nữa", *answer), "không phải mã chuyển giúp"),
        ((LINK, " ", *answer), "trống"),
        ((LINK, "Nữa", "--commune", COMMUNE, "--by", "nobody@x.vn"), "Không có tài khoản"),
    ):
        code, _, error = hoixa("answer", *arguments)
        assert code == 1 and said in error and "\n" not in error.strip()


def test_reports_and_the_weeks_digest(hoixa: Run, sqlite_rig: Rig) -> None:
    assert "Chưa có báo cáo" in hoixa("reports", "--commune", COMMUNE)[1]
    assert "Chưa có tuần nào" in hoixa("digest", "--commune", COMMUNE)[1]
    sqlite_rig.put(
        "volunteer", oa_id=OUR_OA, user_id=RESIDENT, commune_id=COMMUNE, village="thôn đoài",
        enrolled_ms=sqlite_rig.clock.now_ms(),
    )  # fmt: skip
    do(sqlite_rig, filed(sqlite_rig, FileTeamReport(2, 9, "Mạng yếu")))
    sqlite_rig.clock.pass_ms(7 * 86_400_000)
    volunteers_digest.make_digests(sqlite_rig.services(), "owner")
    (report,) = _json(hoixa("reports", "--commune", COMMUNE, "--json"))
    assert (report["village"], report["classes"], report["difficulties"]) == ("thôn đoài", 2, "Mạng yếu")
    (document,) = _json(hoixa("digest", "--commune", COMMUNE, "--json"))
    assert document["villages"][0]["people_helped"] == 9
    out = hoixa("digest", "--commune", COMMUNE)[1]
    assert "thôn đoài: 2 lớp, 9 người" in out and "Mạng yếu" in out
    assert hoixa("reports", "--commune", COMMUNE, "--file", "bao-cao.csv")[0] == 0
    assert "Mạng yếu" in Path("bao-cao.csv").read_text("utf-8-sig")
    assert "đuôi" in hoixa("reports", "--commune", COMMUNE, "--file", "bao-cao.pdf")[2]
    assert RESIDENT not in hoixa("reports", "--commune", COMMUNE, "--json")[1]


def test_a_receipt_is_looked_up(hoixa: Run, sqlite_rig: Rig) -> None:
    do(sqlite_rig, filed(sqlite_rig, EraseMyData("XD-7K3M9X")))
    assert _json(hoixa("erased", "xd-7k3m9x", "--json"))["commune"] == COMMUNE
    assert "XD-7K3M9X: đã xóa ngày" in hoixa("erased", "XD-7K3M9X")[1]
    assert hoixa("erased", "XD-222222")[0] == 1


def test_faults_of_a_code_end_as_one_line(hoixa: Run, sqlite_rig: Rig) -> None:
    for arguments in (
        ("--commune", "nowhere", "--village", "Thôn Đoài"),
        ("--commune", COMMUNE, "--village", "  "),
        ("--commune", COMMUNE, "--village", "Thôn Đoài", "--by", "nobody@x.vn"),
    ):
        code, _, error = hoixa("code", *arguments)
        assert code == 1 and error.startswith("Lỗi: ") and "\n" not in error.strip()
    assert sqlite_rig.rows("volunteer_code") == []
