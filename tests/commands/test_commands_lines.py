"""The other commands: each fault a person can make ends as one clear Vietnamese line and exit code 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rig import OUR_OA, SECRET_KEY

from bot.settings import SettingsError, load_settings
from commands import environment as command_environment
from commands.main import main

RunHoixa = Callable[..., "Done"]
DECISIONS = {"answer", "clarify", "fallback", "action", "chitchat"}


class Done:
    """How a command ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """What it printed for a program."""
        return json.loads(self.out)

    def refused(self) -> str:
        """The one line of its refusal."""
        assert self.code == 1, (self.code, self.out, self.err)
        line = self.err.strip()
        assert line.startswith("Lỗi: ")
        assert "\n" not in line
        return line


@pytest.fixture
def hoixa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data_dir: Path
) -> RunHoixa:
    """Run a command in this process, in an empty folder, with a small install's settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOIXA_DATA_DIR", str(data_dir))
    monkeypatch.setenv("HOIXA_SECRET_KEY", SECRET_KEY)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr("sys.argv", ["hoixa", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


WRONG = {
    "HOIXA_DATABASE_URL": ["mysql://here/there", "sqlite:/one-slash", "postgresql://here:port/there", "xyz"],
    "HOIXA_SECRET_KEY": ["short"],
    "HOIXA_ZALO_API_URL": [
        "openapi.zalo.me",
        "ftp://zalo",
        "https://zalo/path",
        "https://",
        "http://[::1",
        "http://a:b",
    ],
    "HOIXA_ZALO_OAUTH_URL": ["oauth", "https://zalo?x=1"],
    "HOIXA_ZALO_RATE_PER_SECOND": ["fast", "0", "-1", "nan", "inf", "1e9"],
    "HOIXA_ZALO_APP_RATE_PER_SECOND": ["0", "sixty"],
    "HOIXA_BIND": ["8000", ":8000", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:http", "127.0.0.1:²"],
    "HOIXA_PUBLIC_URL": ["commune.gov.vn", "ftp://commune.gov.vn", "http://[::1"],
    "HOIXA_QUIET_HOURS": ["21:00", "night", "25:00-06:00", "21:00-06:00-07:00"],
    "HOIXA_CLOCK_OFFSET_SECONDS": ["tomorrow", "nan", "inf", "1e300"],
    "HOIXA_TRACE": ["perhaps"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str) -> None:
    good = {
        "HOIXA_SECRET_KEY": SECRET_KEY,
        "HOIXA_ZALO_API_URL": "http://127.0.0.1:9",
        "HOIXA_ZALO_OAUTH_URL": "http://127.0.0.1:9",
    }
    load_settings(good)
    with pytest.raises(SettingsError) as error:
        load_settings({**good, name: value})
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_setting_that_is_wrong_ends_the_program_with_one_line(
    hoixa: RunHoixa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOIXA_SECRET_KEY")
    for command in (["migrate"], ["doctor"], ["oa", "list"], ["serve"]):
        assert "HOIXA_SECRET_KEY" in hoixa(*command).refused()


@pytest.mark.parametrize("name", ["HOIXA_CLOCK_OFFSET_SECONDS", "HOIXA_TRACE"])
def test_what_is_for_trying_out_is_refused_with_the_real_zalo(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({"HOIXA_SECRET_KEY": SECRET_KEY, name: "1"})


def test_settings_of_a_file_beside_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "# a remark", "", "HOIXA_BIND = '0.0.0.0:9000'", 'HOIXA_ZALO_VERIFIER="a=b"', "HOIXA_PUBLIC_URL=https://x.vn",
        "#HOIXA_TRACE=1", "no assignment",
    ]  # fmt: skip
    for encoding in ("utf-8", "utf-8-sig"):
        with monkeypatch.context() as patch:
            for name in ("HOIXA_BIND", "HOIXA_ZALO_VERIFIER", "HOIXA_TRACE", "HOIXA_SECRET_KEY"):
                patch.delenv(name, raising=False)
            patch.setenv("HOIXA_PUBLIC_URL", "https://wins.vn")
            patch.setattr(command_environment.os, "environ", dict(command_environment.os.environ))
            path = tmp_path / encoding
            path.write_text("\n".join([f"HOIXA_SECRET_KEY={SECRET_KEY}", *lines]), encoding=encoding)
            command_environment.read_environment_file(path)
            settings = load_settings(command_environment.os.environ)
            assert (settings.bind, settings.zalo_verifier, settings.trace) == ("0.0.0.0:9000", "a=b", False)
            assert settings.public_url == "https://wins.vn"


def test_a_file_of_settings_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("HOIXA_SECRET_KEY=khóa".encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        command_environment.read_environment_file(path)


def _add(hoixa: RunHoixa, **changes: str) -> Done:
    options = {
        "commune": "ha-dong", "oa-id": OUR_OA, "oa-secret": "secret", "access-token": "access",
        "refresh-token": "refresh",
    }  # fmt: skip
    given = {**options, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return hoixa("oa", "add", *(part for name, value in given.items() for part in (f"--{name}", value)))


def test_connecting_an_oa_twice_replaces_its_tokens(hoixa: RunHoixa) -> None:
    assert hoixa("oa", "list", "--json").json == []
    for access in ("first", "second"):
        assert _add(hoixa, access_token=access).code == 0
    (row,) = hoixa("oa", "list", "--json").json
    assert (row["oa_id"], row["commune"], row["state"]) == (OUR_OA, "ha-dong", "good")
    assert row["days"] in (89, 90)
    services = command_environment.open_services()
    with services.database.read() as connection:
        from bot.store.accounts import read_tokens

        stored = read_tokens(connection, services.vault, OUR_OA)
    services.database.close()
    assert stored is not None
    assert (stored.access_token, stored.version) == ("second", 2)


def test_a_commune_nobody_knows(hoixa: RunHoixa) -> None:
    assert "ha-dong" in _add(hoixa, commune="atlantis").refused()


def test_connecting_by_browser_needs_an_address_and_an_app(hoixa: RunHoixa, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = ("oa", "connect", "--commune", "ha-dong", "--oa-secret", "s")
    assert "HOIXA_PUBLIC_URL" in hoixa(*connect).refused()
    monkeypatch.setenv("HOIXA_PUBLIC_URL", "https://xa.vn")
    assert "HOIXA_ZALO_APP_ID" in hoixa(*connect).refused()
    monkeypatch.setenv("HOIXA_ZALO_APP_ID", "1")
    monkeypatch.setenv("HOIXA_ZALO_APP_SECRET", "2")
    assert "https%3A%2F%2Fxa.vn%2Foauth%2Fzalo%2Fcallback" in hoixa(*connect).out


def test_doctor(hoixa: RunHoixa, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(hoixa)
    well = hoixa("doctor", "--json")
    assert (well.code, well.json["good"]) == (0, True)
    keys = {finding["key"] for finding in well.json["findings"]}
    assert {"doctor_database", "doctor_key", "doctor_oas", "doctor_no_processes", "doctor_no_stuck"} <= keys
    monkeypatch.setenv("HOIXA_SECRET_KEY", "another key of thirty-two letters")
    ill = hoixa("doctor", "--json")
    assert (ill.code, ill.json["good"]) == (1, False)
    assert "doctor_key_wrong" in {finding["key"] for finding in ill.json["findings"]}
    assert "HOIXA_SECRET_KEY" in hoixa("oa", "list").refused()


def test_backup_and_restore(hoixa: RunHoixa, tmp_path: Path) -> None:
    _add(hoixa)
    copy = tmp_path / "copy"
    assert hoixa("backup", str(copy)).code == 0
    assert str(copy) in hoixa("backup", str(copy)).refused(), "a copy is never overwritten"
    assert _add(hoixa, oa_id="999").code == 0
    assert len(hoixa("oa", "list", "--json").json) == 2
    assert hoixa("restore", str(copy)).code == 0
    assert len(hoixa("oa", "list", "--json").json) == 1
    wrong = tmp_path / "wrong"
    wrong.write_text("no copy")
    assert str(wrong) in hoixa("restore", str(wrong)).refused()
    hoixa("backup", str(tmp_path / "wrong" / "copy")).refused()


ASK_KEYS = ["id", "text", "decision", "topics", "facet", "action", "parts", "reply", "buttons", "ms"]


def _has_the_shape(document: dict[str, Any]) -> None:
    assert [key for key in document if key != "pointer"] == ASK_KEYS
    assert document["decision"] in DECISIONS
    assert all(set(topic) == {"id", "score"} and 0 <= topic["score"] <= 1 for topic in document["topics"])
    assert all(set(part) == {"text", "decision", "topics", "facet", "action"} for part in document["parts"])
    assert all(set(button) == {"title", "payload"} for button in document["buttons"])
    assert isinstance(document["ms"], float)


def test_asking(hoixa: RunHoixa) -> None:
    done = hoixa("ask", "--commune", "ha-dong", "--on", "2026-11-22", "--json", "Làm giấy khai sinh cần giấy tờ gì?")
    _has_the_shape(done.json)
    assert done.json["decision"] == "answer"
    assert "khai sinh" in done.json["reply"].lower()
    assert "khai sinh" in hoixa("ask", "Làm giấy khai sinh cần giấy tờ gì?").out.lower()
    assert "22-11" in hoixa("ask", "--on", "22-11", "x").refused()
    hoixa("ask").refused()
    hoixa("ask", "--batch", "x.jsonl").refused()
    hoixa("ask", "--commune", "atlantis", "x").refused()


def test_a_file_of_questions_keeps_its_order_and_its_talks(hoixa: RunHoixa, tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 7, "text": "Làm giấy khai sinh cần giấy tờ gì?", "talk": "a"},
        {"id": "alone", "text": "Thế còn lệ phí?"},
        {"id": None, "text": "Đăng ký kết hôn cần giấy tờ gì?", "talk": "b"},
        {"id": "follow", "text": "Thế còn lệ phí?", "talk": "a"},
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    content = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    source.write_text(content, encoding="utf-8-sig")
    assert hoixa("ask", "--batch", str(source), "--out", str(target)).code == 0
    answers = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == [7, "alone", None, "follow"]
    for answer in answers:
        _has_the_shape(answer)
    assert answers[3]["topics"][0]["id"] == answers[0]["topics"][0]["id"], "a turn of the talk about birth"
    assert answers[3]["facet"] == "fee"


def test_a_file_that_cannot_be_read_leaves_the_answers_alone(hoixa: RunHoixa, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    target.write_text("answers of yesterday")
    source.write_text('{"text": "một"}\nnot JSON\n')
    assert "2" in hoixa("ask", "--batch", str(source), "--out", str(target)).refused()
    assert target.read_text() == "answers of yesterday"
    source.write_text('{"id": 1, "text": "Xin chào"}\n')
    hoixa("ask", "--batch", str(source), "--out", str(source))
    assert json.loads(source.read_text())["decision"] == "chitchat", "the same file in and out loses nothing"
    hoixa("ask", "--batch", str(tmp_path / "missing"), "--out", str(target)).refused()


def test_scoring_a_file(hoixa: RunHoixa, tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    line = {"id": 1, "text": "Làm khai sinh cần gì?", "expect": ["khai-sinh"], "kind": "plain", "noise": "none"}
    path.write_text(json.dumps(line))
    figures = hoixa("evaluate", str(path), "--json").json
    wanted = ["n", "top1", "top3", "actions", "out_of_scope_answered", "wrongly_sure", "by_kind", "by_noise"]
    assert set(wanted) <= set(figures)
    assert figures["n"] == 1
    path.write_text('{"text": "x"}')
    hoixa("evaluate", str(path)).refused()


def test_the_answers_are_checked(hoixa: RunHoixa) -> None:
    done = hoixa("knowledge", "check", "--json")
    assert set(done.json) >= {"topics", "communes", "problems"}
    assert done.code == (1 if done.json["problems"] else 0)


def test_help_of_every_command(hoixa: RunHoixa) -> None:
    from commands.main import COMMANDS

    for name in COMMANDS:
        assert hoixa(name, "--help").code == 0
    assert hoixa("no-such-command").code == 2


def test_requests_that_wait(hoixa: RunHoixa) -> None:
    assert hoixa("requests", "list", "--json").json == []
