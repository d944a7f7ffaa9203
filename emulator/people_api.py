"""The reading side of the OA API: the OA itself, residents, tags, quotas, recent chats. Contract section 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response

from emulator import events
from emulator.api_call import NO_DATA, Call, Handler, answer_call, integer_of, json_body, query_data, text_of
from emulator.assembly import Emulator
from emulator.clock import vietnam_date
from emulator.errors import ApiError
from emulator.periods import in_period
from emulator.world import Message, OfficialAccount, Resident

ROWS = 10
LIST_LIMIT = 50
LAST_OFFSET = 9951
REPLIES = 8
PROMOTION_QUOTA = {"daily_remain": 1, "daily_total": 1, "monthly_remain": 4, "monthly_total": 6}


def create_blueprint(emulator: Emulator) -> Blueprint:
    """Every endpoint of the table at the end of this module."""
    blueprint = Blueprint("people_api", __name__)

    def view(handler: Handler) -> Callable[[], Response]:
        return lambda: answer_call(emulator, handler)

    for method, path, handler in ENDPOINTS:
        blueprint.add_url_rule(path, endpoint=handler.__name__, view_func=view(handler), methods=[method])
    return blueprint


def get_oa(call: Call) -> object:
    """The key is oaid, without an underscore."""
    account = call.account
    followers = sum(resident.follower for resident in call.emulator.world.residents(account.oa_id))
    return {
        "oaid": account.oa_id,
        "name": account.name,
        "description": account.description,
        "oa_alias": account.alias,
        "is_verified": account.verified,
        "oa_type": 2,
        "cate_name": "Cơ quan nhà nước",
        "num_follower": followers,
        "avatar": avatar(call.emulator, "oa"),
        "cover": avatar(call.emulator, "cover"),
        "package_name": "Tăng trưởng" if account.tier == "full" else "Cơ bản",
        "package_valid_through_date": "31/12/2027",
        "package_auto_renew_date": "",
        "linked_ZCA": "ZCA-000000" if account.has_money else "",
    }


def avatar(emulator: Emulator, name: str) -> str:
    """Where a picture of a person or an OA would be."""
    return f"{emulator.media_base}/avatar/{name}.svg"


def user_detail(call: Call) -> object:
    """The resident's profile; the last interaction is a day, DD/MM/YYYY."""
    resident = call.emulator.world.resident(call.account.oa_id, text_of(query_data(), "user_id"))
    if call.emulator.configuration.non_follower_detail_refused and not resident.follower:
        raise ApiError(-213)
    last = resident.last_interaction_ms
    picture = avatar(call.emulator, "resident")
    return {
        "user_id": resident.user_id,
        "user_id_by_app": resident.user_id_by_app,
        "user_external_id": resident.external_id,
        "display_name": resident.name,
        "user_alias": resident.alias or resident.name,
        "is_sensitive": False,
        "user_last_interaction_date": vietnam_date(last) if last is not None else "",
        "user_is_follower": resident.follower,
        "avatar": picture,
        "avatars": {"120": picture, "240": picture},
        "dynamic_param": "",
        "tags_and_notes_info": {"notes": [], "tag_names": list(resident.tags)},
        "shared_info": dict(resident.shared_info),
    }


def user_list(call: Call) -> object:
    """Ids of residents by tag, last interaction and following; at most fifty at a time."""
    wanted = query_data()
    offset = integer_of(wanted, "offset", 0, low=0, high=LAST_OFFSET)
    count = integer_of(wanted, "count", LIST_LIMIT, low=1, high=LIST_LIMIT)
    chosen = [
        resident for resident in call.emulator.world.residents(call.account.oa_id) if _matches(call, resident, wanted)
    ]
    page = chosen[offset : offset + count]
    return {
        "total": len(chosen),
        "count": count,
        "offset": offset,
        "users": [{"user_id": resident.user_id} for resident in page],
    }


def _matches(call: Call, resident: Resident, wanted: Mapping[str, object]) -> bool:
    if not resident.follower and resident.last_interaction_ms is None:
        return False
    tag = wanted.get("tag_name")
    if tag is not None and tag not in resident.tags:
        return False
    following = wanted.get("is_follower")
    if following is not None and (str(following).lower() == "true") != resident.follower:
        return False
    period = wanted.get("last_interaction_period")
    return period is None or in_period(str(period), resident.last_interaction_ms, call.emulator.clock.now_ms())


def user_update(call: Call) -> object:
    """user_alias, user_external_id, shared_info."""
    body = json_body()
    resident = call.emulator.world.resident(call.account.oa_id, text_of(body, "user_id"))
    with call.emulator.world.lock:
        resident.alias = str(body.get("user_alias", resident.alias))
        resident.external_id = str(body.get("user_external_id", resident.external_id))
        shared = body.get("shared_info")
        if isinstance(shared, Mapping):
            resident.shared_info |= {str(key): value for key, value in shared.items()}
    return NO_DATA


def delete_follower_info(call: Call) -> object:
    """Erase what the OA keeps about a person."""
    resident = call.emulator.world.resident(call.account.oa_id, text_of(json_body(), "user_id"))
    with call.emulator.world.lock:
        resident.shared_info = {}
        resident.alias = resident.external_id = ""
        resident.tags = []
    return NO_DATA


def retired(_call: Call) -> object:
    """v2 getprofile, getfollowers, updatefollowerinfo: off for business OAs."""
    raise ApiError(-240)


def quota(call: Call) -> object:
    """With user_id: the resident's window. With quota_owner: the package's quotas."""
    body = json_body()
    if "user_id" not in body:
        account = call.account
        return [
            {
                "asset_id": f"sub{account.oa_id}",
                "product_type": "cs",
                "quota_type": "sub_quota",
                "valid_through": "31/12/2027",
                "total": account.sub_quota_total,
                "remain": account.sub_quota_remain,
            }
        ]
    resident = call.emulator.world.resident(call.account.oa_id, text_of(body, "user_id"))
    last = resident.last_interaction_ms
    return {
        "last_interaction": str(last) if last is not None else "0",
        "cs_reply": {"remain": REPLIES, "total": REPLIES},
        "promotion": dict(PROMOTION_QUOTA),
    }


def conversation(call: Call) -> object:
    """The newest messages with one resident, newest first, at most ten."""
    wanted = query_data()
    resident = call.emulator.world.resident(call.account.oa_id, text_of(wanted, "user_id"))
    messages = call.emulator.world.conversation(call.account.oa_id, resident.user_id)
    return _rows(call, messages, wanted)


def recent_chats(call: Call) -> object:
    """The newest message of each conversation of the OA, newest first, at most ten."""
    known = {resident.user_id for resident in call.emulator.world.residents(call.account.oa_id)}
    latest: dict[str, Message] = {}
    for message in call.emulator.world.messages(call.account.oa_id):
        if message.user_id in known:
            latest[message.user_id] = message
    return _rows(call, sorted(latest.values(), key=lambda message: message.sequence), query_data())


def _rows(call: Call, messages: list[Message], wanted: Mapping[str, object]) -> list[dict[str, object]]:
    offset = integer_of(wanted, "offset", 0, low=0, high=1_000_000)
    count = integer_of(wanted, "count", ROWS, low=1, high=ROWS)
    newest_first = list(reversed(messages))[offset : offset + count]
    return [_row(call, message) for message in newest_first]


def _row(call: Call, message: Message) -> dict[str, object]:
    world = call.emulator.world
    resident = world.resident(message.oa_id, message.user_id)
    person = (resident.user_id, resident.name, avatar(call.emulator, "resident"))
    office = (call.account.oa_id, call.account.name, avatar(call.emulator, "oa"))
    sender, receiver = (person, office) if message.direction == "in" else (office, person)
    return {
        "src": 1 if message.direction == "in" else 0,
        "time": message.sent_ms,
        "type": {"tap": "text", "image": "photo", "audio": "voice"}.get(message.kind, message.kind),
        "message": message.text,
        "message_id": message.message_id,
        "from_id": sender[0],
        "to_id": receiver[0],
        "from_display_name": sender[1],
        "from_avatar": sender[2],
        "to_display_name": receiver[1],
        "to_avatar": receiver[2],
    }


def tag_follower(call: Call) -> object:
    """A tag is made when first used."""
    resident, name = _tagged(call)
    with call.emulator.world.lock:
        if name not in call.account.tags:
            call.account.tags.append(name)
        if name not in resident.tags:
            resident.tags.append(name)
    _emit_tag(call, call.account, "add_user_to_tag", name, resident)
    return NO_DATA


def untag_follower(call: Call) -> object:
    """Take a tag off one resident."""
    resident, name = _tagged(call)
    with call.emulator.world.lock:
        resident.tags = [tag for tag in resident.tags if tag != name]
    _emit_tag(call, call.account, "remove_user_from_tag", name, resident)
    return NO_DATA


def remove_tag(call: Call) -> object:
    """Take a tag off everyone."""
    name = text_of(json_body(), "tag_name")
    with call.emulator.world.lock:
        if name not in call.account.tags:
            raise ApiError(-201, "tag_name is invalid!")
        call.account.tags.remove(name)
        for resident in call.emulator.world.residents(call.account.oa_id):
            resident.tags = [tag for tag in resident.tags if tag != name]
    _emit_tag(call, call.account, "remove_tag", name, None)
    return NO_DATA


def tags_of_oa(call: Call) -> object:
    """A bare array of names."""
    return list(call.account.tags)


def _tagged(call: Call) -> tuple[Resident, str]:
    body = json_body()
    return call.emulator.world.resident(call.account.oa_id, text_of(body, "user_id")), text_of(body, "tag_name")


def _emit_tag(call: Call, account: OfficialAccount, event_name: str, name: str, resident: Resident | None) -> None:
    body = events.tag_changed(
        call.emulator.app_id,
        event_name,
        oa_id=account.oa_id,
        name=name,
        user_id=resident.user_id if resident else None,
        user_id_by_app=resident.user_id_by_app if resident else None,
        timestamp=call.emulator.timestamp(),
    )
    call.emulator.emit(body, account)


def get_profile(call: Call) -> object:
    """Retired."""
    return retired(call)


def get_followers(call: Call) -> object:
    """Retired."""
    return retired(call)


def update_follower_info(call: Call) -> object:
    """Retired."""
    return retired(call)


ENDPOINTS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v2.0/oa/getoa", get_oa),
    ("GET", "/v3.0/oa/user/detail", user_detail),
    ("GET", "/v3.0/oa/user/getlist", user_list),
    ("POST", "/v3.0/oa/user/update", user_update),
    ("POST", "/v2.0/oa/deletefollowerinfo", delete_follower_info),
    ("GET", "/v2.0/oa/getprofile", get_profile),
    ("GET", "/v2.0/oa/getfollowers", get_followers),
    ("POST", "/v2.0/oa/updatefollowerinfo", update_follower_info),
    ("POST", "/v3.0/oa/quota/message", quota),
    ("GET", "/v2.0/oa/conversation", conversation),
    ("GET", "/v2.0/oa/listrecentchat", recent_chats),
    ("POST", "/v2.0/oa/tag/tagfollower", tag_follower),
    ("POST", "/v2.0/oa/tag/rmfollowerfromtag", untag_follower),
    ("POST", "/v2.0/oa/tag/rmtag", remove_tag),
    ("GET", "/v2.0/oa/tag/gettagsofoa", tags_of_oa),
)
