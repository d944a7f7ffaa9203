"""Fits the matcher. The only module that imports scikit-learn, and only when called."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from intents.augment import Augmenter
from intents.dataset import Line, topics
from intents.features import FloatArray, Vocabulary, build_vocabulary, count_grams, words_of
from intents.lexicon import read_table
from intents.model import Model
from intents.normalize import normalize
from intents.understanding import FACETS, OUT_OF_SCOPE_LABEL

COPIES = 1
CLEAN = ("title", "alias", "asked")
"""Kinds of lines made from the catalogue: they get no noisy copies."""
MINIMUM_TEXTS = 3
EXACT_WORDS = 6
FACET_WEIGHT = 3.0
"""Lines written to ask one part count this much more than lines labelled in passing."""
Progress = Callable[[str], None]


def _silent(_: str) -> None:
    pass


class Corpus:
    """Training lines with their features counted once, so that folds of a cross-validation can share the work."""

    def __init__(self, rows: Sequence[Line], copies: int = COPIES, progress: Progress = _silent) -> None:
        # Examples of one label stand together and those out of scope last: the stored model relies on it.
        self.rows = sorted(rows, key=lambda row: (row.label == OUT_OF_SCOPE_LABEL, row.label, row.pointer != ""))
        progress(f"Chuẩn hóa {len(self.rows)} câu mẫu")
        self.normalized = [normalize(row.text) for row in self.rows]
        self.counts = [count_grams(*words_of(form)) for form in self.normalized]
        progress("Tạo các bản gõ lỗi, viết tắt")
        augmenter = Augmenter()
        self.copies = [
            [
                count_grams(*words_of(normalize(augmenter.copy(row.text, number)))) if row.kind not in CLEAN else None
                for row in self.rows
            ]
            for number in range(1, copies + 1)
        ]
        self.facet_rows = [(_counted(row["text"]), row["facet"]) for row in read_table("facets.tsv")]
        self.titled_facet_rows = _with_titles()


def _counted(text: str) -> Counter[str]:
    return count_grams(*words_of(normalize(text)))


def _with_titles() -> list[tuple[Counter[str], str]]:
    """Questions about a part set beside titles of topics, so that words of a topic do not pass for a part."""
    chance = random.Random(5)  # noqa: S311 - a fixed mixture, not a secret
    titles = [topic.name.lower() for topic in topics()]
    mixed = []
    for row in read_table("facets.tsv"):
        for _ in range(2):
            title = chance.choice(titles)
            text = f"{title} {row['text']}" if chance.random() < 0.7 else f"{row['text']} {title}"
            mixed.append((_counted(text), row["facet"]))
    return mixed


def matrix(vocabulary: Vocabulary, counts: Sequence[Counter[str]]) -> sparse.csr_matrix:
    """Texts x features."""
    vectors = [vocabulary.vector(one) for one in counts]
    pointers = np.cumsum([0] + [len(positions) for positions, _ in vectors])
    indices = np.concatenate([positions for positions, _ in vectors]) if vectors else np.zeros(0, np.int32)
    data = np.concatenate([values for _, values in vectors]) if vectors else np.zeros(0, np.float32)
    built = sparse.csr_matrix((data, indices, pointers), shape=(len(vectors), len(vocabulary.idf)))
    built.sort_indices()
    return built


def exact_phrases(corpus: Corpus, chosen: Sequence[int]) -> dict[str, str]:
    """Short texts that mean one thing only: folded words -> label."""
    meanings: dict[str, set[str]] = {}
    for place in chosen:
        row, form = corpus.rows[place], corpus.normalized[place]
        pieces = [" ".join(form.folded_tokens)]
        if row.kind == "title":
            named = [piece for piece in row.text.split(",") if " " in piece.strip()]
            pieces += [" ".join(normalize(piece).folded_tokens) for piece in named]
        for words in pieces:
            if words and (len(words.split(" ")) <= EXACT_WORDS or row.kind in ("title", "alias")):
                meanings.setdefault(words, set()).add(row.label)
    return {words: next(iter(labels)) for words, labels in sorted(meanings.items()) if len(labels) == 1}


def fit(corpus: Corpus, chosen: Sequence[int] | None = None, progress: Progress = _silent) -> Model:
    """Fits on the chosen rows of the corpus (all where None). Deterministic."""
    from sklearn.svm import LinearSVC

    chosen = range(len(corpus.rows)) if chosen is None else sorted(chosen)
    plain = [corpus.counts[place] for place in chosen]
    names = [corpus.rows[place].label for place in chosen]
    noisy = [
        (text, corpus.rows[place].label) for copies in corpus.copies for place in chosen if (text := copies[place])
    ]
    texts = plain + [text for text, _ in noisy]
    progress("Lập bảng đặc trưng")
    vocabulary = build_vocabulary(texts, MINIMUM_TEXTS)
    table = matrix(vocabulary, texts)
    progress(f"Học {len(set(names))} nhãn từ {len(texts)} câu, {len(vocabulary.idf)} đặc trưng")
    order = {label: place for place, label in enumerate(dict.fromkeys(names))}
    targets = np.array([order[name] for name in [*names, *(name for _, name in noisy)]])
    classifier = LinearSVC(C=0.3, random_state=0, tol=3e-2, max_iter=100).fit(table, targets)
    progress("Học phần được hỏi")
    facet_weights, facet_bias = _fit_facets(corpus, chosen, vocabulary, table[: len(plain)])
    # A line without any known feature is near to nothing.
    kept = np.flatnonzero(np.diff(table.indptr[: len(plain) + 1]))
    example_label = np.array([order[names[place]] for place in kept], np.int32)
    starts = np.flatnonzero(np.r_[True, example_label[1:] != example_label[:-1]]).astype(np.int32)
    told = [corpus.rows[place] for place in np.array(chosen)[kept]]
    outside = [row.pointer for row in told if row.label == OUT_OF_SCOPE_LABEL]
    return Model(
        labels=tuple(order),
        vocabulary=vocabulary,
        weights=_as_stored(classifier.coef_.T),
        bias=classifier.intercept_.astype(np.float32),
        examples=_rounded(table[kept]),
        example_label=example_label,
        example_pointer=tuple(outside),
        label_starts=starts,
        facets=FACETS,
        facet_weights=facet_weights,
        facet_bias=facet_bias,
        exact=exact_phrases(corpus, chosen),
    )


def _as_stored(weights: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Rounded to the half precision of the file, so that a fresh model decides like one read back."""
    return np.ascontiguousarray(weights.astype(np.float16), np.float32)


def _rounded(examples: sparse.csr_matrix) -> sparse.csr_matrix:
    examples.data = examples.data.astype(np.float16).astype(np.float32)
    return examples


def _fit_facets(
    corpus: Corpus, chosen: Sequence[int], vocabulary: Vocabulary, plain: sparse.csr_matrix
) -> tuple[FloatArray, FloatArray]:
    """Weights features x (facets + 1): which part is asked, and last whether the text asks a part without a topic.

    `plain` holds the chosen lines by features.
    """
    from sklearn.svm import LinearSVC

    known = [place for place in chosen if corpus.rows[place].facet]
    told = [number for number, place in enumerate(chosen) if corpus.rows[place].facet]
    added = corpus.facet_rows * 2 + corpus.titled_facet_rows
    texts = sparse.vstack([plain[told], matrix(vocabulary, [one for one, _ in added])], format="csr")
    names = [corpus.rows[place].facet for place in known] + [name for _, name in added]
    weights = [FACET_WEIGHT if corpus.rows[place].kind == "facet" else 1.0 for place in known] + [1.0] * len(added)
    targets = np.array([FACETS.index(name) for name in names])
    facets = LinearSVC(C=0.2, random_state=0, tol=1e-2, max_iter=300)
    facets.fit(texts, targets, sample_weight=weights)
    alone_texts = matrix(vocabulary, [one for one, _ in corpus.facet_rows])
    everything = sparse.vstack([plain, alone_texts], format="csr")
    alone = np.array([0] * len(chosen) + [1] * len(corpus.facet_rows))
    follow = LinearSVC(C=0.3, random_state=0, tol=1e-2, max_iter=300, class_weight={0: 1.0, 1: 4.0})
    follow.fit(everything, alone)
    stacked = np.vstack([facets.coef_, follow.coef_]).T
    bias = np.r_[facets.intercept_, follow.intercept_]
    return _as_stored(stacked), bias.astype(np.float32)
