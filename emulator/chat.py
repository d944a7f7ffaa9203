"""The phone-like chat page: rendered on the server, kept fresh by a small script; every button is a plain form."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_from_directory, url_for
from werkzeug.wrappers import Response as BaseResponse

from emulator import chat_forms, media, reply_window, tracing
from emulator.assembly import Emulator
from emulator.clock import SECOND_MS, VIETNAM
from emulator.errors import ApiError
from emulator.world import OfficialAccount, Resident

SHOWN_MESSAGES = 200
SHOWN_DELIVERIES = 8
SCRIPT_MARK = "fetch"
LONGEST_WAIT_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.03


def clock_text(epoch_ms: int) -> str:
    """HH:MM in Viet Nam."""
    return datetime.fromtimestamp(epoch_ms / SECOND_MS, tz=UTC).astimezone(VIETNAM).strftime("%H:%M")


def day_text(epoch_ms: int) -> str:
    """DD/MM/YYYY HH:MM in Viet Nam."""
    return datetime.fromtimestamp(epoch_ms / SECOND_MS, tz=UTC).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def readable(value: object) -> str:
    """Text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def percent(value: object) -> int:
    """A score of 0–1 as a whole percentage; 0 for what is no number."""
    return max(0, min(100, round(float(value) * 100))) if isinstance(value, int | float) else 0


def web_address(value: object) -> str:
    """The address when it is a web address, else one that leads nowhere: no script may hide in a link."""
    text = str(value)
    return text if text.startswith(("https://", "http://")) else "#"


FILTERS: dict[str, Callable[..., object]] = {
    "clock": clock_text,
    "day": day_text,
    "readable": readable,
    "percent": percent,
    "web_address": web_address,
}


def _chosen(emulator: Emulator) -> tuple[OfficialAccount | None, Resident | None]:
    accounts = emulator.world.accounts()
    wanted = request.values.get("oa_id")
    account = next((item for item in accounts if item.oa_id == wanted), accounts[0] if accounts else None)
    if account is None:
        return None, None
    known = emulator.world.residents(account.oa_id)
    wanted = request.values.get("user_id")
    return account, next((item for item in known if item.user_id == wanted), known[0] if known else None)


def _context(emulator: Emulator) -> dict[str, object]:
    account, resident = _chosen(emulator)
    messages = emulator.world.conversation(account.oa_id, resident.user_id) if account and resident else []
    deliveries = list(emulator.sender.recent)[-SHOWN_DELIVERIES:]
    now_ms = emulator.clock.now_ms()
    return {
        "account": account,
        "resident": resident,
        "accounts": emulator.world.accounts(),
        "residents": emulator.world.residents(account.oa_id) if account else [],
        "messages": messages[-SHOWN_MESSAGES:],
        "deliveries": list(reversed(deliveries)),
        "sender": emulator.sender,
        "faults": emulator.faults,
        "api_faults": chat_forms.active(emulator),
        "troubles": chat_forms.choices(),
        "signatures": chat_forms.SIGNATURES,
        "now_ms": now_ms,
        "window": reply_window.describe(resident, now_ms) if resident else "",
        "refusals": _refusals(emulator),
        "offset_hours": round(emulator.clock.offset_seconds / chat_forms.SECONDS_PER_HOUR, 1),
        "version": emulator.world.version,
        "counters": emulator.world.counters,
    }


def _wait_for_news(emulator: Emulator, known: str | None) -> None:
    """Hold the page's question until there is something to tell, so that a reply is shown the moment it comes."""
    give_up = time.monotonic() + LONGEST_WAIT_SECONDS
    while known == str(emulator.world.version) and time.monotonic() < give_up:
        if emulator.stopping.wait(LOOK_EVERY_SECONDS):
            return


def _refusals(emulator: Emulator) -> list[str]:
    """What Zalo refused since the start, with how often."""
    with emulator.world.lock:
        counters = dict(emulator.world.counters)
    prefix = "api_error_"
    return [f"{name.removeprefix(prefix)}: {times} lần" for name, times in counters.items() if name.startswith(prefix)]


def create_blueprint(emulator: Emulator) -> Blueprint:
    """The page, its fragments, its forms and its media."""
    blueprint = Blueprint("chat", __name__)
    for name, function in FILTERS.items():
        blueprint.add_app_template_filter(function, name)

    @blueprint.get("/")
    def page() -> str:
        return render_template("page.html", problem=request.args.get("problem"), **_context(emulator))

    @blueprint.get("/fragments")
    def fragments() -> Response:
        known = request.args.get("version")
        if "wait" in request.args:
            _wait_for_news(emulator, known)
        if known == str(emulator.world.version):
            return jsonify(version=emulator.world.version)
        context = _context(emulator)
        return jsonify(
            version=context["version"],
            log=render_template("log.html", **context),
            status=render_template("status.html", **context),
            person=render_template("person.html", **context),
        )

    @blueprint.get("/trace-panel")
    def trace_panel() -> str:
        oa_id, message_id = request.args.get("oa_id", ""), request.args.get("msg_id", "")
        result = tracing.fetch(emulator.configuration.trace_url, oa_id=oa_id, msg_id=message_id)
        return render_template("trace.html", message=emulator.world.message(message_id), **result)

    @blueprint.post("/do/<name>")
    def do(name: str) -> BaseResponse:
        return _perform(emulator, name)

    @blueprint.get("/static-emulator/<name>")
    def asset(name: str) -> Response:
        return send_from_directory(media.STATIC, name)

    @blueprint.get("/media/<path:name>")
    def stand_in(name: str) -> Response:
        found = media.find(emulator, name)
        if found is None:
            return Response("", status=404)
        return Response(found[1], mimetype=found[0])

    return blueprint


def _perform(emulator: Emulator, name: str) -> BaseResponse:
    perform = chat_forms.FORMS.get(name)
    problem: str | None = None
    if perform is None:
        return Response("", status=404)
    try:
        perform(emulator, request.form)
    except ApiError as error:
        problem = error.message
    except (ValueError, KeyError) as error:
        problem = str(error)
    if request.headers.get("X-Requested-With") == SCRIPT_MARK:
        return jsonify(problem=problem)
    keep = {key: request.form[key] for key in ("oa_id", "user_id") if key in request.form}
    if problem is not None:
        keep["problem"] = problem
    return redirect(url_for("chat.page", **keep), code=303)  # type: ignore[arg-type]
