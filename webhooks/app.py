"""The web process as a WSGI application. Made by a function, with everything handed in: importing it does nothing."""

from __future__ import annotations

from flask import Flask
from prometheus_client import CollectorRegistry

from bot.journal.writer import InboxWriter
from bot.services import Services
from webhooks import health, oauth, receiver, traces
from webhooks.accounts import KnownAccounts
from webhooks.front import WebhookFront
from webhooks.metrics import BacklogCollector, WebhookMetrics
from webhooks.receiver import MAXIMUM_BYTES, Receiver

PUBLIC_ENDPOINTS = {
    "zalo.look": "Zalo and the operator look whether the address lives",
    "health.process_is_alive": "tells nothing of residents",
    "health.can_serve": "tells nothing of residents",
    "health.figures": "this machine alone, or HOIXA_METRICS_TOKEN",
    "health.domain_proof": "Zalo's proof of the domain",
    "oauth.callback": "the single-use state is the key",
    "traces.trace": "exists in the demo alone",
}
"""Every route of this process and why no sign-in guards it; a meta-test holds the application to it.

A POST to the webhook is no route but :mod:`webhooks.front`: each event's signature is its key."""


def create_app(services: Services, writer: InboxWriter) -> Flask:
    """``writer`` must have been started in this very process (after any fork)."""
    application = Flask(__name__, static_folder=None)
    application.config["MAX_CONTENT_LENGTH"] = MAXIMUM_BYTES
    registry = CollectorRegistry()
    registry.register(BacklogCollector(services.database, services.clock))
    known = KnownAccounts(services.database, services.vault, services.clock)
    receives = Receiver(
        accounts=known,
        writer=writer,
        vault=services.vault,
        clock=services.clock,
        app_id=services.settings.zalo_app_id,
        metrics=WebhookMetrics(registry),
    )
    application.register_blueprint(receiver.make_blueprint())
    application.register_blueprint(
        health.make_blueprint(services.settings, services.database, services.clock, registry)
    )
    application.register_blueprint(
        oauth.make_blueprint(services.database, services.vault, services.clock, services.zalo)
    )
    if services.settings.trace:
        application.register_blueprint(traces.make_blueprint(services.database, services.vault))
    application.wsgi_app = WebhookFront(receives, application.wsgi_app)  # type: ignore[method-assign]
    return application
