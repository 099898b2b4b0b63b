"""The one validator: plain data against one of our schemas, every problem with its path and reason.

Knows exactly the words that `schema.py` writes; an unknown word is our own bug. A `oneOf` is decided by
`kind` (or by being text), so that a mistake inside a benefit is named where it is, not as "no arm fits".
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from pos_core.pricing.schema import Schema, schema_of

PROBLEMS_MAX = 200
"""More problems than this are not listed: a hostile file must not fill the memory with complaints."""


class Problem(NamedTuple):
    """Where (`/promotions/3/benefit/rate_ppm`), a stable code, and a sentence for the log."""

    path: str
    code: str
    reason: str


def problems_in(data: Any, schema_name: str) -> list[Problem]:
    """All problems of `data` against the schema, in document order; empty when it fits."""
    schema = schema_of(schema_name)
    walk = _Walk(schema["$defs"])
    walk.value(data, {"$ref": schema["$ref"]}, "")
    return walk.problems


class _Walk:
    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.definitions = definitions
        self.problems: list[Problem] = []

    def say(self, path: str, code: str, reason: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(path or "/", code, reason))

    def value(self, data: Any, schema: Schema, path: str) -> None:
        if "$ref" in schema:
            self.value(data, self.definitions[schema["$ref"].rpartition("/")[2]], path)
        elif "oneOf" in schema:
            self.one_of(data, schema["oneOf"], path)
        elif "const" in schema:
            if data != schema["const"] or type(data) is not type(schema["const"]):
                self.say(path, "not_this_value", f"must be {schema['const']!r}")
        else:
            getattr(self, "_" + schema["type"])(data, schema, path)

    def one_of(self, data: Any, arms: list[Schema], path: str) -> None:
        if isinstance(data, str):
            named = [arm for arm in arms if arm.get("type") == "string"]
            if named:
                return self.value(data, named[0], path)
        references = [arm for arm in arms if "$ref" in arm]
        if len(references) == 1:
            return self.value(data, references[0], path)
        if not isinstance(data, dict):
            return self.say(path, "wrong_type", "must be an object")
        by_kind = {}
        for arm in references:
            definition = self.definitions[arm["$ref"].rpartition("/")[2]]
            by_kind[definition["properties"]["kind"]["const"]] = arm
        kind = data.get("kind")
        if not isinstance(kind, str) or kind not in by_kind:
            return self.say(f"{path}/kind", "unknown_kind", f"{kind!r} is none of {', '.join(by_kind)}")
        return self.value(data, by_kind[kind], path)

    def _object(self, data: Any, schema: Schema, path: str) -> None:
        if not isinstance(data, dict):
            return self.say(path, "wrong_type", "must be an object")
        properties = schema["properties"]
        for name in schema["required"]:
            if name not in data:
                self.say(f"{path}/{name}", "missing", "is required")
        for name, item in data.items():
            if name in properties:
                self.value(item, properties[name], f"{path}/{name}")
            else:
                self.say(f"{path}/{name}", "unknown_field", "is not a field here")
        return None

    def _array(self, data: Any, schema: Schema, path: str) -> None:
        if not isinstance(data, (list, tuple)):
            return self.say(path, "wrong_type", "must be a list")
        if len(data) < schema.get("minItems", 0):
            self.say(path, "too_few", f"needs at least {schema['minItems']} entries")
        if len(data) > schema["maxItems"]:
            # Not walked: a list beyond its bound is refused whatever it holds.
            return self.say(path, "too_many", f"holds {len(data)} entries, at most {schema['maxItems']}")
        for index, item in enumerate(data):
            self.value(item, schema["items"], f"{path}/{index}")
        if schema.get("uniqueItems") and len({(type(item), repr(item)) for item in data}) < len(data):
            self.say(path, "doubled", "holds an entry twice")
        return None

    def _integer(self, data: Any, schema: Schema, path: str) -> None:
        if not isinstance(data, int) or isinstance(data, bool):
            return self.say(path, "wrong_type", "must be a whole number")
        if data < schema.get("minimum", data):
            self.say(path, "too_small", f"{data} is below {schema['minimum']}")
        elif data > schema.get("maximum", data):
            self.say(path, "too_large", f"{data} is above {schema['maximum']}")
        return None

    def _string(self, data: Any, schema: Schema, path: str) -> None:
        if not isinstance(data, str):
            return self.say(path, "wrong_type", "must be text")
        if "enum" in schema:
            if data not in schema["enum"]:
                self.say(path, "unknown_word", f"{data!r} is none of {', '.join(schema['enum'])}")
            return None
        if len(data) < schema.get("minLength", 0):
            self.say(path, "too_short", f"needs at least {schema['minLength']} characters")
        elif len(data) > schema.get("maxLength", len(data)):
            self.say(path, "too_long", f"holds more than {schema['maxLength']} characters")
        elif "pattern" in schema and not _pattern(schema["pattern"]).search(data):
            self.say(path, "wrong_form", f"{data!r} does not fit {schema['pattern']}")
        return None

    def _boolean(self, data: Any, schema: Schema, path: str) -> None:
        if not isinstance(data, bool):
            self.say(path, "wrong_type", "must be true or false")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
