"""Refusals of the OA API and their texts, as Zalo words them (its typos included)."""

from __future__ import annotations

API_MESSAGES: dict[int, str] = {
    -32: "Your application reached limit call api",
    -100: "attachment_id was expired",
    -200: "Send message failed",
    -201: "user_id is invalid!",
    -204: "Official Account is disabled",
    -205: "Official Account does not exist",
    -210: "Parameter exceeds allowable limit",
    -211: "Out of quota",
    -213: "User has not followed OA",
    -214: "Article is being processed",
    -216: "Access token is invalid",
    -218: "Out of quota receive",
    -220: "access_token is expired or removed",
    -221: "The OA needs to be verified to use this feature",
    -223: "Official Account has not authorized this API",
    -224: "The OA needs to upgrade OA Tier Package to use this feature. See more on https://zalo.cloud/oa/pricing",
    -227: "User is banned or has been inactive for more than 45 days",
    -230: "User has not interacted with the OA in the past 7 days",
    -232: "User has not interacted with the OA, or the last interaction has expired",
    -233: "Message type is invalid or not supported",
    -234: "This message cannot be sent at night (10:00PM - 6:00AM)",
    -237: "The group is disabled",
    -240: "MessageV2 API has been shut down, please switch to MessageV3",
    -244: "User has restricted this message type from your OA",
    -321: "Zalo Cloud Account has run out of money",
    -403: "OA is not in group",
}
OA_RATE_LIMIT_MESSAGE = "Your OA reached limit call api"
ARTICLE_QUOTA_MESSAGE = "Your OA has reach the limit quota create article"

OAUTH_NAMES: dict[int, str] = {
    -14001: "Unknown error",
    -14002: "Invalid appId",
    -14003: "Invalid redirect uri",
    -14004: "Invalid secret key",
    -14005: "Invalid authorization code",
    -14012: "Invalid code challenge",
    -14013: "Invalid code verifier",
    -14014: "Invalid refresh token.",
    -14015: "Invalid OA id",
    -14016: "Invalid body data",
    -14017: "Invalid parameter",
    -14018: "Invalid grant type",
    -14019: "Authorization code expired",
    -14020: "Refresh token expired",
    -14023: "User did not consent",
}


class ApiError(Exception):
    """A refusal: HTTP 200 with `{"error": code, "message": …}`."""

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or API_MESSAGES.get(code, "Unknown error")

    def body(self) -> dict[str, object]:
        """The JSON body Zalo answers with; it has no `data` key."""
        return {"error": self.code, "message": self.message}


def invalid(field: str) -> ApiError:
    """`-201 <field> is invalid!`"""
    return ApiError(-201, f"{field} is invalid!")


class OAuthError(Exception):
    """A refusal of the token endpoint: HTTP 200 with the five OAuth error fields."""

    def __init__(self, code: int, description: str = "", *, empty_tokens: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.empty_tokens = empty_tokens

    def body(self) -> dict[str, object]:
        """The JSON body; with `empty_tokens` it also carries empty token strings, as seen for -14014."""
        body: dict[str, object] = {
            "error": self.code,
            "error_name": OAUTH_NAMES.get(self.code, "Unknown error"),
            "error_description": self.description,
            "error_reason": "",
            "ref_doc": "https://developers.zalo.me/docs",
        }
        if self.empty_tokens:
            body |= {"access_token": "", "refresh_token": ""}
        return body
