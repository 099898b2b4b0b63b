"""What a ruling says of itself, in words: its cause and its further figures."""

from __future__ import annotations

from pos_core.sync.rulings.ruling import Ruling
from sync_server.console.words import Words

TECHNICAL = ("path", "reason")
"""English sentences of the checker: shown behind a fold."""


def cause_of(words: Words, made: Ruling) -> str:
    """The sentence; the code of a cause that a newer version made."""
    return words(f"cause.{made.cause}") if words.has(f"cause.{made.cause}") else made.cause


def figures_of(words: Words, made: Ruling) -> list[tuple[str, str]]:
    """Name and value of each further figure, without technical ones."""
    return [
        (words(f"detail.{name}") if words.has(f"detail.{name}") else name, _value(words, name, value))
        for name, value in made.detail
        if name not in TECHNICAL
    ]


def technical_of(made: Ruling) -> str:
    """The rest, in one line; "" where there is none."""
    return " ".join(str(value) for name, value in made.detail if name in TECHNICAL)


def _value(words: Words, name: str, value: int | str) -> str:
    if isinstance(value, int):
        if name.endswith("_minor"):
            return words.money(value)
        if name.endswith("_milli"):
            return words.quantity(value)
        if name.endswith("_ms"):
            return words("detail.minutes", n=words.count(value // 60_000))
        return words.count(value)
    for key in (f"dispute.finding.{value}", f"detail.{name}.{value}"):
        if words.has(key):
            return words(key)
    return value or "–"
