"""Whether the process, the database and the workers are there; figures for Prometheus; Zalo's proof of the domain."""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from bot.clock import Clock
from bot.journal.figures import running_processes
from bot.settings import Settings
from bot.store.database import Database
from bot.store.failure import DatabaseError
from bot.store.schema import require_current
from webhooks.metrics import render

logger = logging.getLogger(__name__)


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def make_blueprint(settings: Settings, database: Database, clock: Clock, registry: CollectorRegistry) -> Blueprint:
    """Public routes that tell nothing of residents."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def process_is_alive() -> Response:
        return Response("ok", mimetype="text/plain")

    @blueprint.get("/readyz")
    def can_serve() -> Response:
        state = {"database": False, "schema": False, "worker": False}
        try:
            with database.read() as connection:
                connection.execute(text("SELECT 1 FROM alembic_version")).first()
            state["database"] = True
            require_current(database)
            state |= {"schema": True}
            with database.read() as connection:
                state["worker"] = running_processes(connection, clock.now_ms()).get("worker", 0) > 0
        except DatabaseError:
            pass  # the state says how far we came
        except Exception as error:  # whatever keeps us from the database, the answer is "not ready"
            logger.warning("not ready", extra={"error": type(error).__name__})
        return Response(json.dumps(state), 200 if all(state.values()) else 503, mimetype="application/json")

    @blueprint.get("/metrics")
    def figures() -> Response:
        if settings.metrics_token:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            if not hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
                abort(401)
        elif not _is_loopback(request.remote_addr) or "X-Forwarded-For" in request.headers:
            abort(403)  # behind a proxy everybody seems to be loopback
        return Response(render(registry), content_type="text/plain; version=0.0.4; charset=utf-8")

    @blueprint.get("/zalo_verifier<code>.html")
    def domain_proof(code: str) -> Response:
        expected = settings.zalo_verifier
        if not expected or not hmac.compare_digest(code.encode(), expected.encode()):
            abort(404)
        page = (
            "<!doctype html><html><head>"
            f'<meta name="zalo-platform-site-verification" content="{expected}" />'
            "</head><body></body></html>"
        )
        return Response(page, mimetype="text/html")

    return blueprint
