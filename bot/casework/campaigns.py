"""Campaigns at the desk: one initiative from each village, one from each official, contests; aims, and what came.

Functions act within the caller's transaction, ask :mod:`bot.permissions` first and write the audit log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from bot.permissions import require
from bot.store import audit, campaigns
from bot.store.campaigns import KINDS, Came, Campaign, NewCampaign
from bot.store.staff import Staff

ACT = "initiative.council"
"""Whoever calls councils together runs the campaigns."""
LARGEST_TARGET = 10_000
LONGEST_TITLE = 120
LONGEST_ABOUT = 2_000
NOTHING = Came(0, 0)


class CampaignProblem(ValueError):
    """``reason`` is a slug: title, about, kind, days, target, unknown_village, changed, unknown."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class VillageProgress:
    """One line of the progress page. ``target`` 0: none was set; ``village`` "": no village was named."""

    village: str
    target: int
    came: Came

    @property
    def missing(self) -> int:
        """How many are still wanted."""
        return max(self.target - self.came.sent, 0)


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """A campaign with what came of it."""

    campaign: Campaign
    villages: tuple[VillageProgress, ...]

    @property
    def came(self) -> Came:
        """All together."""
        return Came(sum(one.came.sent for one in self.villages), sum(one.came.recognised for one in self.villages))

    @property
    def target(self) -> int:
        """The villages' targets together, else the campaign's own."""
        return sum(one.target for one in self.villages) or self.campaign.target

    @property
    def villages_done(self) -> int:
        """How many villages with a target have reached it."""
        return sum(one.target > 0 and not one.missing for one in self.villages)


def check(new: NewCampaign, targets: Mapping[str, int], villages: Collection[str]) -> None:
    """Raise :class:`CampaignProblem` for what cannot be kept. ``villages`` are the keys the commune's profile has."""
    if new.kind not in KINDS:
        raise CampaignProblem("kind", "kind")
    if not new.title.strip() or len(new.title) > LONGEST_TITLE:
        raise CampaignProblem("title", "title")
    if len(new.about) > LONGEST_ABOUT:
        raise CampaignProblem("about", "about")
    if new.ends is not None and new.ends < new.begins:
        raise CampaignProblem("days", "ends")
    if not 0 <= new.target <= LARGEST_TARGET:
        raise CampaignProblem("target", "target")
    for village, target in targets.items():
        if village not in villages:
            raise CampaignProblem("unknown_village", "villages")
        if not 0 <= target <= LARGEST_TARGET:
            raise CampaignProblem("target", f"target-{village}")


def begin(
    connection: Connection,
    who: Staff,
    commune_id: str,
    new: NewCampaign,
    targets: Mapping[str, int],
    villages: Collection[str],
    now_ms: int,
) -> int:
    """Write a campaign; its id. Raises ``NotAllowed`` and :class:`CampaignProblem`."""
    require(who, ACT, commune_id)
    check(new, targets, villages)
    campaign_id = campaigns.add(connection, commune_id, new, who.id, now_ms)
    campaigns.set_targets(
        connection, commune_id, campaign_id, {name: number for name, number in targets.items() if number}
    )
    audit.record(
        connection, who, "campaign.begin", commune_id, _subject(campaign_id), None, _facts(new, targets), now_ms
    )
    return campaign_id


def change(
    connection: Connection,
    who: Staff,
    commune_id: str,
    campaign_id: int,
    seen_version: int,
    new: NewCampaign,
    targets: Mapping[str, int],
    villages: Collection[str],
    now_ms: int,
) -> None:
    """Rewrite a campaign. Raises ``NotAllowed`` and :class:`CampaignProblem` ("changed": somebody did since)."""
    require(who, ACT, commune_id)
    former = campaigns.find(connection, commune_id, campaign_id)
    if former is None:
        raise CampaignProblem("unknown")
    former_targets = campaigns.targets_of(connection, [campaign_id]).get(campaign_id, {})
    # A village that left the profile keeps the target it had: the figures of a finished campaign stay what they were.
    check(new, targets, {*villages, *former_targets})
    if not campaigns.change(connection, commune_id, campaign_id, seen_version, new):
        raise CampaignProblem("changed")
    campaigns.set_targets(
        connection, commune_id, campaign_id, {name: number for name, number in targets.items() if number}
    )
    before = NewCampaign(former.kind, former.title, former.about, former.begins, former.ends, former.target)
    audit.record(
        connection,
        who,
        "campaign.change",
        commune_id,
        _subject(campaign_id),
        _facts(before, former_targets),
        _facts(new, targets),
        now_ms,
    )


def set_closed(
    connection: Connection,
    who: Staff,
    commune_id: str,
    campaign_id: int,
    seen_version: int,
    closed: bool,
    now_ms: int,
) -> None:
    """Close a campaign by hand, or open it again. Raises ``NotAllowed`` and :class:`CampaignProblem`."""
    require(who, ACT, commune_id)
    if not campaigns.set_closed(connection, commune_id, campaign_id, seen_version, now_ms if closed else None):
        raise CampaignProblem("changed")
    audit.record(
        connection,
        who,
        "campaign.close",
        commune_id,
        _subject(campaign_id),
        {"closed": not closed},
        {"closed": closed},
        now_ms,
    )


def progress(connection: Connection, commune_id: str, villages: Sequence[str]) -> list[CampaignProgress]:
    """Every campaign of a commune with what came, newest first. Three queries however many there are.

    ``villages`` are the keys of the profile, in its order: in a campaign for villages each of them has a line.
    """
    every = campaigns.list_all(connection, commune_id)
    return _with_progress(connection, commune_id, every, villages)


def progress_of(
    connection: Connection, commune_id: str, campaign_id: int, villages: Sequence[str]
) -> CampaignProgress | None:
    """One campaign of a commune with what came."""
    one = campaigns.find(connection, commune_id, campaign_id)
    return None if one is None else _with_progress(connection, commune_id, [one], villages)[0]


def _with_progress(
    connection: Connection, commune_id: str, every: Sequence[Campaign], villages: Sequence[str]
) -> list[CampaignProgress]:
    ids = [one.id for one in every]
    targets = campaigns.targets_of(connection, ids)
    came = campaigns.came(connection, commune_id, ids)
    found = []
    for one in every:
        aimed, sent = targets.get(one.id, {}), came.get(one.id, {})
        listed = list(villages) if one.kind == campaigns.VILLAGE else []
        listed += sorted({*aimed, *sent} - {*listed, ""})
        if "" in sent:
            listed.append("")
        lines = (VillageProgress(name, aimed.get(name, 0), sent.get(name, NOTHING)) for name in listed)
        found.append(CampaignProgress(one, tuple(lines)))
    return found


def open_today(connection: Connection, commune_id: str, today: date) -> list[Campaign]:
    """What the chat offers on this day, the soonest to end first."""
    return campaigns.list_open(connection, commune_id, today)


def titles(connection: Connection, commune_id: str) -> Mapping[str, str]:
    """Id as cases carry it → title, for lists and papers."""
    return {str(one.id): one.title for one in campaigns.list_all(connection, commune_id)}


def _subject(campaign_id: int) -> str:
    return f"campaign:{campaign_id}"


def _facts(new: NewCampaign, targets: Mapping[str, int]) -> Mapping[str, object]:
    return {
        "kind": new.kind,
        "title": new.title,
        "begins": new.begins,
        "ends": new.ends,
        "target": new.target,
        "villages": dict(targets),
    }
