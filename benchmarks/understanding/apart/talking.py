"""How a rival in a process of its own is spoken to: one JSON object a line, in and out.

First comes `{"examples": [[text, label], …], "out_of_scope": label}`; `{"ready": true}` answers when all is learned.
Then each `{"text": …, "as_delivered": bool}` is answered by `{"labels": […], "sure": bool, "milliseconds": processor
time}`. Needs nothing but Python, for it runs in the rivals' own virtual environment.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Answering = Callable[[str, bool], tuple[list[str], bool]]


def serve(learn: Callable[[list[tuple[str, str]], str], Answering]) -> None:
    """Speaks on standard input and output until the input ends; what libraries print goes to standard error.

    `learn` takes the examples and the label for "out of scope", and returns what takes (text, as_delivered) and gives
    (labels best first, sure).
    """
    out, sys.stdout = sys.stdout, sys.stderr

    def say(words: dict[str, Any]) -> None:
        out.write(json.dumps(words, ensure_ascii=False) + "\n")
        out.flush()

    told = json.loads(sys.stdin.readline())
    answer = learn([(text, label) for text, label in told["examples"]], told["out_of_scope"])
    say({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.process_time()
        labels, sure = answer(asked["text"], asked["as_delivered"])
        spent = 1000 * (time.process_time() - started)
        say({"labels": labels, "sure": sure, "milliseconds": spent})
