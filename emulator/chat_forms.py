"""What the buttons of the chat page do: a form in, an act on the emulated world out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import request

from emulator import control_acts, media, residents
from emulator.assembly import Emulator
from emulator.faults import ApiFault, SignatureMode, WebhookFaults
from emulator.world import Tier

Form = Mapping[str, str]
SECONDS_PER_HOUR = 3600.0
FOREVER = 0
API_TROUBLES: dict[str, tuple[str, ApiFault]] = {
    "rate": ("-32 quá hạn gọi", ApiFault("error", code=-32)),
    "token": ("-216 token hỏng", ApiFault("error", code=-216, path_contains="")),
    "expired": ("-220 token hết hạn", ApiFault("error", code=-220, path_contains="")),
    "tier": ("-224 gói thấp", ApiFault("error", code=-224)),
    "failed": ("-200 gửi hỏng", ApiFault("error", code=-200)),
    "http_500": ("HTTP 500", ApiFault("http_500")),
    "hang_lost": ("treo 12 giây, tin không đi", ApiFault("hang", seconds=12.0)),
    "hang_sent": ("treo 12 giây, tin đã đi", ApiFault("hang", seconds=12.0, delivered=True)),
    "reset_sent": ("cắt kết nối, tin đã đi", ApiFault("reset", delivered=True)),
    "reset_lost": ("cắt kết nối, tin không đi", ApiFault("reset")),
    "html": ("trang HTML 504", ApiFault("html")),
}
OAUTH_TROUBLES: dict[str, str] = {
    "gateway_page": "đổi token: trang HTML 504",
    "empty_reply": "đổi token: trả lời rỗng",
    "http_500": "đổi token: HTTP 500",
    "omit_refresh_token": "đổi token: thiếu refresh_token",
}
OAUTH_PREFIX = "oauth."
SIGNATURES: dict[SignatureMode, str] = {
    "prefixed": "đúng (mac=…)",
    "bare": "đúng, không có mac=",
    "bad": "sai",
    "missing": "không có",
}


def describe(fault: ApiFault) -> str:
    """A trouble in words, with the calls it still has to strike."""
    words = next(
        (
            text
            for text, known in API_TROUBLES.values()
            if (known.kind, known.code, known.delivered) == (fault.kind, fault.code, fault.delivered)
        ),
        fault.kind,
    )
    return f"{words} · {'mọi lần' if fault.times is None else f'còn {fault.times} lần'}"


def choices() -> dict[str, str]:
    """Every trouble the page offers: name in the form -> words."""
    offered = {name: words for name, (words, _) in API_TROUBLES.items()}
    return offered | {OAUTH_PREFIX + name: words for name, words in OAUTH_TROUBLES.items()}


def active(emulator: Emulator) -> list[str]:
    """The troubles still to strike, in words."""
    oauth = emulator.faults.oauth
    waiting = [(words, getattr(oauth, name)) for name, words in OAUTH_TROUBLES.items()]
    return [describe(fault) for fault in emulator.faults.api] + [
        f"{words} · còn {times} lần" for words, times in waiting if times
    ]


def send(emulator: Emulator, form: Form) -> None:
    """Text, or an attachment by its kind; an uploaded photo is kept and linked."""
    kind = form.get("kind", "text")
    text = form.get("text", "").strip()
    if kind == "text":
        if text:
            control_acts.send(emulator, form)
        return
    details: dict[str, object] = {}
    photo = request.files.get("photo")
    if kind == "image" and photo is not None and photo.filename:
        details["url"] = media.keep_upload(emulator, photo.filename, photo.read())
    for name in ("id", "name", "latitude", "longitude"):
        if form.get(name):
            details[name] = form[name]
    residents.send_attachment(emulator, form["oa_id"], form["user_id"], kind, details, text or None)


def _act(name: str) -> Callable[[Emulator, Form], None]:
    def perform(emulator: Emulator, form: Form) -> None:
        control_acts.ACTS[name](emulator, form)

    return perform


def add_resident(emulator: Emulator, form: Form) -> None:
    """A new resident of the OA shown."""
    name = form.get("name", "").strip()
    if not name:
        raise ValueError("Xin ghi tên người dân mới.")
    emulator.world.add_resident(form["oa_id"], name)


def shift_clock(emulator: Emulator, form: Form) -> None:
    """By `hours`, or back to the machine's time."""
    if form.get("reset"):
        emulator.clock.reset()
    else:
        emulator.clock.shift(float(form["hours"]) * SECONDS_PER_HOUR)
    emulator.world.touch()


def change_account(emulator: Emulator, form: Form) -> None:
    """The OA's package."""
    tiers: tuple[Tier, ...] = ("full", "plain_text_only", "no_api_sends")
    tier = next((item for item in tiers if item == form["tier"]), None)
    if tier is None:
        raise ValueError("Không có gói này.")
    with emulator.world.lock:
        emulator.world.account(form["oa_id"]).tier = tier
        emulator.world.touch()


def change_resident(emulator: Emulator, form: Form) -> None:
    """Whether the resident reads, sleeps, or has turned messages off."""
    resident = emulator.world.resident(form["oa_id"], form["user_id"])
    with emulator.world.lock:
        resident.reads_messages = "reads" in form
        resident.inactive = "inactive" in form
        resident.blocked = {"all"} if "blocked" in form else set()
        emulator.world.touch()


def set_webhook_faults(emulator: Emulator, form: Form) -> None:
    """All switches of the webhook at once."""
    signature = form.get("signature", "prefixed")
    wanted = WebhookFaults(
        copies=max(1, int(form.get("copies") or 1)),
        delay_seconds=float(form.get("delay_seconds") or 0),
        drop_next=int(form.get("drop_next") or 0),
        reorder_batch=int(form.get("reorder_batch") or 0),
        signature=next((mode for mode in SIGNATURES if mode == signature), "prefixed"),
        numeric_timestamp="numeric_timestamp" in form,
    )
    emulator.faults.webhook = wanted
    emulator.faults.latency_milliseconds = float(form.get("latency") or 0)
    emulator.world.touch()


def add_api_fault(emulator: Emulator, form: Form) -> None:
    """One trouble of the API, or of the token endpoint, for so many calls (0: until cleared; API only)."""
    name = form["trouble"].removeprefix(OAUTH_PREFIX)
    if form["trouble"].startswith(OAUTH_PREFIX) and name in OAUTH_TROUBLES:
        setattr(emulator.faults.oauth, name, max(1, int(form.get("times") or 1)))
        emulator.world.touch()
        return
    _, known = API_TROUBLES[form["trouble"]]
    times = int(form.get("times") or 1)
    emulator.faults.add(
        ApiFault(
            known.kind,
            times=None if times == FOREVER else times,
            code=known.code,
            seconds=known.seconds,
            delivered=known.delivered,
            path_contains=known.path_contains,
        )
    )
    emulator.world.touch()


def clear_faults(emulator: Emulator, _form: Form) -> None:
    """Everything works again."""
    emulator.faults.clear()
    emulator.world.touch()


def save_webhook(emulator: Emulator, form: Form) -> None:
    """Save the URL as in the console: the probe must be answered 200. ValueError otherwise."""
    outcome = emulator.sender.set_url(form.get("url", "").strip() or None)
    if outcome not in (None, 200):
        raise ValueError(f"URL không trả lời 200 cho lần thử ({outcome}).")


def clear_chat(emulator: Emulator, _form: Form) -> None:
    """Forget all conversations."""
    emulator.world.clear_messages()


FORMS: dict[str, Callable[[Emulator, Form], None]] = {
    "send": send,
    "tap": _act("tap"),
    "follow": _act("follow"),
    "unfollow": _act("unfollow"),
    "chat-now": _act("chat-now"),
    "withdraw": _act("withdraw"),
    "staff-reply": _act("staff-reply"),
    "event": _act("event"),
    "resident": add_resident,
    "resident-state": change_resident,
    "account": change_account,
    "clock": shift_clock,
    "webhook-faults": set_webhook_faults,
    "api-fault": add_api_fault,
    "clear-faults": clear_faults,
    "webhook": save_webhook,
    "clear-chat": clear_chat,
}
