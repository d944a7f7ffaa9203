"""The ceiling for replies: understand each message and post its answer from 64 threads. No database, no order, no rate.

A process of its own, as the worker is: ``python -m benchmarks.bare_pool ZALO_URL MESSAGES.json``. It says when it is
ready, and works off all messages each time it is given a line.
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

import intents
from bot.journal.sending import POOL_THREADS

_sessions = threading.local()


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_sessions, "session", None)
    if session is None:
        session = _sessions.session = requests.Session()
        session.trust_env = False
    return session


def _match_and_post(understander: intents.Understander, url: str, question: str, answers: list[str]) -> None:
    understander.understand(question)
    for answer in answers:
        _session().post(url, data=answer.encode(), headers={"access_token": "a"}, timeout=(3.05, 10)).json()


def main() -> None:
    """See the module."""
    url = sys.argv[1] + "/v3.0/oa/message/cs"
    work = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    understander = intents.load()
    with ThreadPoolExecutor(POOL_THREADS) as pool:
        print("ready", flush=True)
        for _line in sys.stdin:
            list(pool.map(lambda one: _match_and_post(understander, url, *one), work))


if __name__ == "__main__":
    main()
