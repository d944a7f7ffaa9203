"""Calling Zalo's Open API and OAuth server (contract 0, 2, 3, 4).

One client serves all OAs and all threads. It makes each call once: whether and when to call again is decided where
outcomes are stored. Nothing here is logged; outcomes carry no token and no text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from bot.people import GROUP_MARK
from bot.replies import Reply
from bot.zalo.articles import GROUP_PATH, group_body
from bot.zalo.errors import ErrorRule, rule
from bot.zalo.fields import clean_text, identifier, mapping, whole_number
from bot.zalo.messages import TEXT_LIMIT, MessageLimitError, anonymous_body, cs_body, utf16_units
from bot.zalo.oauth import token_reply
from bot.zalo.outcomes import (
    ApiAnswer,
    OAuthFailure,
    RecentMessage,
    RecentMessages,
    SendOutcome,
    TokenPair,
    UserQuota,
)
from bot.zalo.transport import Answer, NoAnswer, Transport

__all__ = [
    "ApiAnswer",
    "OAuthFailure",
    "RecentMessage",
    "RecentMessages",
    "SendOutcome",
    "TokenPair",
    "UserQuota",
    "ZaloClient",
]

SEND_PATH = "/v3.0/oa/message/cs"
ANONYMOUS_PATH = "/v2.0/oa/message"
CONVERSATION_PATH = "/v2.0/oa/conversation"
PROFILE_PATH = "/v2.0/oa/getoa"
USER_QUOTA_PATH = "/v3.0/oa/quota/message"
USER_DETAIL_PATH = "/v3.0/oa/user/detail"
TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 - an address, not a secret
PERMISSION_PATH = "/v4/oa/permission"

MOST_CONVERSATION_ROWS = 10
_UNPAID_QUOTAS = frozenset({"reply", "welcome_msg", "sub_quota", "purchase_quota", "reward_quota"})
_RATE_LIMIT, _TOKEN_INVALID, _PARAMETER_LIMIT = -32, -216, -210


def _no_hook() -> None:
    """Called before a call when the engine gave no hook."""


class ZaloClient:
    """Zalo's API for one app. ``on_call`` runs before every call that is not a send; it may wait, to keep to the
    app-wide rate.

    ``button_template_type`` is put beside buttons where an OA needs one (contract 3.3: nobody has shown a recorded
    success). Timeouts are in seconds.
    """

    def __init__(
        self,
        api_url: str,
        oauth_url: str,
        app_id: str,
        app_secret: str,
        *,
        connect_timeout: float = 3.05,
        read_timeout: float = 10,
        on_call: Callable[[], None] = _no_hook,
        button_template_type: str | None = None,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._oauth_url = oauth_url.rstrip("/")
        self._app_id = app_id
        self._app_secret = app_secret
        self._on_call = on_call
        self._button_template_type = button_template_type
        self._transport = Transport(connect_timeout, read_timeout)

    def send(
        self, access_token: str, user_id: str, reply: Reply, *, plain: bool = False, conversation_id: str | None = None
    ) -> SendOutcome:
        """Send one message; with ``conversation_id`` to somebody not signed in, whose anonymous id ``user_id`` then is.

        Never raises for what Zalo or the network does. A reply over Zalo's limits is refused here as Zalo would
        (-210) and costs no call. To a group (:func:`bot.people.group_address`) goes the text alone.
        """
        if user_id.startswith(GROUP_MARK):
            return self._send_to_group(access_token, user_id.removeprefix(GROUP_MARK), reply)
        try:
            if conversation_id:
                path, body = ANONYMOUS_PATH, anonymous_body(user_id, conversation_id, reply)
            else:
                path = SEND_PATH
                body = cs_body(user_id, reply, plain=plain, template_type=self._button_template_type)
        except MessageLimitError as error:
            return _refused(_PARAMETER_LIMIT, f"{type(error).__name__}: {error}")
        if not _fits_a_header(access_token):
            return _refused(_TOKEN_INVALID, "the stored access token holds letters no header may have")
        answer = self._transport.call(
            "POST", self._api_url + path, headers=_post_headers(access_token), document=_document(body)
        )
        return _send_outcome(answer, anonymous=conversation_id is not None)

    def post(
        self, access_token: str, path: str, body: Mapping[str, object], answer_names: Sequence[str]
    ) -> SendOutcome:
        """Any other call that does something (articles, groups); ``message_id`` is then the first of ``answer_names``
        found in the answer's data. Never raises for what Zalo or the network does."""
        if not _fits_a_header(access_token):
            return _refused(_TOKEN_INVALID, "the stored access token holds letters no header may have")
        answer = self._transport.call(
            "POST", self._api_url + path, headers=_post_headers(access_token), document=_document(body)
        )
        return _send_outcome(answer, anonymous=True, names=answer_names)

    def _send_to_group(self, access_token: str, group_id: str, reply: Reply) -> SendOutcome:
        if not reply.text or utf16_units(reply.text) > TEXT_LIMIT:
            return _refused(_PARAMETER_LIMIT, "a group's message has 1 to 2,000 characters")
        return self.post(access_token, GROUP_PATH, group_body(group_id, reply.text), ("message_id",))

    def recent_messages(self, access_token: str, user_id: str, count: int = MOST_CONVERSATION_ROWS) -> RecentMessages:
        """The last messages with a resident, at most ten: how a message in doubt is settled."""
        asked = max(1, min(count, MOST_CONVERSATION_ROWS))
        # The contract's own sample has user_id, offset, count in this order, as one JSON text (contract 4).
        reply = self._get(access_token, CONVERSATION_PATH, {"user_id": user_id, "offset": 0, "count": asked})
        if isinstance(reply, ApiAnswer):
            # Zalo knows nobody of this id, so nothing has reached them: the record is whole, and empty.
            nobody = reply.rule is not None and reply.rule.name == "oa.USER_ID_INVALID"
            return RecentMessages(clear=nobody, code=reply.code, complete=nobody)
        entries = reply.get("data")
        if not isinstance(entries, list):
            return RecentMessages(clear=False, code=0)
        rows = tuple(row for entry in entries if (row := _recent_message(entry)) is not None)
        return RecentMessages(
            clear=len(rows) == len(entries), rows=rows, code=0, complete=len(rows) == len(entries) < asked
        )

    def oa_profile(self, access_token: str) -> ApiAnswer:
        """``getoa``: name, package, followers of the OA the token belongs to. The id is under ``oaid``."""
        return _with_data(self._get(access_token, PROFILE_PATH, None))

    def user_detail(self, access_token: str, user_id: str) -> ApiAnswer:
        """What Zalo knows of a resident. Personal data: use it, do not keep it. Somebody who does not follow may give
        -213."""
        return _with_data(self._get(access_token, USER_DETAIL_PATH, {"user_id": user_id}))

    def user_quota(self, access_token: str, user_id: str) -> UserQuota:
        """When the resident last interacted: the pre-check of both windows."""
        if not _fits_a_header(access_token):
            return UserQuota(_bad_token())
        self._on_call()
        answer = self._transport.call(
            "POST",
            self._api_url + USER_QUOTA_PATH,
            headers=_post_headers(access_token),
            document=_document({"user_id": user_id}),
        )
        checked = _with_data(_envelope(answer))
        left = whole_number(mapping(checked.data.get("cs_reply")).get("remain"))
        last = whole_number(checked.data.get("last_interaction"))
        return UserQuota(checked, last_interaction_ms=last if last and last > 0 else None, replies_left=left)

    def permission_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Where an admin of the OA grants us access; ``redirect_uri`` must equal the one saved in Zalo's console
        (else -14003)."""
        query = urlencode(
            {"app_id": self._app_id, "redirect_uri": redirect_uri, "code_challenge": challenge, "state": state}
        )
        return f"{self._oauth_url}{PERMISSION_PATH}?{query}"

    def exchange_code(self, code: str, verifier: str) -> TokenPair | OAuthFailure:
        """Tokens for the code Zalo gave to the callback; it lives ten minutes and works once."""
        form = {
            "code": code,
            "app_id": self._app_id,
            "grant_type": "authorization_code",
            "code_verifier": verifier,
        }
        return self._tokens(form)

    def refresh(self, refresh_token: str) -> TokenPair | OAuthFailure:
        """A new pair for a refresh token, which is spent by it; the old access token dies as well. Call under one
        lock per OA."""
        form = {"refresh_token": refresh_token, "app_id": self._app_id, "grant_type": "refresh_token"}
        return self._tokens(form)

    def _tokens(self, form: Mapping[str, str]) -> TokenPair | OAuthFailure:
        if not _fits_a_header(self._app_secret):
            return OAuthFailure("bug", None, "the app secret holds letters no header may have")
        self._on_call()
        answer = self._transport.call(
            "POST", self._oauth_url + TOKEN_PATH, headers={"secret_key": self._app_secret}, form=form
        )
        return token_reply(answer)

    def _get(self, access_token: str, path: str, data: Mapping[str, object] | None) -> Mapping[str, object] | ApiAnswer:
        if not _fits_a_header(access_token):
            return _bad_token()
        self._on_call()
        query = None if data is None else {"data": json.dumps(data, ensure_ascii=False, separators=(",", ":"))}
        answer = self._transport.call("GET", self._api_url + path, headers={"access_token": access_token}, query=query)
        return _envelope(answer)


def _post_headers(access_token: str) -> dict[str, str]:
    return {"access_token": access_token, "Content-Type": "application/json"}


def _document(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _fits_a_header(value: str) -> bool:
    """A value with line breaks or letters beyond ASCII makes the HTTP library raise, with the value in its message."""
    return bool(value) and value.isascii() and value.isprintable()


def _bad_token() -> ApiAnswer:
    message = "the stored access token holds letters no header may have"
    return ApiAnswer(ok=False, code=_TOKEN_INVALID, message=message, rule=rule("oa", _TOKEN_INVALID))


def _reply(answer: Answer) -> dict[str, object]:
    """The JSON object of an answer, {} where there is none."""
    try:
        reply = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return reply if isinstance(reply, dict) else {}


def _refusal(answer: Answer, reply: Mapping[str, object]) -> tuple[int, str, ErrorRule] | None:
    """(code, Zalo's words, rule) when the answer says for certain that the call was not carried out.

    Zalo refuses with HTTP 200 and an error code (contract 0), rarely with 401 for a bad token. 429 is a gateway's
    word for -32. An answer of 500 and above is not Zalo's application speaking, whatever is in it: the call may have
    been carried out before the gateway gave up.
    """
    if answer.status >= 500:
        return None
    code = whole_number(reply.get("error"))
    message = clean_text(reply.get("message"))[:200]
    if answer.status == 401:
        return code or _TOKEN_INVALID, message or "HTTP 401", rule("oa", _TOKEN_INVALID)
    if code:
        return code, message, rule("oa", code, message)
    if answer.status == 429:
        return _RATE_LIMIT, "HTTP 429", rule("oa", _RATE_LIMIT)
    return None


def _refused(code: int, message: str) -> SendOutcome:
    return SendOutcome("refused", code=code, message=message, rule=rule("oa", code))


def _send_outcome(answer: Answer | NoAnswer, *, anonymous: bool, names: Sequence[str] = ("message_id",)) -> SendOutcome:
    if isinstance(answer, NoAnswer):
        return SendOutcome("in_doubt" if answer.written else "not_sent", message=answer.reason)
    reply = _reply(answer)
    refusal = _refusal(answer, reply)
    if refusal is not None:
        code, message, found = refusal
        return SendOutcome("refused", code=code, message=message, rule=found)
    data = mapping(reply.get("data"))
    message_id = next((text for name in names if (text := identifier(data.get(name)))), "")
    succeeded = whole_number(reply.get("error")) == 0 or ("error" not in reply and message_id)
    if not 200 <= answer.status < 300 or not succeeded:
        # 5xx, a redirect, an HTML page, an empty body: Zalo may have taken the message before something in between
        # failed.
        return SendOutcome("in_doubt", message=f"HTTP {answer.status} without a readable answer")
    quota_type = clean_text(mapping(data.get("quota")).get("quota_type"))
    return SendOutcome(
        "sent",
        message_id=message_id,
        sent_at_ms=whole_number(data.get("sent_time")),
        code=0,
        paid=_paid(data, quota_type, anonymous),
        quota_type=quota_type,
    )


def _paid(data: Mapping[str, object], quota_type: str, anonymous: bool) -> bool | None:
    """Charges are silent: a billed success is one without a quota object (contract 3.2). Anonymous answers never have
    one."""
    if anonymous or not data:
        return None
    if "quota" not in data:
        return True
    return False if quota_type in _UNPAID_QUOTAS else None


def _envelope(answer: Answer | NoAnswer) -> Mapping[str, object] | ApiAnswer:
    """The envelope of a successful reading call, or the error."""
    if isinstance(answer, NoAnswer):
        return ApiAnswer(ok=False, message=answer.reason)
    reply = _reply(answer)
    refusal = _refusal(answer, reply)
    if refusal is not None:
        code, message, found = refusal
        return ApiAnswer(ok=False, code=code, message=message, rule=found)
    if not 200 <= answer.status < 300 or whole_number(reply.get("error")) != 0:
        return ApiAnswer(ok=False, message=f"HTTP {answer.status} without a readable answer")
    return reply


def _with_data(reply: Mapping[str, object] | ApiAnswer) -> ApiAnswer:
    if isinstance(reply, ApiAnswer):
        return reply
    data = reply.get("data")
    if not isinstance(data, dict):
        return ApiAnswer(ok=False, code=0, message="an answer without data")
    return ApiAnswer(ok=True, data=data, code=0)


def _recent_message(entry: object) -> RecentMessage | None:
    fields = mapping(entry)
    message_id = identifier(fields.get("message_id"))
    src = whole_number(fields.get("src"))
    time_ms = whole_number(fields.get("time"))
    if not message_id or src not in (0, 1) or time_ms is None:
        return None
    return RecentMessage(
        message_id=message_id,
        text=clean_text(fields.get("message")),
        src=src,
        time_ms=time_ms,
        kind=clean_text(fields.get("type")),
    )
