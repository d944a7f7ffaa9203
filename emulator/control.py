"""`/emulator/…`: JSON for tests, the demo and the page. Nothing here waits, but for `wait-idle`."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from emulator import control_accounts, control_acts, control_reads, oauth
from emulator.assembly import Emulator
from emulator.configuration import EmulatorConfiguration
from emulator.control_body import body_of_request, number_of, optional_text
from emulator.errors import ApiError, OAuthError
from emulator.seeds import seed_communes

SECONDS_PER_HOUR = 3600.0
SETTINGS: dict[str, type] = {
    "calls_per_minute": int,
    "oa_calls_per_minute": int,
    "redelivery_scale": float,
    "webhook_timeout_seconds": float,
    "disable_when_exhausted": bool,
    "echo": bool,
    "receipts": bool,
    "seen_delay_seconds": float,
    "article_verify_polls": int,
    "broadcast_review_minutes": float,
    "trace_url": str,
}
"""What may be changed while the emulator runs."""


def change_settings(configuration: EmulatorConfiguration, wanted: Mapping[str, object]) -> None:
    """Set those named in SETTINGS. ValueError on an unknown name or a wrong type; then nothing changes."""
    checked: dict[str, object] = {}
    for name, value in wanted.items():
        kind = SETTINGS.get(name)
        if kind is float and type(value) is int:
            value = float(value)
        if kind is None or type(value) is not kind:
            raise ValueError(f"{name} is unknown or of the wrong type")
        checked[name] = value
    for name, value in checked.items():
        setattr(configuration, name, value)


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

    @blueprint.route("/settings", methods=["GET", "POST"])
    def settings() -> Response:
        configuration = emulator.configuration
        if request.method == "POST":
            change_settings(configuration, body_of_request())
            emulator.rates.calls_per_minute = configuration.calls_per_minute
            emulator.rates.oa_calls_per_minute = configuration.oa_calls_per_minute
        return jsonify({name: getattr(configuration, name) for name in SETTINGS})

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
