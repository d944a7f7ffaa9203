"""Officials and bare initiatives for tests of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from rig import Rig

from bot.store import staff
from bot.store.staff import NewStaff, Staff


@dataclass(frozen=True)
class BareInitiative:
    """What the council needs of a case."""

    code: str = "SK-7K3M9X"
    commune_id: str = "ha-dong"
    state: str = "assessing"
    village: str = ""
    unit: str = ""
    merged_into: str = ""


def make_official(rig: Rig, role: str, name: str = "", commune: str | None = "ha-dong", village: str = "") -> Staff:
    """An account of this post; its address comes from name and commune."""
    email = f"{name or role}@{commune or 'city'}.vn"
    with rig.database.write() as connection:
        return staff.add(
            connection,
            NewStaff(commune, email, name or role, role, "no password fits this", village=village),
            rig.clock.now_ms(),
        )
