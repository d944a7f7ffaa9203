"""The rooms of the console, each a module with ``make_blueprint(desk) -> Blueprint``; and the way to them.

A room adds its line to :data:`ROOMS`; where it has a page of its own, :data:`NAVIGATION` shows it to posts that have
its act. Rows whose endpoint no room has yet are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOMS: tuple[str, ...] = (
    "console.static_files",
    "console.sign_in",
    "console.profile",
    "console.home",
    "console.files",
    "console.reports",
    "console.initiatives",
    "console.initiatives_campaigns",
    "console.initiatives_stories",
    "console.initiatives_figures",
    "console.conversations",
    "console.unanswered",
    "console.knowledge",
    "console.broadcasts",
    "console.events",
    "console.calendar_page",
    "console.volunteers",
    "console.accounts",
    "console.official_account",
    "console.audit_log",
    "console.permission_table",
)


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the menu. ``act`` "" for everybody who is signed in; ``words`` a key of words.yaml."""

    endpoint: str
    words: str
    act: str
    group: str = "work"


NAVIGATION: tuple[Way, ...] = (
    Way("home.mine", "way_home", ""),
    Way("reports.listing", "way_reports", "case.read"),
    Way("initiatives.listing", "way_initiatives", "initiative.read"),
    Way("conversations.listing", "way_conversations", "conversation.read"),
    Way("unanswered.listing", "way_unanswered", "question.read"),
    Way("knowledge.listing", "way_knowledge", "knowledge.read"),
    Way("broadcasts.listing", "way_broadcasts", "broadcast.read"),
    Way("events.listing", "way_events", "event.manage"),
    Way("calendar.page", "way_calendar", "broadcast.read"),
    Way("volunteers.listing", "way_volunteers", "volunteer.read", "office"),
    Way("figures.page", "way_figures", "figures.read", "office"),
    Way("initiative_figures.page", "way_initiative_figures", "figures.read", "office"),
    Way("accounts.listing", "way_accounts", "staff.read", "office"),
    Way("official_account.page", "way_oa", "oa.read", "office"),
    Way("audit_log.listing", "way_audit", "audit.read", "office"),
    Way("files.listing", "way_files", "", "office"),
    Way("permission_table.page", "way_permissions", "", "office"),
)
