"""``hoixa staff …``: accounts from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rig import SECRET_KEY

from bot import credentials
from bot.permissions import ROLES
from commands.failure import CommandError
from commands.staff import staff_group

Staff = Callable[..., Result]


@pytest.fixture
def staff(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """Run ``hoixa staff`` over a small install of this test."""
    monkeypatch.setenv("HOIXA_DATA_DIR", str(data_dir))
    monkeypatch.setenv("HOIXA_SECRET_KEY", SECRET_KEY)

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(staff_group, arguments, input=typed)

    return run


def _added(staff: Staff, *arguments: str, typed: str = "") -> dict[str, object]:
    done = staff("add", *arguments, "--json", typed=typed)
    assert done.exit_code == 0, (done.output, done.exception)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _rows(staff: Staff, *arguments: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(staff("list", "--json", *arguments).stdout)
    return rows


def _refusal(done: Result) -> str:
    assert isinstance(done.exception, CommandError), (done.output, done.exception)
    return str(done.exception)


def test_every_post_can_be_given(staff: Staff) -> None:
    for role in ROLES:
        place = () if role == "thanh-pho" else ("--commune", "ha-dong")
        more = ("--village", "Thôn  Đông") if role == "thon" else ()
        _added(staff, *place, "--email", f"{role}@x.example", "--role", role, *more, "--password-stdin",
               typed="bốn từ không liên quan\n")  # fmt: skip
    rows = _rows(staff, "--all")
    assert {row["role"] for row in rows} == set(ROLES)
    assert [row["commune"] for row in rows if row["role"] == "thanh-pho"] == [None]
    assert [row["village"] for row in rows if row["role"] == "thon"] == ["thôn đông"]
    assert {row["unit"] for row in rows if row["role"] == "kinh-te"} == {"economy_unit"}
    assert _rows(staff, "--commune", "dai-son") == []
    help_text = staff("add", "--help").output
    assert all(role in help_text for role in ROLES)


def test_a_password_is_made_up_where_none_is_typed(staff: Staff) -> None:
    made = _added(staff, "--commune", "ha-dong", "--email", "A@X.example", "--role", "van-phong")
    assert made["email"] == "a@x.example"
    password = str(made["password"])
    credentials.refuse_weak(password, "a@x.example")
    reset = staff("reset", "--email", "a@x.example")
    assert password not in reset.output
    assert "Mật khẩu tạm" in reset.output


def test_a_second_factor_from_the_start(staff: Staff) -> None:
    made = _added(staff, "--commune", "ha-dong", "--email", "a@x.example", "--role", "quan-tri", "--totp")
    totp = made["totp"]
    assert isinstance(totp, dict)
    assert totp["address"].startswith("otpauth://totp/")
    assert credentials.totp_step(totp["secret"], "12345", 0) is None
    assert len(totp["codes"]) == credentials.RECOVERY_CODES
    assert [row["second_factor"] for row in _rows(staff)] == [True]
    staff("reset", "--email", "a@x.example", "--totp-off")
    assert [row["second_factor"] for row in _rows(staff)] == [False]


def test_disabled_and_enabled_again(staff: Staff) -> None:
    _added(staff, "--commune", "ha-dong", "--email", "a@x.example", "--role", "van-phong")
    assert staff("disable", "--email", "A@x.example").exit_code == 0
    assert [row["disabled"] for row in _rows(staff)] == [True]
    assert "đã khóa" in staff("list").output
    staff("enable", "--email", "a@x.example")
    assert [row["disabled"] for row in _rows(staff)] == [False]


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("--email", "a@x.example", "--role", "van-phong"), "", "cần --commune"),
        (("--commune", "ha-dong", "--email", "a@x.example", "--role", "thanh-pho"), "", "thấy số liệu mọi xã"),
        (("--commune", "nowhere", "--email", "a@x.example", "--role", "van-phong"), "", "Không có xã"),
        (("--commune", "ha-dong", "--email", "nobody", "--role", "van-phong"), "", "không phải địa chỉ"),
        (("--commune", "ha-dong", "--email", "a@x.example", "--role", "van-phong", "--password-stdin"), "", "đọc được"),
        (("--commune", "ha-dong", "--email", "a@x.example", "--role", "van-phong", "--password-stdin"), "x\n", "8 ký"),
        (("--commune", "ha-dong", "--email", "a@x.example", "--role", "van-phong", "--password-stdin"), "12345678\n",
         "quá dễ đoán"),
        (("--commune", "ha-dong", "--email", "longname@x.example", "--role", "van-phong", "--password-stdin"),
         "LongName\n", "quá dễ đoán"),
    ],
)  # fmt: skip
def test_each_fault_is_one_clear_line(staff: Staff, arguments: tuple[str, ...], typed: str, words: str) -> None:
    refusal = _refusal(staff("add", *arguments, typed=typed))
    assert words in refusal
    assert "\n" not in refusal


def test_an_address_has_one_account(staff: Staff) -> None:
    arguments = ("--commune", "ha-dong", "--email", "a@x.example", "--role", "van-phong")
    _added(staff, *arguments)
    assert "đã có tài khoản" in _refusal(staff("add", *arguments))
    for command in ("disable", "enable", "reset"):
        assert "Không có tài khoản" in _refusal(staff(command, "--email", "b@x.example"))
    assert staff("add", "--commune", "ha-dong", "--email", "c@x.example", "--role", "king").exit_code == 2


def test_the_digest_lists_what_waits(staff: Staff) -> None:
    _added(staff, "--commune", "ha-dong", "--email", "a@x.example", "--role", "chu-tich", "--name", "Cán bộ Một")
    done = staff("digest", "--by", "a@x.example")
    assert done.exit_code == 0, repr(done.exception)
    told = done.output
    assert "Việc của Cán bộ Một" in told
    assert "Không có việc nào" in told
    assert json.loads(staff("digest", "--by", "a@x.example", "--json").stdout) == []
