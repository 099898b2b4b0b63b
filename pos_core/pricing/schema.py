"""JSON Schema (2020-12) of promotions, promotion sets, baskets and results, made from the dataclasses.

`python -m pos_core.pricing --schema NAME` prints one; docs/schema/ holds them for those who do not run us.
Only the words that `validate.py` knows are used.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import hints_of, union_members
from pos_core.pricing.refund_values import Refund, RefundRequest, RefundTerms
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import Promotion, PromotionSet
from pos_core.pricing.values import Items, Range, Text

Schema = dict[str, Any]

ROOTS: dict[str, type] = {
    "promotion": Promotion,
    "promotion_set": PromotionSet,
    "basket": PricingInput,
    "priced_basket": PricedBasket,
    "refund_terms": RefundTerms,
    "refund_request": RefundRequest,
    "refund": Refund,
}


@cache
def schema_of(name: str) -> Schema:
    """The schema called `name` (a key of ROOTS). Do not change what it returns: it is shared."""
    root = ROOTS[name]
    definitions: dict[str, Schema] = {}
    _define(root, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tidemark:pricing:1:{name}",
        "title": name,
        "$ref": f"#/$defs/{root.__name__}",
        "$defs": dict(sorted(definitions.items())),
    }


def _define(cls: Any, definitions: dict[str, Schema]) -> Schema:
    reference = {"$ref": f"#/$defs/{cls.__name__}"}
    if cls.__name__ in definitions:
        return reference
    schema: Schema = {"type": "object", "description": (cls.__doc__ or "").strip().splitlines()[0]}
    definitions[cls.__name__] = schema  # before the fields: a type may lie inside itself
    defaults = {item.name: item.default for item in dataclasses.fields(cls)}
    hints = hints_of(cls)
    schema["properties"] = {name: _of(hint, definitions) for name, hint in hints.items()}
    schema["required"] = [n for n in hints if defaults[n] is dataclasses.MISSING or n == "kind"]
    schema["additionalProperties"] = False
    for name, default in defaults.items():
        plain = isinstance(default, (int, str)) and name not in schema["required"]
        if plain and "const" not in schema["properties"][name]:
            schema["properties"][name] = {**schema["properties"][name], "default": default}
    return reference


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema:
    if get_origin(hint) is Annotated:
        base, *metadata = get_args(hint)
        return {**_of(base, definitions), **_bounds(metadata)}
    arms = union_members(hint)
    if len(arms) > 1:
        # A tagged union, or a name instead of an object: never two arms that one value fits.
        return {"oneOf": [_of(arm, definitions) for arm in arms]}
    return _of_one(arms[0], definitions)


def _of_one(hint: Any, definitions: dict[str, Schema]) -> Schema:
    if get_origin(hint) is Annotated:
        return _of(hint, definitions)
    if get_origin(hint) is Literal:
        values = list(get_args(hint))
        return {"const": values[0]} if len(values) == 1 else {"type": "string", "enum": values}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of(get_args(hint)[0], definitions), "maxItems": Items().most}
    if dataclasses.is_dataclass(hint):
        return _define(hint, definitions)
    return {"type": {int: "integer", str: "string", bool: "boolean"}[hint]}


def _bounds(metadata: list[Any]) -> Schema:
    words: Schema = {}
    for item in metadata:
        if isinstance(item, Range):
            words |= {"minimum": item.minimum, "maximum": item.maximum}
        elif isinstance(item, Text):
            words |= {"minLength": item.shortest, "maxLength": item.longest}
            if item.pattern:
                words["pattern"] = item.pattern
        elif isinstance(item, Items):
            words |= {"minItems": item.fewest, "maxItems": item.most}
            if item.unique:
                words["uniqueItems"] = True
    return words
