"""Asks the product why it answered as it did. Whatever goes wrong, there is just no trace."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import requests

TIMEOUT_SECONDS = 2.0


def fetch(template: str | None, *, oa_id: str, msg_id: str) -> dict[str, object]:
    """`{"found": true, "trace": {…}}`, or `{"found": false, "reason": …}` with a reason for a reader."""
    if not template:
        return {"found": False, "reason": "Chưa đặt địa chỉ xem cách quyết định."}
    address = template.replace("{oa_id}", quote(oa_id, safe="")).replace("{msg_id}", quote(msg_id, safe=""))
    try:
        response = requests.get(address, timeout=TIMEOUT_SECONDS)
        trace = response.json() if response.status_code == requests.codes.ok else None
    except (requests.RequestException, ValueError):
        return {"found": False, "reason": "Không hỏi được bên kia."}
    if not isinstance(trace, Mapping):
        return {"found": False, "reason": "Tin này không có dấu vết quyết định."}
    return {"found": True, "trace": dict(trace)}
