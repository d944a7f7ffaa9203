"""``hoixa conversations``: an official answers a resident from a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hoixa_process import environment_of
from rig import OUR_OA, RESIDENT, Rig

from bot.casework import acts
from bot.clock import Clock
from bot.conversation.acts import QueueForPerson
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.store import residents, staff
from bot.store.residents import ResidentChange
from bot.store.staff import NewStaff
from commands.main import hoixa as program

OFFICIAL = "lan@ha-dong.vn"


@pytest.fixture
def talking(sqlite_rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """An install whose resident asked for a person, opened by commands run here."""
    rig = sqlite_rig
    rig.connect_oa()
    rig.clock.moment_ms = Clock().now_ms()
    person = Person(OUR_OA, RESIDENT)
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        residents.apply(connection, [ResidentChange(OUR_OA, RESIDENT, now, interaction_ms=now)])
        for key, email, role in (("a", OFFICIAL, "van-phong"), ("b", "thon@ha-dong.vn", "thon")):
            staff.add(connection, NewStaff("ha-dong", email, key, role, "no password fits this"), now)
        acts.apply(
            connection, rig.vault, [FiledAct("in:1:0", person, "ha-dong", "t", now, QueueForPerson("gặp cán bộ với"))]
        )
    for name, value in environment_of(tmp_path, HOIXA_DATABASE_URL=rig.database.url).items():
        monkeypatch.setenv(name, value)
    return rig


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    program.main(["conversations", *arguments], standalone_mode=False)
    return capsys.readouterr().out


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(_run(capsys, *arguments, "--json"))


def test_from_the_queue_to_the_end(talking: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    (waiting,) = _json(capsys, "list", "--commune", "ha-dong")
    assert (waiting["state"], waiting["text"], waiting["user_id"]) == ("waiting", "gặp cán bộ với", RESIDENT)
    assert "gặp cán bộ với" in _run(capsys, "list")
    assert _json(capsys, "list", "--commune", "dai-son") == []
    number = str(waiting["id"])
    assert _json(capsys, "take", number, "--by", OFFICIAL)["taken_by"] == OFFICIAL
    assert OFFICIAL in _run(capsys, "list")
    assert _json(capsys, "reply", number, "--by", OFFICIAL, "Tôi đây, bác hỏi đi.")["state"] == "taken"
    shown = _json(capsys, "show", number)
    assert [(line["said_by"], line["text"]) for line in shown["lines"]] == [("staff", "Tôi đây, bác hỏi đi.")]
    assert "Tôi đây, bác hỏi đi." in _run(capsys, "show", number)
    assert _json(capsys, "release", number, "--by", OFFICIAL)["state"] == "released"
    assert _json(capsys, "list") == []
    assert len(talking.rows()) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("take", "1", "--by", "ai@do.vn"), "ai@do.vn"),
        (("take", "1", "--by", "thon@ha-dong.vn"), "không được làm"),
        (("take", "9", "--by", OFFICIAL), "số 9"),
        (("release", "1", "--by", OFFICIAL), "chưa ai nhận"),
        (("reply", "1", "--by", OFFICIAL, " "), "Chưa có lời"),
        (("show", "9"), "số 9"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: tuple[str, ...], words: str, talking: Rig) -> None:
    from commands.failure import CommandError

    with pytest.raises(CommandError, match=words):
        program.main(["conversations", *arguments], standalone_mode=False)
    assert talking.rows() == []
