"""The form of an announcement: what was typed, read and checked field by field, and what stands in it for a stored one.

Reading never raises: every problem is a sentence under the key of the field it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from bot.broadcasts.rules import KINDS as RULE_KINDS
from bot.broadcasts.rules import MOST_DAYS_BEFORE, Rule, RuleError, next_after, read_rule
from bot.broadcasts.segments import ROLES, Segment
from bot.broadcasts.spec import KINDS, LATE_POLICIES, LONGEST_DAYS, Spec, SpecError, read_spec
from bot.clock import VIETNAM, from_ms
from console.desk import word

NOW, AT, REPEATED = "now", "at", "schedule"
WHENS = (NOW, AT, REPEATED)
ALL, SOME = "all", "some"
SINGLE = (
    "kind", "title", "text", "topic", "free_only", "author", "description", "cover_url", "who", "seen_within_days",
    "unseen_for_days", "groups", "when", "send_at", "late", "save_as", "rule_kind", "rule_at", "rule_on", "rule_day",
    "rule_month", "rule_days_before", "rule_working_days_before",
)  # fmt: skip
LISTS = ("villages", "interests", "roles", "tags", "users", "rule_weekdays")
LONGEST_TYPED = 12_000
MOST_CHOSEN = 200
DAYS = ("seen_within_days", "unseen_for_days")
EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(SINGLE, ""), **{name: [] for name in LISTS},
    "kind": "message", "who": ALL, "when": NOW, "late": "ask", "rule_kind": "weekly", "rule_at": "08:00",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What a form came to. ``spec`` None where something is wrong; ``rule`` only for a repeated one."""

    typed: dict[str, Any]
    document: dict[str, Any]
    spec: Spec | None
    rule: Rule | None
    errors: dict[str, str] = field(default_factory=dict)


def typed_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """The fields as they were typed."""
    typed: dict[str, Any] = {name: form.get(name, "").strip()[:LONGEST_TYPED] for name in SINGLE}
    typed |= {name: [one.strip()[:200] for one in form.getlist(name)[:MOST_CHOSEN] if one.strip()] for name in LISTS}
    typed["kind"] = typed["kind"] if typed["kind"] in KINDS else "message"
    typed["when"] = typed["when"] if typed["when"] in WHENS else NOW
    typed["late"] = typed["late"] if typed["late"] in LATE_POLICIES else "ask"
    typed["who"] = SOME if typed["who"] == SOME else ALL
    return typed


def read_form(form: MultiDict[str, str], now_ms: int, *, target: Mapping[str, str] | None = None) -> Written:
    """Read and check a form. ``target`` is kept from the stored article: the form has no fields for it."""
    typed = typed_of(form)
    errors: dict[str, str] = {}
    for name in ("title", "text"):
        if not typed[name]:
            errors[name] = word(f"bc_need_{name}")
    if typed["cover_url"] and not typed["cover_url"].startswith("https://"):
        errors["cover_url"] = word("bc_cover")
    document = {
        **{name: typed[name] for name in ("title", "text", "kind", "topic", "author", "description", "cover_url")},
        "free_only": bool(typed["free_only"]),
        "segment": _segment(typed, errors),
        "send_at": _send_at(typed, now_ms, errors),
        "late": typed["late"],
        "target": dict(target or {}) if typed["kind"] == "article" else {},
    }
    if typed["kind"] != "message":
        document |= {"topic": "", "free_only": False}
    if typed["kind"] != "article":
        document |= {"author": "", "description": "", "cover_url": ""}
    rule = _rule(typed, now_ms, errors) if typed["when"] == REPEATED else None
    spec = None
    if not errors:
        try:
            spec = read_spec(document, now_ms)
        except SpecError as error:
            # What is left are lengths, in words of plain Vietnamese.
            errors["text"] = " ".join(error.problems)
    return Written(typed, document, spec, rule, errors)


def _segment(typed: Mapping[str, Any], errors: dict[str, str]) -> dict[str, Any]:
    if typed["kind"] == "group":
        groups = [line.strip() for line in typed["groups"].replace(",", "\n").split("\n") if line.strip()]
        if not groups:
            errors["groups"] = word("bc_need_groups")
        return {"groups": groups[:MOST_CHOSEN]}
    if typed["kind"] == "article" or typed["who"] == ALL:
        return {"all": True}
    found: dict[str, Any] = {name: typed[name] for name in ("villages", "interests", "tags", "users") if typed[name]}
    if roles := [role for role in typed["roles"] if role in ROLES]:
        found["roles"] = roles
    for name in DAYS:
        if typed[name]:
            days = _number(typed[name])
            if days is None or not 1 <= days <= LONGEST_DAYS:
                errors[name] = word("bc_need_days")
            else:
                found[name] = days
    if not found and not any(name in errors for name in DAYS):
        errors["who"] = word("bc_need_who")
    return found


def _send_at(typed: Mapping[str, Any], now_ms: int, errors: dict[str, str]) -> str | None:
    if typed["when"] != AT:
        return None
    moment = local_moment(typed["send_at"])
    if moment is None:
        errors["send_at"] = word("bc_need_time")
        return None
    if moment.timestamp() * 1000 < now_ms:
        errors["send_at"] = word("bc_time_past")
    return moment.isoformat()


def local_moment(text: str) -> datetime | None:
    """A browser's "2026-11-28T08:00", in Vietnam's time; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None and "T" in text and moment.year >= 2000 else None


def local_text(moment_ms: int | None) -> str:
    """The same the other way round; "" for None."""
    return "" if moment_ms is None else from_ms(moment_ms).astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _rule(typed: Mapping[str, Any], now_ms: int, errors: dict[str, str]) -> Rule | None:
    kind = typed["rule_kind"] if typed["rule_kind"] in RULE_KINDS else "weekly"
    document: dict[str, Any] = {"kind": kind, "at": typed["rule_at"]}
    if not typed["rule_at"]:
        errors["rule_at"] = word("bc_rule_at")
    for name in ("days_before", "working_days_before"):
        if typed[f"rule_{name}"]:
            document[name] = _within(typed, f"rule_{name}", 0, MOST_DAYS_BEFORE, "bc_rule_before", errors)
    if kind == "once":
        document["on"] = typed["rule_on"]
        if not typed["rule_on"]:
            errors["rule_on"] = word("bc_rule_on")
    if kind == "weekly":
        document["weekdays"] = [int(one) for one in typed["rule_weekdays"] if one in tuple("0123456")]
        if not document["weekdays"]:
            errors["rule_weekdays"] = word("bc_rule_weekdays")
    if kind in ("monthly", "yearly", "lunar_monthly", "lunar_yearly"):
        most = 30 if kind.startswith("lunar") else 31
        document["day"] = _within(typed, "rule_day", 1, most, "bc_rule_day", errors)
    if kind in ("yearly", "lunar_yearly"):
        document["month"] = _within(typed, "rule_month", 1, 12, "bc_rule_month", errors)
    return None if errors else _read_rule(document, now_ms, errors)


def _within(
    typed: Mapping[str, Any], name: str, least: int, most: int, problem: str, errors: dict[str, str]
) -> int | None:
    found = _number(typed[name])
    if found is None or not least <= found <= most:
        errors[name] = word(problem)
    return found


def _read_rule(document: dict[str, Any], now_ms: int, errors: dict[str, str]) -> Rule | None:
    try:
        rule = read_rule(document)
    except RuleError:
        errors["rule_kind"] = word("bc_rule_wrong")
        return None
    if next_after(rule, from_ms(now_ms)) is None:
        errors["rule_on"] = word("bc_time_past")
    return rule


def typed_of_spec(spec: Spec) -> dict[str, Any]:
    """What stands in the form of a stored announcement."""
    details = spec.details
    return {
        **EMPTY,
        "kind": spec.kind,
        "title": spec.title,
        "text": spec.text,
        "topic": details.topic,
        "free_only": "1" if details.free_only else "",
        "author": details.author,
        "description": details.description,
        "cover_url": details.cover_url,
        "when": NOW if spec.send_at_ms is None else AT,
        "send_at": local_text(spec.send_at_ms),
        "late": spec.late_policy,
        **typed_of_segment(spec.segment),
    }


def typed_of_segment(segment: Segment) -> dict[str, Any]:
    """The fields of a segment alone."""
    return {
        "who": ALL if segment.all or segment.groups else SOME,
        "groups": "\n".join(segment.groups),
        **{name: list(getattr(segment, name)) for name in ("villages", "interests", "roles", "tags", "users")},
        **{name: str(getattr(segment, name) or "") for name in DAYS},
    }
