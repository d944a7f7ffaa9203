"""What the assistant says, before any channel gives it a shape.

The conversation makes replies, the journal stores them as JSON, and ``bot.zalo`` renders them for Zalo.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

PAYLOAD_PREFIX = "#hoixa:"
"""Button taps arrive as ordinary texts (contract 1.4), so our payloads carry a prefix no resident types."""


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a reply. ``title`` is what a person reads, ``payload`` what a tap sends back."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a resident: text (NFC) and up to five buttons."""

    text: str
    buttons: tuple[Button, ...] = ()

    def to_json(self) -> str:
        """The compact form kept in the outbox."""
        return json.dumps(
            {"text": self.text, "buttons": [[button.title, button.payload] for button in self.buttons]},
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, document: str) -> Reply:
        """Read back what :meth:`to_json` wrote."""
        fields = json.loads(document)
        return cls(fields["text"], tuple(Button(title, payload) for title, payload in fields["buttons"]))
