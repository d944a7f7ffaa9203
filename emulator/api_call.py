"""How every call of the OA API is answered: faults, rate limit, token, then the call itself; HTTP 200 throughout."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response, request

from emulator.assembly import Emulator
from emulator.errors import OA_RATE_LIMIT_MESSAGE, ApiError
from emulator.faults import ApiFault
from emulator.world import OfficialAccount


@dataclass(frozen=True, slots=True)
class Call:
    """One call with a good token."""

    emulator: Emulator
    account: OfficialAccount
    number: int
    """Its place among all calls that reached the API."""


class NoData:
    """The call succeeded and its reply has no `data` key."""


NO_DATA = NoData()
Handler = Callable[[Call], object]


def json_body() -> Mapping[str, object]:
    """The JSON object of the request. ApiError -201 when it is none."""
    try:
        body = json.loads(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(-201, "body is invalid!")
    return body


def query_data() -> Mapping[str, object]:
    """The one query parameter `data` holding JSON; plain query parameters where it is absent."""
    raw = request.args.get("data")
    if raw is None:
        return dict(request.args.items())
    try:
        data = json.loads(raw)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ApiError(-201, "data is invalid!")
    return data


def text_of(values: Mapping[str, object], name: str) -> str:
    """An id that may come as text or, from clients that follow the docs' samples, as a number. ApiError -201."""
    value = values.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise ApiError(-201, f"{name} is invalid!")
    return value


def integer_of(values: Mapping[str, object], name: str, default: int, *, low: int, high: int) -> int:
    """A whole number within bounds. ApiError -201 when it is none, -210 when it is out of bounds."""
    try:
        number = int(str(values.get(name, default)))
    except ValueError:
        raise ApiError(-201, f"{name} is invalid!") from None
    if not low <= number <= high:
        raise ApiError(-210)
    return number


def answer_call(emulator: Emulator, handler: Handler, *, is_send: bool = False) -> Response:
    """Answer the current request with `handler`'s data, a refusal, or the trouble that is switched on."""
    owner = emulator.tokens.owner(request.headers.get("access_token", ""))
    past_limit, remaining = emulator.rates.admit(owner, is_send=is_send)
    number = emulator.world.count("api_calls")
    emulator.pause(emulator.faults.latency_milliseconds / 1000)
    recipient = _recipient() if is_send else None
    fault = emulator.faults.take_api(request.path, owner, recipient, is_packaged=_is_packaged())
    if fault is not None and fault.kind != "error" and not fault.delivered:
        return _trouble(emulator, fault, None)
    body = _execute(emulator, handler, number, past_limit, fault)
    response = _respond(emulator, body, remaining)
    if fault is not None and fault.kind != "error":
        return _trouble(emulator, fault, response)
    return response


def _recipient() -> str | None:
    body = request.get_json(silent=True)
    recipient = body.get("recipient") if isinstance(body, dict) else None
    user_id = recipient.get("user_id") if isinstance(recipient, dict) else None
    return str(user_id) if user_id is not None else None


def _is_packaged() -> bool:
    body = request.get_json(silent=True)
    message = body.get("message") if isinstance(body, dict) else None
    return isinstance(message, dict) and "attachment" in message


def _execute(
    emulator: Emulator, handler: Handler, number: int, past_limit: str | None, fault: ApiFault | None
) -> dict[str, object]:
    try:
        if past_limit is not None:
            raise ApiError(-32, OA_RATE_LIMIT_MESSAGE if past_limit == "oa" else None)
        if fault is not None and fault.kind == "error":
            raise ApiError(fault.code)
        account = emulator.world.account(emulator.tokens.check(request.headers.get("access_token", "")))
        if account.disabled:
            raise ApiError(-204)
        data = handler(Call(emulator, account, number))
    except ApiError as refusal:
        emulator.world.count(f"api_error_{refusal.code}")
        emulator.world.touch()
        return refusal.body()
    body: dict[str, object] = {} if isinstance(data, NoData) else {"data": data}
    return body | {"error": 0, "message": "Success"}


def _respond(emulator: Emulator, body: Mapping[str, object], remaining: int) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
    response.headers["X-RateLimit-Limit"] = str(emulator.rates.calls_per_minute)
    response.headers["X-RateLimit-Remain"] = str(remaining)
    return response


def _trouble(emulator: Emulator, fault: ApiFault, response: Response | None) -> Response:
    emulator.world.count(f"fault_{fault.kind}")
    match fault.kind:
        case "hang":
            emulator.pause(fault.seconds)
            return response or Response("", status=504)
        case "reset":
            break_connection()
            return response or Response("", status=502)
        case "html":
            return gateway_page()
        case _:
            return Response('{"error":-1,"message":"Internal Server Error"}', status=500, mimetype="application/json")


def gateway_page() -> Response:
    """What a proxy before the API says when nobody answers it."""
    return Response("<html>504</html>", status=504, mimetype="text/html")


def break_connection() -> None:
    """Cut the caller's connection before any answer, where the server lets us reach it."""
    connection = request.environ.get("emulator.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
