"""Every claim rests on a source; the packaged answers are held to it here, and so in every run of the tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from edit_making import LIBRARY, an_edit, overlay

import knowledge
from knowledge.audit import audit, claims_in, is_claim, unsupported


def test_no_packaged_claim_is_without_a_source() -> None:
    claims = audit(LIBRARY)
    assert unsupported(claims) == []
    assert len(claims) > 1500
    assert {claim.topic for claim in claims} == set(LIBRARY.topics)


def test_every_claim_names_its_confidence_and_the_day_it_was_looked_at() -> None:
    for claim in audit(LIBRARY):
        assert claim.confidence in ("high", "medium", "low") and claim.as_of is not None, claim


def test_claims_of_every_period_are_listed() -> None:
    periods = {(claim.valid_from, claim.valid_until) for claim in audit(LIBRARY) if claim.topic == "khai-sinh"}
    assert (None, date(2027, 2, 28)) in periods and (date(2027, 3, 1), None) in periods


def test_a_claim_without_a_source_is_found(topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"] = {"text": "Phí 8.000 đồng. Cảm ơn bác.", "source": " "}
    topic = knowledge.Topic.model_validate({**topic_content, "group": "ho-tich", "source": ""})
    library = knowledge.Library(
        folder=LIBRARY.folder, catalogue={}, topics={"khai-sinh": topic}, communes=LIBRARY.communes,
        pointers={}, facet_names=LIBRARY.facet_names,
    )  # fmt: skip
    (bare,) = unsupported(audit(library))
    assert (bare.topic, bare.facet, bare.text) == ("khai-sinh", "fee", "Phí 8.000 đồng.")


def test_a_commune_s_own_wording_is_audited_in_place_of_the_packaged() -> None:
    claims = audit(LIBRARY, overlay=overlay(an_edit(text="Thu 5.000 đồng.")))
    edited = [claim for claim in claims if claim.edited]
    assert [(claim.text, claim.source) for claim in edited] == [("Thu 5.000 đồng.", "Thông báo số 5/TB-UBND")]
    assert not any(claim.topic == "to-cong-nghe-so" and claim.facet == "fee" for claim in claims if not claim.edited)


@pytest.mark.parametrize(
    "sentence", ["Lệ phí 8.000 đồng", "Không quá hai ngày", "Bác phải có mặt", "Hạn là mười lăm ngày kể từ khi sinh",
                 "Được miễn", "Nộp trước ngày ấy", "Bị phạt tiền"],
)  # fmt: skip
def test_figures_and_rules_are_claims(sentence: str) -> None:
    assert is_claim(sentence)


@pytest.mark.parametrize("sentence", ["Bác hỏi {desk}.", "Cảm ơn bác.", "Nộp:"])
def test_courtesies_and_headings_are_none(sentence: str) -> None:
    assert list(claims_in(sentence)) == []


def test_each_line_and_sentence_is_a_claim_of_its_own() -> None:
    text = "Nộp:\n• Tờ khai, 2 bản\n• Ảnh\nPhí 10.000 đồng. Trả trong ngày. Bác hỏi {desk}."
    assert list(claims_in(text)) == ["Tờ khai, 2 bản", "Phí 10.000 đồng.", "Trả trong ngày."]


def test_what_a_plan_adds_is_audited_for_its_own_commune() -> None:
    everywhere = {claim.commune for claim in audit(LIBRARY)}
    assert everywhere == {None, *LIBRARY.plans}
    own = {claim.commune for claim in audit(LIBRARY, overlay=overlay())}
    assert own == {None, "ha-dong"}
    plan = next(claim for claim in audit(LIBRARY) if claim.commune == "ha-dong")
    assert plan.source == LIBRARY.plans["ha-dong"].source
