"""Campaigns for initiatives: what each asks for, from when until when, how many of which village, and how many came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, insert, or_, select, update

from bot.store.case_tables import case_file
from bot.store.council_tables import campaign, campaign_target

VILLAGE, STAFF, CONTEST = "village", "staff", "contest"
KINDS = (VILLAGE, STAFF, CONTEST)
RECOGNISED = ("recognised", "scaled")


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What an official writes. Days are Vietnam's; ``ends`` None: open until closed by hand."""

    kind: str
    title: str
    about: str
    begins: date
    ends: date | None
    target: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as stored."""

    id: int
    commune_id: str
    kind: str
    title: str
    about: str
    begins: date
    ends: date | None
    target: int
    version: int
    closed_ms: int | None

    def is_open(self, today: date) -> bool:
        """Whether initiatives may be sent for it on this day."""
        return self.closed_ms is None and self.begins <= today and (self.ends is None or today <= self.ends)


@dataclass(frozen=True, slots=True)
class Came:
    """How many initiatives came, and how many of them were recognised."""

    sent: int
    recognised: int


def _campaign_of(row: Row[tuple[object, ...]]) -> Campaign:
    values = row._mapping
    return Campaign(
        values["id"],
        values["commune_id"],
        values["kind"],
        values["title"],
        values["about"],
        date.fromisoformat(values["begins"]),
        None if values["ends"] is None else date.fromisoformat(values["ends"]),
        values["target"],
        values["version"],
        values["closed_ms"],
    )


def _values(new: NewCampaign) -> dict[str, object]:
    return {
        "kind": new.kind,
        "title": new.title,
        "about": new.about,
        "begins": new.begins.isoformat(),
        "ends": None if new.ends is None else new.ends.isoformat(),
        "target": new.target,
    }


def add(connection: Connection, commune_id: str, new: NewCampaign, staff_id: int, now_ms: int) -> int:
    """Write a campaign; its id."""
    return int(
        connection.execute(
            insert(campaign)
            .values(commune_id=commune_id, version=1, created_by=staff_id, created_ms=now_ms, **_values(new))
            .returning(campaign.c.id)
        ).scalar_one()
    )


def change(connection: Connection, commune_id: str, campaign_id: int, seen_version: int, new: NewCampaign) -> bool:
    """Rewrite a campaign. False where somebody changed it since ``seen_version``."""
    return _change(connection, commune_id, campaign_id, seen_version, _values(new))


def set_closed(
    connection: Connection, commune_id: str, campaign_id: int, seen_version: int, closed_ms: int | None
) -> bool:
    """Close a campaign before its day, or open it again with None. False where somebody changed it since."""
    return _change(connection, commune_id, campaign_id, seen_version, {"closed_ms": closed_ms})


def _change(
    connection: Connection, commune_id: str, campaign_id: int, seen_version: int, values: Mapping[str, object]
) -> bool:
    changed = connection.execute(
        update(campaign)
        .where(campaign.c.id == campaign_id, campaign.c.commune_id == commune_id, campaign.c.version == seen_version)
        .values(version=seen_version + 1, **values)
    )
    return changed.rowcount == 1


def set_targets(connection: Connection, commune_id: str, campaign_id: int, targets: Mapping[str, int]) -> None:
    """These villages have these targets, and no other has one."""
    connection.execute(delete(campaign_target).where(campaign_target.c.campaign_id == campaign_id))
    if targets:
        connection.execute(
            insert(campaign_target),
            [
                {"campaign_id": campaign_id, "commune_id": commune_id, "village": village, "target": target}
                for village, target in sorted(targets.items())
            ],
        )


def find(connection: Connection, commune_id: str, campaign_id: int) -> Campaign | None:
    """A campaign of this commune."""
    row = connection.execute(
        select(campaign).where(campaign.c.id == campaign_id, campaign.c.commune_id == commune_id)
    ).first()
    return None if row is None else _campaign_of(row)


def list_all(connection: Connection, commune_id: str) -> list[Campaign]:
    """Every campaign of a commune, the newest beginning first."""
    rows = connection.execute(
        select(campaign)
        .where(campaign.c.commune_id == commune_id)
        .order_by(campaign.c.begins.desc(), campaign.c.id.desc())
    )
    return [_campaign_of(row) for row in rows]


def _open_on(today: date) -> ColumnElement[bool]:
    day = today.isoformat()
    return (
        campaign.c.closed_ms.is_(None)
        & (campaign.c.begins <= day)
        & or_(campaign.c.ends.is_(None), campaign.c.ends >= day)
    )


def list_open(connection: Connection, commune_id: str, today: date) -> list[Campaign]:
    """Campaigns open on this day, the soonest to end first."""
    rows = connection.execute(
        select(campaign)
        .where(campaign.c.commune_id == commune_id, _open_on(today))
        .order_by(campaign.c.ends.is_(None), campaign.c.ends, campaign.c.id)
    )
    return [_campaign_of(row) for row in rows]


def targets_of(connection: Connection, campaign_ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """Village to target, by campaign; one query for all of them."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = connection.execute(
        select(campaign_target)
        .where(campaign_target.c.campaign_id.in_(campaign_ids))
        .order_by(campaign_target.c.village)
    )
    for row in rows:
        found[row.campaign_id][row.village] = row.target
    return found


def came(connection: Connection, commune_id: str, campaign_ids: Collection[int]) -> Mapping[int, Mapping[str, Came]]:
    """What came for these campaigns, by village ("" where the author named none); one query for all of them.

    An initiative merged into another counts for its own village: somebody there did think of it.
    """
    names: Sequence[str] = [str(one) for one in campaign_ids]
    recognised = func.sum(case((case_file.c.state.in_(RECOGNISED), 1), else_=0))
    rows = connection.execute(
        select(case_file.c.campaign_id, case_file.c.village, func.count(), recognised)
        .where(
            case_file.c.commune_id == commune_id,
            case_file.c.campaign_id.in_(names),
            case_file.c.campaign_id != "",  # lets the partial index serve
            case_file.c.kind == "initiative",
        )
        .group_by(case_file.c.campaign_id, case_file.c.village)
    )
    found: dict[int, dict[str, Came]] = defaultdict(dict)
    for campaign_id, village, sent, good in rows:
        found[int(campaign_id)][village] = Came(sent, int(good))
    return found
