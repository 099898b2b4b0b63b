"""An opened document in words: its fields by name, money, quantities and times as people write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sync_server.console.words import Words

TECHNICAL = frozenset(
    {
        "v", "document_id", "hlc", "prev_hash", "manifest_sha256", "public_key", "pin_verifier", "nonce",
        "phone_index", "unit_nets", "carried_sha256", "hash", "exponent",
    }
)  # fmt: skip
_ENGINE = "body.pricing."
_PERCENT_PPM = 10_000
_MOMENT_MS = 10**11
"""Above it a figure in milliseconds is a moment, below a length."""
_CHANNEL = "channel"


@dataclass(slots=True)
class Part:
    """Fields that stand together; `name` "" for those of the document itself."""

    name: str
    rows: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class InWords:
    """`technical` and `engine` as they stand in the document: path and value."""

    parts: list[Part]
    technical: list[tuple[str, str]]
    engine: list[tuple[str, str]]


def in_words(words: Words, lines: Sequence[tuple[str, str]]) -> InWords:
    """What `opened` found, by parts in the document's order. A field that is not known keeps its name."""
    found = InWords([], [], [])
    exponent = next((value for path, value in lines if path == "body.exponent"), "")
    places = int(exponent) if exponent.isdigit() else None
    by_name: dict[str, Part] = {}
    for path, value in lines:
        *above, name = path.removeprefix("body.").split(".")
        if path.startswith(_ENGINE):
            found.engine.append((path, value))
        elif TECHNICAL & {name, *above}:
            found.technical.append((path, value))
        else:
            if name.isdigit() and above:  # of a list of plain values
                name = above.pop()
            place = " · ".join(_named(words, above))
            part = by_name.setdefault(place, Part(place))
            part.rows.append((_name(words, name), _value(words, name, value, places)))
    found.parts = sorted(by_name.values(), key=lambda part: part.name != "")
    return found


def _named(words: Words, above: Sequence[str]) -> Iterator[str]:
    """`lines`, `0` → `Line 1`."""
    at = 0
    while at < len(above):
        name = _name(words, above[at])
        if at + 1 < len(above) and above[at + 1].isdigit():
            yield words("document.item", name=name, n=int(above[at + 1]) + 1)
            at += 2
        else:
            yield name
            at += 1


def _name(words: Words, name: str) -> str:
    key = f"document.field.{name}"
    return words(key) if words.has(key) else name


def _value(words: Words, name: str, text: str, places: int | None) -> str:
    if text in ("null", "", "[]", "{}"):
        return "–"
    if text in ("true", "false"):
        return words("document.value.yes" if text == "true" else "document.value.no")
    if text.removeprefix("-").isdecimal() and text.isascii():
        return _figure(words, name, text, places)
    if name == _CHANNEL and words.has(f"channel.{text}"):
        return words(f"channel.{text}")
    key = f"document.type.{text}" if name == "type" else f"document.value.{name}.{text}"
    return words(key) if words.has(key) else text


def _figure(words: Words, name: str, text: str, places: int | None) -> str:
    number = int(text)
    if name.endswith("_minor"):
        return words.money(number, places)
    if name.endswith("_milli"):
        return words.quantity(number)
    if name.endswith("_ms") and number > _MOMENT_MS:
        return words.time(number, seconds=True)
    if name.endswith("_ppm"):
        return f"{number / _PERCENT_PPM:g} %"
    return text
