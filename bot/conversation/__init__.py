"""The conversation: one thing a resident did + what is remembered → replies + a new memory. Pure.

conversation = Conversation(intents.load(), knowledge.load(), load_words())
outcome = conversation.respond(Incoming("text", "lam khai sinh can gi"), State(), commune, now)
"""

from bot.conversation.conversation import Conversation
from bot.conversation.exchange import Decision, Incoming, Outcome, StaffRequest
from bot.conversation.state import State
from bot.conversation.words import Words, load_words

__all__ = ["Conversation", "Decision", "Incoming", "Outcome", "StaffRequest", "State", "Words", "load_words"]
