"""Jinja: everything escaped, everything named must be there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sync_server.console.assets import address
from sync_server.console.document_words import in_words
from sync_server.console.words import masked_id

_PAUSE_S = 0.05


@cache
def environment() -> Environment:
    """One for the process; templates are compiled once."""
    made = Environment(
        loader=PackageLoader("sync_server.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = address
    made.globals["in_words"] = in_words
    made.globals["masked_id"] = masked_id
    return made


def render(template: str, values: Mapping[str, Any]) -> str:
    """The HTML text."""
    return environment().get_template(template).render(values)


def warm(over: threading.Event) -> None:
    """Compiles one template after the other, which costs whoever opens a page first up to 60 ms.

    With pauses: whoever asks for a page meanwhile does not wait for all of them.
    """
    made = environment()
    for name in made.list_templates(extensions=["html"]):
        if over.wait(_PAUSE_S):
            return
        made.get_template(name)
