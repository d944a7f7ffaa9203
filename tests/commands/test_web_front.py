"""Two applications under one address: the console costs the webhook nothing until somebody opens it."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

from rig import Rig

from commands.web_front import WebFront


def _ask(front: WebFront, path: str) -> tuple[str, bytes]:
    answered: list[str] = []

    def start_response(status: str, _headers: Any, _failure: Any = None) -> Any:
        answered.append(status)

    environ = {
        "PATH_INFO": path, "REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "wsgi.url_scheme": "http", "wsgi.input": None, "wsgi.errors": sys.stderr, "HTTP_HOST": "localhost",
    }  # fmt: skip
    body = b"".join(front(environ, start_response))  # type: ignore[arg-type]
    return answered[0], body


def _webhook_side(_environ: Any, start_response: Any) -> tuple[bytes]:
    start_response("200 OK", [])
    return (b"the webhook's side",)


def test_each_address_has_its_side(sqlite_rig: Rig) -> None:
    front = WebFront(_webhook_side, sqlite_rig.services())
    for path in ("/webhooks/zalo", "/healthz", "/consoles", "/oauth/zalo/callback", ""):
        assert _ask(front, path) == ("200 OK", b"the webhook's side"), path
    assert _ask(front, "/")[0].startswith("302")
    assert _ask(front, "/console")[0].startswith(("308", "404", "302"))
    assert _ask(front, "/console/")[0].startswith("302")
    status, page = _ask(front, "/console/sign-in")
    assert status.startswith("200")
    assert "Đăng nhập" in page.decode()


def test_the_console_is_built_once_however_many_open_it_at_once(sqlite_rig: Rig) -> None:
    front = WebFront(_webhook_side, sqlite_rig.services())
    barrier = threading.Barrier(6)
    built: list[object] = []

    def open_it() -> None:
        barrier.wait()
        built.append(front._build())

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, built))) == 1


def test_the_webhook_side_imports_nothing_of_the_console() -> None:
    code = (
        "import sys, commands.web_server, webhooks.app;"
        "heavy = [name for name in ('console.app', 'jinja2.sandbox', 'argon2', 'pyotp', 'knowledge', 'intents')"
        " if name in sys.modules];"
        "print(heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
