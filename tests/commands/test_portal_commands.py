"""``hoixa knowledge import-portal``, ``procedures``, ``approve-procedure`` as a person at a terminal meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commands.failure import CommandError
from commands.knowledge import knowledge_group
from knowledge.portal.words import FOLDER

SAMPLE = Path(__file__).parents[1] / "knowledge/samples/portal-record.json"
CODE = "9.999901"
HEADING = "code\tname\tstatus\tas_of\tactive_date\trepeal_date"

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``hoixa knowledge`` with these words on an empty install; what a person can mend is a CommandError."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOIXA_DATABASE_URL", f"sqlite:///{tmp_path}/hoixa.db")

    def invoke(*words: object) -> str:
        result = CliRunner().invoke(knowledge_group, [str(one) for one in words])
        if isinstance(result.exception, CommandError):
            raise result.exception
        assert result.exception is None, result.output
        return result.output

    return invoke


def _find(run: Run, text: str) -> list[dict[str, Any]]:
    found = json.loads(run("procedures", "--find", text, "--json"))
    assert isinstance(found, list)
    return found


def test_the_list_is_there_before_any_import(run: Run) -> None:
    assert "còn áp dụng  Đăng ký giám sát việc giám hộ" in run("procedures", "--find", "3.000323")
    assert len(json.loads(run("procedures", "--json"))) == 321
    assert _find(run, "giám sát giám hộ")[0]["code"] == "3.000323"
    assert "Không tìm thấy" in run("procedures", "--find", "zzzz")


def test_an_import_is_shown_first_written_on_apply_and_twice_is_once(run: Run) -> None:
    shown = run("import-portal", SAMPLE)
    assert f"Mới: {CODE}" in shown
    assert "Chưa ghi gì" in shown
    assert _find(run, CODE) == []
    assert "Đã ghi" in run("import-portal", SAMPLE, "--apply")
    assert _find(run, CODE)[0]["status_today"] == "unlisted"
    assert "Không có gì để ghi" in run("import-portal", SAMPLE, "--apply")


def test_a_part_is_shown_after_an_officer_approved_it(run: Run) -> None:
    run("import-portal", SAMPLE, "--apply")
    assert "fee (chờ duyệt)" in run("procedures", "--drafts")
    assert _find(run, CODE)[0]["facets"] == {}
    run("approve-procedure", CODE, "--facet", "fee", "--by", "can.bo@xa.vn")
    assert list(_find(run, CODE)[0]["facets"]) == ["fee"]
    with pytest.raises(CommandError, match="Không có bản nháp"):
        run("approve-procedure", CODE, "--facet", "place", "--by", "can.bo@xa.vn")
    with pytest.raises(CommandError):
        run("approve-procedure", CODE, "--facet", "time", "--by", "không phải thư")


def test_a_changed_record_shows_the_difference_and_what_must_be_approved_anew(run: Run, tmp_path: Path) -> None:
    run("import-portal", SAMPLE, "--apply")
    run("approve-procedure", CODE, "--facet", "fee", "--by", "can.bo@xa.vn")
    document = json.loads(SAMPLE.read_text("utf-8"))
    document["data"]["executionMethods"][2]["fees"][0]["value"] = 5000
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document), "utf-8")
    shown = run("import-portal", changed, "--apply")
    assert f"Đổi: {CODE}" in shown and "bản ghi của Cổng" in shown
    assert f"Phải duyệt lại: {CODE}, phần fee" in shown
    assert _find(run, CODE)[0]["facets"] == {}


def test_a_newer_list_shows_new_changed_and_gone_and_repeals_reach_the_list(run: Run, tmp_path: Path) -> None:
    newer = tmp_path / "newer.tsv"
    rows = (
        "3.000323\tĐăng ký giám sát việc giám hộ\trepealed\t2026-11-21\t\t2026-11-20",
        "1.001193\tĐăng ký khai sinh\trepealed\t2026-11-21\t\t2026-11-20",
        "1.999902\tĐăng ký việc mới\tfuture\t2026-11-21\t2099-01-01\t",
    )
    newer.write_text("\n".join([HEADING, *rows, ""]), "utf-8")
    report = json.loads(run("import-portal", newer, "--whole-list", "--json"))
    kinds = [change["kind"] for change in report["changes"]]
    assert (kinds.count("new"), kinds.count("changed")) == (1, 2)
    assert kinds.count("gone") > 250
    assert "chủ đề khai-sinh: mã 1.001193 nay đã bãi bỏ" in report["doubts"]
    assert not report["applied"]
    run("import-portal", newer, "--apply")
    assert _find(run, "3.000323")[0]["status_today"] == "repealed"
    assert _find(run, "1.999902")[0]["status_today"] == "future"
    assert _find(run, "3.000322")[0]["status_today"] == "current"
    run("import-portal", newer, "--apply", "--whole-list")
    assert _find(run, "3.000322")[0]["status_today"] == "unlisted"


def test_the_original_list_sets_no_correction_back(run: Run) -> None:
    report = json.loads(run("import-portal", FOLDER / "procedures.tsv", "--apply", "--json"))
    assert [(change["kind"], change["code"]) for change in report["changes"]] == [("older", "2.002481")]
    assert not report["applied"]
    assert _find(run, "2.002481")[0]["status"] == "repealed"


def test_a_communes_own_list_stays_its_own(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text(f"{HEADING}\n1.999903\tĐăng ký việc của xã\tcurrent\t2026-11-21\t\t\n", "utf-8")
    run("import-portal", own, "--commune", "kien-minh", "--apply")
    assert _find(run, "1.999903") == []
    assert json.loads(run("procedures", "--commune", "kien-minh", "--find", "1.999903", "--json"))


def test_one_broken_file_stops_everything_and_is_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "import"
    folder.mkdir()
    (folder / "good.json").write_bytes(SAMPLE.read_bytes())
    (folder / "latin.tsv").write_bytes(f"{HEADING}\n1.999904\tĐăng ký\tcurrent\t2026-11-21\t\t\n".encode("utf-16"))
    with pytest.raises(CommandError, match=r"latin\.tsv.*UTF-8"):
        run("import-portal", folder, "--apply")
    assert _find(run, CODE) == []
