"""Bodies of the messages we send (contract 3.3, 3.4) and the limits Zalo sets to them."""

from __future__ import annotations

import unicodedata

from bot.catalogue import CATALOGUE
from bot.replies import Reply

TEXT_LIMIT = 2000
"""Zalo refuses a longer text whole (contract 3.3)."""
SAFE_TEXT_LIMIT = 1900
"""What we stay under: nobody knows whether Zalo counts code points or UTF-16 units (contract 7, pitfall 14)."""
BUTTON_LIMIT = 5
BUTTON_TITLE_LIMIT = 100
BUTTON_PAYLOAD_LIMIT = 1000

PLAIN_CHOICE_HINT = CATALOGUE.word("plain_choice_hint")
"""Last line of a reply whose buttons are written out as a numbered list."""


class MessageLimitError(ValueError):
    """The reply passes one of Zalo's limits; the text says which, never what was written."""


class MessageEmpty(MessageLimitError):
    """Neither text nor anything else to send."""


class MessageTooLong(MessageLimitError):
    """The text has more than 2,000 characters."""


class TooManyButtons(MessageLimitError):
    """More than five buttons."""


class ButtonTooLong(MessageLimitError):
    """A title is empty or over 100 characters, or a payload empty or over 1,000."""


def utf16_units(text: str) -> int:
    """Length as Zalo may count it: letters beyond the basic plane (emoji) count twice."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def plain_list(reply: Reply, hint: str = PLAIN_CHOICE_HINT) -> str:
    """The buttons as a numbered list with the hint below, "" where there are none."""
    if not reply.buttons:
        return ""
    lines = [f"{number}. {button.title}" for number, button in enumerate(reply.buttons, start=1)]
    return unicodedata.normalize("NFC", "\n".join([*lines, hint]))


def render_plain(reply: Reply, hint: str = PLAIN_CHOICE_HINT) -> str:
    """The whole reply as one text, for OAs whose package refuses buttons."""
    text = unicodedata.normalize("NFC", reply.text).strip()
    choices = plain_list(reply, hint)
    return f"{text}\n\n{choices}" if text and choices else text or choices


def cs_body(
    user_id: str, reply: Reply, *, plain: bool, template_type: str | None = None, hint: str = PLAIN_CHOICE_HINT
) -> dict[str, object]:
    """Body of ``POST /v3.0/oa/message/cs``: text, or text with buttons as a template attachment.

    ``plain`` writes the buttons out as a numbered list. ``template_type`` goes into the payload where an OA turns out
    to need one (nobody has shown a recorded success, so it is a setting: contract 3.3). Raises
    :class:`MessageLimitError`.
    """
    return {"recipient": {"user_id": user_id}, "message": _message(reply, plain, template_type, hint)}


def anonymous_body(
    anonymous_id: str, conversation_id: str, reply: Reply, hint: str = PLAIN_CHOICE_HINT
) -> dict[str, object]:
    """Body of ``POST /v2.0/oa/message`` to somebody not signed in; both ids are required (contract 3.4), buttons are
    not documented.

    Raises :class:`MessageLimitError`.
    """
    return {
        "recipient": {"anonymous_id": anonymous_id, "conversation_id": conversation_id},
        "message": _message(reply, True, None, hint),
    }


def _message(reply: Reply, plain: bool, template_type: str | None, hint: str) -> dict[str, object]:
    if plain or not reply.buttons:
        text = render_plain(reply, hint)
        _check_text(text)
        return {"text": text}
    text = unicodedata.normalize("NFC", reply.text).strip()
    _check_text(text)
    _check_buttons(reply)
    payload: dict[str, object] = {
        "buttons": [
            {
                "title": unicodedata.normalize("NFC", button.title),
                "type": "oa.query.show",
                "payload": unicodedata.normalize("NFC", button.payload),
            }
            for button in reply.buttons
        ]
    }
    if template_type:
        payload = {"template_type": template_type, **payload}
    return {"text": text, "attachment": {"type": "template", "payload": payload}}


def _check_text(text: str) -> None:
    if not text:
        raise MessageEmpty("the message has no text")
    if utf16_units(text) > TEXT_LIMIT:
        raise MessageTooLong(f"{utf16_units(text)} characters, Zalo takes {TEXT_LIMIT}")


def _check_buttons(reply: Reply) -> None:
    if len(reply.buttons) > BUTTON_LIMIT:
        raise TooManyButtons(f"{len(reply.buttons)} buttons, Zalo takes {BUTTON_LIMIT}")
    for number, button in enumerate(reply.buttons, start=1):
        if not 0 < utf16_units(button.title) <= BUTTON_TITLE_LIMIT:
            raise ButtonTooLong(f"title of button {number}: {utf16_units(button.title)} of {BUTTON_TITLE_LIMIT}")
        if not 0 < utf16_units(button.payload) <= BUTTON_PAYLOAD_LIMIT:
            raise ButtonTooLong(f"payload of button {number}: {utf16_units(button.payload)} of {BUTTON_PAYLOAD_LIMIT}")
