"""Sixteen kept-alive connections that post as fast as they are answered.

``wrk`` where it is installed (Debian's package), since it leaves the two cores to the server; else a small generator
of our own in a process beside us. Both servers of a pair always get the same one.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.comparing import percentile
from benchmarks.messages import SignedEvent

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("distinct.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What a run came to; times in milliseconds."""

    per_second: float
    p50: float
    p99: float


def generator() -> str:
    """Which one is used here."""
    return "wrk" if shutil.which("wrk") else "benchmarks.load"


def write_events(events: list[SignedEvent], path: Path) -> None:
    """One a line: signature, tab, body."""
    path.write_bytes(b"".join(event.mac.encode() + b"\t" + event.body + b"\n" for event in events))


def press(address: str, events: Path, seconds: float) -> Load:
    """Run the generator. RuntimeError where any request failed."""
    if generator() == "wrk":
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--timeout", "5s", "-s", str(_SCRIPT)]
        command += [address, "--", str(events), "1"]
    else:
        command = [sys.executable, "-m", "benchmarks.load", address, str(events), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    result = json.loads(line.removeprefix("RESULT "))
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} of {result['requests']} requests failed")
    return Load(result["requests"] / result["microseconds"] * 1e6, result["p50"] / 1000, result["p99"] / 1000)


async def _connection(host: str, port: int, events: list[bytes], until: float, times: list[float]) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    errors = 0
    while events and time.monotonic() < until:
        mac, _, body = events.pop().partition(b"\t")
        begun = time.monotonic()
        writer.write(
            b"POST /webhooks/zalo HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
            b"X-ZEvent-Signature: mac=%s\r\nContent-Length: %d\r\n\r\n%s" % (host.encode(), mac, len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        errors += b" 200 " not in head.split(b"\r\n", 1)[0] + b" "
        times.append((time.monotonic() - begun) * 1e6)
    writer.close()
    return errors + (not events)


async def _press(address: str, path: Path, seconds: float) -> dict[str, float]:
    parts = urlsplit(address)
    assert parts.hostname is not None and parts.port is not None
    events = path.read_bytes().splitlines()
    events.reverse()
    times: list[float] = []
    begun = time.monotonic()
    errors = await asyncio.gather(
        *(_connection(parts.hostname, parts.port, events, begun + seconds, times) for _ in range(CONNECTIONS))
    )
    spent = time.monotonic() - begun
    return {
        "requests": len(times),
        "microseconds": spent * 1e6,
        "errors": sum(errors),
        "p50": percentile(times, 0.5),
        "p99": percentile(times, 0.99),
    }


if __name__ == "__main__":
    print("RESULT " + json.dumps(asyncio.run(_press(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))))
