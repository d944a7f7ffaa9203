"""A Zalo that does next to nothing: it answers every send after a given time and notes when each arrived.

The emulator of the product checks, echoes and remembers; beside it one would measure the emulator. This one is an
asyncio server of raw HTTP, run as a process of its own: ``python -m benchmarks.fake_zalo LATENCY_MS``.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class _Server:
    def __init__(self, latency_seconds: float) -> None:
        self.latency_seconds = latency_seconds
        self.arrivals: list[int] = []

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if length:
                    await reader.readexactly(length)
                body = await self.answer(head.split(b" ", 2)[1])
                writer.write(_OK % (len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, path: bytes) -> bytes:
        if path == b"/arrivals":
            return json.dumps(self.arrivals).encode()
        if path == b"/forget":
            self.arrivals.clear()
            return b"{}"
        if path == b"/count":
            return str(len(self.arrivals)).encode()
        number = len(self.arrivals)
        self.arrivals.append(time.monotonic_ns())
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        data = {"message_id": f"m{time.monotonic_ns()}{number}", "user_id": "1", "sent_time": "1"}
        return json.dumps(
            {"data": {**data, "quota": {"quota_type": "reply"}}, "error": 0, "message": "Success"}
        ).encode()


async def _serve(latency_seconds: float) -> None:
    server = await asyncio.start_server(_Server(latency_seconds).converse, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class FakeZalo:
    """The running server as seen by a benchmark."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def _get(self, path: str) -> object:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def arrivals(self) -> list[int]:
        """When each send arrived: nanoseconds of the machine's monotonic clock."""
        found = self._get("/arrivals")
        assert isinstance(found, list)
        return found

    def forget(self) -> None:
        """Begin to count anew."""
        self._get("/forget")

    def wait_for(self, count: int, seconds: float) -> None:
        """Until so many sends arrived. TimeoutError otherwise."""
        deadline = time.monotonic() + seconds
        while True:
            arrived = self._get("/count")
            assert isinstance(arrived, int)
            if arrived >= count:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{arrived} of {count} sends arrived in {seconds:.0f} s")
            time.sleep(0.05)  # between two looks


@contextmanager
def running(latency_ms: float) -> Iterator[FakeZalo]:
    """Start it, and stop it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fake_zalo", str(latency_ms)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield FakeZalo(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) / 1000))
