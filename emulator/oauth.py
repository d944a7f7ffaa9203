"""OAuth v4 of Official Accounts: the consent page, and the token endpoint with PKCE and rotation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from emulator.api_call import gateway_page
from emulator.assembly import Emulator
from emulator.errors import ApiError, OAuthError
from emulator.tokens import RefreshTokenReused, TokenPair


def create_blueprint(emulator: Emulator) -> Blueprint:
    """`/v4/oa/permission` and `/v4/oa/access_token`."""
    blueprint = Blueprint("oauth", __name__)

    @blueprint.get("/v4/oa/permission")
    def permission() -> Response | str:
        try:
            _check_permission_request(emulator, request.args)
        except OAuthError as refusal:
            return _reply(refusal.body())
        return render_template("permission.html", accounts=emulator.world.accounts(), wanted=request.args)

    @blueprint.post("/v4/oa/permission")
    def decide() -> BaseResponse:
        try:
            challenge = _check_permission_request(emulator, request.form)
            if request.form.get("decision") != "allow":
                raise OAuthError(-14023)
            oa_id = request.form.get("oa_id", "")
            code = grant_code(emulator, oa_id, challenge)
        except OAuthError as refusal:
            return _reply(refusal.body())
        parts = urlsplit(request.form["redirect_uri"])
        answer = {"code": code, "oa_id": oa_id}
        if "state" in request.form:
            answer["state"] = request.form["state"]
        query = urlencode([*parse_qsl(parts.query), *answer.items()])
        return redirect(urlunsplit(parts._replace(query=query)))

    @blueprint.post("/v4/oa/access_token")
    def access_token() -> Response:
        return _answer_token_call(emulator)

    return blueprint


def _answer_token_call(emulator: Emulator) -> Response:
    emulator.world.count("oauth_calls")
    fault = emulator.faults.take_oauth()
    match fault:
        case "gateway_page":
            return gateway_page()
        case "empty_reply":
            return _empty()
        case "http_500":
            return Response("", status=500)
        case "hang" if not emulator.faults.oauth.hang_delivered:
            emulator.pause(emulator.faults.oauth.hang_seconds)
            return gateway_page()
    response = _token_reply(emulator, request.form, omit_refresh=fault == "omit_refresh_token")
    if fault == "hang":
        emulator.pause(emulator.faults.oauth.hang_seconds)
    return response


def _check_permission_request(emulator: Emulator, wanted: Mapping[str, str]) -> str:
    if wanted.get("app_id") != emulator.app_id:
        raise OAuthError(-14002, "App is not active but user is not admin")
    saved = emulator.configuration.oauth_callback_url
    if not wanted.get("redirect_uri") or saved not in (None, wanted["redirect_uri"]):
        raise OAuthError(-14003)
    challenge = wanted.get("code_challenge") or emulator.configuration.console_code_challenge
    if not challenge:
        raise OAuthError(-14012)
    return challenge


def grant_code(emulator: Emulator, oa_id: str, challenge: str) -> str:
    """An authorization code for an OA, as if its admin had consented. OAuthError -14015 for an unknown OA."""
    try:
        emulator.world.account(oa_id)
    except ApiError:
        raise OAuthError(-14015) from None
    return emulator.tokens.issue_code(oa_id, challenge)


def _token_reply(emulator: Emulator, form: Mapping[str, str], *, omit_refresh: bool) -> Response:
    try:
        pair = _exchange(emulator, form)
    except RefreshTokenReused:
        emulator.world.count("oauth_refresh_reused")
        return _reused(emulator)
    except OAuthError as refusal:
        emulator.world.count(f"oauth_error_{refusal.code}")
        return _reply(refusal.body())
    account = emulator.world.account(pair.oa_id)
    with emulator.world.lock:
        account.granted = True
    body = pair.to_json()
    if omit_refresh:
        del body["refresh_token"]
    return _reply(body)


def _exchange(emulator: Emulator, form: Mapping[str, str]) -> TokenPair:
    if request.headers.get("secret_key") != emulator.configuration.app_secret:
        raise OAuthError(-14004)
    if form.get("app_id") != emulator.app_id:
        raise OAuthError(-14002)
    match form.get("grant_type"):
        case "authorization_code":
            _require(form, "code", "code_verifier")
            return emulator.tokens.exchange(form["code"], form["code_verifier"])
        case "refresh_token":
            _require(form, "refresh_token")
            return emulator.tokens.refresh(form["refresh_token"])
        case _:
            raise OAuthError(-14018)


def _require(form: Mapping[str, str], *names: str) -> None:
    if any(not form.get(name) for name in names):
        raise OAuthError(-14017)


def _reused(emulator: Emulator) -> Response:
    match emulator.faults.oauth.reused_refresh:
        case "-14014":
            return _reply(OAuthError(-14014, empty_tokens=True).body())
        case "-14020":
            return _reply(OAuthError(-14020).body())
        case "quoted":
            return _reply(OAuthError(-14014).body() | {"error": "-14014"})
        case _:
            return _empty()


def _reply(body: Mapping[str, object]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def _empty() -> Response:
    return Response("", status=200, mimetype="application/json")
