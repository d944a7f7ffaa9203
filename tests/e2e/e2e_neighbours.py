"""Residents without a page of their own: they write through the emulated Zalo, many at once, and read what comes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from e2e_phone import Phone
from e2e_product import Product
from rig import wait_until

from emulator import residents
from emulator.world import Resident

PATIENCE_SECONDS = 120.0
"""For many at once on a busy machine; nothing is measured here."""


@dataclass(frozen=True)
class Neighbour:
    """Somebody of a commune, at a phone nobody looks at."""

    product: Product
    resident: Resident

    @property
    def read(self) -> list[str]:
        """Every message they were sent, oldest first."""
        return self.product.replies(self.resident)

    def write(self, text: str) -> None:
        """Send, without waiting for anything."""
        residents.send_text(self.product.zalo.emulator, self.resident.oa_id, self.resident.user_id, text)

    def say(self, text: str) -> str:
        """Send, and read the reply."""
        return all_say([self], text)[0]

    def hears(self, words: str, *more: str) -> str:
        """Wait for a message that has all these words; the message."""

        def found() -> str | None:
            return next((text for text in self.read if all(each in text for each in (words, *more))), None)

        return str(wait_until(found, f"{words!r} among {self.read[-3:]}", PATIENCE_SECONDS))


def neighbours(product: Product, commune: str, count: int, *, name: str = "Bác Mới (thử)") -> list[Neighbour]:
    """People this commune has never met."""
    return [Neighbour(product, product.new_resident(commune, name)) for _ in range(count)]


def all_say(people: Sequence[Neighbour], text: str | Sequence[str]) -> list[str]:
    """Everybody writes at once; the next reply of each, in the same order."""
    texts = [text] * len(people) if isinstance(text, str) else list(text)
    before = [len(person.read) for person in people]
    for person, words in zip(people, texts, strict=True):
        person.write(words)

    def answered() -> bool:
        return all(len(person.read) > known for person, known in zip(people, before, strict=True))

    wait_until(answered, f"a reply for each of {len(people)}", PATIENCE_SECONDS)
    return [person.read[known] for person, known in zip(people, before, strict=True)]


def number_of(title: str, text: str) -> str:
    """The number a text lists a choice under: what is typed where no button is to be had."""
    found = re.search(rf"^(\d+)\. .*{re.escape(title)}", text, re.MULTILINE)
    assert found is not None, text
    return found.group(1)


def choose(phone: Phone, title: str) -> str:
    """Choose a line at a page: by its button, or by its number where the OA may send no buttons."""
    if phone.choices():
        return phone.tap(title)
    return phone.say(number_of(title, phone.text_of_last()))
