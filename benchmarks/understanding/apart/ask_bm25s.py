"""bm25s over the words it is given; it has no score that means "sure", so it always answers."""

from __future__ import annotations

import importlib

from talking import Answering, serve  # type: ignore[import-not-found, unused-ignore]

NEAREST = 60


def learn(examples: list[tuple[str, str]], out_of_scope: str) -> Answering:
    """Indexes the examples' words, as they come, parted by spaces."""
    bm25s = importlib.import_module("bm25s")
    labels = [label for _, label in examples]
    index = bm25s.BM25()
    index.index([text.split() for text, _ in examples], show_progress=False)

    def answer(text: str, as_delivered: bool) -> tuple[list[str], bool]:
        words = text.split()
        if not words:
            return [], False
        places, scores = index.retrieve([words], k=min(NEAREST, len(labels)), show_progress=False)
        found = [labels[int(place)] for place, score in zip(places[0], scores[0], strict=True) if score > 0]
        return list(dict.fromkeys(found)), bool(found)

    return answer


if __name__ == "__main__":
    serve(learn)
