"""``hoixa knowledge …`` as a person at a terminal meets it: nothing written unasked, two persons, every move told."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from rig import Rig
from sqlalchemy import select

from bot.clock import VIETNAM
from bot.store import knowledge_edits as store
from bot.store import tables
from bot.store.database import Database
from commands.failure import CommandError
from commands.knowledge import knowledge_group
from commands.knowledge_health import knowledge_findings
from commands.knowledge_room import commune_as_answered
from knowledge import load
from knowledge.exchange import whole
from knowledge.exchange_writing import write_workbook
from knowledge.overlay import Overlay

NOON = datetime(2026, 11, 22, 12, tzinfo=VIETNAM)
AUTHOR, APPROVER = "a@xa.vn", "b@xa.vn"
HEADING = "Tổ công nghệ số cộng đồng, điểm hỗ trợ số · Lệ phí"

Run = Callable[..., Result]


@pytest.fixture
def at(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[datetime], None]:
    """Settings of a small install in an empty folder; moves the clock of every command."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def move(moment: datetime) -> None:
        monkeypatch.setenv("HOIXA_CLOCK_OFFSET_SECONDS", str(math.ceil(moment.timestamp() - time.time())))

    move(NOON)
    return move


@pytest.fixture
def run(at: Callable[[datetime], None]) -> Run:
    """Run ``hoixa knowledge`` with these words. What a person can mend is raised as CommandError."""

    def invoke(*words: object) -> Result:
        result = CliRunner().invoke(knowledge_group, [str(one) for one in words])
        if isinstance(result.exception, CommandError):
            raise result.exception
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return invoke


@pytest.fixture
def database(settings_of_run: str) -> Iterator[Database]:
    opened = Database(settings_of_run)
    yield opened
    opened.close()


@pytest.fixture
def settings_of_run(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'hoixa.sqlite3'}"


@pytest.fixture
def sheet(run: Run, tmp_path: Path) -> Path:
    """One topic and the profile of the commune's workbook, with two changes an official made."""
    path = tmp_path / "ha-dong.xlsx"
    library = load()
    everything = whole(Overlay(library, library.communes["ha-dong"]), NOON.date(), version=0)
    few = tuple(row for row in everything.rows if row.subject in ("profile", "topic:to-cong-nghe-so"))
    write_workbook(replace(everything, rows=few), library, path)
    edit(path, text="Không thu tiền.", phone="0220 111 222")
    return path


def edit(path: Path, *, text: str, phone: str | None = None) -> None:
    """Set the fee of one topic and the desk's telephone in a workbook."""
    book = openpyxl.load_workbook(path)
    answers, profile = book["Câu trả lời"], book["Hồ sơ"]
    for row in answers.iter_rows(min_row=2):
        if (row[0].value, row[2].value) == ("to-cong-nghe-so", "Lệ phí"):
            row[3].value = text
    for row in profile.iter_rows(min_row=2):
        if row[0].value == "desk_phone":
            row[2].value = phone
    book.save(path)


def stored(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        edits = connection.execute(select(tables.knowledge_edit).order_by(tables.knowledge_edit.c.id))
        return [(row.field, row.state) for row in edits]


def fee(slug: str = "ha-dong") -> str:
    library = load()
    commune = commune_as_answered(library, slug, NOON.date())
    return library.answer("to-cong-nghe-so", "fee", commune, NOON.date()).text


def test_a_dry_run_tells_old_and_new_and_writes_nothing(run: Run, sheet: Path, database: Database) -> None:
    result = run("import", sheet, "--commune", "ha-dong")
    assert result.exit_code == 0
    old = load().topics["to-cong-nghe-so"].facets["fee"].text
    assert f"{HEADING}:\n  - {old}\n  + Không thu tiền.\n" in result.output
    assert "Điện thoại Trung tâm Phục vụ hành chính công:\n  + 0220 111 222" in result.output
    assert "2 chỗ khác. Mới xem thử, chưa ghi gì" in result.output
    assert stored(database) == []


def test_the_way_of_an_edit_from_sheet_to_answer_and_back(run: Run, sheet: Path, database: Database) -> None:
    before = fee()
    assert "2 bản nháp" in run("import", sheet, "--commune", "ha-dong", "--by", AUTHOR, "--apply").output
    assert stored(database) == [("fee", "draft"), ("desk_phone", "draft")] and fee() == before

    again = run("import", sheet, "--commune", "ha-dong", "--by", "c@xa.vn", "--apply").output
    assert "Đã ghi 0 bản nháp" in again and len(stored(database)) == 2
    assert HEADING in run("drafts", "--commune", "ha-dong").output

    with pytest.raises(CommandError, match="chính người này viết"):
        run("approve", 1, 2, "--commune", "ha-dong", "--by", AUTHOR)
    assert [state for _, state in stored(database)] == ["draft", "draft"]
    run("approve", 1, 2, "--commune", "ha-dong", "--by", APPROVER)
    assert fee().startswith("Không thu tiền.") and fee("ha-bac").startswith("Miễn phí")
    assert "Không có gì khác" in run("import", sheet, "--commune", "ha-dong").output

    run("withdraw", 1, "--commune", "ha-dong", "--by", APPROVER)
    assert fee() == before
    history = json.loads(run("history", "--commune", "ha-dong", "--topic", "to-cong-nghe-so", "--json").output)
    assert [(move["state"], move["moved_by"]) for move in history[0]["moves"]] == [
        ("draft", AUTHOR), ("approved", APPROVER), ("withdrawn", APPROVER),
    ]  # fmt: skip
    text = run("history", "--commune", "ha-dong").output
    assert "#1" in text and "[đã rút]" in text
    # The clock is shifted to noon by whole seconds, so the minute may still be the one before.
    assert re.search(rf"(12:00|11:59) 22/11/2026 duyệt: {re.escape(APPROVER)}", text)


def test_two_persons_at_once_put_a_sheet_in_force_and_a_second_time_nothing_differs(
    run: Run, sheet: Path, database: Database, tmp_path: Path
) -> None:
    words = ("import", sheet, "--commune", "ha-dong", "--by", AUTHOR, "--approved-by", APPROVER, "--apply", "--json")
    first = json.loads(run(*words).output)
    assert (len(first["changes"]), first["state"], first["faults"]) == (2, "approved", [])
    assert fee().startswith("Không thu tiền.")
    second = json.loads(run(*words).output)
    assert (second["changes"], second["written"], second["state"]) == ([], [], None)
    assert len(stored(database)) == 2
    out = tmp_path / "again.xlsx"
    run("export", "--commune", "ha-dong", out)
    assert json.loads(run("import", out, "--commune", "ha-dong", "--json").output)["changes"] == []


def test_drafts_already_waiting_are_approved_by_a_second_import(run: Run, sheet: Path, database: Database) -> None:
    run("import", sheet, "--commune", "ha-dong", "--by", AUTHOR, "--apply")
    with pytest.raises(CommandError, match="Chưa ghi gì"):
        run("import", sheet, "--commune", "ha-dong", "--by", "c@xa.vn", "--approved-by", AUTHOR, "--apply")
    assert {state for _, state in stored(database)} == {"draft"}
    run("import", sheet, "--commune", "ha-dong", "--by", "c@xa.vn", "--approved-by", APPROVER, "--apply")
    assert [state for _, state in stored(database)] == ["approved", "approved"]


def test_a_sheet_older_than_the_last_edit_says_so(run: Run, sheet: Path, tmp_path: Path) -> None:
    assert "CHÚ Ý" not in run("import", sheet, "--commune", "ha-dong").output
    words = ("--commune", "ha-dong", "--by", AUTHOR, "--approved-by", APPROVER, "--apply")
    run("import", sheet, *words)
    other = tmp_path / "other.xlsx"
    other.write_bytes(sheet.read_bytes())
    edit(other, text="Lời khác.", phone=None)
    assert "CHÚ Ý" in run("import", other, "--commune", "ha-dong").output


def test_with_one_fault_nothing_at_all_is_written(run: Run, sheet: Path, database: Database) -> None:
    edit(sheet, text="Hỏi {mayor}.", phone="0220 111 222")
    result = run("import", sheet, "--commune", "ha-dong", "--by", AUTHOR, "--apply")
    assert result.exit_code == 1 and stored(database) == []
    assert "SAI Câu trả lời!D" in result.output and "chỗ trống lạ: {mayor}" in result.output
    document = json.loads(run("import", sheet, "--commune", "ha-dong", "--json").output)
    assert document["written"] == [] and len(document["faults"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--apply",), "--by"),
        (("--by", AUTHOR, "--approved-by", APPROVER), "--apply"),
        (("--by", AUTHOR, "--approved-by", " A@XA.vn", "--apply"), "khác người viết"),
        (("--by", "an", "--apply"), "không phải thư điện tử"),
    ],
)
def test_who_and_whether_must_be_said(words: tuple[str, ...], message: str, run: Run, sheet: Path) -> None:
    with pytest.raises(CommandError, match=message):
        run("import", sheet, "--commune", "ha-dong", *words)


def test_files_are_not_overwritten_and_wrong_ones_are_named(run: Run, tmp_path: Path) -> None:
    taken = tmp_path / "taken.xlsx"
    taken.write_text("của người khác")
    with pytest.raises(CommandError, match="--force"):
        run("export", "--commune", "ha-dong", taken)
    assert taken.read_text() == "của người khác"
    with pytest.raises(CommandError, match="không phải sổ tính"):
        run("import", taken, "--commune", "ha-dong")
    with pytest.raises(CommandError, match="Không đọc được"):
        run("import", tmp_path / "none.xlsx", "--commune", "ha-dong")
    with pytest.raises(CommandError, match=r"\.xlsx"):
        run("export", "--commune", "ha-dong", tmp_path / "a.csv")
    with pytest.raises(CommandError, match="Không ghi được"):
        run("export", "--commune", "ha-dong", tmp_path / "no" / "a.xlsx")
    with pytest.raises(CommandError, match="Không có xã"):
        run("export", "--commune", "ha-noi", tmp_path / "a.xlsx")
    with pytest.raises(CommandError, match="không phải gói"):
        run("unpack", taken, "--commune", "ha-dong")
    with pytest.raises(CommandError, match="Không có chủ đề"):
        run("history", "--commune", "ha-dong", "--topic", "ly-hon")


def test_another_commune_takes_a_pack(run: Run, sheet: Path, tmp_path: Path) -> None:
    run("import", sheet, "--commune", "ha-dong", "--by", AUTHOR, "--approved-by", APPROVER, "--apply")
    pack = tmp_path / "ha-dong.hoixa.json"
    assert "Đã gói 1 câu trả lời" in run("pack", "--commune", "ha-dong", pack).output
    assert "0220" not in pack.read_text(encoding="utf-8")
    assert "Không thu tiền." in run("unpack", pack, "--commune", "ha-bac").output
    assert fee("ha-bac").startswith("Miễn phí")
    run("unpack", pack, "--commune", "ha-bac", "--by", AUTHOR, "--approved-by", APPROVER, "--apply")
    assert fee("ha-bac").startswith("Không thu tiền.")
    assert "Không có gì khác" in run("unpack", pack, "--commune", "ha-bac").output
    assert json.loads(run("history", "--commune", "ha-bac", "--json").output)[0]["approved_by"] == APPROVER


def an_old_edit(database: Database) -> int:
    """An approved edit over a text that the release has changed since."""
    new = store.NewEdit("topic:to-cong-nghe-so", "fee", "Lời của xã.", "high", "NQ", NOON.date(), None, None, "old")
    with database.write() as connection:
        edit_id, _ = store.add_draft(connection, "ha-dong", new, AUTHOR, 1)
        store.move(connection, "ha-dong", edit_id, store.APPROVED, APPROVER, 2)
    return edit_id


def test_conflicts_are_listed_until_somebody_keeps_or_withdraws(run: Run, database: Database) -> None:
    assert "Không có chỗ nào" in run("conflicts", "--commune", "ha-dong").output
    edit_id = an_old_edit(database)
    output = run("conflicts", "--commune", "ha-dong").output
    assert f"#{edit_id} {HEADING}" in output and "| Lời của xã." in output
    assert fee().startswith("Lời của xã.")
    (conflict,) = json.loads(run("conflicts", "--commune", "ha-dong", "--json").output)
    assert conflict["edit_id"] == edit_id and not conflict["gone"]
    run("keep", edit_id, "--commune", "ha-dong", "--by", AUTHOR)
    run("approve", edit_id + 1, "--commune", "ha-dong", "--by", APPROVER)
    assert "Không có chỗ nào" in run("conflicts", "--commune", "ha-dong").output
    assert fee().startswith("Lời của xã.")
    with pytest.raises(CommandError, match="không có lần sửa số 99"):
        run("keep", 99, "--commune", "ha-dong", "--by", AUTHOR)


def test_doctor_tells_conflicts_drafts_empty_fields_and_old_reviews(sqlite_rig: Rig, environment: Any) -> None:
    an_old_edit(sqlite_rig.database)
    new = store.NewEdit("profile", "hotline", "số", "high", "NQ", NOON.date(), None, None, "")
    with sqlite_rig.database.write() as connection:
        store.add_draft(connection, "ha-dong", new, AUTHOR, 1)
    library = load()

    def findings() -> dict[str, dict[str, object]]:
        return dict(knowledge_findings(sqlite_rig.services(), library, library.communes["ha-dong"]))

    found = findings()
    assert found["doctor_conflicts"]["count"] == 1 and found["doctor_drafts"]["count"] == 1
    assert "Điểm hỗ trợ số" in str(found["doctor_commune_gaps"]["fields"])
    assert "doctor_overdue" not in found
    sqlite_rig.clock.pass_ms(400 * 24 * 3600 * 1000)
    late = findings()["doctor_overdue"]
    assert late["count"] == len(library.topics) and late["since"] == "21/11/2026"


def test_check_flags_what_the_calendar_brings_without_failing(run: Run, at: Callable[[datetime], None]) -> None:
    assert run("check").exit_code == 0
    at(datetime(2028, 1, 1, tzinfo=VIETNAM))
    late = run("check", "--json")
    document = json.loads(late.output)
    assert late.exit_code == 0 and document["problems"] == []
    assert len(document["due"]) == document["topics"]
    assert "đã quá ngày phải rà soát lại" in run("check").output


def test_audit_prints_every_claim_with_source_and_confidence(run: Run, sheet: Path) -> None:
    result = run("audit", "--json")
    document = json.loads(result.output)
    assert result.exit_code == 0 and document["without_source"] == 0 and len(document["claims"]) > 1500
    assert all(claim["source"] and claim["confidence"] for claim in document["claims"])
    assert f"{len(document['claims'])} điều khẳng định, 0 điều thiếu nguồn." in run("audit").output
    edit(sheet, text="Thu 5.000 đồng.", phone="0220 111 222")
    run("import", sheet, "--commune", "ha-dong", "--by", AUTHOR, "--approved-by", APPROVER, "--apply")
    own = json.loads(run("audit", "--commune", "ha-dong", "--json").output)["claims"]
    assert [claim["text"] for claim in own if claim["edited"]] == ["Thu 5.000 đồng."]


def test_a_claim_without_a_source_fails_the_audit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.audit import Claim

    bare = Claim("khai-sinh", "fee", "Phí 1 đồng.", "", "high", None, None, None)
    monkeypatch.setattr("knowledge.audit.audit", lambda *_: [bare])
    result = run("audit")
    assert result.exit_code == 1 and "THIẾU NGUỒN" in result.output


def test_asking_before_any_database_was_made_makes_none(at: Callable[[datetime], None], data_dir: Path) -> None:
    assert fee().startswith("Miễn phí")
    assert list(data_dir.iterdir()) == []


def test_a_database_of_before_the_edits_is_answered_from_as_packaged(
    at: Callable[[datetime], None], settings_of_run: str
) -> None:
    from sqlalchemy import text

    with closing(Database(settings_of_run)) as database, database.write() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    assert fee().startswith("Miễn phí")
