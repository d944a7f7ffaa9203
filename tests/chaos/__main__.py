"""``python -m tests.chaos --kills 20``: the long run on SQLite and PostgreSQL, with a table at the end."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import PostgresServer

from . import announcing, kills

COLUMNS = (
    "database", "kills", "sent", "acknowledged", "answered once", "twice", "lost", "out of order", "unexpected",
    "in doubt", "doubts settled", "sent again",
)  # fmt: skip


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    server = PostgresServer()
    try:
        server.start()
        yield server.create_database()
    finally:
        server.stop()


def _cells(outcome: kills.Outcome) -> tuple[str, ...]:
    verdict = outcome.verdict
    numbers = (
        verdict.sent, verdict.acknowledged, verdict.answered_once, verdict.twice, verdict.lost,
        verdict.out_of_order, verdict.unexpected, outcome.left_in_doubt, outcome.doubts_settled, outcome.resends,
    )  # fmt: skip
    killed = ", ".join(f"{name} {count}" for name, count in outcome.kills.items())
    return (outcome.database, killed, *map(str, numbers))


def _print_table(outcomes: list[kills.Outcome]) -> None:
    table = [COLUMNS, *map(_cells, outcomes)]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    for row in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def main() -> int:
    """0 where every acknowledged message was answered exactly once."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="kills of the web, and as many of workers")
    parser.add_argument("--seed", type=int, default=None, help="repeats the random moments of an earlier run")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--only", choices=["answers", "announcements"], help="one of the two forms")
    parser.add_argument("--residents", type=int, default=30_000, help="of the commune that gets announcements")
    parser.add_argument("--sends-per-second", type=float, default=250.0, help="the OA's rate for announcements")
    parser.add_argument("--per-second", type=float, default=kills.PER_SECOND, help="messages a second")
    arguments = parser.parse_args()
    clean = True
    if arguments.only != "announcements":
        clean = _answers(arguments)
    if arguments.only != "answers":
        clean = _announcements(arguments) and clean
    return 0 if clean else 1


def _announcements(arguments: argparse.Namespace) -> bool:
    """Once to SQLite or PostgreSQL; both where both are asked for."""
    seed = arguments.seed if arguments.seed is not None else int(time.time())
    clean = True
    for kind in ("sqlite", "postgres") if arguments.database == "both" else (arguments.database,):
        begun = time.monotonic()

        def tell(line: str, kind: str = kind, begun: float = begun) -> None:
            print(f"{kind} {time.monotonic() - begun:6.1f} s  {line}", flush=True)

        with _database(kind) as address, tempfile.TemporaryDirectory(prefix="hoixa-chaos-") as folder:
            outcome = announcing.run(
                residents=arguments.residents,
                announcements=1,
                worker_kills=arguments.kills // 2,
                clock_kills=arguments.kills // 4,
                seed=seed,
                folder=Path(folder),
                database_url=address,
                workers=1 if kind == "sqlite" else 2,
                per_second=arguments.sends_per_second,
                asking_per_second=5.0,
                settle_seconds=1_800.0,
                tell=tell,
            )
        before, during = (announcing.percentile(one, 95) for one in (outcome.replies_before, outcome.replies_during))
        tell(str(outcome))
        tell(
            f"{outcome.seconds:.0f} s in all; p95 of answers {before * 1000:.0f} ms before, {during * 1000:.0f} during"
        )
        clean = clean and outcome.is_clean and outcome.keeps_the_rate
    return clean


def _answers(arguments: argparse.Namespace) -> bool:
    """Questions and answers on both databases, a table at the end."""
    seed = arguments.seed if arguments.seed is not None else int(time.time())
    outcomes: list[kills.Outcome] = []
    for kind in ("sqlite", "postgres") if arguments.database == "both" else (arguments.database,):
        begun = time.monotonic()

        def tell(line: str, kind: str = kind, begun: float = begun) -> None:
            print(f"{kind} {time.monotonic() - begun:6.1f} s  {line}", flush=True)

        with _database(kind) as address, tempfile.TemporaryDirectory(prefix="hoixa-chaos-") as folder:
            outcome = kills.run(
                web_kills=arguments.kills,
                worker_kills=arguments.kills,
                seed=seed,
                folder=Path(folder),
                database_url=address,
                workers=1 if kind == "sqlite" else 2,
                per_second=arguments.per_second,
                tell=tell,
            )
        outcomes.append(outcome)
        tell(str(outcome.verdict))
    print(f"\nseed {seed}, {arguments.per_second:g} messages/s, Zalo answers after {kills.ZALO_LATENCY_MS:g} ms")
    _print_table(outcomes)
    return all(outcome.is_clean for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
