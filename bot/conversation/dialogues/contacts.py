"""Who sends it: nobody's name unless they wish; consent before the first piece, then the name, then the phone."""

from __future__ import annotations

import re

from bot.conversation.acts import Act, Contact, GiveConsent
from bot.conversation.dialogues.steps import Answer, Choice, Heard, Inside, Refusal, Step

_PHONE = re.compile(r"(?:\+?84|0)(?:[ .\-]?\d){9}")
_LONGEST_NAME = 80


def contact_steps() -> tuple[Step, ...]:
    """Three steps left out unless the resident asks for them ("Để lại tên, số" under the summary)."""
    return (
        Step(
            "contact",
            "contact_ask",
            required=False,
            choices=lambda inside: (
                Choice(inside.words("contact_yes"), "yes"),
                Choice(inside.words("contact_no"), "no"),
            ),
            chosen=_chosen,
            prepare=lambda _inside: None,
            label="contact_label",
        ),
        Step("name", "name_ask", read=_read_name, required=False, applies=_agreed, spot=_spot_name, free=True),
        Step("phone", "phone_ask", read=_read_phone, required=False, applies=_agreed, spot=_spot_phone),
    )


def consent_given(inside: Inside, step: Step, scope: str) -> tuple[Act, ...]:
    """The consent, at once when it is given: before any name is asked for."""
    return (GiveConsent(scope),) if step.name == "contact" and _agreed(inside) else ()


def contact_of(inside: Inside) -> Contact:
    """The contact as told; anonymous where neither name nor phone was."""
    if not _agreed(inside) or not (inside.value("name") or inside.value("phone")):
        return Contact(anonymous=True)
    return Contact(inside.value("name"), inside.value("phone"))


def sender_line(inside: Inside, shown_name: str) -> str:
    """Who it is from, for a summary."""
    contact = contact_of(inside)
    if contact.anonymous:
        return inside.situation.say("sender_unnamed")
    told = ", ".join(part for part in (shown_name, contact.phone) if part)
    return inside.situation.say("sender_named", sender=told)


def _agreed(inside: Inside) -> bool:
    return inside.value("contact") == "yes"


def _chosen(_inside: Inside, value: str) -> Answer:
    return {"contact": value} if value == "yes" else {"contact": value, "name": "", "phone": ""}


def _read_name(inside: Inside, heard: Heard) -> Answer | Refusal:
    phone = _PHONE.search(heard.text)
    name = heard.text.replace(phone.group(), " ") if phone else heard.text
    name = " ".join(name.split()).strip(" ,.;:-")
    if not any(letter.isalpha() for letter in name) or len(name) > _LONGEST_NAME:
        return Refusal(inside.situation.say("name_unclear"))
    return {"name": name, "phone": _digits(phone.group())} if phone else {"name": name}


def _read_phone(inside: Inside, heard: Heard) -> Answer | Refusal:
    phone = _PHONE.fullmatch(heard.text.strip()) or _PHONE.search(heard.text)
    if phone is None:
        return Refusal(inside.situation.say("phone_unclear"))
    return {"phone": _digits(phone.group())}


def _spot_name(inside: Inside, heard: Heard) -> Answer | None:
    """A name shared by Zalo's own form, once the resident agreed to leave it."""
    name = " ".join(heard.message.name.split())[:_LONGEST_NAME]
    return {"name": name} if name and _agreed(inside) else None


def _spot_phone(inside: Inside, heard: Heard) -> Answer | None:
    phone = _PHONE.fullmatch(heard.message.phone.strip())
    return {"phone": _digits(phone.group())} if phone and _agreed(inside) else None


def _digits(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return "0" + digits.removeprefix("84") if digits.startswith("84") and len(digits) == 11 else digits
