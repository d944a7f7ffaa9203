"""What each event does to us: one table, so that no event of the contract is without a defined effect.

``interaction`` says whether the event opens Zalo's 48 hour and 7 day windows again; the list is contract 3.2: message
to the OA, message in its group, follow, chat-now click, menu or query tap, call, accepting a call. What the list does
not name (a reaction, a receipt, sharing contact details) does not count: too short a window costs a
refused-by-ourselves message, too long a one costs money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from bot.zalo.event_types import Call, Echo, Event, TemplateEvent, Unknown


class Effect(Enum):
    """What the engine has to do with an event."""

    CONVERSE = "converse"
    """Hand it to the conversation; it may answer."""
    GROUP = "group"
    """Said in a group of the OA: answered there where the assistant was called, otherwise only an interaction."""
    TOUCH = "touch"
    """Only note that the resident interacted."""
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    WITHDRAW = "withdraw"
    ECHO = "echo"
    """One of our own messages; proof that it was sent. Never an input."""
    STAFF_ECHO = "staff_echo"
    """A person answered in OA Manager: the assistant steps back."""
    RECEIPT = "receipt"
    OA_NOTICE = "oa_notice"
    """Log it for the operator."""
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class EffectRule:
    """A row of the table. ``reason`` is given wherever the effect is IGNORE."""

    effect: Effect
    interaction: bool = False
    reason: str = ""


_MESSAGE = EffectRule(Effect.CONVERSE, interaction=True)
_ECHO = EffectRule(Effect.ECHO)
_NOTICE = EffectRule(Effect.OA_NOTICE)
_GROUP_TALK = EffectRule(Effect.TOUCH, interaction=True)
_GROUP_ECHO = EffectRule(Effect.IGNORE, reason="what we sent into a group: nothing waits for it")
_GROUP_LIFE = EffectRule(Effect.IGNORE, reason="groups are run by people in OA Manager")
_TAG = EffectRule(Effect.IGNORE, reason="tags of OA Manager are not used")
_CONSENT = EffectRule(Effect.IGNORE, reason="permission for voice calls; the assistant makes none")
_TEMPLATE = EffectRule(Effect.IGNORE, reason="the assistant sends no template messages; residents known by phone only")
_WIDGET = EffectRule(Effect.IGNORE, reason="ids of a website are not linked to residents")

EFFECTS: Mapping[str, EffectRule] = MappingProxyType(
    {
        "": EffectRule(Effect.IGNORE, reason="probe sent when the webhook address is saved"),
        "user_send_text": _MESSAGE,
        "user_send_image": _MESSAGE,
        "user_send_gif": _MESSAGE,
        "user_send_link": _MESSAGE,
        "user_send_audio": _MESSAGE,
        "user_send_video": _MESSAGE,
        "user_send_sticker": _MESSAGE,
        "user_send_location": _MESSAGE,
        "user_send_file": _MESSAGE,
        "user_send_business_card": _MESSAGE,
        "user_click_chatnow": _MESSAGE,
        "user_submit_info": EffectRule(Effect.CONVERSE),
        "follow": EffectRule(Effect.FOLLOW, interaction=True),
        "unfollow": EffectRule(Effect.UNFOLLOW),
        "user_withdraw": EffectRule(Effect.WITHDRAW),
        "anonymous_send_text": _MESSAGE,
        "anonymous_send_image": _MESSAGE,
        "anonymous_send_file": _MESSAGE,
        "anonymous_send_sticker": _MESSAGE,
        "user_received_message": EffectRule(Effect.RECEIPT),
        "user_seen_message": EffectRule(Effect.RECEIPT),
        "user_reacted_message": EffectRule(Effect.IGNORE, reason="a reaction asks nothing and is no interaction"),
        "oa_reacted_message": EffectRule(Effect.IGNORE, reason="a reaction by the OA itself"),
        "oa_send_text": _ECHO,
        "oa_send_image": _ECHO,
        "oa_send_gif": _ECHO,
        "oa_send_list": _ECHO,
        "oa_send_file": _ECHO,
        "oa_send_sticker": _ECHO,
        "oa_send_template": _ECHO,
        "oa_send_anonymous_text": _ECHO,
        "oa_send_anonymous_image": _ECHO,
        "oa_send_anonymous_file": _ECHO,
        "oa_send_anonymous_sticker": _ECHO,
        "add_user_to_tag": _TAG,
        "remove_user_from_tag": _TAG,
        "remove_tag": _TAG,
        "update_user_info": EffectRule(Effect.IGNORE, reason="profile data of OA Manager is not kept"),
        "extension_purchased": _NOTICE,
        "widget_interaction_accepted": _WIDGET,
        "widget_failed_to_sync_user_external_id": _WIDGET,
        "user_send_group_text": EffectRule(Effect.GROUP, interaction=True),
        "user_send_group_image": _GROUP_TALK,
        "user_send_group_link": _GROUP_TALK,
        "user_send_group_audio": _GROUP_TALK,
        "user_send_group_video": _GROUP_TALK,
        "user_send_group_business_card": _GROUP_TALK,
        "user_send_group_sticker": _GROUP_TALK,
        "user_send_group_gif": _GROUP_TALK,
        "user_send_group_file": _GROUP_TALK,
        "oa_send_group_text": _GROUP_ECHO,
        "oa_send_group_image": _GROUP_ECHO,
        "oa_send_group_link": _GROUP_ECHO,
        "oa_send_group_audio": _GROUP_ECHO,
        "oa_send_group_video": _GROUP_ECHO,
        "oa_send_group_business_card": _GROUP_ECHO,
        "oa_send_group_sticker": _GROUP_ECHO,
        "oa_send_group_gif": _GROUP_ECHO,
        "oa_send_group_file": _GROUP_ECHO,
        "oa_send_group_location": _GROUP_ECHO,
        "create_group": _GROUP_LIFE,
        "user_join_group": _GROUP_LIFE,
        "user_request_join_group": _GROUP_LIFE,
        "accept_request_join_group": _GROUP_LIFE,
        "reject_request_join_group": _GROUP_LIFE,
        "add_group_admin": _GROUP_LIFE,
        "remove_group_admin": _GROUP_LIFE,
        "update_group_info": _GROUP_LIFE,
        "user_out_group": _GROUP_LIFE,
        "delete_group": _GROUP_LIFE,
        "oa_send_consent": _CONSENT,
        "user_reply_consent": _CONSENT,
        "user_call_oa": EffectRule(Effect.TOUCH, interaction=True),
        "oa_call_user": EffectRule(Effect.TOUCH, interaction=True),
        "user_feedback": _TEMPLATE,
        "user_click_response_button": _TEMPLATE,
        "event_journey_acknowledged": _TEMPLATE,
        "event_journey_time_out": _TEMPLATE,
        "change_oa_daily_quota": _NOTICE,
        "change_template_status": _NOTICE,
        "change_template_quality": _NOTICE,
        "change_template_quota": _NOTICE,
        "change_oa_template_tags": _NOTICE,
    }
)
"""Event name (aliases already replaced) to its effect."""

UNKNOWN_EVENT = EffectRule(Effect.IGNORE, reason="not in the contract, or damaged: answered with 200 and logged")
_UNANSWERED_CALL = EffectRule(Effect.IGNORE, reason="a call nobody accepted is no interaction (contract 3.2)")
_STAFF = EffectRule(Effect.STAFF_ECHO)


def rule_of(event: Event) -> EffectRule:
    """The row of the table for an event, with the four cases where the name alone does not tell."""
    if isinstance(event, Unknown):
        return UNKNOWN_EVENT
    if isinstance(event, Echo) and event.by_admin:
        return _STAFF
    if isinstance(event, Call) and event.by_oa and not event.answered:
        return _UNANSWERED_CALL
    if isinstance(event, TemplateEvent) and event.identity.event == "user_received_message":
        return _TEMPLATE
    return EFFECTS.get(event.identity.event, UNKNOWN_EVENT)


def effect_of(event: Event) -> Effect:
    """What the engine has to do with the event."""
    return rule_of(event).effect


def is_interaction(event: Event) -> bool:
    """Whether the event opens the resident's 48 hour and 7 day windows again."""
    return rule_of(event).interaction
