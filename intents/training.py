"""Fits the matcher. The only module that imports scikit-learn, and only when called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from intents.asked import Asked, asked_features
from intents.augment import Augmenter
from intents.dataset import Line
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
ALONE_WEIGHT = 0.3
"""What a text that asks a part and names no topic counts beside a whole message when the part asked is learned."""
COST = 2.0
RARE = 3
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
        alone = read_table("facets.tsv")
        self.alone_author = [row["author"] for row in alone]
        self.alone_facet = [row["facet"] for row in alone]
        self.alone = [normalize(row["text"]) for row in alone]
        self.alone_counts = [count_grams(*words_of(form)) for form in self.alone]
        self.asked_alone = [asked_features(form) for form in self.alone]
        self.asked = {
            place: asked_features(form)
            for place, (row, form) in enumerate(zip(self.rows, self.normalized, strict=True))
            if row.facet
        }


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


def fit(corpus: Corpus, chosen: Sequence[int] | None = None, progress: Progress = _silent, without: str = "") -> Model:
    """Fits on the chosen rows of the corpus (all where None). Deterministic. `without`: the hand whose questions about
    a part alone are not learned."""
    from sklearn.svm import LinearSVC

    chosen = range(len(corpus.rows)) if chosen is None else sorted(chosen)
    alone = [place for place, author in enumerate(corpus.alone_author) if author != without]
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
    follow_weights, follow_bias = _fit_follow(corpus, alone, vocabulary, table[: len(plain)])
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
        follow_weights=follow_weights,
        follow_bias=follow_bias,
        asked=_fit_asked(*_told(corpus, chosen, alone, ALONE_WEIGHT)),
        asked_alone=_fit_asked(*_told(corpus, (), alone, 1.0)),
        exact=exact_phrases(corpus, chosen),
    )


def _as_stored(weights: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Rounded to the half precision of the file, so that a fresh model decides like one read back."""
    return np.ascontiguousarray(weights.astype(np.float16), np.float32)


def _rounded(examples: sparse.csr_matrix) -> sparse.csr_matrix:
    examples.data = examples.data.astype(np.float16).astype(np.float32)
    return examples


def _fit_follow(
    corpus: Corpus, alone: Sequence[int], vocabulary: Vocabulary, plain: sparse.csr_matrix
) -> tuple[FloatArray, float]:
    """Weights by feature and bias: whether a text asks a part without naming a topic. `plain`: the chosen lines."""
    from sklearn.svm import LinearSVC

    asking = matrix(vocabulary, [corpus.alone_counts[place] for place in alone])
    everything = sparse.vstack([plain, asking], format="csr")
    targets = np.array([0] * plain.shape[0] + [1] * len(alone))
    follow = LinearSVC(C=0.3, random_state=0, tol=1e-2, max_iter=300, class_weight={0: 1.0, 1: 2.0})
    follow.fit(everything, targets)
    return _as_stored(follow.coef_[0]), float(np.float32(follow.intercept_[0]))


def _told(
    corpus: Corpus, chosen: Sequence[int], alone: Sequence[int], alone_weight: float
) -> tuple[list[dict[str, float]], list[str], list[float]]:
    """(features, the part asked, weight) of the chosen lines that say it, and of the texts that ask a part alone."""
    whole = [place for place in chosen if corpus.rows[place].facet]
    texts = [corpus.asked[place] for place in whole] + [corpus.asked_alone[place] for place in alone]
    names = [corpus.rows[place].facet for place in whole] + [corpus.alone_facet[place] for place in alone]
    return texts, names, [1.0] * len(whole) + [alone_weight] * len(alone)


def _fit_asked(texts: list[dict[str, float]], names: list[str], weights: list[float]) -> Asked:
    """Learns which part is asked."""
    from sklearn.svm import LinearSVC

    seen = Counter(name for features in texts for name in features)
    position = {name: place for place, name in enumerate(sorted(name for name, times in seen.items() if times >= RARE))}
    known = [[(position[name], value) for name, value in features.items() if name in position] for features in texts]
    pointers = np.cumsum([0] + [len(row) for row in known])
    places = np.array([place for row in known for place, _ in row], np.int32)
    values = np.array([value for row in known for _, value in row], np.float32)
    table = sparse.csr_matrix((values, places, pointers), shape=(len(texts), len(position)))
    classifier = LinearSVC(C=COST, random_state=0, tol=1e-2, max_iter=300)
    classifier.fit(table, np.array([FACETS.index(name) for name in names]), sample_weight=np.array(weights))
    return Asked(FACETS, position, _as_stored(classifier.coef_.T), classifier.intercept_.astype(np.float32))
