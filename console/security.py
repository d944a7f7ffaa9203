"""The guard before every page, and the headers after it.

A route that declares nothing is refused, whoever asks. Every request that changes something carries a token tied to
the session (or, before sign-in, to a cookie of the form), and comes from our own pages by its Origin.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import permissions
from console import sessions
from console.access import ACT, OPEN_TO_STAFF, PUBLIC
from console.desk import ConsoleDesk, the_desk

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_COOKIE = "hoixa_form"
FIELD, HEADER = "csrf", "X-Csrf"
STATIC_ENDPOINT = "static_files.send"
BEFORE_A_NEW_PASSWORD = frozenset({"profile.page", "profile.change_password", "sign_in.sign_out"})
"""Where somebody may go who came in with a password made for them."""


class StaleForm(Exception):
    """The token of a form does not fit: an old page, or one that is not ours."""


def guard(application: Flask) -> None:
    """Put the guard before and the headers after every request."""
    application.before_request(_check)
    application.after_request(_finish)


def _check() -> BaseResponse | None:
    g.nonce = secrets.token_urlsafe(16)
    desk = the_desk()
    if request.endpoint is None:
        g.staff = g.half_way = g.session = None
        return None  # nothing is there, and that is all anybody learns
    view = current_app.view_functions[request.endpoint]
    if request.endpoint == STATIC_ENDPOINT:
        g.staff = g.half_way = g.session = None
        return None
    sessions.load(desk)
    is_public, act = hasattr(view, PUBLIC), getattr(view, ACT, None)
    if not is_public and g.staff is None:
        return _to_sign_in()
    if request.method not in SAFE_METHODS:
        _refuse_foreign(desk)
    if is_public:
        return None
    if act is None and not hasattr(view, OPEN_TO_STAFF):
        abort(403)
    if act is not None and permissions.scope_of(g.staff, act) is None:
        abort(403)
    if g.staff.must_change_password and request.endpoint not in BEFORE_A_NEW_PASSWORD:
        return redirect(url_for("profile.page"))
    return None


def _to_sign_in() -> BaseResponse:
    if g.half_way is not None:
        return redirect(url_for("sign_in.second_factor"))
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    address = url_for("sign_in.page", next=wanted or None)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("sign_in.page")})
    return redirect(address)


def csrf_token() -> str:
    """The token for the forms of this page."""
    desk = the_desk()
    if g.get("session") is not None:
        return desk.vault.digest(f"csrf:{g.session.staff_id}:{g.session.begun_ms}:{g.session.is_whole}")
    visitor = g.get("visitor") or request.cookies.get(FORM_COOKIE, "")
    if not visitor:
        visitor = g.visitor = secrets.token_urlsafe(16)
    return desk.vault.digest(f"csrf-form:{visitor}")


def _refuse_foreign(desk: ConsoleDesk) -> None:
    origin = request.headers.get("Origin")
    if origin is not None:
        ours = {request.host, urlsplit(desk.services.settings.public_url).netloc} - {""}
        if urlsplit(origin).netloc not in ours:
            raise StaleForm
    if g.session is None and not request.cookies.get(FORM_COOKIE):
        raise StaleForm
    given = request.form.get(FIELD) or request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_token().encode()):
        raise StaleForm


def _finish(response: Response) -> Response:
    desk = the_desk()
    sessions.put_cookie(desk, response)
    if g.get("visitor"):
        response.set_cookie(
            FORM_COOKIE, g.visitor, path=sessions.PATH, httponly=True, secure=desk.is_https, samesite="Strict"
        )
    nonce = g.get("nonce", "")
    policy = {
        "default-src": "'none'",
        "script-src": f"'nonce-{nonce}'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if desk.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def safe_next(wanted: str) -> str:
    """Where to go after sign-in: a page of ours, or home. An address elsewhere is never followed."""
    home = url_for("home.mine")
    parts = urlsplit(wanted)
    is_ours = not parts.scheme and not parts.netloc and (parts.path == "/console" or wanted.startswith("/console/"))
    has_tricks = any(sign in wanted for sign in "\\\r\n\t") or "//" in parts.path or "/../" in wanted
    return wanted if is_ours and not has_tricks else home
