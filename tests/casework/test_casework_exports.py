"""Files made in the worker: once, by one, for the one who asked; lost jobs come back, broken ones stop nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from rig import HOUR_MS, Rig

import knowledge
from bot.casework import exports
from bot.casework.exports import ExportFile, ExportRefused, ExportRunner, ExportTools
from bot.journal import retention
from bot.store import export_jobs
from bot.store.export_jobs import ClaimedJob


@dataclass(frozen=True)
class Asker:
    id: int = 7
    commune_id: str | None = "ha-dong"


def write_list(_tools: ExportTools, job: ClaimedJob) -> ExportFile:
    return ExportFile("list.csv", exports.CSV, f"{job.commune_id}: {job.parameters['q']}".encode())


def write_nothing(_tools: ExportTools, _job: ClaimedJob) -> ExportFile:
    raise ExportRefused("too_long")


def write_wrong(_tools: ExportTools, _job: ClaimedJob) -> ExportFile:
    raise ZeroDivisionError("Bác Một, 0912345678")


@pytest.fixture(autouse=True)
def some_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("list", "nothing", "wrong"):
        monkeypatch.setitem(exports.WRITERS, kind, f"{__name__}:write_{kind}")


def ask(rig: Rig, kind: str = "list", who: Asker = Asker()) -> int:
    with rig.database.write() as connection:
        return exports.request(connection, rig.vault, who, kind, {"q": "Bác Một"}, rig.clock.now_ms())


def run_once(rig: Rig, runner: ExportRunner) -> bool:
    with rig.database.write() as connection:
        work = runner(connection)
    if work is None:
        return False
    work()
    return True


def found(rig: Rig, job_id: int, staff_id: int = 7) -> Any:
    with rig.database.read() as connection:
        now_ms = rig.clock.now_ms()
        return (
            export_jobs.find(connection, staff_id, job_id, now_ms),
            export_jobs.content(connection, rig.vault, staff_id, job_id, now_ms),
        )


@pytest.fixture
def runner(rig: Rig) -> ExportRunner:
    return ExportRunner(rig.services(), knowledge.load())


def test_it_is_made_once_and_only_for_the_one_who_asked(rig: Rig, runner: ExportRunner) -> None:
    job_id = ask(rig)
    view, content = found(rig, job_id)
    assert (view.state, content) == ("waiting", None)
    assert run_once(rig, runner) and not run_once(rig, runner)
    view, content = found(rig, job_id)
    assert (view.state, view.file_name, content.decode()) == ("done", "list.csv", "ha-dong: Bác Một")
    assert found(rig, job_id, staff_id=8) == (None, None)
    row = rig.row("export_job")
    assert b"list" not in row.result_sealed and "Bác Một".encode() not in row.parameters_sealed


@pytest.mark.parametrize(("kind", "error"), [("nothing", "too_long"), ("wrong", "ZeroDivisionError")])
def test_what_cannot_be_made_says_why_and_stops_nothing(
    kind: str, error: str, rig: Rig, runner: ExportRunner, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = ask(rig, kind), ask(rig)
    assert run_once(rig, runner) and run_once(rig, runner)
    assert (found(rig, broken)[0].state, found(rig, broken)[0].error) == ("failed", error)
    assert found(rig, good)[0].state == "done"
    assert not any("0912345678" in record.getMessage() for record in caplog.records)


def test_two_workers_never_make_the_same_one(rig: Rig) -> None:
    ask(rig)
    with rig.database.write() as connection:
        first = export_jobs.claim(connection, rig.vault, rig.clock.now_ms())
        assert export_jobs.claim(connection, rig.vault, rig.clock.now_ms()) is None
    assert first is not None and first.attempt == 1


def test_a_job_lost_with_its_worker_is_taken_again_and_given_up_at_last(rig: Rig) -> None:
    job_id = ask(rig)
    claims = []
    for _ in range(export_jobs.ATTEMPTS):
        with rig.database.write() as connection:
            claims.append(export_jobs.claim(connection, rig.vault, rig.clock.now_ms()))
        rig.clock.pass_ms(export_jobs.LEASE_MS + 1)
    assert [one.attempt for one in claims if one] == [1, 2, 3]
    with rig.database.write() as connection:
        assert export_jobs.claim(connection, rig.vault, rig.clock.now_ms()) is None
        # A worker that comes back late does not overwrite what others decided.
        assert not export_jobs.finish(connection, rig.vault, claims[0], "a", "b", b"c", rig.clock.now_ms())
    assert (found(rig, job_id)[0].state, found(rig, job_id)[0].error) == ("failed", "lost")


def test_a_day_later_it_is_gone(rig: Rig, runner: ExportRunner) -> None:
    job_id = ask(rig)
    run_once(rig, runner)
    rig.clock.pass_ms(23 * HOUR_MS)
    retention.forget(rig.database, rig.clock.now_ms())
    assert found(rig, job_id)[1] is not None
    rig.clock.pass_ms(HOUR_MS)
    assert found(rig, job_id) == (None, None)
    retention.forget(rig.database, rig.clock.now_ms())
    assert rig.rows("export_job") == []


def test_the_city_asks_too(rig: Rig, runner: ExportRunner) -> None:
    job_id = ask(rig, who=Asker(9, None))
    run_once(rig, runner)
    assert found(rig, job_id, staff_id=9)[1] == "*: Bác Một".encode()


def test_a_kind_nobody_writes_is_refused_at_once(rig: Rig) -> None:
    with pytest.raises(KeyError):
        ask(rig, "unheard-of")


@pytest.mark.parametrize("kind", sorted(exports.WRITERS))
def test_every_kind_has_its_writer(kind: str) -> None:
    assert callable(exports.writer_of(kind))
