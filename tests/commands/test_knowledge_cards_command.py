"""``hoixa knowledge cards`` writes what an officer prints, and says plainly what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.failure import CommandError
from commands.knowledge import knowledge_group

OA = "1234567890123456789"


@pytest.fixture(autouse=True)
def no_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a database: cards can be made before anything is set up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOIXA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("HOIXA_DATABASE_URL", raising=False)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(knowledge_group, ["cards", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_chosen_cards_the_sheet_and_the_index_are_written(tmp_path: Path) -> None:
    out = tmp_path / "in"
    said = run("--commune", "ha-bac", "--oa-id", OA, "--topics", "khai-sinh, khai-tu", "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "khai-sinh.html", "khai-tu.html", "tem.html"]
    assert "2 thẻ" in said
    assert "#KT" in (out / "khai-tu.html").read_text("utf-8")


def test_all_topics_without_a_choice(tmp_path: Path) -> None:
    out = tmp_path / "in"
    run("--commune", "le-dai-hanh", "--oa-id", OA, "--out", str(out))
    assert len(list(out.iterdir())) == 114
    assert "phường Lê Đại Hành" in (out / "khai-sinh.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--commune", "ha-bac", "--oa-id", "abc"), "chữ số"),
        (("--commune", "ha-bac", "--oa-id", OA, "--topics", "khong-co"), "khong-co"),
        (("--commune", "khong-co", "--oa-id", OA), "khong-co"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    out = tmp_path / "in"
    with pytest.raises(CommandError, match=message):
        run(*arguments, "--out", str(out))
    assert not out.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file"):
        run("--commune", "ha-bac", "--oa-id", OA, "--topics", "khai-sinh", "--out", str(tmp_path / "file" / "in"))
