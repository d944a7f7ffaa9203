"""Open cases that may tell of the same thing: an index in memory for each commune, kept up as cases change.

Built at the first look and then only told of what changed since; a process that starts anew builds it anew. What it
says is a hint for people: only an official merges.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bot.cases.lifecycle import lifecycle
from bot.cases.similarity import Gist, Match, SimilarIndex
from bot.cases.wording import read_words
from bot.encryption import Vault
from bot.store.case_lists import ChangedCase, changed_since

TWIN_SCORE = 0.6
"""From here two open cases are shown as likely the same."""
OVERLAP_MS = 60_000
"""A change may be committed later than the time it bears."""
LOOK_AGAIN_MS = 2_000
PAIRED_AT_ONCE = 40
"""Cases compared with all others in one look: after a start the pairs of a thousand open cases come over some looks,
and no page waits for all of them."""
PAIRED_AT_LEAST = 2
PAIRING_SECONDS = 0.02
"""A look gives up pairing after this long, where many open cases are alike; the next look goes on."""


@dataclass
class _Commune:
    index: SimilarIndex = field(default_factory=SimilarIndex)
    versions: dict[str, int] = field(default_factory=dict)
    best: dict[str, Match] = field(default_factory=dict)
    unpaired: dict[str, ChangedCase] = field(default_factory=dict)
    seen_ms: int = 0


class Twins:
    """Safe to share between threads."""

    def __init__(self, kind: str = "report") -> None:
        self._kind = kind
        self._open = lifecycle(kind).open_states
        self._communes: dict[str, _Commune] = {}
        self._lock = threading.Lock()

    def similar(
        self, connection: Any, vault: Vault, commune_id: str, text: str, now_ms: int, **about: Any
    ) -> list[Match]:
        """The likest open cases to a text. ``about``: category, village, limit of ``SimilarIndex.search``."""
        with self._lock:
            return self._fresh(connection, vault, commune_id, now_ms).index.search(text, now_ms=now_ms, **about)

    def codes(self, connection: Any, vault: Vault, commune_id: str, now_ms: int) -> list[str]:
        """Codes of open cases with a likely twin, likest first; after a start they come over some looks."""
        with self._lock:
            best = self._fresh(connection, vault, commune_id, now_ms).best
            return sorted(best, key=lambda code: (-best[code].score, code))

    def _fresh(self, connection: Any, vault: Vault, commune_id: str, now_ms: int) -> _Commune:
        known = self._communes.setdefault(commune_id, _Commune())
        if not known.seen_ms or now_ms - known.seen_ms >= LOOK_AGAIN_MS:
            self._read(connection, vault, commune_id, known)
            known.seen_ms = now_ms
        until = time.monotonic() + PAIRING_SECONDS
        for number, code in enumerate(list(known.unpaired)[-PAIRED_AT_ONCE:]):
            if number >= PAIRED_AT_LEAST and time.monotonic() > until:
                break
            self._pair(known, known.unpaired.pop(code), now_ms)
        return known

    def _read(self, connection: Any, vault: Vault, commune_id: str, known: _Commune) -> None:
        since = max(known.seen_ms - OVERLAP_MS, 1) if known.seen_ms else 0
        news = changed_since(connection, vault, commune_id, self._kind, self._open, since, known.versions)
        for each in sorted(news, key=lambda case: case.head.updated_ms):
            self._put(known, each)

    @staticmethod
    def _put(known: _Commune, case: ChangedCase) -> None:
        head = case.head
        known.versions[head.code] = head.version
        known.best.pop(head.code, None)
        known.unpaired.pop(head.code, None)
        for code in [code for code, match in known.best.items() if match.code == head.code]:
            del known.best[code]
        if case.text:
            known.unpaired[head.code] = case
            known.index.put(Gist(head.code, case.text, head.category, head.village, head.created_ms))
        else:
            known.index.remove(head.code)

    @staticmethod
    def _pair(known: _Commune, case: ChangedCase, now_ms: int) -> None:
        head = case.head
        found = known.index.search(case.text, category=head.category, village=head.village, now_ms=now_ms, limit=3)
        for match in found:
            if match.code == head.code or match.score < TWIN_SCORE:
                continue
            for one, other in ((head.code, match.code), (match.code, head.code)):
                if one not in known.best or known.best[one].score < match.score:
                    known.best[one] = Match(other, match.score)


def pieces(text: str, other: str) -> list[tuple[str, bool]]:
    """``text`` cut at its blanks, each piece with whether ``other`` has its words too; joined they are the text."""
    theirs = {word for word in read_words(other).folded if len(word) > 1}
    cut: list[tuple[str, bool]] = []
    for number, part in enumerate(text.split(" ")):
        folded = read_words(part).folded
        is_shared = bool(folded) and all(word in theirs for word in folded)
        if number:
            cut.append((" ", False))
        cut.append((part, is_shared))
    return cut
