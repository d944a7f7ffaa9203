"""Reading the replies of Zalo's OAuth server (contract 2): what is terminal, what passes, what is unknown."""

from __future__ import annotations

import json

from bot.zalo.errors import rule
from bot.zalo.fields import clean_text, mapping, whole_number
from bot.zalo.outcomes import OAuthFailure, OAuthFailureKind, TokenPair
from bot.zalo.transport import Answer, NoAnswer

ACCESS_TOKEN_SECONDS = 90_000
"""25 hours, the documented life of an access token; used where a reply does not say."""

_KIND_BY_ACTION: dict[str, OAuthFailureKind] = {"stop_oa": "terminal", "retry": "transient", "bug": "bug"}


def token_reply(answer: Answer | NoAnswer) -> TokenPair | OAuthFailure:
    """The token pair in a reply, or why there is none.

    A request that surely did not leave is transient; one that may have arrived is ambiguous, for the token may be
    spent.
    """
    if isinstance(answer, NoAnswer):
        return OAuthFailure("ambiguous" if answer.written else "transient", None, answer.reason)
    if answer.status >= 500:
        return OAuthFailure("transient", None, f"HTTP {answer.status}")
    reply = _json_object(answer.body)
    code = whole_number(reply.get("error")) if reply else None
    if code:
        # An error wins over token strings beside it: they are empty (contract 0). Zalo may quote the number as text.
        kind = _KIND_BY_ACTION.get(rule("oauth", code).action, "bug")
        return OAuthFailure(kind, code, clean_text(reply.get("error_name") if reply else "")[:200])
    if not 200 <= answer.status < 300:
        return OAuthFailure("transient", None, f"HTTP {answer.status}")
    if not answer.body.strip():
        # Seen in production when a refresh token was used twice (contract 2).
        return OAuthFailure("terminal", None, "empty answer: the token was used before")
    if reply is None:
        return _unreadable(answer.body)
    if reply.get("error") not in (None, 0, "0", ""):
        return OAuthFailure("bug", None, "error that is no number")
    access_token = clean_text(reply.get("access_token")).strip()
    if not access_token:
        return OAuthFailure("ambiguous", None, "neither a token nor an error")
    refresh_token = clean_text(reply.get("refresh_token")).strip()
    seconds = whole_number(reply.get("expires_in"))
    return TokenPair(access_token, refresh_token or None, seconds if seconds and seconds > 0 else ACCESS_TOKEN_SECONDS)


def _unreadable(body: bytes) -> OAuthFailure:
    """A gateway's page says nothing was done; JSON that breaks off may have carried a new pair, so the old token may
    be spent."""
    if body.lstrip().startswith(b"{"):
        return OAuthFailure("ambiguous", None, "answer broke off")
    return OAuthFailure("transient", None, "answer is no JSON")


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return dict(mapping(reply)) if isinstance(reply, dict) else None
