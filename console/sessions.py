"""Who is signed in: a random token in a cookie, its keyed digest in the store, new at every sign-in and now and then.

A session ends after :data:`IDLE_MS` of rest and :data:`LONGEST_MS` after it began, whatever happens. The token is
exchanged every :data:`ROTATE_MS`; the one before stays good for a moment, since a page asks for several things at once.
"""

from __future__ import annotations

import secrets

from flask import Response, g, request

from bot.store import staff as accounts
from bot.store import staff_sessions
from bot.store.staff import Staff
from bot.store.staff_sessions import StoredSession
from console.desk import ConsoleDesk

COOKIE = "hoixa_session"
PATH = "/console"
IDLE_MS = 60 * 60_000
LONGEST_MS = 12 * 3_600_000
HALF_WAY_MS = 10 * 60_000
"""How long the second factor may take after the password."""
ROTATE_MS = 15 * 60_000
GRACE_MS = 60_000
TOUCH_MS = 60_000
"""Rest is counted to the minute, so that looking at pages does not write each time."""


def _digest(desk: ConsoleDesk, token: str) -> str:
    return desk.vault.digest(f"session:{token}")


def load(desk: ConsoleDesk) -> None:
    """Fill ``g.staff`` (signed in), ``g.half_way`` (password right, second factor asked for) and ``g.session``."""
    g.staff = g.half_way = g.session = None
    token = request.cookies.get(COOKIE, "")
    if not token:
        return
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        session = staff_sessions.find(connection, _digest(desk, token), previous_until_ms=now - GRACE_MS)
        staff = None if session is None else accounts.get(connection, session.staff_id)
    if session is None or staff is None or staff.disabled or not _is_alive(session, now):
        return
    g.session = session
    if session.is_whole:
        g.staff = staff
        _keep_fresh(desk, session, now)
    else:
        g.half_way = staff


def _is_alive(session: StoredSession, now_ms: int) -> bool:
    rest = IDLE_MS if session.is_whole else HALF_WAY_MS
    return now_ms - session.seen_ms < rest and now_ms - session.begun_ms < LONGEST_MS


def _keep_fresh(desk: ConsoleDesk, session: StoredSession, now_ms: int) -> None:
    """Exchange the token, or at least remember that somebody is there."""
    by_itself = request.headers.get("X-Hoixa-Poll") == "1"
    if by_itself:
        return  # a page left open that looks for news by itself must not keep a session alive
    if now_ms - session.rotated_ms >= ROTATE_MS and not session.by_previous_token and request.method == "GET":
        renew(desk)
    elif now_ms - session.seen_ms >= TOUCH_MS:
        with desk.database.write() as connection:
            staff_sessions.touch(connection, session.digest, now_ms)


def renew(desk: ConsoleDesk) -> None:
    """Another token for the session under way."""
    session: StoredSession = g.session
    token = secrets.token_urlsafe(32)
    with desk.database.write() as connection:
        if staff_sessions.rotate(connection, session.digest, _digest(desk, token), desk.clock.now_ms()):
            g.new_token = token
            g.session_digest = _digest(desk, token)


def begin(desk: ConsoleDesk, staff: Staff, *, is_whole: bool) -> None:
    """Start a session with a token nobody knew before; the one the browser came with is gone."""
    now, token = desk.clock.now_ms(), secrets.token_urlsafe(32)
    with desk.database.write() as connection:
        _drop_the_old(desk, connection)
        staff_sessions.begin(connection, _digest(desk, token), staff.id, staff.commune_id, now, is_whole=is_whole)
        staff_sessions.forget_old(connection, seen_before_ms=now - IDLE_MS, begun_before_ms=now - LONGEST_MS)
        if is_whole:
            accounts.note_signed_in(connection, staff.id, now)
    g.new_token = token


def _drop_the_old(desk: ConsoleDesk, connection: object) -> None:
    if g.session is not None:
        staff_sessions.end(connection, g.session.digest)  # type: ignore[arg-type]  # this room names no SQLAlchemy


def end(desk: ConsoleDesk) -> None:
    """Sign out here."""
    with desk.database.write() as connection:
        _drop_the_old(desk, connection)
    g.staff = g.half_way = g.session = None
    g.new_token = ""


def end_others(desk: ConsoleDesk, staff: Staff) -> None:
    """Sign the official out everywhere else, and give this session another token."""
    renew(desk)
    with desk.database.write() as connection:
        staff_sessions.end_all(connection, staff.id, but=g.get("session_digest") or g.session.digest)


def put_cookie(desk: ConsoleDesk, response: Response) -> None:
    """Send the new token, or take the cookie away; nothing where nothing changed."""
    token = g.get("new_token")
    if token is None:
        return
    if token:
        response.set_cookie(COOKIE, token, path=PATH, httponly=True, secure=desk.is_https, samesite="Strict")
    else:
        response.delete_cookie(COOKIE, path=PATH, httponly=True, secure=desk.is_https, samesite="Strict")
