"""What an object must hold: fields with a check each, lists and objects inside; and the checks themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_core.canonical import INTEGER_MAX
from pos_core.clock import parse_hybrid_time
from pos_core.quantity import QUANTITY_MILLI_MAX
from pos_core.sync.document import BadDocument

Check = Callable[[Any], bool]

TEXT_MAX = 4096
LIST_MAX = 5000


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: `fields` must stand, `optional` may; `lists` are lists of objects that must stand."""

    fields: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    lists: Mapping[str, Shape] = field(default_factory=dict)
    optional_lists: Mapping[str, Shape] = field(default_factory=dict)
    objects: Mapping[str, Shape] = field(default_factory=dict)
    """Objects that must stand or be null."""


def check_shape(value: Any, shape: Shape, path: str) -> None:
    """Raises BadDocument with `facts["path"]` at the first field that is missing or wrong."""
    if type(value) is not dict:
        raise BadDocument(f"{path} is not an object", path=path)
    key = ""
    try:
        for key, check in shape.fields.items():
            if not check(value[key]):
                raise BadDocument(f"{path}.{key} is wrong", path=f"{path}.{key}")
    except KeyError:
        raise BadDocument(f"{path}.{key} is missing", path=f"{path}.{key}") from None
    for key, check in shape.optional.items():
        if key in value and not check(value[key]):
            raise BadDocument(f"{path}.{key} is wrong", path=f"{path}.{key}")
    for key, inner in shape.lists.items():
        _check_list(value.get(key), inner, f"{path}.{key}")
    for key, inner in shape.optional_lists.items():
        if key in value:
            _check_list(value[key], inner, f"{path}.{key}")
    for key, inner in shape.objects.items():
        if key not in value or value[key] is not None:
            check_shape(value.get(key), inner, f"{path}.{key}")


def _check_list(value: Any, shape: Shape, path: str) -> None:
    if type(value) is not list or len(value) > LIST_MAX:
        raise BadDocument(f"{path} is not a list or too long", path=path)
    for index, each in enumerate(value):
        check_shape(each, shape, f"{path}[{index}]")


# What a single value may be. `type(…) is int` because True is an int to isinstance.


def text(value: Any) -> bool:
    """Any text that is not too long."""
    return type(value) is str and len(value) <= TEXT_MAX


def name(value: Any) -> bool:
    """Text that is not empty."""
    return type(value) is str and 0 < len(value) <= TEXT_MAX


def text_or_none(value: Any) -> bool:
    """Text or null."""
    return value is None or (type(value) is str and len(value) <= TEXT_MAX)


def whole(value: Any) -> bool:
    """An integer; True is none."""
    return type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX


def natural(value: Any) -> bool:
    """Zero or more."""
    return type(value) is int and 0 <= value <= INTEGER_MAX


def positive(value: Any) -> bool:
    """One or more."""
    return type(value) is int and 0 < value <= INTEGER_MAX


def natural_or_none(value: Any) -> bool:
    """Zero or more, or null."""
    return value is None or natural(value)


def positive_or_none(value: Any) -> bool:
    """None or an integer above zero."""
    return value is None or positive(value)


def quantity(value: Any) -> bool:
    """Thousandths, zero or more."""
    return type(value) is int and 0 <= value <= QUANTITY_MILLI_MAX


def signed_quantity(value: Any) -> bool:
    """Thousandths."""
    return type(value) is int and -QUANTITY_MILLI_MAX <= value <= QUANTITY_MILLI_MAX


def gtin(value: Any) -> bool:
    """14 digits, or null."""
    return value is None or (type(value) is str and len(value) == 14 and value.isascii() and value.isdigit())


def hybrid_time(value: Any) -> bool:
    """A hybrid time as fixed-width text."""
    try:
        return type(value) is str and bool(parse_hybrid_time(value))
    except ValueError:
        return False


def rate(value: Any) -> bool:
    """Parts per million up to 1000 %."""
    return type(value) is int and 0 <= value <= 10_000_000


def exponent(value: Any) -> bool:
    """Decimals of a currency."""
    return type(value) is int and 0 <= value <= 4


def currency(value: Any) -> bool:
    """An ISO 4217 code."""
    return type(value) is str and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()


def digest(value: Any) -> bool:
    """64 lower-case hex digits."""
    return is_hash(value)


def anything(value: Any) -> bool:
    """Any JSON value."""
    return True


def whole_object(value: Any) -> bool:
    """An object."""
    return type(value) is dict


def object_or_none(value: Any) -> bool:
    """An object or null."""
    return value is None or type(value) is dict


def flag(value: Any) -> bool:
    """true or false."""
    return type(value) is bool


def consents(value: Any) -> bool:
    """Purpose → true or false."""
    return type(value) is dict and all(type(given) is bool for given in value.values())


PERSONAL_FIELDS = frozenset(
    {"name", "display_name", "phone", "masked_phone", "email", "address", "birthday", "birth_date"}
)
"""Never in clear: they travel in a member's `personal` box."""


def clear_fields(value: Any) -> bool:
    """Fields that may stand in clear: never a personal one."""
    return type(value) is dict and all(
        name not in PERSONAL_FIELDS and (each is None or flag(each) or whole(each) or text(each))
        for name, each in value.items()
    )


def names(value: Any) -> bool:
    """A list of names."""
    return type(value) is list and len(value) <= LIST_MAX and all(name(each) for each in value)


def blind_index(value: Any) -> bool:
    """A blind index with its scope, or null."""
    return value is None or (type(value) is str and 32 <= len(value) <= 200)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: frozenset[str]

    def __call__(self, value: Any) -> bool:
        """True for one of them."""
        return type(value) is str and value in self.words


def one_of(*words: str) -> Check:
    """One of a few words."""
    return OneOf(frozenset(words))


def is_hash(value: Any) -> bool:
    """64 lower-case hex digits."""
    return type(value) is str and len(value) == 64 and not value.strip("0123456789abcdef")
