"""What stands under an answer the dialogue under way had no part in: what that dialogue still asks."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.dialogues.showing import ask, listed, run_of, touched
from bot.conversation.situation import Situation, Turn


def remind(situation: Situation, turn: Turn) -> Turn:
    """Put what is still asked under an answer given in between; its buttons belong to what is asked last."""
    run = run_of(situation, turn.state)
    if run is None:
        return turn
    if turn.decision.action == "human":
        # An official may come in now: the next message is asked whether it goes on.
        kept = replace(turn.state, dialogue=replace(run.dialogue, touched_at=0))
        return replace(turn, state=kept, blocks=(*turn.blocks, situation.say("dialogue_kept", called=run.called)))
    waiting = situation.say("dialogue_waiting", called=run.called)
    if turn.decision.decision == "clarify":
        # One open question at a time: the choices belong to the one asked last.
        return replace(turn, state=touched(replace(run, state=turn.state)), blocks=(*turn.blocks, waiting))
    asked = ask(run, (waiting,))
    keeps_buttons = not asked.buttons and not (run.step is not None and run.step.numeric) and not listed(run)
    state = replace(
        turn.state.awaiting_nothing(), dialogue=asked.state.dialogue, menu=(), asked="", unanswered_in_a_row=0
    )
    return replace(
        turn,
        state=state,
        blocks=(*turn.blocks, *asked.blocks),
        buttons=turn.buttons if keeps_buttons else asked.buttons,
        route=f"{turn.route}+{run.dialogue.name}",
    )
