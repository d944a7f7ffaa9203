"""The console as a WSGI application of its own: another trust zone than the webhook, with its own cookies and headers.

Made by a function with everything handed in; importing it does nothing. ``commands`` puts it beside the webhook.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from bot.services import Services
from console import errors, layout, security
from console.desk import EXTENSION, ConsoleDesk
from console.rooms import ROOMS

PREFIX = "/console"
MAXIMUM_BYTES = 12_000_000
"""A form with its pictures."""
MAXIMUM_FIELDS = 1_000


def create_app(services: Services) -> Flask:
    """Every room's blueprint under ``/console``, behind one guard."""
    application = Flask(__name__, static_folder=None)
    application.config.update(
        MAX_CONTENT_LENGTH=MAXIMUM_BYTES,
        MAX_FORM_PARTS=MAXIMUM_FIELDS,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        SECRET_KEY=services.vault.digest("console: notices for the next page"),
        SESSION_COOKIE_NAME="hoixa_notice",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH=PREFIX,
    )
    desk = ConsoleDesk(services)
    application.config["SESSION_COOKIE_SECURE"] = desk.is_https
    application.extensions[EXTENSION] = desk
    security.guard(application)
    layout.dress(application)
    errors.register(application)
    for module in ROOMS:
        application.register_blueprint(import_module(module).make_blueprint(desk), url_prefix=PREFIX)
    return application
