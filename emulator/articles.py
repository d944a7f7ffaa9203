"""Articles, and their broadcast to followers. Contract section 3.5; both take their time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response

from emulator.api_call import NO_DATA, Call, Handler, answer_call, integer_of, json_body, query_data, text_of
from emulator.assembly import Emulator
from emulator.clock import SECOND_MS
from emulator.errors import ARTICLE_QUOTA_MESSAGE, ApiError, invalid
from emulator.world import OfficialAccount

TITLE_LIMIT = 150
AUTHOR_LIMIT = 50
DESCRIPTION_LIMIT = 300
SLICE_LIMIT = 10
BROADCAST_ELEMENTS = 5
NIGHT_STARTS = 22
NIGHT_ENDS = 6


@dataclass(slots=True)
class Article:
    """An article, made when its token was verified."""

    article_id: str
    oa_id: str
    content: Mapping[str, object]
    created_ms: int


@dataclass(slots=True)
class _Draft:
    oa_id: str
    content: Mapping[str, object]
    article_id: str | None
    polls_left: int


@dataclass(slots=True)
class Broadcast:
    """A broadcast under review; it goes out when the emulated clock passes `due_ms`."""

    message_id: str
    oa_id: str
    article_ids: tuple[str, ...]
    target: Mapping[str, object]
    due_ms: int
    delivered_to: int | None = None


@dataclass(slots=True)
class Articles:
    """All articles, drafts and broadcasts."""

    emulator: Emulator
    articles: dict[str, Article] = field(default_factory=dict)
    drafts: dict[str, _Draft] = field(default_factory=dict)
    broadcasts: list[Broadcast] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything."""
        with self.emulator.world.lock:
            self.articles.clear()
            self.drafts.clear()
            self.broadcasts.clear()

    def create(self, call: Call) -> object:
        """Only a token: the id comes from verify. ApiError -223 when the article quota is used up."""
        body = json_body()
        _check(body)
        with self.emulator.world.lock:
            if call.account.article_quota <= 0:
                raise ApiError(-223, ARTICLE_QUOTA_MESSAGE)
            call.account.article_quota -= 1
        return self._draft(call, body, None)

    def update(self, call: Call) -> object:
        """A new token, to be verified again."""
        body = json_body()
        article = self._own(call, text_of(body, "id"))
        _check(body)
        return self._draft(call, body, article.article_id)

    def _draft(self, call: Call, body: Mapping[str, object], article_id: str | None) -> object:
        token = self.emulator.identifiers.opaque(24) + "=="
        polls = self.emulator.configuration.article_verify_polls
        with self.emulator.world.lock:
            self.drafts[token] = _Draft(call.account.oa_id, dict(body), article_id, polls)
        return {"token": token}

    def verify(self, call: Call) -> object:
        """-214 for the first polls, then the id."""
        token = text_of(json_body(), "token")
        with self.emulator.world.lock:
            draft = self.drafts.get(token)
            if draft is None or draft.oa_id != call.account.oa_id:
                raise invalid("token")
            if draft.polls_left > 0:
                draft.polls_left -= 1
                raise ApiError(-214)
            if draft.article_id is None:
                draft.article_id = self.emulator.identifiers.opaque(16)
            self.articles[draft.article_id] = Article(
                draft.article_id, draft.oa_id, draft.content, self.emulator.clock.now_ms()
            )
            return {"id": draft.article_id}

    def remove(self, call: Call) -> object:
        """Delete an article."""
        article = self._own(call, text_of(json_body(), "id"))
        with self.emulator.world.lock:
            del self.articles[article.article_id]
        return NO_DATA

    def slice(self, call: Call) -> object:
        """The OA's articles, newest first."""
        wanted = query_data()
        offset = integer_of(wanted, "offset", 0, low=0, high=1_000_000)
        limit = integer_of(wanted, "limit", SLICE_LIMIT, low=1, high=SLICE_LIMIT)
        with self.emulator.world.lock:
            own = [article for article in self.articles.values() if article.oa_id == call.account.oa_id]
        own.reverse()
        return {"total": len(own), "medias": [_shown(article) for article in own[offset : offset + limit]]}

    def detail(self, call: Call) -> object:
        """One article."""
        return _shown(self._own(call, text_of(query_data(), "id")))

    def _own(self, call: Call, article_id: str) -> Article:
        article = self.articles.get(article_id)
        if article is None or article.oa_id != call.account.oa_id:
            raise invalid("id")
        return article

    def broadcast(self, call: Call, body: Mapping[str, object]) -> object:
        """Articles to all followers: under review first. ApiError -221, -224, -234, -211, -201, -210."""
        recipient = body.get("recipient")
        target = recipient.get("target") if isinstance(recipient, Mapping) else None
        if not isinstance(target, Mapping):
            raise invalid("target")
        article_ids = _article_ids(body)
        if call.account.tier != "full":
            raise ApiError(-224)
        for article_id in article_ids:
            self._own(call, article_id)
        hour = self.emulator.clock.now_vietnam().hour
        if hour >= NIGHT_STARTS or hour < NIGHT_ENDS:
            raise ApiError(-234)
        with self.emulator.world.lock:
            if call.account.broadcast_quota <= 0:
                raise ApiError(-211)
            call.account.broadcast_quota -= 1
            review_ms = int(self.emulator.configuration.broadcast_review_minutes * 60 * SECOND_MS)
            broadcast = Broadcast(
                self.emulator.identifiers.opaque(),
                call.account.oa_id,
                tuple(article_ids),
                dict(target),
                self.emulator.clock.now_ms() + review_ms,
            )
            self.broadcasts.append(broadcast)
        return {"message_id": broadcast.message_id}

    def settle(self) -> int:
        """Deliver every broadcast whose review is over on the emulated clock; returns how many went out."""
        now = self.emulator.clock.now_ms()
        with self.emulator.world.lock:
            due = [item for item in self.broadcasts if item.delivered_to is None and item.due_ms <= now]
            for item in due:
                item.delivered_to = 0
        for item in due:
            self._deliver(item)
        return len(due)

    def _deliver(self, broadcast: Broadcast) -> None:
        world = self.emulator.world
        account = world.account(broadcast.oa_id)
        links = [self._link(article_id) for article_id in broadcast.article_ids]
        for resident in world.residents(account.oa_id):
            if not resident.follower or resident.inactive or resident.blocked & {"broadcast", "all"}:
                continue
            message = world.record(
                oa_id=account.oa_id,
                user_id=resident.user_id,
                direction="out",
                kind="article",
                text="",
                attachments=list(links),
            )
            broadcast.delivered_to = (broadcast.delivered_to or 0) + 1
            if self.emulator.configuration.broadcast_echo:
                content: dict[str, object] = {"text": "", "msg_id": message.message_id, "attachments": links}
                self.emulator.emit_sent(account, resident, message, "oa_send_list", content)

    def _link(self, article_id: str) -> dict[str, object]:
        article = self.articles.get(article_id)
        content = article.content if article else {}
        cover = content.get("cover")
        return {
            "type": "link",
            "payload": {
                "title": content.get("title", ""),
                "thumbnail": cover.get("photo_url", "") if isinstance(cover, Mapping) else "",
                "description": content.get("description", ""),
                "url": f"https://zalo.me/article/{article_id}",
            },
        }


def _shown(article: Article) -> dict[str, object]:
    return {
        **article.content,
        "id": article.article_id,
        "status": article.content.get("status", "hide"),
        "create_date": article.created_ms,
        "total_view": 0,
    }


def _check(body: Mapping[str, object]) -> None:
    for name, limit in (("title", TITLE_LIMIT), ("author", AUTHOR_LIMIT), ("description", DESCRIPTION_LIMIT)):
        if len(text_of(body, name)) > limit:
            raise ApiError(-210)
    if not isinstance(body.get("cover"), Mapping):
        raise invalid("cover")
    if not isinstance(body.get("body"), list) or not body["body"]:
        raise invalid("body")


def _article_ids(body: Mapping[str, object]) -> list[str]:
    found: object = body
    for name in ("message", "attachment", "payload"):
        found = found.get(name) if isinstance(found, Mapping) else None
    elements = found.get("elements") if isinstance(found, Mapping) else None
    if not isinstance(elements, list) or not elements:
        raise invalid("elements")
    if len(elements) > BROADCAST_ELEMENTS:
        raise ApiError(-210)
    article_ids = []
    for element in elements:
        if not isinstance(element, Mapping) or element.get("media_type") != "article":
            raise ApiError(-233)
        article_ids.append(text_of(element, "attachment_id"))
    return article_ids


def may_use_articles(account: OfficialAccount) -> None:
    """ApiError -224 where the package has no articles."""
    if account.tier != "full":
        raise ApiError(-224)


def create_blueprint(emulator: Emulator, articles: Articles) -> Blueprint:
    """`/v2.0/article/*`."""
    blueprint = Blueprint("articles_api", __name__)

    def view(handler: Handler) -> Callable[[], Response]:
        def checked(call: Call) -> object:
            may_use_articles(call.account)
            return handler(call)

        return lambda: answer_call(emulator, checked)

    table: tuple[tuple[str, str, Handler], ...] = (
        ("POST", "create", articles.create),
        ("POST", "update", articles.update),
        ("POST", "verify", articles.verify),
        ("POST", "remove", articles.remove),
        ("GET", "getslice", articles.slice),
        ("GET", "getdetail", articles.detail),
    )
    for method, name, handler in table:
        blueprint.add_url_rule(f"/v2.0/article/{name}", endpoint=name, view_func=view(handler), methods=[method])
    return blueprint
