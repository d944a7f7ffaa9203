"""Bodies of articles, their broadcast to followers, and posts to groups (contract 3.5, 3.6)."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.zalo.messages import MessageLimitError, utf16_units

CREATE_PATH = "/v2.0/article/create"
VERIFY_PATH = "/v2.0/article/verify"
BROADCAST_PATH = "/v2.0/oa/message"
GROUP_PATH = "/v3.0/oa/group/message"

ARTICLE_TITLE_LIMIT = 150
ARTICLE_AUTHOR_LIMIT = 50
ARTICLE_DESCRIPTION_LIMIT = 300
ARTICLE_TEXT_LIMIT = 20_000
"""Zalo names no limit for an article's words; nobody reads more than this on a phone."""
NIGHT_STARTS_HOUR, NIGHT_ENDS_HOUR = 22, 6
"""Zalo refuses broadcasts in these hours, Vietnam time assumed (contract 3.1, 9)."""

_MENTION = re.compile(r"\[@[^\]]*\]")


class ArticleTooLong(MessageLimitError):
    """Title, author or description over Zalo's limits."""


def article_body(title: str, text: str, author: str, description: str, cover_url: str) -> dict[str, object]:
    """Body of ``article/create``: each paragraph of ``text`` a ``<p>``. It is shown once verified (the default hides
    it: contract 7, pitfall 17). Raises :class:`ArticleTooLong`."""
    for value, limit in (
        (title, ARTICLE_TITLE_LIMIT),
        (author, ARTICLE_AUTHOR_LIMIT),
        (description, ARTICLE_DESCRIPTION_LIMIT),
    ):
        if utf16_units(value) > limit:
            raise ArticleTooLong(f"{utf16_units(value)} characters, Zalo takes {limit}")
    paragraphs = [paragraph.strip() for paragraph in unicodedata.normalize("NFC", text).split("\n")]
    content = "".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs if paragraph)
    return {
        "type": "normal",
        "title": title,
        "author": author,
        "cover": {"cover_type": "photo", "photo_url": cover_url, "status": "show" if cover_url else "hide"},
        "description": description,
        "body": [{"type": "text", "content": content}],
        "status": "show",
        "comment": "hide",
    }


def verify_body(token: str) -> dict[str, object]:
    """Body of ``article/verify``."""
    return {"token": token}


def broadcast_body(article_ids: Sequence[str], target: Mapping[str, str]) -> dict[str, object]:
    """Body of a broadcast to followers. An empty target is everybody: gender 0 (contract 3.5)."""
    elements = [{"media_type": "article", "attachment_id": article_id} for article_id in article_ids]
    payload = {"template_type": "media", "elements": elements}
    return {
        "recipient": {"target": dict(target) or {"gender": "0"}},
        "message": {"attachment": {"type": "template", "payload": payload}},
    }


def group_body(group_id: str, text: str) -> dict[str, object]:
    """Body of a post to a group. Mentions are taken out: nobody's phone shall ring by a relayed word (contract 3.6)."""
    return {"recipient": {"group_id": group_id}, "message": {"text": _MENTION.sub("", text)}}
