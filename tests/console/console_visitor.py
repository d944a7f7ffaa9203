"""An official in front of the console: a browser without a window, which fills in forms as a person would."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from rig import Rig
from werkzeug.test import TestResponse

from bot import credentials
from bot.store import staff as accounts
from bot.store.staff import NewStaff, Staff
from console.app import create_app

PASSWORD = "bốn từ không liên quan"
HOST = "http://localhost"


@cache
def password_hash() -> str:
    """Of :data:`PASSWORD`, made once: its cost is its purpose."""
    return credentials.hash_password(PASSWORD)


class SharedTemplates(BytecodeCache):
    """Templates compiled once for all applications of a test run."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See jinja2."""
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See jinja2."""
        self.compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = SharedTemplates()


class Visitor:
    """One browser. ``staff`` is the account it is meant for."""

    def __init__(self, rig: Rig, application: Flask, staff: Staff) -> None:
        self.rig = rig
        self.application = application
        self.staff = staff
        self.client = application.test_client()

    def get(self, path: str, status: int | None = 200, **more: Any) -> TestResponse:
        """A page; fails unless it answers ``status`` (None: whatever it is)."""
        answer = self.client.get(path, **more)
        assert status is None or answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer

    def csrf(self, path: str) -> str:
        """The token of the forms of a page."""
        found = re.search(r'name="csrf" value="(\w+)"', self.get(path, None).text)
        assert found, path
        return found[1]

    def post(self, path: str, fields: dict[str, Any] | None = None, *, on: str | None = None, status: int | None = 302,
             **more: Any) -> TestResponse:  # fmt: skip
        """Send a form as the page ``on`` would (or the own profile's); ``status`` as for :meth:`get`."""
        token = self.csrf(on or "/console/profile")
        answer = self.client.post(path, data={"csrf": token, **(fields or {})}, **more)
        assert status is None or answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer

    def sign_in(self, password: str = PASSWORD, *, status: int = 302, **fields: str) -> TestResponse:
        """Fill in the first page."""
        return self.post(
            "/console/sign-in", {"email": self.staff.email, "password": password, **fields},
            on="/console/sign-in", status=status,
        )  # fmt: skip


OpenConsole = Callable[..., Visitor]


def open_console_over(rig: Rig) -> OpenConsole:
    """See the fixture ``open_console``."""
    made: dict[str, Flask] = {}

    def open_as(
        role: str = "quan-tri", commune: str | None = "ha-dong", *, email: str = "", signed_in: bool = True,
        unit: str = "", village: str = "", name: str = "", **environment: str,
    ) -> Visitor:  # fmt: skip
        key = repr(environment)
        if key not in made:
            made[key] = create_app(rig.services(**environment))
            made[key].jinja_env.bytecode_cache = TEMPLATES
        place = None if role == "thanh-pho" else commune
        address = email or f"{role}-{next(rig.numbers)}@{place or 'city'}.example"
        with rig.database.write() as connection:
            new = NewStaff(place, address, name or f"Cán bộ {role}", role, password_hash(), unit, village)
            staff = accounts.add(connection, new, rig.clock.now_ms())
        visitor = Visitor(rig, made[key], staff)
        if signed_in:
            visitor.sign_in()
        return visitor

    return open_as
