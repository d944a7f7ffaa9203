"""What a body of `message/cs` may look like: shapes and limits of the contract's section 3.3. Pure but for uploads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emulator.errors import ApiError, invalid
from emulator.world import OfficialAccount

TEXT_LIMIT = 2000
TITLE_LIMIT = 100
SUBTITLE_LIMIT = 500
PAYLOAD_LIMIT = 1000
SMS_LIMIT = 160
BUTTON_LIMIT = 5
ELEMENT_LIMIT = 5

CheckUpload = Callable[[str], None]
"""Raises ApiError -201 for an unknown attachment id or file token, -100 for one older than seven days."""


@dataclass(slots=True)
class Parsed:
    """A message that passed: what the resident's phone will show."""

    kind: str
    text: str = ""
    buttons: list[dict[str, object]] = field(default_factory=list)
    attachments: list[dict[str, object]] = field(default_factory=list)
    quote_message_id: str | None = None

    @property
    def needs_package(self) -> bool:
        """Whether a low package refuses it with -224."""
        return self.kind != "text" or bool(self.buttons)


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise invalid(name)
    return value


def _limited(value: object, name: str, limit: int, *, required: bool = True) -> str:
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise invalid(name)
    if len(value) > limit:
        raise ApiError(-210)
    return value


def parse(message: object, account: OfficialAccount, check_upload: CheckUpload) -> Parsed:
    """Check the `message` object. ApiError -201, -210, -233, -100."""
    body = _mapping(message, "message")
    text = _limited(body.get("text"), "text", TEXT_LIMIT, required=False)
    quote = body.get("quote_message_id")
    if quote is not None and not isinstance(quote, str):
        raise invalid("quote_message_id")
    attachment = body.get("attachment")
    if attachment is None:
        if not text.strip():
            raise invalid("text")
        return Parsed("text", text, quote_message_id=quote)
    parsed = _attachment(_mapping(attachment, "attachment"), text, account, check_upload)
    parsed.quote_message_id = quote
    return parsed


def _attachment(
    attachment: Mapping[str, object], text: str, account: OfficialAccount, check_upload: CheckUpload
) -> Parsed:
    payload = _mapping(attachment.get("payload"), "payload")
    match attachment.get("type"):
        case "file":
            token = _limited(payload.get("token"), "token", PAYLOAD_LIMIT)
            check_upload(token)
            return Parsed("file", attachments=[{"type": "file", "payload": {"token": token}}])
        case "template":
            return _template(payload, text, account, check_upload)
        case _:
            raise ApiError(-233)


def _template(payload: Mapping[str, object], text: str, account: OfficialAccount, check_upload: CheckUpload) -> Parsed:
    kind = payload.get("template_type")
    if kind is None or (kind == "button" and account.buttons_template_type == "any"):
        if not text.strip():
            raise invalid("text")
        return Parsed("text", text, buttons=_buttons(payload.get("buttons")))
    match kind:
        case "media":
            return _media(payload, text, check_upload)
        case "request_user_info":
            elements = _elements(payload, 1)
            element = _element(elements[0], subtitle_required=True)
            if not str(element.get("image_url") or "").startswith("https://"):
                raise invalid("image_url")
            return Parsed("request_user_info", text, attachments=[{"type": "request_user_info", "payload": element}])
        case "list" if account.list_template:
            elements = [
                _element(item, subtitle_required=index == 0)
                for index, item in enumerate(_elements(payload, ELEMENT_LIMIT))
            ]
            return Parsed("list", text, attachments=[{"type": "list", "payload": {"elements": elements}}])
        case _:
            raise ApiError(-233)


def _elements(payload: Mapping[str, object], limit: int) -> list[Mapping[str, object]]:
    elements = payload.get("elements")
    if not isinstance(elements, list) or not elements:
        raise invalid("elements")
    if len(elements) > limit:
        raise ApiError(-210)
    return [_mapping(element, "elements") for element in elements]


def _element(element: Mapping[str, object], *, subtitle_required: bool) -> dict[str, object]:
    _limited(element.get("title"), "title", TITLE_LIMIT)
    _limited(element.get("subtitle"), "subtitle", SUBTITLE_LIMIT, required=subtitle_required)
    return dict(element)


def _media(payload: Mapping[str, object], text: str, check_upload: CheckUpload) -> Parsed:
    element = _elements(payload, 1)[0]
    media_type = element.get("media_type")
    if media_type not in ("image", "gif", "sticker"):
        raise ApiError(-233)
    attachment_id = element.get("attachment_id")
    if media_type == "gif" and not all(isinstance(element.get(side), int) for side in ("width", "height")):
        raise invalid("width")
    if attachment_id is not None:
        identifier = _limited(attachment_id, "attachment_id", PAYLOAD_LIMIT)
        if media_type != "sticker":
            check_upload(identifier)
    elif media_type == "sticker" or not isinstance(element.get("url"), str):
        raise invalid("attachment_id")
    return Parsed(str(media_type), text, attachments=[{"type": media_type, "payload": dict(element)}])


def _buttons(buttons: object) -> list[dict[str, object]]:
    if not isinstance(buttons, list) or not buttons:
        raise invalid("buttons")
    if len(buttons) > BUTTON_LIMIT:
        raise ApiError(-210)
    return [_button(_mapping(button, "buttons")) for button in buttons]


def _button(button: Mapping[str, object]) -> dict[str, object]:
    _limited(button.get("title"), "title", TITLE_LIMIT)
    payload = button.get("payload")
    match button.get("type"):
        case "oa.query.show" | "oa.query.hide":
            _limited(payload, "payload", PAYLOAD_LIMIT)
        case "oa.open.url":
            _limited(_mapping(payload, "payload").get("url"), "url", PAYLOAD_LIMIT)
        case "oa.open.phone":
            _limited(_mapping(payload, "payload").get("phone_code"), "phone_code", PAYLOAD_LIMIT)
        case "oa.open.sms":
            inner = _mapping(payload, "payload")
            _limited(inner.get("phone_code"), "phone_code", PAYLOAD_LIMIT)
            _limited(inner.get("content"), "content", SMS_LIMIT)
        case _:
            raise invalid("type")
    return dict(button)
