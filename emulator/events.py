"""Webhook bodies, field by field as the contract's samples have them. Pure: no clock, no ids of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

Body = dict[str, object]


def encode(body: Mapping[str, object]) -> bytes:
    """Compact UTF-8 JSON, letters unescaped: the exact bytes that are signed and sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def signature(app_id: str, raw_body: bytes, timestamp: str, oa_secret_key: str) -> str:
    """hex(sha256(app_id + raw_body + timestamp + oa_secret_key)); a plain digest, not an HMAC."""
    return hashlib.sha256(app_id.encode() + raw_body + timestamp.encode() + oa_secret_key.encode()).hexdigest()


def from_user(
    app_id: str,
    event_name: str,
    *,
    user_id: str,
    user_id_by_app: str,
    oa_id: str,
    message: Mapping[str, object],
    timestamp: object,
) -> Body:
    """`user_send_*`, `user_reacted_message`: sender is the user, recipient the OA, no oa_id."""
    return {
        "app_id": app_id,
        "sender": {"id": user_id},
        "user_id_by_app": user_id_by_app,
        "recipient": {"id": oa_id},
        "event_name": event_name,
        "message": dict(message),
        "timestamp": timestamp,
    }


def from_oa(
    app_id: str,
    event_name: str,
    *,
    user_id: str,
    user_id_by_app: str,
    oa_id: str,
    message: Mapping[str, object],
    timestamp: object,
    admin_id: str | None = None,
) -> Body:
    """`oa_send_*`, `oa_reacted_message`; admin_id only when a person answered in OA Manager."""
    sender: dict[str, object] = {"id": oa_id}
    if admin_id is not None:
        sender["admin_id"] = admin_id
    return {
        "app_id": app_id,
        "sender": sender,
        "user_id_by_app": user_id_by_app,
        "recipient": {"id": user_id},
        "event_name": event_name,
        "message": dict(message),
        "timestamp": timestamp,
    }


def receipt(
    app_id: str,
    *,
    user_id: str,
    user_id_by_app: str,
    oa_id: str,
    message_ids: Sequence[str],
    seen: bool,
    timestamp: object,
) -> Body:
    """`user_received_message` (one msg_id) or `user_seen_message` (an array msg_ids)."""
    message: Body = {"msg_ids": list(message_ids)} if seen else {"msg_id": message_ids[0]}
    return {
        "app_id": app_id,
        "sender": {"id": oa_id},
        "recipient": {"id": user_id},
        "user_id_by_app": user_id_by_app,
        "event_name": "user_seen_message" if seen else "user_received_message",
        "message": message,
        "timestamp": timestamp,
    }


def follow(
    app_id: str, *, user_id: str, user_id_by_app: str, oa_id: str, following: bool, source: str, timestamp: object
) -> Body:
    """`follow` and `unfollow`: follower.id, no sender, recipient or message."""
    return {
        "oa_id": oa_id,
        "follower": {"id": user_id},
        "user_id_by_app": user_id_by_app,
        "event_name": "follow" if following else "unfollow",
        "source": source,
        "app_id": app_id,
        "timestamp": timestamp,
    }


def about_user(
    app_id: str, event_name: str, *, user_id: str, user_id_by_app: str, oa_id: str, timestamp: object
) -> Body:
    """`user_click_chatnow`, `user_withdraw`: oa_id and user_id at the top."""
    return {
        "oa_id": oa_id,
        "user_id": user_id,
        "user_id_by_app": user_id_by_app,
        "event_name": event_name,
        "app_id": app_id,
        "timestamp": timestamp,
    }


def tag_changed(
    app_id: str,
    event_name: str,
    *,
    oa_id: str,
    name: str,
    user_id: str | None,
    user_id_by_app: str | None,
    timestamp: object,
) -> Body:
    """`add_user_to_tag`, `remove_user_from_tag`, and `remove_tag` which names no user."""
    body: Body = {"oa_id": oa_id}
    tag: Body = {"name": name}
    if user_id is not None:
        body["user_id_by_app"] = user_id_by_app
        tag = {"user_ids": [user_id], "name": name}
    return body | {"event_name": event_name, "tag": tag, "app_id": app_id, "timestamp": timestamp}


def submit_info(app_id: str, *, user_id: str, oa_id: str, info: Mapping[str, object], timestamp: object) -> Body:
    """`user_submit_info`: no msg_id."""
    return {
        "app_id": app_id,
        "sender": {"id": user_id},
        "recipient": {"id": oa_id},
        "event_name": "user_submit_info",
        "info": dict(info),
        "timestamp": timestamp,
    }


def template_attachment(zinstant_id: str, text: str, media_base: str) -> Body:
    """The echo of a message with buttons: the text sits in payload.text."""
    return {
        "type": "template",
        "payload": {
            "zinstant_id": zinstant_id,
            "text": text,
            "link_url": f"{media_base}/zinstant/{zinstant_id}",
            "checksum": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        },
    }


def attachment(kind: str, details: Mapping[str, object], media_base: str) -> Body:
    """One attachment as a resident sends it.

    `details` may give url, thumbnail, description, latitude, longitude, id, name, size, checksum, phone.
    ValueError for a kind that has no attachment."""
    url = str(details.get("url") or "")
    thumbnail = str(details.get("thumbnail") or url)
    description = str(details.get("description") or "")
    payload: Body
    match kind:
        case "image":
            payload = {"thumbnail": thumbnail or f"{media_base}/sample.jpg", "url": url or f"{media_base}/sample.jpg"}
        case "gif":
            payload = {"thumbnail": thumbnail or f"{media_base}/sample.jpg", "url": url or f"{media_base}/sample.gif"}
        case "link":
            payload = {"thumbnail": thumbnail, "description": description, "url": url}
        case "audio":
            payload = {"url": url or f"{media_base}/voice.amr"}
        case "video":
            payload = {"thumbnail": thumbnail, "description": description, "url": url or f"{media_base}/video.mp4"}
        case "sticker":
            identifier = str(details.get("id") or "21978")
            payload = {"id": identifier, "url": url or f"{media_base}/sticker/{identifier}.svg"}
        case "location":
            payload = {
                "coordinates": {
                    "latitude": str(details.get("latitude", "20.8449")),
                    "longitude": str(details.get("longitude", "106.6881")),
                }
            }
        case "file":
            name = str(details.get("name") or "don.pdf")
            payload = {
                "url": url or f"{media_base}/{name}",
                "size": str(details.get("size") or "20480"),
                "name": name,
                "checksum": str(
                    details.get("checksum") or hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
                ),
                "type": name.rpartition(".")[2],
            }
        case "business_card":
            phone = str(details.get("phone") or "84900000011")
            card = {"phone": phone, "qrCodeUrl": f"{media_base}/qr/{phone}.png"}
            payload = {
                "thumbnail": thumbnail,
                "description": json.dumps(card, separators=(",", ":")),
                "url": f"https://zalo.me/{phone}",
            }
            return {"type": "link", "payload": payload}
        case _:
            raise ValueError(f"no attachment for {kind}")
    return {"type": kind, "payload": payload}
