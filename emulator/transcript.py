"""A conversation as a test case in JSON: what the resident did, and what came back after each act."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.world import Message, OfficialAccount


def as_test_case(account: OfficialAccount, messages: Sequence[Message]) -> dict[str, object]:
    """`{"oa", "turns": [{"send": {...}, "expect": [{"text", "buttons"}]}]}`; ids are left out, they change."""
    turns: list[dict[str, object]] = []
    replies: list[dict[str, object]] = []
    for message in messages:
        if message.direction == "in":
            replies = []
            act: dict[str, object] = {"kind": message.kind, "text": message.text}
            if message.title is not None:
                act["title"] = message.title
            if message.attachments:
                act["attachments"] = message.attachments
            turns.append({"send": act, "expect": replies})
        else:
            if not turns:
                turns.append({"send": None, "expect": replies})
            replies.append({"text": message.text, "buttons": message.buttons, "by_admin": message.by_admin})
    return {"oa": {"name": account.name, "alias": account.alias}, "turns": turns}
