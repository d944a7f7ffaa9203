"""What every dialogue works with: the library, the words, the commune and the moment; and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from bot.clock import VIETNAM
from bot.conversation.acts import Act
from bot.conversation.desk import Desk, EmptyDesk
from bot.conversation.exchange import Decision, StaffRequest
from bot.conversation.state import State
from bot.conversation.words import Words
from bot.people import NOBODY, Person
from bot.replies import Button
from intents import Context, Understanding
from knowledge import Commune, Library
from knowledge.portal import ProcedureIndex

if TYPE_CHECKING:
    from bot.conversation.dialogues.steps import Dialogue


class UnderstandsText(Protocol):
    """What the conversation needs of ``intents.Understander``."""

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        """Tell what a message means."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The unchanging part of one turn. ``now`` is an aware moment; ``procedures`` the commune's official list.

    ``dialogues`` are all there are, by name; given in, for a dialogue's own file may open another. ``understander``
    is for a dialogue that answers a question told in it.
    """

    library: Library
    words: Words
    commune: Commune
    now: datetime
    procedures: ProcedureIndex | None = None
    desk: Desk = field(default_factory=EmptyDesk)
    person: Person = NOBODY
    dialogues: Mapping[str, Dialogue] = field(default_factory=dict)
    understander: UnderstandsText | None = None

    @property
    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return int(self.now.timestamp() * 1000)

    @property
    def today(self) -> date:
        """The calendar day in Vietnam, on which the wording of an answer depends."""
        return self.now.astimezone(VIETNAM).date()

    def say(self, key: str, **values: str) -> str:
        """A sentence of the catalogue, with our values and the commune's names filled in."""
        return self.commune.fill(self.words.text("say", key, **values))

    def say_of(self, group: str, kind: str) -> str:
        """The text a group of the catalogue has for one kind of thing."""
        return self.commune.fill(self.words.text(group, kind))

    def topic_name(self, topic_id: str) -> str:
        """The official name of a topic."""
        return self.library.topics[topic_id].name

    def facet_name(self, facet: str, topic_id: str = "") -> str:
        """How a part of an answer is called on a button; a topic may call it by a name of its own."""
        return self.library.part_name(topic_id, facet)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message, or one part of it, came to.

    ``blocks`` are pieces of text that must not be torn apart when they need two messages; ``buttons`` stand under
    the last. No blocks means that nothing is said. ``route`` names the way taken, for the trace.
    """

    state: State
    decision: Decision
    route: str
    blocks: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    requests: tuple[StaffRequest, ...] = ()
    rating: int | None = None
    acts: tuple[Act, ...] = ()
    trace: Mapping[str, object] = field(default_factory=dict)
