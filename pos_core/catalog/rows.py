"""Reading the loose column types of reference rows: JSON text and 0/1 flags."""

from __future__ import annotations

import json
from typing import Any


def json_value(value: Any) -> Any:
    """A `json` column: decoded when it is text, as it is when somebody decoded it already."""
    return json.loads(value) if isinstance(value, str) else value


def text_list(value: Any) -> tuple[str, ...]:
    """A `json` column that holds a list of texts; mostly an empty one, which needs no parser."""
    if value == "[]":
        return ()
    return tuple(str(text) for text in json_value(value) or ())


def flag(value: Any) -> bool:
    """A 0/1 column."""
    return bool(value)
