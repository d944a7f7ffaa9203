"""`/emulator/…`: JSON for tests, the demo and the page. Nothing here waits, but for `wait-idle`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from emulator import control_accounts, control_acts, control_reads, oauth
from emulator.assembly import Emulator
from emulator.control_body import body_of_request, number_of, optional_text
from emulator.errors import ApiError, OAuthError
from emulator.seeds import seed_communes

SECONDS_PER_HOUR = 3600.0


def create_blueprint(emulator: Emulator) -> Blueprint:
    """All control endpoints. Refusals: HTTP 400 with {"problem"}, 404 for unknown OAs and residents."""
    blueprint = Blueprint("control", __name__, url_prefix="/emulator")

    @blueprint.errorhandler(ValueError)
    def bad_request(error: ValueError) -> tuple[Response, int]:
        return jsonify(problem=str(error)), 400

    @blueprint.errorhandler(OAuthError)
    def refused(error: OAuthError) -> tuple[Response, int]:
        return jsonify(error.body()), 400

    @blueprint.errorhandler(ApiError)
    def unknown(error: ApiError) -> tuple[Response, int]:
        return jsonify(problem=error.message), 404

    control_accounts.register(blueprint, emulator)
    control_reads.register(blueprint, emulator)
    _register_switches(blueprint, emulator)
    _register_commands(blueprint, emulator)
    return blueprint


def _register_switches(blueprint: Blueprint, emulator: Emulator) -> None:
    @blueprint.route("/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Response:
        if request.method == "POST":
            emulator.faults.update(body_of_request())
        elif request.method == "DELETE":
            emulator.faults.clear()
        emulator.world.touch()
        return jsonify(emulator.faults.to_json())

    @blueprint.post("/clock")
    def clock() -> Response:
        wanted = body_of_request()
        if wanted.get("reset"):
            emulator.clock.reset()
        seconds = number_of(wanted, "shift_seconds", 0) + number_of(wanted, "shift_hours", 0) * SECONDS_PER_HOUR
        emulator.clock.shift(seconds)
        emulator.world.touch()
        return jsonify(now_ms=emulator.clock.now_ms(), offset_seconds=emulator.clock.offset_seconds)

    @blueprint.post("/webhook")
    def webhook() -> Response:
        wanted = body_of_request()
        url = optional_text(wanted.get("url", emulator.sender.url))
        outcome = emulator.sender.set_url(url, probe=bool(wanted.get("probe", True)))
        return jsonify(url=emulator.sender.url, probe=outcome, disabled=emulator.sender.disabled)


def _register_commands(blueprint: Blueprint, emulator: Emulator) -> None:
    @blueprint.post("/oauth/code")
    def authorization_code() -> Response:
        wanted = body_of_request()
        code = oauth.grant_code(emulator, str(wanted.get("oa_id")), str(wanted.get("code_challenge", "")))
        return jsonify(code=code)

    @blueprint.post("/limits")
    def limits() -> Response:
        limit = number_of(body_of_request(), "calls_per_minute", emulator.rates.calls_per_minute)
        emulator.rates.calls_per_minute = int(limit)
        return jsonify(calls_per_minute=emulator.rates.calls_per_minute)

    @blueprint.post("/wait-idle")
    def wait_idle() -> Response:
        return jsonify(idle=emulator.sender.wait_idle(number_of(body_of_request(), "timeout_seconds", 10)))

    @blueprint.post("/reset")
    def reset() -> Response:
        if body_of_request().get("keep_accounts"):
            emulator.clear_traffic()
        else:
            emulator.reset()
            if emulator.configuration.seed_communes:
                seed_communes(emulator)
        return jsonify(ok=True)

    @blueprint.post("/acts/<name>")
    def act(name: str) -> Response:
        perform = control_acts.ACTS.get(name)
        if perform is None:
            raise ValueError(f"acts are {sorted(control_acts.ACTS)}")
        return jsonify(perform(emulator, body_of_request()))
