"""The ceilings for replies: work each message out and post its answer from 64 threads. No database, order or rate.

A process of its own, as the worker is: ``python -m benchmarks.bare_pool ZALO_URL MESSAGES.json``. It says when it is
ready, and works off all messages each time it is given a line: "converse" puts each through the whole conversation, as
the worker does; "understand" only finds the topic.
"""

from __future__ import annotations

import functools
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

import intents
import knowledge
from benchmarks.install import COMMUNE
from bot.clock import Clock
from bot.conversation import Incoming, State
from bot.journal.sending import POOL_THREADS
from commands.environment import build_conversation

_sessions = threading.local()


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_sessions, "session", None)
    if session is None:
        session = _sessions.session = requests.Session()
        session.trust_env = False
    return session


def _work_and_post(work_out: Callable[[str], object], url: str, question: str, answers: list[str]) -> None:
    work_out(question)
    for answer in answers:
        _session().post(url, data=answer.encode(), headers={"access_token": "a"}, timeout=(3.05, 10)).json()


def main() -> None:
    """See the module."""
    url = sys.argv[1] + "/v3.0/oa/message/cs"
    work = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    library = knowledge.load()
    conversation = build_conversation(library)
    commune = library.communes[COMMUNE]

    def converse(question: str) -> object:
        return conversation.respond(Incoming("text", question, is_first=True), State(), commune, Clock().now())

    ways: dict[str, Callable[[str], object]] = {"understand": intents.load().understand, "converse": converse}
    with ThreadPoolExecutor(POOL_THREADS) as pool:
        print("ready", flush=True)
        for line in sys.stdin:
            work_out = ways[line.strip()]
            list(pool.map(functools.partial(_each, work_out, url), work))


def _each(work_out: Callable[[str], object], url: str, one: tuple[str, list[str]]) -> None:
    _work_and_post(work_out, url, *one)


if __name__ == "__main__":
    main()
