"""Reads what is to be imported: one list or record, or a folder of them. Every fault is named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledge.portal.lists import ListInvalid, read_list
from knowledge.portal.procedure import Listing, Record
from knowledge.portal.records import RecordInvalid, read_record
from knowledge.portal.words import word
from knowledge.problems import Problem

LARGEST_FILE = 20 * 1024 * 1024
MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Import:
    """Everything read, by code. With ``problems`` nothing of it may be used: half an import is worse than none."""

    listings: dict[str, Listing]
    records: dict[str, Record]
    problems: tuple[Problem, ...] = ()


def read_import(path: Path) -> Import:
    """Read a file, or every .tsv and .json below a folder. Raises nothing for what files hold: see ``problems``."""
    files = sorted(_files_below(path)) if path.is_dir() else [path]
    listings: dict[str, Listing] = {}
    records: dict[str, Record] = {}
    problems: list[Problem] = []
    where: dict[tuple[str, str], str] = {}
    if not files:
        problems.append(Problem(path.name, "", word("problem_empty")))
    for file in files:
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        try:
            content = _text_of(file)
            if file.suffix.lower() == ".json":
                record = read_record(content)
                _once(where, "record", record.code, name)
                records[record.code] = record
            else:
                for listing in read_list(content):
                    _once(where, "list", listing.code, name)
                    listings[listing.code] = listing
        except (ListInvalid, RecordInvalid) as error:
            problems.append(Problem(name, "", str(error)))
        except OSError as error:
            problems.append(
                Problem(name, "", word("problem_unreadable", reason=error.strerror or type(error).__name__))
            )
    return Import(listings, records, tuple(problems))


def _files_below(folder: Path) -> list[Path]:
    # Links are not followed out of the folder somebody named.
    found = (file for file in folder.rglob("*") if file.suffix.lower() in (".tsv", ".json"))
    return [
        file
        for file, _ in zip((f for f in found if f.is_file() and not f.is_symlink()), range(MOST_FILES), strict=False)
    ]


def _text_of(file: Path) -> str:
    if file.suffix.lower() not in (".tsv", ".json"):
        raise ListInvalid(word("problem_kind"))
    if file.stat().st_size > LARGEST_FILE:
        raise ListInvalid(word("problem_too_large", megabytes=LARGEST_FILE // 1024 // 1024))
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListInvalid(word("problem_encoding")) from None


def _once(where: dict[tuple[str, str], str], kind: str, code: str, name: str) -> None:
    if (kind, code) in where:
        raise ListInvalid(word("problem_twice", code=code, other=where[kind, code]))
    where[kind, code] = name
