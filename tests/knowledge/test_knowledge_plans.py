"""Residents get what their own commune's plan says, never another's, and an honest word where there is none."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

import knowledge
from knowledge import plans

LIBRARY = knowledge.load()
AUTUMN = date(2026, 11, 22)
SIXTH = LIBRARY.communes["ha-bac"].model_copy(update={"id": "xa-thu-sau", "name": "Thứ Sáu"})
TOPICS = (
    "de-an-thanh-pho-dmst", "gui-sang-kien", "cong-nhan-sang-kien", "cau-lac-bo-dmst", "khong-gian-dmst",
    "cuoc-thi-sang-tao", "ho-tro-khoi-nghiep", "nong-nghiep-thong-minh", "cho-so-nong-thon-so", "du-lich-di-tich",
    "to-cong-nghe-so", "binh-dan-hoc-vu-so", "phan-loai-rac", "ocop",
)  # fmt: skip


def answer(topic: str, facet: str, commune: str) -> str:
    return LIBRARY.answer(topic, facet, LIBRARY.communes[commune], AUTUMN).text


def test_the_packaged_plans_have_no_fault() -> None:
    assert list(plans.faults(LIBRARY.plans, LIBRARY.plan_subjects, LIBRARY.topics, LIBRARY.communes)) == []
    assert set(LIBRARY.plans) == set(LIBRARY.communes)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_of_the_plans_is_told_by_at_least_one_commune(topic: str) -> None:
    assert any(topic in plan.answers for plan in LIBRARY.plans.values())


def test_each_commune_gets_its_own_and_nobody_elses() -> None:
    for topic_id in LIBRARY.topics:
        for commune in LIBRARY.communes.values():
            for facet in LIBRARY.topics[topic_id].facets:
                text = LIBRARY.answer(topic_id, facet, commune, AUTUMN).text
                for other in LIBRARY.communes.values():
                    assert other is commune or other.name not in text, (topic_id, facet, commune.id, other.name)


def test_facts_of_the_plans() -> None:
    assert "quý III/2029" in answer("cuoc-thi-sang-tao", "overview", "ha-dong")
    assert "quý III/2029" not in answer("cuoc-thi-sang-tao", "overview", "ha-bac")
    assert "2027-2028" in answer("cho-so-nong-thon-so", "time", "dai-son")
    assert "2027-2028" not in answer("cho-so-nong-thon-so", "time", "kien-minh")
    assert "trước ngày 10/6" in answer("de-an-thanh-pho-dmst", "time", "le-dai-hanh")
    assert "Trên 95%" in answer("de-an-thanh-pho-dmst", "result", "le-dai-hanh")


def test_the_source_is_the_communes_own_plan() -> None:
    told = LIBRARY.answer("cuoc-thi-sang-tao", "overview", LIBRARY.communes["ha-dong"], AUTUMN)
    assert told.source.startswith(LIBRARY.plans["ha-dong"].source)


def test_a_commune_without_a_plan_file_gets_the_general_text_and_an_honest_word() -> None:
    text = LIBRARY.answer("cuoc-thi-sang-tao", "overview", SIXTH, AUTUMN).text
    assert "Muốn thi cấp thành phố" in text
    assert "Kế hoạch của xã Thứ Sáu: xã chưa cập nhật ở đây" in text
    assert "chưa cập nhật ở đây" not in LIBRARY.answer("khai-sinh", "fee", SIXTH, AUTUMN).text
    assert "chưa cập nhật ở đây" in LIBRARY.plan_subject("guong-dmst", SIXTH)


def test_a_plan_that_is_silent_is_said_to_be() -> None:
    assert "không nêu riêng việc này" in answer("cau-lac-bo-dmst", "overview", "kien-minh")
    assert "không nêu riêng việc này" not in answer("phan-loai-rac", "overview", "ha-dong")


def test_a_campaign_belongs_to_the_commune_that_has_it() -> None:
    own = LIBRARY.plan_subject("moi-thon-mot-sang-kien", LIBRARY.communes["ha-bac"])
    assert own.startswith("Ở xã Hà Bắc: Mỗi thôn một sáng kiến")
    other = LIBRARY.plan_subject("moi-thon-mot-sang-kien", LIBRARY.communes["kien-minh"])
    assert other.startswith("Kế hoạch của xã Kiến Minh không nêu phong trào Mỗi thôn một sáng kiến.")
    assert "mỗi cán bộ, công chức, viên chức một sáng kiến" in other


def test_every_campaign_a_profile_names_is_in_the_list_of_campaigns() -> None:
    for commune in LIBRARY.communes.values():
        listed = LIBRARY.plans[commune.id].subjects["phong-trao"].casefold()
        for campaign in commune.campaigns:
            name = campaign.replace("ĐMST", "đổi mới sáng tạo")
            if name.startswith("đổi mới sáng tạo trong quản trị công"):
                continue  # a heading of the plan, nothing a resident can join
            assert name.casefold() in listed, (commune.id, campaign)


def test_every_packaged_subject_can_be_told_to_everybody() -> None:
    for id in LIBRARY.plan_subjects:
        for commune in (*LIBRARY.communes.values(), SIXTH):
            text = LIBRARY.plan_subject(id, commune)
            assert "{" not in text and len(text) <= 1900


def test_faults_are_named() -> None:
    wrong = plans.PlanAnswers(
        commune="la",
        source="Kế hoạch",
        as_of=AUTUMN,
        answers={"khai-sinh": {"mood": "vui"}, "khong-co": {"overview": "x"}},
        subjects={"khong-co": "xã Hà Đông làm"},
    )
    subject = plans.PlanSubject(name="x", topic="khong-co", cues=("x",))
    found = plans.faults({"la": wrong}, {"s": subject}, LIBRARY.topics, LIBRARY.communes)
    assert sorted(problem.where for problem in found) == [
        "answers.khai-sinh.mood", "answers.khong-co.overview", "commune", "s", "subjects.khong-co", "subjects.khong-co",
    ]  # fmt: skip


def test_a_library_without_plans_answers_as_before() -> None:
    bare = dataclasses.replace(LIBRARY, plans={})
    text = bare.answer("cuoc-thi-sang-tao", "overview", LIBRARY.communes["ha-dong"], AUTUMN).text
    assert "quý III/2029" not in text and "chưa cập nhật ở đây" not in text
