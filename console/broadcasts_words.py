"""How an announcement is said to officials: who it is for, when it goes, how a schedule runs, in a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.broadcasts.rules import Rule
from bot.broadcasts.segments import Segment
from bot.clock import VIETNAM, from_ms
from bot.store import staff as accounts
from console.desk import ConsoleDesk, word
from knowledge import Commune
from knowledge.profile_lists import item_key


def segment_words(segment: Segment, desk: ConsoleDesk, commune: Commune) -> str:
    """ "Thôn Đoài, Thôn Hạ; nhắn trong 30 ngày qua"."""
    if segment.all:
        return word("bc_everybody")
    if segment.groups:
        return word("bc_to_groups", count=len(segment.groups))
    names = {item_key(each.name): each.name for each in commune.villages}
    topics = desk.library.topics
    parts = [
        ", ".join(names.get(each, each) for each in segment.villages),
        ", ".join(word(f"bc_role_{each}") for each in segment.roles),
        ", ".join(
            word("bc_to_topic", name=topics[each].name if each in topics else each) for each in segment.interests
        ),
        ", ".join(word("bc_to_tag", name=each) for each in segment.tags),
        word("bc_to_users", count=len(segment.users)) if segment.users else "",
        word("bc_to_seen", count=segment.seen_within_days) if segment.seen_within_days else "",
        word("bc_to_unseen", count=segment.unseen_for_days) if segment.unseen_for_days else "",
    ]
    return "; ".join(part for part in parts if part)


def when_words(send_at_ms: int | None) -> str:
    """The hour it is to go."""
    if send_at_ms is None:
        return word("bc_when_approved")
    return from_ms(send_at_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")


def rule_words(rule: Rule) -> str:
    """ "hằng tuần, thứ Hai, thứ Sáu, lúc 08:00"."""
    on = ".".join(reversed(rule.on.split("-"))).replace(".", "/")
    weekdays = ", ".join(word(f"bc_weekday_{each}") for each in rule.weekdays)
    parts = [word(f"bc_says_{rule.kind}", on=on, weekdays=weekdays, day=rule.day, month=rule.month)]
    if rule.days_before:
        parts.append(word("bc_says_before", count=rule.days_before))
    if rule.working_days_before:
        parts.append(word("bc_says_working_before", count=rule.working_days_before))
    return ", ".join([*parts, word("bc_says_at", at=rule.at)])


def dong(amount: int) -> str:
    """ "1.375.000 đồng"."""
    return word("bc_dong", amount=f"{amount:,}".replace(",", "."))


def name_of(connection: Any, email: str | None) -> str:
    """The name of an account, or its address where it is gone; "" for nobody."""
    if not email:
        return ""
    found = accounts.find(connection, email)
    return email if found is None else found.name


def choices(kind: str, values: Mapping[str, str] | tuple[str, ...]) -> list[tuple[str, str]]:
    """Options of a select from the catalogue."""
    return [(value, word(f"{kind}_{value}")) for value in values]
