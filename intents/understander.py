"""One message to one decision: rules, then the matcher and the gate, then several questions and follow-ups.

Thread-safe: everything here only reads what was loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from intents import cues, following, rules
from intents.asked import likeliest
from intents.encoder import Encoder
from intents.focus import match_message
from intents.gate import Gate
from intents.lexicon import read_table
from intents.model import Model
from intents.normalize import Normalized, normalize
from intents.parts import Cut
from intents.several import Reading, Split, shared, sides, split
from intents.understanding import (
    ACTION_LABELS,
    CHITCHAT_LABEL,
    EMERGENCY_TOPIC,
    OUT_OF_SCOPE_LABEL,
    Candidate,
    Context,
    Part,
    Understanding,
)

CHOICES = 3
UNSURE_WORDS = 14
"""A longer message of an unsure topic is asked back, though it begins with "thế", "còn"."""
UNSURE_LEAD = 0.7
"""Where the model's likeliest part leads the next by less (one message in six), the encoder is asked too."""
ENCODER_WEIGHT = 0.3
"""What the encoder's log chances weigh beside the model's margins. Measured on hands kept apart from both (cc, dd;
1,344 lines): 0.2 to 0.4 are the same to half a point."""
ENCODER_WORDS, SIDES_WORDS = 90, 25
"""The longest message the encoder reads, and the longest of several questions whose sides it reads: time is bounded."""
PERHAPS_TWO = 0.2
"""The least chance of two questions at which the second is among the choices."""
PARTS_WORDS = 30
"""In a longer message two cues side by side rarely are two questions."""
_LEAD_IN = re.compile(
    r"^(?:(?:da|a|vang|alo|xin|cho|toi|em|minh|bac|chau|ad|xa|can bo|oi|chao|hoi|hoi ve|ve|muon|can|thu tuc|"
    r"lam thu tuc|tu van|huong dan|giup|nho|kinh gui|anh chi|chi|anh|ban|biet)\s+)+"
)
_LEAD_OUT = re.compile(
    r"(?:\s+(?:a|nhe|nha|voi|giup|em|toi|oi|ad|the nao|nhu the nao|ra sao|lam sao|lam the nao|thi lam the nao|"
    r"thi sao|gi|cam on|nhu nao|day|nhi|vay|can bo|xa|bac|chau|minh))+$"
)


class Understander:
    """See the module; made by `intents.load`."""

    def __init__(
        self, model: Model, gate: Gate, siblings: Mapping[frozenset[str], str], encoder: Encoder | None = None
    ) -> None:
        """Without an encoder the part asked is read by the model alone: so it is measured on hands kept apart."""
        self._model = model
        self._encoder = encoder
        self._gate = gate
        self._siblings = siblings

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        """The decision about `text`. Never raises; the time is bounded for any input."""
        form = normalize(text)
        ruled = self._by_rule(text, form)
        if ruled is not None:
            return ruled
        reading = self._topic_of(form)
        if context is not None and context.last_topic is not None:
            followed = self._follow_up(reading, context)
            if followed is not None:
                return followed
        elif self._lacks_topic(reading):
            if reading.label == OUT_OF_SCOPE_LABEL and not self._part_alone(form):
                # "chợ phiên họp ngày nào" asks a time, of something we know nothing of: for an official to answer.
                return self._outside(reading, "unsure")
            reading = self._with_part_alone(reading)
            return Understanding(
                form.text, "fallback", facet=reading.facet, confidence=reading.confidence,
                trace=self._trace(reading, "part_without_topic"),
            )  # fmt: skip
        if rules.insult(form) and not (reading.label in ("@feedback", "khieu-nai-to-cao") and reading.confidence > 0.5):
            return Understanding(
                form.text, "fallback", pointer="chui-boi", chitchat="insult", confidence=reading.confidence,
                trace=self._trace(reading, "insult"),
            )  # fmt: skip
        found = split(reading, self._topic_of, self._says_no_topic, self._gate.splitter, self._siblings.keys())
        several = self._several(reading, found)
        if several is not None:
            return several
        return self._decide(_offering_the_other(reading, found))

    # -- rules ---------------------------------------------------------------------------------------------------

    def _by_rule(self, raw: str, form: Normalized) -> Understanding | None:
        hit = rules.no_message(raw, form)
        if hit is not None:
            decision = "chitchat" if hit.chitchat else "fallback"
            candidates = (Candidate(CHITCHAT_LABEL, 1.0),) if hit.chitchat else ()
            return Understanding(
                form.text, decision, candidates, pointer=hit.pointer, chitchat=hit.chitchat, confidence=1.0,
                trace={"rule": hit.rule},
            )  # fmt: skip
        if rules.emergency(form) is not None:
            candidate = (Candidate(EMERGENCY_TOPIC, 1.0),)
            part = Part(form.text, "answer", candidate, "overview", None)
            return Understanding(
                form.text, "answer", candidate, "overview", parts=(part,), confidence=1.0, trace={"rule": "emergency"}
            )
        if rules.case_code(form):
            return self._action(form, "@status", 1.0, (Candidate("@status", 1.0),), {"rule": "case_code"})
        kind = rules.exact_chitchat(form)
        if kind is not None:
            return Understanding(
                form.text, "chitchat", (Candidate(CHITCHAT_LABEL, 1.0),), chitchat=kind, confidence=1.0,
                trace={"rule": "chitchat"},
            )  # fmt: skip
        return None

    @staticmethod
    def _action(
        form: Normalized, label: str, confidence: float, candidates: tuple[Candidate, ...], trace: Mapping[str, object]
    ) -> Understanding:
        action = label.removeprefix("@")
        part = Part(form.text, "action", candidates, None, action)
        return Understanding(
            form.text, "action", candidates, action=action, parts=(part,), confidence=confidence, trace=trace
        )

    # -- scoring -------------------------------------------------------------------------------------------------

    def _with_facet(self, reading: Reading, with_encoder: bool = True) -> Reading:
        if reading.form.folded_tokens in _titles():
            return replace(reading, facet="overview", facet_lead=1.0)
        facet, lead = self._part_asked(reading.form, with_encoder)
        return replace(reading, facet=facet, facet_lead=lead)

    def _part_asked(self, form: Normalized, with_encoder: bool) -> tuple[str, float]:
        """(the part a message asks, its lead); the encoder, which takes longer, is heard where the model is unsure."""
        asked = self._model.asked
        margins = asked.margins(form)
        facet, lead = likeliest(asked.facets, margins)
        if self._encoder is None or not with_encoder or lead >= UNSURE_LEAD or len(form.tokens) > ENCODER_WORDS:
            return facet, lead
        return likeliest(asked.facets, margins + ENCODER_WEIGHT * self._encoder.log_chances(form))

    def _with_part_alone(self, reading: Reading) -> Reading:
        """The part asked, read by what learned from questions that name no topic."""
        facet, lead = self._model.asked_alone.facet_of(reading.form)
        return replace(reading, facet=facet, facet_lead=lead)

    def _topic_of(self, form: Normalized) -> Reading:
        """A text read without the part it asks: that costs as much again, and sides of a cut are many."""
        match = match_message(self._model, form)
        order = match.ranked()
        ranked = [(match.labels[int(place)], float(match.probability[int(place)])) for place in order[:8]]
        label, confidence = ranked[0][0], self._gate.confidence(match)
        known = None if self._part_alone(form) else self._exact(form)
        if known is not None:
            label, confidence = known, 0.99
            ranked = [(known, 0.99), *((name, score * 0.01) for name, score in ranked if name != known)]
        candidates = tuple(
            Candidate(name, round(min(1.0, score), 4)) for name, score in ranked if name != OUT_OF_SCOPE_LABEL
        )
        exact = known is not None
        return Reading(form, label, confidence, candidates, "", 0.0, match.follow_margin, exact, match)

    def _exact(self, form: Normalized) -> str | None:
        words = " ".join(form.folded_tokens)
        if len(words) > 120:
            return None
        known = self._model.exact.get(words)
        if known is not None:
            return known
        shorter = self._core(form)
        # "giấy gì" is a part, but its "gì" alone is a polite end.
        for said in (shorter, cues.strip_cues(shorter), cues.strip_cues(_LEAD_IN.sub("", words))):
            if " " in said and said in self._model.exact:
                return self._model.exact[said]
        return None

    @staticmethod
    def _core(form: Normalized) -> str:
        """The words without marks, without the polite beginning and end."""
        words = " ".join(form.folded_tokens).removeprefix(following.beginning(form)).strip()
        return _LEAD_OUT.sub("", _LEAD_IN.sub("", words))

    def _part_alone(self, form: Normalized) -> bool:
        """Whether nothing is said but what part is asked ("lệ phí", "thế còn lệ phí?")."""
        words = " ".join(form.folded_tokens)
        if not 0 < len(words) <= 60 or (len(form.tokens) > 3 and words in self._model.exact):
            return False
        return bool(cues.cue_facets(form)) and cues.strip_cues(self._core(form)) == ""

    def _trace(self, reading: Reading, step: str) -> dict[str, object]:
        order = reading.match.ranked()[:5]
        return {
            "step": step,
            "exact": reading.exact,
            "labels": [
                [reading.match.labels[int(place)], round(float(reading.match.probability[int(place)]), 3)]
                for place in order
            ],
            "confidence": round(reading.confidence, 3),
            "facet": reading.facet,
            "facet_lead": round(reading.facet_lead, 2),
            "follow": round(reading.follow, 2),
            "known": round(reading.match.share_known, 2),
        }

    # -- decisions -----------------------------------------------------------------------------------------------

    def _decide(self, reading: Reading) -> Understanding:
        form, gate = reading.form, self._gate
        sure = self._is_sure(reading)
        if reading.label == OUT_OF_SCOPE_LABEL:
            return self._outside(reading, "outside") if sure or not reading.candidates else self._clarify(reading)
        if reading.label == CHITCHAT_LABEL and (
            sure or (reading.confidence >= gate.offer and reading.candidates[0].score > 0.5)
        ):
            return Understanding(
                form.text, "chitchat", reading.candidates[:1], chitchat=rules.chitchat_kind(form),
                confidence=reading.confidence, trace=self._trace(reading, "chitchat"),
            )  # fmt: skip
        if sure:
            if reading.label in ACTION_LABELS:
                offered = reading.candidates[:CHOICES]
                return self._action(form, reading.label, reading.confidence, offered, self._trace(reading, "action"))
            reading = self._with_facet(reading)
            return Understanding(
                form.text, "answer", reading.candidates[:CHOICES], reading.facet,
                parts=self._parts(form, reading.candidates, reading.facet),
                confidence=reading.confidence, trace=self._trace(reading, "answer"),
            )  # fmt: skip
        return self._clarify(reading) if reading.confidence >= gate.offer else self._outside(reading, "unsure")

    @staticmethod
    def _parts(form: Normalized, candidates: tuple[Candidate, ...], facet: str) -> tuple[Part, ...]:
        """One part, or one for each of two facets asked together, the one that weighs most first."""
        asked = cues.several_asked(form) if len(form.tokens) <= PARTS_WORDS else None
        other = tuple(one for one in asked if one != facet) if asked is not None and facet in asked else ()
        return tuple(Part(form.text, "answer", candidates[:1], one, None) for one in (facet, *other))

    def _outside(self, reading: Reading, step: str) -> Understanding:
        pointer = reading.match.pointer if step == "outside" else None
        return Understanding(
            reading.form.text, "fallback", pointer=pointer, confidence=reading.confidence,
            trace=self._trace(reading, step),
        )  # fmt: skip

    def _clarify(self, reading: Reading, step: str = "clarify", with_encoder: bool = True) -> Understanding:
        reading = self._with_facet(reading, with_encoder)
        offered = tuple(one for one in reading.candidates if one.id != CHITCHAT_LABEL)[:CHOICES]
        question = self._siblings.get(frozenset(one.id for one in offered[:2]))
        return Understanding(
            reading.form.text, "clarify", offered, reading.facet, question=question, confidence=reading.confidence,
            trace=self._trace(reading, step),
        )  # fmt: skip

    # -- several questions ---------------------------------------------------------------------------------------

    def _says_no_topic(self, side: Reading) -> bool:
        unsure = side.confidence < self._gate.answer
        return (unsure and self._names_no_topic(side)) or self._part_alone(side.form)

    def cuts(self, form: Normalized) -> tuple[Reading, list[tuple[Cut, Reading, Reading]]]:
        """A message read whole, and every cut of it that could part two questions, for the calibration."""
        whole = self._topic_of(form)
        return whole, list(sides(whole, self._topic_of, self._says_no_topic))

    def _several(self, reading: Reading, found: Split | None) -> Understanding | None:
        """Each of several questions as a part; a choice between them where it is unsure that they are several."""
        if found is None or found.sure < self._gate.splitter.doubt:
            return None
        named = tuple(side.candidates[0] for side in found.sides)
        if found.sure >= self._gate.splitter.answer:
            short = len(reading.form.tokens) <= SIDES_WORDS
            asking = shared([self._with_facet(side, with_encoder=short) for side in found.sides])
            pieces = tuple(self._piece(side) for side in asking)
            return Understanding(
                reading.form.text, "answer", named, asking[0].facet, parts=pieces, confidence=found.sure,
                trace=self._trace(reading, "several"),
            )  # fmt: skip
        others = tuple(one for one in reading.candidates if one.id not in {side.label for side in found.sides})
        return self._clarify(replace(reading, candidates=(*named, *others)), "perhaps_several", with_encoder=False)

    @staticmethod
    def _piece(side: Reading) -> Part:
        if side.label in ACTION_LABELS:
            return Part(side.form.text, "action", side.candidates[:1], None, side.label.removeprefix("@"))
        return Part(side.form.text, "answer", side.candidates[:1], side.facet, None)

    # -- follow-ups ----------------------------------------------------------------------------------------------

    def _asks_part_only(self, reading: Reading) -> bool:
        """Whether the text asks a part ("bao lâu") of what was spoken of before."""
        if self._is_its_own(reading):
            return False
        return self._gate.following.follows(reading.form, reading.follow, reading.confidence, reading.label)

    def _is_its_own(self, reading: Reading) -> bool:
        return following.is_its_own(reading.form, reading.follow, self._is_sure(reading))

    def _is_sure(self, reading: Reading) -> bool:
        return reading.exact or self._gate.is_sure(reading.match, reading.label, reading.confidence)

    def _names_no_topic(self, reading: Reading) -> bool:
        """Whether it asks a part, by its words too, though nothing was spoken of before."""
        return reading.follow > 0.0 and self._asks_part_only(reading)

    def _lacks_topic(self, reading: Reading) -> bool:
        if self._part_alone(reading.form):
            return True
        if reading.exact or not self._names_no_topic(reading):
            return False
        return not self._is_sure(reading) or following.beginning(reading.form) != ""

    def _follow_up(self, reading: Reading, context: Context) -> Understanding | None:
        topic = context.last_topic
        if topic is None or topic not in self._model.labels:
            return None
        starts = following.beginning(reading.form) != ""
        if reading.exact:
            return self._same_part(reading, context) if starts else None
        if self._part_alone(reading.form) or self._asks_part_only(reading):
            return self._about(topic, reading)
        if starts and reading.confidence >= self._gate.answer and not reading.label.startswith("@"):
            return self._same_part(reading, context)
        kept = starts and len(reading.form.tokens) <= UNSURE_WORDS and reading.confidence < self._gate.answer
        if not kept or reading.label in ACTION_LABELS or self._is_its_own(reading):
            return None
        return self._about(topic, reading)

    def _same_part(self, reading: Reading, context: Context) -> Understanding | None:
        """A new topic asked about after another ("thế còn khai tử?"): the part asked before is meant again."""
        named = reading.label == context.last_topic or reading.label.startswith("@")
        if named or context.last_facet is None or cues.cue_facets(reading.form):
            return None
        decided = self._decide(reading)
        part = replace(decided.parts[0], facet=context.last_facet)
        return replace(decided, facet=context.last_facet, parts=(part,), follow_up=True)

    def _about(self, topic: str, reading: Reading) -> Understanding:
        candidates = (Candidate(topic, 0.9),)
        reading = self._with_part_alone(reading)
        return Understanding(
            reading.form.text, "answer", candidates, reading.facet,
            parts=self._parts(reading.form, candidates, reading.facet),
            confidence=0.9, follow_up=True, trace=self._trace(reading, "follow_up"),
        )  # fmt: skip


@cache
def _titles() -> frozenset[tuple[str, ...]]:
    """The names of topics: said alone they ask no part, whatever words they hold ("Giờ làm việc của …")."""
    return frozenset(normalize(row["name_vi"]).folded_tokens for row in read_table("topics.tsv"))


def _offering_the_other(reading: Reading, found: Split | None) -> Reading:
    """Where a message may ask for two things, what else a side of it asks for comes third: nothing else changes.

    Measured on double questions of three hands, both among the first three: 95.6, 97.0, 98.8 % without, 98.9, 98.0,
    98.8 % with it; single questions stay as they are.
    """
    if found is None or found.sure < PERHAPS_TWO:
        return reading
    first, later = reading.candidates[:2], reading.candidates[2:]
    known = {one.id for one in first}
    most = min((one.score for one in first), default=1.0)
    others = tuple(
        Candidate(side.label, min(most, side.candidates[0].score)) for side in found.sides if side.label not in known
    )
    named = known | {one.id for one in others}
    return replace(reading, candidates=(*first, *others, *(one for one in later if one.id not in named)))
