"""Links to the national portal: the commune's own filing link, the procedure's page, or a search by its code.

No UUID is ever guessed: the commune's own link needs its ``ward_uuid``, which an official reads off the portal.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from knowledge.communes import Commune
from knowledge.portal.procedure import UUID, Listing

PORTAL = "https://dichvucong.gov.vn"
PROVINCES: Mapping[str, str] = {"31": "019bad30-cd83-76ea-9f9a-bc6cebad4138"}
"""The portal's id of a city or province, by its numeric code; only Hải Phòng's is known."""


def link_to(listing: Listing, commune: Commune) -> str:
    """The best link to a procedure for residents of a commune."""
    identifier = listing.formality_id if UUID.fullmatch(listing.formality_id) else ""
    ward = (commune.contact.ward_uuid or "").strip().lower()
    province = PROVINCES.get(commune.province_code)
    if UUID.fullmatch(ward) and province is not None:
        which = {"formalityId": identifier} if identifier else {"keyword": listing.code}
        query = {
            **which,
            "searchType": "PROVINCE",
            "province": province,
            "provinceCode": commune.province_code,
            "ward": ward,
            "wardCode": commune.unit_code,
            "agency": ward,
            "departmentId": ward,
            "commune": "WARD",
            "showAdvanced": "false",
            "isProvince": "0",
            "isMinistry": "0",
        }
        return f"{PORTAL}/tim-kiem-thu-tuc-hanh-chinh?{urlencode(query)}"
    if identifier:
        return f"{PORTAL}/thu-tuc-hanh-chinh/{identifier}"
    return search_for(listing.code)


def search_for(code: str) -> str:
    """The link that searches the portal for a procedure's code."""
    return f"{PORTAL}/tim-kiem-thu-tuc-hanh-chinh?{urlencode({'keyword': code})}"


def is_search(link: str) -> bool:
    """Tell whether a link only searches, rather than opening the procedure's own page."""
    return "keyword=" in link
