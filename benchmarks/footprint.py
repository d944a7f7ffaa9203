"""Memory of the whole service and the time it takes to come up, beside gunicorn with a handler that does nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import requests

from benchmarks import fake_zalo, messages
from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import START_SECONDS, Install, free_port, fresh_folder, process, wait_for_200

ANSWERED = 10
"""Messages answered before memory is read: a service that has done its work, not one just started."""


def measure(pairs: int, say: Say) -> list[Comparison]:
    """Each pair starts both anew."""
    noop = "gunicorn + Flask không làm gì"
    memory = Comparison("bộ nhớ cả cây tiến trình (PSS)", "MiB", noop, of="ours")
    first = Comparison("khởi động → webhook trả 200", "s", noop, Goal("at most", 3.0), of="ours")
    ready = Comparison("khởi động → /readyz trả 200", "s", noop, of="ours")
    for number in range(pairs):
        with fresh_folder() as folder, fake_zalo.running(0) as zalo:
            plain_memory, plain_start = _noop(folder)
            our_memory, our_first, our_ready = _serve(folder, zalo)
        memory.add(our_memory, plain_memory)
        first.add(our_first, plain_start)
        ready.add(our_ready, plain_start)
        say(f"khởi động {number + 1}/{pairs}: {our_first:.1f} s, sẵn sàng {our_ready:.1f} s, {our_memory:.0f} MiB; "
            f"không làm gì {plain_start:.1f} s, {plain_memory:.0f} MiB")  # fmt: skip
    return [memory, first, ready]


def _noop(folder: Path) -> tuple[float, float]:
    address = f"127.0.0.1:{free_port()}"
    begun = time.monotonic()
    with process([sys.executable, "-m", "benchmarks.noop_web", address], {}, folder) as started:
        _until_the_webhook_answers(f"http://{address}")
        spent = time.monotonic() - begun
        return tree_pss(started), spent


def _serve(folder: Path, zalo: fake_zalo.FakeZalo) -> tuple[float, float, float]:
    install = Install(folder, zalo.url)
    begun = time.monotonic()
    with install.running("serve") as started:
        _until_the_webhook_answers(install.address)
        first = time.monotonic() - begun
        install.wait_for("/readyz")
        ready = time.monotonic() - begun
        for event in messages.many(ANSWERED):
            requests.post(
                f"{install.address}/webhooks/zalo", data=event.body, headers=event.headers, timeout=10
            ).raise_for_status()
        zalo.wait_for(ANSWERED, 60)
        memory = tree_pss(started)
    install.services.database.close()
    return memory, first, ready


def _until_the_webhook_answers(address: str) -> None:
    """Zalo's own probe when the address is saved is an unsigned ``{}``; here its GET sibling waits for the port."""
    wait_for_200(f"{address}/healthz", START_SECONDS)
    requests.post(f"{address}/webhooks/zalo", data=b"{}", timeout=10).raise_for_status()


def tree_pss(root: psutil.Process) -> float:
    """Proportional set size of a process and all below it, in MiB: shared pages are counted once."""
    total = 0
    for member in [root, *root.children(recursive=True)]:
        for line in Path(f"/proc/{member.pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024
