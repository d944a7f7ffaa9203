"""The reliability plot: what the gate says against what was right, on lines whose author it had not read."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "reliability.svg"
BINS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0001)
_LEFT, _TOP, _SIDE = 60, 30, 360


def bins(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """(mean said, share right, lines) of every bin that has lines; shares 0-1."""
    found = []
    for low, high in itertools.pairwise(BINS):
        chosen = (confidence >= low) & (confidence < high)
        if chosen.any():
            found.append((float(confidence[chosen].mean()), float(right[chosen].mean()), int(chosen.sum())))
    return found


def picture(points: list[tuple[float, float, int]]) -> str:
    """The plot as SVG text."""

    def place(said: float, measured: float) -> tuple[float, float]:
        return _LEFT + said * _SIDE, _TOP + (1 - measured) * _SIDE

    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="460" height="450" font-family="sans-serif" font-size="12">',
        '<rect width="460" height="450" fill="#fff"/>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>',
    ]
    for step in range(0, 11, 2):
        x, y = place(step / 10, step / 10)
        lines.append(f'<text x="{x:.0f}" y="{_TOP + _SIDE + 16}" text-anchor="middle">{step * 10}</text>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{step * 10}</text>')
    (x0, y0), (x1, y1) = place(0, 0), place(1, 1)
    lines.append(f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#bbb" stroke-dasharray="4 4"/>')
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(said, measured) for said, measured, _ in points))
    lines.append(f'<polyline points="{path}" fill="none" stroke="#0a58ca" stroke-width="2"/>')
    for said, measured, count in points:
        x, y = place(said, measured)
        lines.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0a58ca">'
            f"<title>{count} câu: nói {said:.3f}, đúng {measured:.3f}</title></circle>"
        )
    lines.append(
        f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 38}" text-anchor="middle">xác suất máy nói (%)</text>'
    )
    lines.append(
        f'<text x="18" y="{_TOP + _SIDE / 2}" text-anchor="middle" transform="rotate(-90 18 {_TOP + _SIDE / 2})">'
        "thực tế đúng (%)</text>"
    )
    return "\n".join([*lines, "</svg>"]) + "\n"


def draw_reliability(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> None:
    """Writes the picture where the project's documents lie; nothing where they are not at hand."""
    if PICTURE.parent.is_dir():
        PICTURE.write_text(picture(bins(confidence, right)), encoding="utf-8")
