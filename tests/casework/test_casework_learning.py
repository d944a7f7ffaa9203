"""What use teaches: candidates by likeness, a model learned by one worker, refused where the kept lines fare worse."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from casework_people import make_official
from rig import OUR_OA, Rig

from bot.casework import reviewing, teaching
from bot.casework.relearning import Relearner
from bot.journal.model_in_force import ModelInForce
from bot.store import hints, learned_models, staff_requests, taught
from bot.store.hints import NewHint
from bot.store.staff_requests import NewRequest
from intents import Understanding

FINE = json.dumps({"before": {}, "after": {}, "worse": [], "lost": []})
WORSE = json.dumps({"before": {}, "after": {}, "worse": ["top1"], "lost": ["làm khai sinh"]})


def _approved(rig: Rig, topic: str = "khai-sinh", words: str = "", text: str = "làm giấy cho cháu mới đẻ") -> int:
    author, chair = make_official(rig, "van-phong", f"a{topic}"), make_official(rig, "chu-tich", f"b{topic}")
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        taught_id = teaching.teach(
            connection, rig.vault, author, "ha-dong", [text], now,
            kept=(), topics={"khai-sinh"}, topic=topic, words=words,
        )  # fmt: skip
        teaching.approve(connection, rig.vault, chair, "ha-dong", taught_id, now)
    return taught_id


def _learn(rig: Rig, tmp_path: Path, run: Callable[[Path, str], str]) -> bool:
    """One look of the chore, and its work if it has any."""
    relearner = Relearner(rig.services(HOIXA_DATA_DIR=str(tmp_path)), run)
    with rig.database.write() as connection:
        work = relearner(connection)
    if work is not None:
        work()
    return work is not None


def _latest(rig: Rig) -> learned_models.LearnedModel:
    with rig.database.read() as connection:
        return learned_models.latest(connection)[0]


def test_approving_a_topic_asks_for_a_model_and_the_worker_learns_it(rig: Rig, tmp_path: Path) -> None:
    _approved(rig)
    given = []

    def run(folder: Path, examples: str) -> str:
        given.append((folder, json.loads(examples)))
        return FINE

    assert _learn(rig, tmp_path, run)
    ((folder, examples),) = given
    assert examples == [{"label": "khai-sinh", "text": "làm giấy cho cháu mới đẻ"}]
    assert folder.parent == tmp_path / "models"
    model = _latest(rig)
    assert (model.state, model.examples, model.folder) == ("in_force", 1, folder.name)
    assert not _learn(rig, tmp_path, run), "nothing is left to learn"


def test_an_answer_of_the_commune_s_own_asks_for_no_model(sqlite_rig: Rig, tmp_path: Path) -> None:
    _approved(sqlite_rig, topic="", words="Có lớp bơi từ ngày 1/6.", text="có lớp bơi không")
    assert not _learn(sqlite_rig, tmp_path, lambda _folder, _examples: FINE)


def test_a_model_that_fares_worse_is_refused_and_the_old_one_stays(rig: Rig, tmp_path: Path) -> None:
    _approved(rig)
    assert _learn(rig, tmp_path, lambda _folder, _examples: FINE)
    good = _latest(rig)
    with rig.database.write() as connection:
        learned_models.ask(connection, "x@ha-dong.vn", rig.clock.now_ms())
    assert _learn(rig, tmp_path, lambda _folder, _examples: WORSE)
    refused = _latest(rig)
    assert (refused.state, json.loads(refused.figures)["lost"]) == ("refused", ["làm khai sinh"])
    with rig.database.read() as connection:
        assert learned_models.folder_in_force(connection) == good.folder


def test_a_failure_is_kept_and_a_dead_worker_s_try_begins_anew(rig: Rig, tmp_path: Path) -> None:
    _approved(rig)

    def fails(_folder: Path, _examples: str) -> str:
        raise subprocess.CalledProcessError(1, "learning")

    assert _learn(rig, tmp_path, fails)
    assert (_latest(rig).state, json.loads(_latest(rig).figures)) == ("failed", {"error": "CalledProcessError"})
    with rig.database.write() as connection:
        learned_models.ask(connection, "x@ha-dong.vn", rig.clock.now_ms())
        assert learned_models.claim(connection, "f-{id}", rig.clock.now_ms()) is not None
        assert learned_models.claim(connection, "f-{id}", rig.clock.now_ms()) is None, "one at a time"
        rig.clock.pass_ms(learned_models.LEASE_MS + 1)
        assert learned_models.claim(connection, "f-{id}", rig.clock.now_ms()) is not None


def test_a_better_model_replaces_the_one_before(sqlite_rig: Rig, tmp_path: Path) -> None:
    _approved(sqlite_rig)
    for _ in range(2):
        with sqlite_rig.database.write() as connection:
            learned_models.ask(connection, "x@ha-dong.vn", sqlite_rig.clock.now_ms())
        assert _learn(sqlite_rig, tmp_path, lambda _folder, _examples: FINE)
    with sqlite_rig.database.read() as connection:
        assert [model.state for model in learned_models.latest(connection)] == ["in_force", "replaced"]


def test_a_folder_that_cannot_be_read_leaves_the_packaged_model(sqlite_rig: Rig, tmp_path: Path) -> None:
    class Packaged:
        def understand(self, text: str, context: object = None) -> Understanding:
            raise LookupError(text)

    looks = iter(range(100))
    model = ModelInForce(
        sqlite_rig.database,
        tmp_path,
        packaged=Packaged,
        monotonic=lambda: 10.0 * next(looks),  # type: ignore[arg-type]
    )
    _approved(sqlite_rig)
    assert _learn(sqlite_rig, tmp_path, lambda _folder, _examples: FINE)
    with pytest.raises(LookupError, match="khai sinh"):
        model.understand("khai sinh")


def test_candidates_come_from_unanswered_questions_and_taps(sqlite_rig: Rig) -> None:
    now = sqlite_rig.clock.now_ms()
    with sqlite_rig.database.write() as connection:
        for number, text in enumerate(("làm giấy cho cháu mới đẻ", "lam giay cho chau moi de", "trạm bơm chạy chưa")):
            request = NewRequest(f"k{number}", OUR_OA, "ha-dong", f"u{number}", "unanswered", text, (), now)
            staff_requests.add(connection, sqlite_rig.vault, [request])
        for number in range(2):
            hint = NewHint(f"h{number}", OUR_OA, "ha-dong", "tap", "lam giay cho chau moi de a", "", "khai-sinh", now)
            hints.add(connection, sqlite_rig.vault, hint)
    with sqlite_rig.database.read() as connection:
        first, second = reviewing.candidates(connection, sqlite_rig.vault, "ha-dong")
    assert (first.people, first.topic, len(first.questions)) == (4, "khai-sinh", 3)
    assert (second.people, second.topic) == (1, "")
    with sqlite_rig.database.read() as connection:
        assert reviewing.candidates(connection, sqlite_rig.vault, "dai-son") == []
        assert taught.list_taught(connection, sqlite_rig.vault) == []
