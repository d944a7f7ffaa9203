"""A private PostgreSQL for the tests: a fresh cluster in a temporary folder, gone when the tests end.

Nothing of a PostgreSQL that already runs on the machine is touched. ``fsync`` stays on, as it must in an install:
a test of durability on a server that does not sync would prove nothing.
"""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

OWNER = "hoixa"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
# Folders of Debian's packages, newest version first, for where the programs are not on PATH.
PACKAGED_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)


class Unavailable(Exception):
    """PostgreSQL cannot be had on this machine. ``str(error)`` says why."""


def _program(name: str) -> str:
    for folder in PACKAGED_PROGRAMS:
        if (folder / name).is_file():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise Unavailable(
            f"PostgreSQL's {name} is neither on PATH nor in Debian's place; install the package postgresql"
        )
    return found


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: None for ourselves, another account where we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable("PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class PostgresServer:
    """One cluster on the loopback address and on a socket in its folder. Start it, make databases, stop it."""

    def __init__(self) -> None:
        self._account = _account()
        self._initdb, self._postgres = _program("initdb"), _program("postgres")
        self._folder = Path(tempfile.mkdtemp(prefix="hoixa-postgres-"))
        self._password = secrets.token_hex(16)
        self._names = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises :class:`Unavailable` with the server's own words."""
        password_file = self._folder / "password"
        password_file.write_text(self._password, encoding="ascii")
        if self._account is not None:
            for path in (self._folder, password_file):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        made = subprocess.run(
            [
                *(self._initdb, "--pgdata", str(self._folder / "data"), "--username", OWNER),
                *("--pwfile", str(password_file), "--auth", "scram-sha-256"),
                # The tables are made anew for each run, so only the server has to sync, not the making of it.
                *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            **self._as_account(),  # type: ignore[call-overload]
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise Unavailable(f"initdb failed: {made.stderr.strip()[-500:]}")
        for _ in range(3):  # another program may take the free port before the server does
            if self._start_on(_free_port()):
                return
        raise Unavailable(f"PostgreSQL does not start: {self._log()}")

    def _as_account(self) -> dict[str, object]:
        account = self._account
        if account is None:
            return {"cwd": self._folder}
        return {"cwd": self._folder, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _start_on(self, port: int) -> bool:
        # A test run that is killed must not leave a server behind: the kernel tells the server when we are gone.
        setpriv = shutil.which("setpriv")
        watched = [setpriv, "--pdeathsig", "INT"] if setpriv else []
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *watched,
                    *(self._postgres, "-D", str(self._folder / "data"), "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}"),
                    *("-c", "max_connections=200", "-c", "shared_buffers=64MB"),
                ],
                **self._as_account(),  # type: ignore[call-overload]
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.port = port
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None:
            try:
                psycopg.connect(self._plain_url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    self._end_process()
                    raise Unavailable(f"PostgreSQL did not answer in {START_SECONDS:.0f} s: {self._log()}") from None
                time.sleep(0.05)  # between two looks, not in place of one
            else:
                return True
        return False

    def _log(self) -> str:
        path = self._folder / "log"
        return path.read_text(encoding="utf-8", errors="replace").strip()[-500:] if path.exists() else ""

    def _plain_url(self, database: str) -> str:
        return f"postgresql://{OWNER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A new empty database; its SQLAlchemy address, which also serves as ``HOIXA_DATABASE_URL``."""
        name = f"test_{next(self._names)}"
        with psycopg.connect(self._plain_url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]  # our own name, no input
        return self._plain_url(name).replace("postgresql://", "postgresql+psycopg://")

    def _end_process(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(3)  # SIGQUIT: at once; the cluster is thrown away with its folder
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End the server and remove the cluster."""
        self._end_process()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The cluster of this test run; the test is skipped, with the reason, where it cannot be had.

    Root on an unattended run can install the packages, so there a missing server is a failure, not a skip.
    """
    server: PostgresServer | None = None
    try:
        server = PostgresServer()
        server.start()
    except Unavailable as error:
        if server is not None:
            server.stop()
        if os.environ.get("CI") and os.geteuid() == 0:
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> Callable[[], str]:
    """A function that makes a fresh, empty database and returns its address."""
    return postgres_server.create_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh, empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hoixa.sqlite3'}"
    create: Callable[[], str] = request.getfixturevalue("postgres_url")
    return create()
