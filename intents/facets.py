"""Which part of a topic is asked: papers, fee, time, place and so on.

A linear classifier over the whole message, helped by cue words; the last cue of a message weighs most, for stories
end with what is asked.
"""

from __future__ import annotations

import re

import numpy as np

from intents.model import Match
from intents.normalize import Normalized

CUE_WEIGHT = 0.55
_CUES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (facet, re.compile(rf"\b(?:{pattern})\b"))
    for facet, pattern in (
        ("fee", r"bao nhieu tien|le phi|mat tien|ton tien|mat phi|phi bao nhieu|mien phi|het bao nhieu|gia bao nhieu|may tien|"
                r"ton bao nhieu|mat bao nhieu|dong bao nhieu|nop bao nhieu|ton kem|tien nong|may tram|bao nhieu dong|co phi|tra tien"),
        ("time", r"bao lau|may ngay|may hom|mat may ngay|khi nao xong|bao gio xong|khi nao co|bao gio co|bao gio lay|khi nao lay|"
                 r"lau khong|thoi gian giai quyet|hen may|may tuan|bao nhieu ngay|trong ngay"),
        ("place", r"o dau|cho nao|noi nao|nop dau|den dau|ra dau|phong nao|len dau|o cho|quay nao|xa nao|lam dau"),
        ("papers", r"giay to gi|can gi|can nhung gi|mang gi|mang theo|mang nhung|ho so gom|ho so can|chuan bi gi|giay gi|thieu giay|"
                   r"nhung giay|giay to nao|can giay|ho so gi|cam theo|kem theo|giay nao|photo may"),
        ("online", r"qua mang|tren mang|truc tuyen|nop mang|tai nha|lam mang|o nha duoc|qua dien thoai|tren dien thoai"),
        ("form", r"mau don|to khai|mau nao|tai mau|mau so|bieu mau|xin mau|don mau|mau o dau|viet don"),
        ("who", r"ai duoc|ai phai|lam ho|lam thay|nop ho|nop thay|di thay|uy quyen|nho nguoi|doi tuong nao|dieu kien gi|ky thay|ai co the|"
                r"ai lam|di cung|phai co mat|lay ho|nhan ho|nhan thay"),
        ("late", r"qua han|tre han|bi phat|phat bao nhieu|muon|tre|phat khong|het han ma|cham"),
        ("result", r"ket qua la gi|nhan duoc gi|hieu luc|duoc cap gi|bi tu choi|bi tra lai|co gia tri"),
    )
)  # fmt: skip


def cue_facets(form: Normalized) -> list[str]:
    """Facets whose cue words stand in the message, in the order of their last cue."""
    last: dict[str, int] = {}
    for facet, pattern in _CUES:
        for found in pattern.finditer(form.folded):
            last[facet] = found.end()
    return sorted(last, key=lambda facet: last[facet])


def facet_of(match: Match, form: Normalized, names: tuple[str, ...]) -> tuple[str, float]:
    """(facet, lead over the next one)."""
    scores = match.facet_margin.astype(np.float64).copy()
    cues = cue_facets(form)
    for place, facet in enumerate(cues):
        scores[names.index(facet)] += CUE_WEIGHT * (1.0 if place == len(cues) - 1 else 0.6)
    order = np.argsort(-scores, kind="stable")
    return names[int(order[0])], float(scores[order[0]] - scores[order[1]])
