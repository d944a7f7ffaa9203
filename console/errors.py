"""What people see when something cannot be: one page, plain words, and what to do next. The log has the rest."""

from __future__ import annotations

import logging

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.permissions import NotAllowed
from console.desk import word
from console.security import StaleForm

logger = logging.getLogger(__name__)
TOLD = frozenset({400, 403, 404, 405, 409, 413, 429})


def register(application: Flask) -> None:
    """One place for every error."""
    application.register_error_handler(HTTPException, _http)
    application.register_error_handler(NotAllowed, _not_allowed)
    application.register_error_handler(StaleForm, _stale)
    application.register_error_handler(Exception, _unexpected)


def _page(status: int, title: str, text: str) -> tuple[str, int]:
    return render_template("error.html", title=title, text=text), status


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    code = error.code if error.code in TOLD else 500 if error.code >= 500 else 400
    return _page(code, word(f"error_{code}_title"), word(f"error_{code}"))[0], error.code


def _not_allowed(error: NotAllowed) -> tuple[str, int]:
    return _page(403, word("error_403_title"), str(error))


def _stale(_error: StaleForm) -> tuple[str, int]:
    return _page(403, word("error_stale_title"), word("error_stale"))


def _unexpected(error: Exception) -> tuple[str, int]:
    logger.exception("page failed", extra={"error": type(error).__name__})
    return _page(500, word("error_500_title"), word("error_500"))
