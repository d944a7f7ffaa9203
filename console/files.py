"""Files an official asked for: made by a worker, fetched here by the one who asked and nobody else."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.store import export_jobs
from console.access import any_official, me
from console.desk import ConsoleDesk, the_desk

OWN = "each sees the files they asked for themselves, for a day"


@any_official(OWN)
def listing() -> ResponseReturnValue:
    """What was asked for in the last day."""
    desk = the_desk()
    with desk.database.read() as connection:
        jobs = export_jobs.list_of(connection, me().id, desk.clock.now_ms())
    is_under_way = any(job.state in (export_jobs.WAITING, export_jobs.RUNNING) for job in jobs)
    return render_template("files.html", jobs=jobs, is_under_way=is_under_way)


@any_official(OWN)
def partial() -> ResponseReturnValue:
    """The list alone, for the page that waits."""
    desk = the_desk()
    with desk.database.read() as connection:
        jobs = export_jobs.list_of(connection, me().id, desk.clock.now_ms())
    return render_template("files_list.html", jobs=jobs)


@any_official(OWN)
def fetch(job_id: int) -> Response:
    """The file itself, only ever to be saved."""
    desk = the_desk()
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        job = export_jobs.find(connection, me().id, job_id, now)
        content = None if job is None else export_jobs.content(connection, desk.vault, me().id, job_id, now)
    if job is None or content is None:
        abort(404)
    return as_download(content, job.file_name, job.media_type)


def as_download(content: bytes | str, name: str, media_type: str) -> Response:
    """An answer a browser saves and never shows. ``name`` is ours: letters, digits, dots and dashes."""
    assert all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in name), "a name made by us"
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list and the files."""
    blueprint = Blueprint("files", __name__)
    blueprint.get("/files")(listing)
    blueprint.get("/files/list")(partial)
    blueprint.get("/files/<int:job_id>")(fetch)
    return blueprint


def page_address() -> str:
    """Where to send somebody who just asked for a file."""
    return url_for("files.listing")
