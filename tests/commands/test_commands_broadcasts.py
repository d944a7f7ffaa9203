"""``hoixa broadcasts``: the fixed interface, four eyes, and refusals in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rig import OUR_OA, SECRET_KEY
from sqlalchemy import insert

import knowledge
from bot.broadcasts.running import Announcer
from bot.services import build_services
from bot.settings import load_settings
from bot.store import accounts, knowledge_edits, tables
from bot.store import staff as staff_store
from bot.store.knowledge_edits import NewEdit
from bot.store.schema import migrate
from bot.store.staff import NewStaff
from commands.main import main
from knowledge.overlay import PROFILE, Overlay
from knowledge.profile_lists import item_key

AUTHOR, CHAIR, DESK = "soan@ha-dong.vn", "duyet@ha-dong.vn", "motcua@ha-dong.vn"
SPEC = {
    "title": "Tiêm chủng",
    "text": "Sáng thứ Bảy tiêm chủng.",
    "kind": "message",
    "segment": {"all": True},
    "send_at": None,
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hoixa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data_dir: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    environment = {"HOIXA_DATA_DIR": str(data_dir), "HOIXA_SECRET_KEY": SECRET_KEY, "HOIXA_QUIET_HOURS": "off"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    services = build_services(load_settings(environment))
    migrate(services.database)
    now = services.clock.now_ms()
    with services.database.write() as connection:
        accounts.save_account(connection, services.vault, OUR_OA, "ha-dong", "secret", now)
        for email, role in ((AUTHOR, "truyen-thong"), (CHAIR, "chu-tich"), (DESK, "hanh-chinh-cong")):
            staff_store.add(connection, NewStaff("ha-dong", email, email, role, "hash"), now)
        for number in range(3):
            seen = now - (number * 80) * 3_600_000  # one for nothing, one for money, one out of reach after a week
            person = {"oa_id": OUR_OA, "user_id": str(number), "first_seen_ms": seen, "last_interaction_ms": seen}
            connection.execute(insert(tables.resident).values(updated_ms=seen, **person))
    services.database.close()

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["hoixa", "broadcasts", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def _file(tmp_path: Path, **changes: object) -> str:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({**SPEC, **changes}, ensure_ascii=False), "utf-8")
    return str(path)


def _json(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def _refused(run: Run, *arguments: str) -> str:
    code, _out, err = run(*arguments)
    assert code == 1
    assert err.startswith("Lỗi: ") and "\n" not in err.strip()
    return err


def _create(run: Run, tmp_path: Path, *more: str, **changes: object) -> Any:
    path = _file(tmp_path, **changes)
    return _json(run, "create", "--commune", "ha-dong", "--file", path, "--by", AUTHOR, *more)


def test_an_announcement_from_file_to_scheduled(hoixa: Run, tmp_path: Path) -> None:
    made = _create(hoixa, tmp_path)
    number = str(made["id"])
    assert (made["state"], made["total"], made["author"]) == ("submitted", 0, AUTHOR)
    assert "không được tự duyệt" in _refused(hoixa, "approve", number, "--by", AUTHOR)
    assert _json(hoixa, "show", number)["state"] == "submitted"
    shown = _json(hoixa, "approve", number, "--by", CHAIR)
    assert (shown["state"], shown["total"], shown["approved_by"], shown["frozen"]) == ("scheduled", 3, CHAIR, True)
    fixed = {"state", "total", "sent", "skipped", "failed", "in_doubt", "reasons"}
    assert fixed <= set(_json(hoixa, "show", number))
    assert [one["id"] for one in _json(hoixa, "list")] == [made["id"]]
    assert _json(hoixa, "list", "--commune", "dai-son") == []


def _write_village(data_dir: Path, name: str) -> None:
    """A village of the profile, as a commune's own approved edit."""
    services = build_services(load_settings({"HOIXA_DATA_DIR": str(data_dir), "HOIXA_SECRET_KEY": SECRET_KEY}))
    library, field = knowledge.load(), f"villages.{item_key(name)}"
    base = Overlay(library, library.communes["ha-dong"]).base_digest(PROFILE, field)
    value = json.dumps({"name": name}, ensure_ascii=False)
    today, now = services.clock.now().date(), services.clock.now_ms()
    edit = NewEdit(PROFILE, field, value, "low", "xã khai", today, None, None, base)
    with services.database.write() as connection:
        number, _is_new = knowledge_edits.add_draft(connection, "ha-dong", edit, AUTHOR, now)
        knowledge_edits.move(connection, "ha-dong", number, knowledge_edits.APPROVED, CHAIR, now)
    services.database.close()


def test_a_village_the_commune_has_not_is_refused_by_its_name(hoixa: Run, tmp_path: Path, data_dir: Path) -> None:
    assert _create(hoixa, tmp_path, segment={"village": "Thôn Đông"})["state"] == "submitted", "none written down yet"
    _write_village(data_dir, "Thôn Đoài")
    arguments = ("create", "--commune", "ha-dong", "--by", AUTHOR, "--file")
    said = _refused(hoixa, *arguments, _file(tmp_path, segment={"villages": ["thôn đoài", "Thôn Đông"]}))
    assert "“Thôn Đông”" in said and "Thôn Đoài" in said
    assert _create(hoixa, tmp_path, segment={"village": "thôn  đoài"})["state"] == "submitted"
    assert len(_json(hoixa, "list")) == 2


def test_pause_resume_cancel_with_and_without_a_name(hoixa: Run, tmp_path: Path, data_dir: Path) -> None:
    number = str(_create(hoixa, tmp_path)["id"])
    assert "trạng thái" in _refused(hoixa, "pause", number)
    _json(hoixa, "approve", number, "--by", CHAIR)
    assert _json(hoixa, "pause", number, "--by", CHAIR)["state"] == "paused"
    assert _json(hoixa, "resume", number)["state"] == "scheduled"
    services = build_services(
        load_settings({"HOIXA_DATA_DIR": str(data_dir), "HOIXA_SECRET_KEY": SECRET_KEY, "HOIXA_QUIET_HOURS": "off"})
    )
    announcer = Announcer(services)
    while announcer.step():
        pass
    services.database.close()
    shown = _json(hoixa, "show", number)
    assert (shown["state"], shown["skipped"], shown["reasons"]) == ("running", 0, {})
    assert _json(hoixa, "cancel", number, "--by", CHAIR)["state"] == "cancelled"
    assert "trạng thái" in _refused(hoixa, "resume", number)


def test_a_draft_waits_and_may_be_thrown_away(hoixa: Run, tmp_path: Path) -> None:
    made = _create(hoixa, tmp_path, "--draft")
    assert made["state"] == "draft"
    _refused(hoixa, "approve", str(made["id"]), "--by", CHAIR)
    assert _json(hoixa, "cancel", str(made["id"]))["state"] == "cancelled"


def test_what_zalo_would_refuse_is_refused_while_it_is_written(hoixa: Run, tmp_path: Path) -> None:
    path = _file(tmp_path, title="", text="x" * 2_000)
    line = _refused(hoixa, "create", "--commune", "ha-dong", "--file", path, "--by", AUTHOR)
    assert "tiêu đề" in line and "1900" in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "không có tệp này"),
        (b"{", "dòng 1, cột 2"),
        ('{"title": "Tiêm"}'.encode("utf-16"), "UTF-8"),
        (json.dumps({**SPEC, "kind": "group"}).encode(), '"segment": {"groups": ["mã nhóm"]}.'),
        (json.dumps({**SPEC, "kind": "article", "segment": {"village": "a"}}).encode(), '"segment": {"all": true}.'),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_vietnamese(
    hoixa: Run, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "spec.json"
    if content is not None:
        path.write_bytes(content)
    code, _, err = hoixa("create", "--commune", "ha-dong", "--file", str(path), "--by", AUTHOR)
    assert code == 1
    assert words in err


def test_who_may_not_and_what_is_not_there(hoixa: Run, tmp_path: Path) -> None:
    path = _file(tmp_path)
    _refused(hoixa, "create", "--commune", "ha-dong", "--file", path, "--by", DESK)
    assert "nobody@x.vn" in _refused(hoixa, "create", "--commune", "ha-dong", "--file", path, "--by", "nobody@x.vn")
    _refused(hoixa, "create", "--commune", "ha-dong", "--file", str(tmp_path / "none.json"), "--by", AUTHOR)
    _refused(hoixa, "create", "--commune", "khong-co", "--file", path, "--by", AUTHOR)
    assert "99" in _refused(hoixa, "show", "99")
    _refused(hoixa, "retry", "99")


def test_people_read_plain_lines(hoixa: Run, tmp_path: Path) -> None:
    _code, out, _err = hoixa("list")
    assert out.strip() == "Chưa có thông báo nào."
    number = str(_create(hoixa, tmp_path)["id"])
    assert "chờ duyệt" in hoixa("list")[1]
    assert "tin nhắn, chờ duyệt" in hoixa("show", number)[1]
    forecast = hoixa("forecast", "--commune", "ha-dong", "--file", _file(tmp_path))[1]
    assert "3/3" in forecast and "110 đồng" in forecast
    found = _json(hoixa, "forecast", "--commune", "ha-dong", "--file", _file(tmp_path, free_only=True))
    assert (found["free"], found["paid"], found["reasons"]) == (1, 0, {"outside_window": 2})
