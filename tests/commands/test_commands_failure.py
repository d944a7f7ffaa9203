"""Why a file cannot be used is said in Vietnamese: officers read it, not programmers."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.failure import CommandError, reason_of
from commands.knowledge import knowledge_group


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "không có tệp hay thư mục này"),
        (errno.EACCES, "không có quyền đọc, ghi ở đó"),
        (errno.EISDIR, "đây là thư mục, không phải tệp"),
        (errno.ENOSPC, "ổ đĩa đã hết chỗ"),
    ],
)
def test_the_reason_is_vietnamese(number: int, said: str) -> None:
    assert reason_of(OSError(number, "No such thing")) == said


def test_what_is_rare_keeps_the_systems_own_words() -> None:
    assert reason_of(OSError(errno.EIO, "Input/output error")) == "Input/output error"


@pytest.mark.parametrize(
    "arguments", [["import-portal", "khong-co.tsv"], ["import", "khong-co.xlsx", "--commune", "ha-dong"]]
)
def test_a_file_that_is_not_there_is_said_to_be_so(arguments: list[str], tmp_path: Path) -> None:
    asked = CliRunner().invoke(
        knowledge_group, arguments, env={"HOIXA_DATA_DIR": str(tmp_path), "HOIXA_SECRET_KEY": "k" * 40}
    )
    assert isinstance(asked.exception, CommandError)
    assert "không có tệp hay thư mục này" in str(asked.exception)


@pytest.mark.parametrize("content", ['{"a": 1}', "hello"])
def test_a_fault_of_a_whole_file_names_the_file_alone(content: str, tmp_path: Path) -> None:
    file = tmp_path / ("bad.json" if content.startswith("{") else "bad.tsv")
    file.write_text(content, encoding="utf-8")
    asked = CliRunner().invoke(
        knowledge_group,
        ["import-portal", str(file)],
        env={"HOIXA_DATA_DIR": str(tmp_path), "HOIXA_SECRET_KEY": "k" * 40},
    )
    assert f"\n{file.name}: " in str(asked.exception)
    assert ": :" not in str(asked.exception)
