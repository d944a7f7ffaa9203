"""kill -9 of web and worker, SIGTERM, and the death of the supervisor: nothing lost, nothing answered twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import emulator

from . import kills
from .crowd import Crowd
from .product import START_SECONDS, Product
from .settling import settle_and_judge
from .waiting import wait_until


@pytest.mark.slow
def test_killed_web_and_worker_lose_nothing_and_answer_once(tmp_path: Path) -> None:
    outcome = kills.run(web_kills=3, worker_kills=3, seed=20261122, folder=tmp_path, per_second=kills.FEW_PER_SECOND)
    assert outcome.kills == {"web": 3, "worker0": 3}
    assert outcome.verdict.acknowledged > 100
    assert outcome.is_clean, f"{outcome.verdict}\nin doubt: {outcome.left_in_doubt}\n{outcome.moments}"


@pytest.mark.slow
@pytest.mark.postgres
def test_two_workers_killed_on_postgresql(tmp_path: Path, postgres_url: Callable[[], str]) -> None:
    outcome = kills.run(
        web_kills=1, worker_kills=4, seed=20261122, folder=tmp_path, database_url=postgres_url(), workers=2,
        per_second=kills.FEW_PER_SECOND,
    )  # fmt: skip
    assert outcome.kills == {"web": 1, "worker0": 2, "worker1": 2}
    assert outcome.is_clean, f"{outcome.verdict}\nin doubt: {outcome.left_in_doubt}\n{outcome.moments}"


def _under_load(product: Product, crowd: Crowd, events: int) -> Callable[[], None]:
    """Start asking, and return when so many events were acknowledged; the value ends the asking."""
    stop = threading.Event()
    asking = threading.Thread(target=crowd.keep_asking, args=(kills.FEW_PER_SECOND, stop), daemon=True)
    asking.start()

    def acknowledged() -> bool:
        return product.emulator.emulator.world.counters["webhook_acknowledged"] >= events

    wait_until(acknowledged, f"{events} events acknowledged", START_SECONDS)

    def end() -> None:
        stop.set()
        asking.join()

    return end


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Product]:
    """An install to be run by ``hoixa serve``, beside a Zalo whose answers take a moment."""
    configuration = emulator.EmulatorConfiguration(
        redelivery_scale=kills.REDELIVERY_SCALE,
        latency_milliseconds=kills.ZALO_LATENCY_MS,
        calls_per_minute=1_000_000,
        receipts=False,
    )
    with emulator.start(configuration) as zalo:
        product = Product(zalo, tmp_path)
        try:
            yield product
        finally:
            product.close()


def _crowd(product: Product, seed: int) -> Crowd:
    return Crowd(product.emulator.emulator, [(product.connect("Xã thử"), "ha-dong")], seed)


@pytest.mark.slow
def test_sigterm_under_load_stops_cleanly_and_loses_nothing(served: Product) -> None:
    crowd = _crowd(served, seed=1)
    served.start_serve()
    end_of_asking = _under_load(served, crowd, events=100)
    assert served.serve.stop() == 0
    end_of_asking()
    assert not {"1", "4", "6"} & set(served.outbox_states()), "a send left under way or in doubt"
    assert served.rows("SELECT 'claimed', count(*) FROM inbox WHERE state = 1") == {"claimed": 0}
    assert not served.web_answers()

    served.start_serve()
    settle_and_judge(served, crowd, kills.SETTLE_SECONDS)
    assert served.rows("SELECT 'resent', coalesce(sum(resends), 0) FROM outbox") == {"resent": 0}


@pytest.mark.slow
def test_a_killed_supervisor_takes_its_processes_along_and_the_next_one_goes_on(served: Product) -> None:
    crowd = _crowd(served, seed=2)
    served.start_serve()
    end_of_asking = _under_load(served, crowd, events=100)
    family = psutil.Process(served.serve.pid).children(recursive=True)
    assert len(family) >= 4  # gunicorn and its worker, our worker, the clock
    served.serve.kill()  # and starts it again, which needs the port and the data folder
    wait_until(lambda: not any(member.is_running() for member in family), "the family is gone", 60)
    wait_until(served.is_ready, "serve ready", START_SECONDS)
    end_of_asking()
    settle_and_judge(served, crowd, kills.SETTLE_SECONDS)


@pytest.mark.slow
def test_serve_starts_a_killed_process_again(served: Product) -> None:
    crowd = _crowd(served, seed=3)
    served.start_serve()
    end_of_asking = _under_load(served, crowd, events=50)
    for command in ("worker", "web"):
        children = psutil.Process(served.serve.pid).children()
        victim = next(child for child in children if child.cmdline()[-1] == command)
        victim.kill()
        wait_until(lambda victim=victim: not victim.is_running(), f"{command} is gone", 60)  # type: ignore[misc]
    wait_until(served.is_ready, "serve ready again", START_SECONDS)
    end_of_asking()
    settle_and_judge(served, crowd, kills.SETTLE_SECONDS)
