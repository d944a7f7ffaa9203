"""Fills a Word template: the install's own in ``papers/`` of the data folder, else the one that comes with the product.

A template is an ordinary .docx whose places are written ``{{ ten_sang_kien }}``; ``placeholders.yaml`` lists them. What
residents wrote is put in as text: it is escaped, so it can neither be markup of the file nor a place of its own. The
expressions run in Jinja's sandbox, since a template is a file people hand around.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import yaml
from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment

TEMPLATES = Path(__file__).parent / "templates"
OWN_FOLDER = "papers"
LARGEST_TEMPLATE_BYTES = 5_000_000
# What XML 1.0 cannot hold; a Word file with one of them does not open.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class TemplateBroken(ValueError):
    """The template cannot be filled. ``name`` is its file name, ``reason`` unreadable, too_large or place."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


@cache
def placeholders() -> Mapping[str, Mapping[str, str]]:
    """Template name → place → what it stands for."""
    document: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (Path(__file__).parent / "placeholders.yaml").read_text("utf-8")
    )
    return document


def writable(text: str) -> str:
    """The text without what a Word or Excel file cannot hold."""
    return _UNWRITABLE.sub("", text)


def _written(value: object) -> object:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, Mapping):
        return {key: _written(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    return value


def template_path(name: str, data_dir: Path) -> Path:
    """Where the template lies. KeyError for a name ``placeholders.yaml`` does not have: no path gets through."""
    if name not in placeholders():
        raise KeyError(name)
    own = data_dir / OWN_FOLDER / f"{name}.docx"
    return own if own.is_file() else TEMPLATES / f"{name}.docx"


def fill(name: str, places: Mapping[str, object], data_dir: Path) -> bytes:
    """The filled document. Raises :class:`TemplateBroken`, KeyError for an unknown template."""
    path = template_path(name, data_dir)
    if path.stat().st_size > LARGEST_TEMPLATE_BYTES:
        raise TemplateBroken(path.name, "too_large")
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        document = DocxTemplate(str(path))
        document.render(_written(dict(places)), jinja_env=environment, autoescape=True)
    except TemplateError:
        raise TemplateBroken(path.name, "place") from None
    except (OpcError, BadZipFile, KeyError, ValueError, OSError):
        raise TemplateBroken(path.name, "unreadable") from None
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
