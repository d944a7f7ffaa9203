"""Replies a second of one worker process against the same matching and posting without a journal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

import knowledge
from benchmarks import fake_zalo, messages
from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import COMMUNE, OA_ID, Install, environment, fresh_folder, tree_cpu_seconds, wait_for_log
from bot.clock import Clock
from bot.conversation import Incoming, State
from bot.journal import inbox
from bot.journal.inbox import InboxRow
from bot.zalo.messages import cs_body
from bot.zalo.splitting import split
from commands.environment import build_conversation

ZALO_LATENCY_MS = 80.0
LONGEST_SECONDS = 120.0


def measure(pairs: int, count: int, say: Say) -> list[Comparison]:
    """``count`` waiting messages, worked off by a running worker and by a running bare pool, in turn."""
    engine = Comparison(
        "trả lời mỗi giây, 1 worker: phần của sổ", "tin/s", "cả hội thoại + gửi, không sổ", Goal("at least", 0.75)
    )
    whole = Comparison(
        "trả lời mỗi giây, 1 worker: cả hội thoại", "tin/s", "chỉ hiểu + gửi, không sổ", Goal("at least", 0.75)
    )
    effort = Comparison("giờ CPU mỗi câu trả lời, 1 worker", "ms", "cả hội thoại + gửi, không sổ")
    questions = [question for question, _ in zip(_endless_questions(), range(count), strict=False)]
    with fresh_folder() as folder, fake_zalo.running(ZALO_LATENCY_MS) as zalo:
        work = _work(questions)
        sends = sum(len(answers) for _question, answers in work)
        (folder / "work.json").write_text(json.dumps(work), "utf-8")
        install = Install(folder, zalo.url)
        with install.running("worker") as worker, _bare_pool(zalo.url, folder) as (go, pool):
            wait_for_log(folder, "worker ready")
            ways: dict[str, Callable[[], None]] = {
                "ours": lambda: _put_into_inbox(install, questions),
                "converse": lambda: go("converse"),
                "understand": lambda: go("understand"),
            }
            for begin in ways.values():
                _timed(zalo, sends, begin)  # warms threads and connections
            for number in range(pairs):
                names = list(ways) if number % 2 == 0 else list(reversed(ways))
                figures, cpu = {}, {}
                for name in names:
                    process = worker if name == "ours" else pool
                    before = tree_cpu_seconds(process)
                    figures[name] = _timed(zalo, sends, ways[name]) * count
                    cpu[name] = (tree_cpu_seconds(process) - before) * 1000 / count
                effort.add(cpu["ours"], cpu["converse"])
                engine.add(figures["ours"], figures["converse"])
                whole.add(figures["ours"], figures["understand"])
                ours, converse, understand = (f"{figures[name]:.0f}" for name in ways)
                say(
                    f"trả lời {number + 1}/{pairs}: {ours} tin/s; hội thoại + gửi {converse}, hiểu + gửi {understand}; "
                    f"CPU {cpu['ours']:.1f} / {cpu['converse']:.1f} / {cpu['understand']:.1f} ms"
                )
        install.services.database.close()
    return [engine, whole, effort]


def _endless_questions() -> Iterator[str]:
    while True:
        yield from messages.questions()


def _work(questions: list[str]) -> list[tuple[str, list[str]]]:
    """Each question with the bodies the product posts for it, so that both sides post the same bytes as often."""
    library = knowledge.load()
    conversation = build_conversation(library)
    commune, now, bodies = library.communes[COMMUNE], Clock().now(), {}
    for question in set(questions):
        outcome = conversation.respond(Incoming("text", question, is_first=True), State(), commune, now)
        bodies[question] = [
            json.dumps(cs_body("4000000000000000001", piece, plain=False), ensure_ascii=False)
            for reply in outcome.replies
            for piece in split(reply)
        ]
    return [(question, bodies[question]) for question in questions]


def _put_into_inbox(install: Install, questions: list[str]) -> None:
    """As the webhook writes them, but all in one transaction: the receiving is measured elsewhere."""
    services = install.services
    now = services.clock.now_ms()
    rows = []
    for question in questions:
        event = messages.text_event(question)
        body = json.loads(event.body)
        sender = body["sender"]["id"]
        sealed = services.vault.encrypt(event.body.decode(), "inbox.body")
        rows.append(
            InboxRow(OA_ID, "user_send_text", body["message"]["msg_id"], sender, sender, "0" * 16, sealed, now, now)
        )
    with services.database.write() as connection:
        inbox.store(connection, rows)
        services.database.announce(connection)


def _timed(zalo: fake_zalo.FakeZalo, sends: int, begin: Callable[[], None]) -> float:
    """1 / seconds from the first send's arrival to the last one's."""
    zalo.forget()
    begin()
    zalo.wait_for(sends, LONGEST_SECONDS)
    arrivals = zalo.arrivals()
    return 1e9 / (max(arrivals) - min(arrivals))


@contextmanager
def _bare_pool(zalo_url: str, folder: Path) -> Iterator[tuple[Callable[[str], None], psutil.Process]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare_pool", zalo_url, str(folder / "work.json")],
        env=environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdout.readline()

    def go(way: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{way}\n")
        process.stdin.flush()

    try:
        yield go, psutil.Process(process.pid)
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
