"""``hoixa learn …``: what use teaches, looked at, accepted by one, approved by another, learned by a worker."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from bot.casework import reviewing, teaching
from bot.casework.teaching import CannotTeach
from bot.catalogue import Catalogue
from bot.permissions import NotAllowed
from bot.services import Services
from bot.store import learned_models, taught
from bot.store import staff as accounts
from bot.store.learned_models import LearnedModel
from bot.store.staff import Staff
from commands.environment import commune_of, load_library, open_services
from commands.failure import CommandError
from commands.words import word as common_word

word = Catalogue(Path(__file__).parent / "learning_words.yaml").word
MOST_SHOWN = 20
QUESTIONS_SHOWN = 4


@click.group("learn", help=word("help"), invoke_without_command=True)
@click.option("--review", is_flag=True, help=word("option_review"))
@click.option("--commune", default=None, help=word("option_commune"))
@click.option("--json", "as_json", is_flag=True, help=common_word("option_json"))
@click.pass_context
def learn_group(context: click.Context, review: bool, commune: str | None, as_json: bool) -> None:
    """Review, or one of the commands below."""
    if context.invoked_subcommand is not None:
        return
    if not review:
        click.echo(context.get_help())
        return
    if commune is None:
        raise CommandError(word("need_commune"))
    commune_of(load_library(), commune)
    services = open_services()
    with services.database.read() as connection:
        found = reviewing.candidates(connection, services.vault, commune)[:MOST_SHOWN]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    if not found:
        click.echo(word("nothing"))
    for one in found:
        click.echo(word("cluster", people=one.people, gist=one.gist))
        if one.topic:
            click.echo(word("cluster_topic", topic=one.topic))
        for text in one.questions[1:QUESTIONS_SHOWN]:
            click.echo(word("cluster_more", text=text))


def _staff(services: Services, email: str) -> Staff:
    with services.database.read() as connection:
        found = accounts.find(connection, email)
    if found is None:
        raise CommandError(word("unknown_staff", email=email))
    return found


@learn_group.command("accept", help=word("accept_help"))
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--topic", default="", help=word("option_topic"))
@click.option("--facet", default="", help=word("option_facet"))
@click.option("--words", default="", help=word("option_words"))
@click.option("--by", required=True, help=word("option_by"))
@click.argument("questions", nargs=-1, required=True)
def accept(commune: str, topic: str, facet: str, words: str, by: str, questions: tuple[str, ...]) -> None:
    """Keep a draft."""
    library = load_library()
    commune_of(library, commune)
    services = open_services()
    staff = _staff(services, by)
    try:
        with services.database.write() as connection:
            taught_id = teaching.teach(
                connection,
                services.vault,
                staff,
                commune,
                questions,
                services.clock.now_ms(),
                kept=teaching.kept_questions(),
                topics=library.topics,
                topic=topic,
                facet=facet,
                words=words,
            )
    except (CannotTeach, NotAllowed) as error:
        raise CommandError(str(error)) from None
    click.echo(word("accepted", id=taught_id, commune=commune))


@learn_group.command("approve", help=word("approve_help"))
@click.argument("taught_id", type=int)
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--by", required=True, help=word("option_by"))
def approve(taught_id: int, commune: str, by: str) -> None:
    """Put a draft in force."""
    services = open_services()
    staff = _staff(services, by)
    try:
        with services.database.write() as connection:
            teaching.approve(connection, services.vault, staff, commune, taught_id, services.clock.now_ms())
    except (CannotTeach, NotAllowed) as error:
        raise CommandError(str(error)) from None
    click.echo(word("approved", id=taught_id))


@learn_group.command("withdraw", help=word("withdraw_help"))
@click.argument("taught_id", type=int)
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--by", required=True, help=word("option_by"))
def withdraw(taught_id: int, commune: str, by: str) -> None:
    """Answer it no more."""
    services = open_services()
    staff = _staff(services, by)
    try:
        with services.database.write() as connection:
            teaching.withdraw(connection, staff, commune, taught_id, services.clock.now_ms())
    except (CannotTeach, NotAllowed) as error:
        raise CommandError(str(error)) from None
    click.echo(word("withdrawn", id=taught_id))


@learn_group.command("relearn", help=word("relearn_help"))
@click.option("--by", required=True, help=word("option_by"))
def relearn(by: str) -> None:
    """Ask for a new model."""
    services = open_services()
    staff = _staff(services, by)
    with services.database.write() as connection:
        model_id = learned_models.ask(connection, staff.email, services.clock.now_ms())
    click.echo(word("asked", id=model_id))


@learn_group.command("list", help=word("list_help"))
@click.option("--commune", default=None, help=word("option_commune"))
@click.option("--json", "as_json", is_flag=True, help=common_word("option_json"))
def list_taught(commune: str | None, as_json: bool) -> None:
    """What was taught, and the models learned."""
    services = open_services()
    with services.database.read() as connection:
        found = taught.list_taught(connection, services.vault, commune, limit=200)
        models = learned_models.latest(connection)
    if as_json:
        document = {"taught": [asdict(one) for one in found], "models": [asdict(one) for one in models]}
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    if not found and not models:
        click.echo(word("nothing"))
    for one in found:
        state, questions = word(f"state_{one.state}"), " · ".join(one.questions)
        click.echo(word("taught_line", id=one.id, state=state, what=one.topic or one.words, questions=questions))
    for model in models:
        state = word(f"state_{model.state}")
        click.echo(
            word("model_line", id=model.id, state=state, examples=model.examples, reason=_reason(model)).rstrip()
        )


def _reason(model: LearnedModel) -> str:
    figures = json.loads(model.figures)
    if model.state != learned_models.REFUSED:
        return ""
    return word("model_worse", worse=", ".join(figures["worse"]), lost=" · ".join(figures["lost"][:QUESTIONS_SHOWN]))
