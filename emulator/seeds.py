"""Five communes to play with: OAs whose ids and secret keys are the same at every start, and a few residents."""

from __future__ import annotations

import hashlib

from emulator.assembly import Emulator
from emulator.identifiers import stable_number

COMMUNES: dict[str, str] = {
    "ha-dong": "Xã Hà Đông",
    "dai-son": "Xã Đại Sơn",
    "kien-minh": "Xã Kiến Minh",
    "le-dai-hanh": "Phường Lê Đại Hành",
    "ha-bac": "Xã Hà Bắc",
}
RESIDENTS = ("Bác Một (thử)", "Bác Hai (thử)", "Bác Ba (thử)")


def seeded_secret_key(alias: str) -> str:
    """The OA Secret Key of a seeded commune: emulated, so no secret."""
    return hashlib.sha256(f"emulated OA secret of {alias}".encode()).hexdigest()[:32]


def seed_communes(emulator: Emulator) -> None:
    """Create the communes' OAs, each with tokens and residents (the first of them follows)."""
    for alias, name in COMMUNES.items():
        account = emulator.world.add_account(
            name, oa_id=stable_number(f"oa {alias}"), secret_key=seeded_secret_key(alias), alias=alias
        )
        emulator.issue_tokens(account.oa_id)
        for number, resident_name in enumerate(RESIDENTS):
            emulator.world.add_resident(
                account.oa_id,
                resident_name,
                user_id=stable_number(f"user {alias} {number}"),
                user_id_by_app=stable_number(f"person {alias} {number}"),
            )
