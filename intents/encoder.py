"""A small transformer that reads which part is asked, where the linear classifier is unsure. Needs numpy only.

The lowest layers of multilingual-e5-small (MIT), its vocabulary cut down to the pieces of this project's material,
trained further on the part asked of every learned line (`python -m intents.encoder_training`); eight bits a weight.
Kept in the repository like the data (data/encoder.npz, data/encoder.json), since training takes longer than a build.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from intents.features import FloatArray
from intents.lexicon import DATA
from intents.normalize import Normalized
from intents.understanding import FACETS

HEADS = 12
EPSILON = 1e-12
"""Of the layer norms of multilingual-e5-small."""
MOST_PIECES = 64
"""Of a longer message the last pieces are read: stories end with their question."""
MOST_LETTERS = 600
"""Some 120 words: more letters than MOST_PIECES cover, so that words are cut in bounded time."""
LONGEST_PIECE = 16
"""Letters; no Vietnamese piece is longer."""
UNKNOWN_SCORE = -30.0
"""Less likely than any piece, so that a letter is unknown only where no piece holds it."""
START, PAD, END, UNKNOWN = range(4)
SPACE = "▁"


@dataclass(frozen=True, slots=True)
class Linear:
    """A matrix in eight bits, inputs x outputs, with a scale and a bias for each output. It stays so in memory: with
    four bytes a weight every process that answers would hold 35 MB more."""

    weight: npt.NDArray[np.int8]
    scale: FloatArray
    bias: FloatArray

    def __call__(self, state: FloatArray) -> FloatArray:
        """Rows of inputs to rows of outputs."""
        product: FloatArray = state @ self.weight.astype(np.float32)
        product *= self.scale
        product += self.bias
        return product


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer norm."""

    weight: FloatArray
    bias: FloatArray

    def __call__(self, state: FloatArray) -> FloatArray:
        """Each row with mean 0 and spread 1, then scaled."""
        state = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((state * state).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
        normed: FloatArray = state / spread * self.weight + self.bias
        return normed


@dataclass(frozen=True, slots=True)
class Layer:
    """One block of attention and feed-forward."""

    query_key_value: Linear
    output: Linear
    first_norm: Norm
    inner: Linear
    outer: Linear
    second_norm: Norm

    def __call__(self, state: FloatArray) -> FloatArray:
        """Pieces x width to the same."""
        length, width = state.shape
        size = width // HEADS
        query, key, value = self.query_key_value(state).reshape(length, 3, HEADS, size).transpose(1, 2, 0, 3)
        near = query @ key.transpose(0, 2, 1) * np.float32(1.0 / math.sqrt(size))
        near = np.exp(near - near.max(axis=-1, keepdims=True))
        near /= near.sum(axis=-1, keepdims=True)
        seen = (near @ value).transpose(1, 0, 2).reshape(length, width)
        state = self.first_norm(state + self.output(seen))
        return self.second_norm(state + self.outer(_gelu(self.inner(state))))


@dataclass(frozen=True)
class Encoder:
    """See the module. `pieces`: word piece -> (row of `embedding`, log probability); `positions` are added to them."""

    pieces: Mapping[str, tuple[int, float]]
    embedding: npt.NDArray[np.int8]
    embedding_scale: FloatArray
    positions: FloatArray
    norm: Norm
    layers: Sequence[Layer]
    head: Linear

    def log_chances(self, form: Normalized) -> FloatArray:
        """The logarithm of the chance of each of FACETS, in their order."""
        numbers = piece_numbers(form.text, self.pieces)
        state = self.embedding[numbers] * self.embedding_scale[numbers] + self.positions[: len(numbers)]
        state = self.norm(state)
        for layer in self.layers:
            state = layer(state)
        margins = self.head(state.mean(axis=0))
        margins -= margins.max()
        margins -= np.log(np.exp(margins).sum())
        return margins

    @classmethod
    def read(cls, folder: Path) -> Encoder:
        """Reads encoder.npz and encoder.json. Raises OSError, ValueError or KeyError where they are missing, damaged or
        not of one another."""
        names = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        if tuple(names["facets"]) != FACETS:
            raise ValueError("the encoder was trained on other parts, or in another order")
        content = (folder / "encoder.npz").read_bytes()
        if hashlib.sha256(content).hexdigest() != names["sha256"]:
            raise ValueError("encoder.npz is not the one that encoder.json describes")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}

        def linear(name: str) -> Linear:
            weight = np.ascontiguousarray(arrays[f"{name}.weight"].T)
            return Linear(weight, arrays[f"{name}.scale"], arrays[f"{name}.bias"])

        def norm(name: str) -> Norm:
            return Norm(arrays[f"{name}.weight"], arrays[f"{name}.bias"])

        def layer(number: int) -> Layer:
            return Layer(
                linear(f"{number}.query_key_value"), linear(f"{number}.output"), norm(f"{number}.first_norm"),
                linear(f"{number}.inner"), linear(f"{number}.outer"), norm(f"{number}.second_norm"),
            )  # fmt: skip

        return cls(
            pieces={piece: (number, score) for piece, number, score in names["pieces"]},
            embedding=arrays["embedding"],
            embedding_scale=arrays["embedding.scale"][:, None],
            positions=arrays["positions"],
            norm=norm("norm"),
            layers=tuple(layer(number) for number in range(names["layers"])),
            head=linear("head"),
        )


@cache
def load_encoder() -> Encoder:
    """The packaged encoder, once for each process. Raises as `Encoder.read`."""
    return Encoder.read(DATA)


def _gelu(state: FloatArray) -> FloatArray:
    """GELU by its tanh formula, which is within 0.001 of the one with erf and took a fortieth of the time."""
    inner = state * state
    inner *= np.float32(0.044715)
    inner += np.float32(1.0)
    inner *= state
    inner *= np.float32(math.sqrt(2.0 / math.pi))
    np.tanh(inner, out=inner)
    inner += np.float32(1.0)
    inner *= state
    inner *= np.float32(0.5)
    return inner


def piece_numbers(text: str, pieces: Mapping[str, tuple[int, float]]) -> list[int]:
    """The rows of the last word pieces of a text, between START and END."""
    found: list[int] = []
    for word in reversed(text[-MOST_LETTERS:].split()):
        found = [*word_pieces(word, pieces), *found]
        if len(found) >= MOST_PIECES:
            break
    return [START, *found[-MOST_PIECES:], END]


def word_pieces(word: str, pieces: Mapping[str, tuple[int, float]]) -> list[int]:
    """The likeliest way to put a word together from pieces (Viterbi over a unigram model, as the base model has it)."""
    marked = SPACE + word
    best = [0.0] + [-math.inf] * len(marked)
    back = [(0, UNKNOWN)] * (len(marked) + 1)
    for start in range(len(marked)):
        for end in range(start + 1, min(len(marked), start + LONGEST_PIECE) + 1):
            piece = pieces.get(marked[start:end])
            if piece is not None and best[start] + piece[1] > best[end]:
                best[end], back[end] = best[start] + piece[1], (start, piece[0])
        if best[start] + UNKNOWN_SCORE > best[start + 1]:
            best[start + 1], back[start + 1] = best[start] + UNKNOWN_SCORE, (start, UNKNOWN)
    found: list[int] = []
    place = len(marked)
    while place:
        place, number = back[place]
        found.append(number)
    found.reverse()
    return found
