"""What an item is found by: its name in characters and pairs, its pinyin and its initials, as index terms.

The workstation and the server's snapshot make the same terms, and a query is cut the same way. A term of
a name is one character or two neighbours; `π` starts one, two or three initials, `ψ` the beginning of a
pinyin. Both letters never come out of `normalise`, so no name can collide with them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from operator import add

INITIAL_MARK = "π"
PINYIN_MARK = "ψ"
PINYIN_BEGINNING_MAX = 4
"""Beginnings of a pinyin up to this length are terms; a longer one is a range of the pinyin index."""
INITIALS_TOGETHER = 3
"""Latin letters are few: pairs of initials are so common that a search waded through false finds."""
SEPARATOR = "|"
_PINYIN_LENGTHS = range(1, PINYIN_BEGINNING_MAX + 1)
_NEXT_INITIAL = " " + INITIAL_MARK
QUERY_LENGTH_MAX = 64


def normalise(text: str) -> str:
    """Width, case and all that is no letter or digit taken away: `Ｃoca-Cola 330ml` → `cocacola330ml`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isalnum():
        folded = "".join(filter(str.isalnum, folded))
    return folded.replace("π", "").replace("ψ", "")


_normalise_brand = lru_cache(maxsize=4096)(normalise)
"""Many items share few brands."""


def entry_text(name: str, name_en: str, brand: str | None) -> str:
    """The normalised names and brand in one text; a search never matches across the separator."""
    return f"{normalise(name)}{SEPARATOR}{normalise(name_en)}{SEPARATOR}{_normalise_brand(brand or '')}"


def entry_terms(text: str, pinyin: str, initials: str) -> str:
    """Index terms of an entry, separated by spaces; `text` comes from `entry_text`.

    A term may stand twice: the index keeps it once. Whole texts are joined at once, because a first download
    makes these for every item of the chain.
    """
    terms: list[str] = []
    seen = ""
    for part in text.split(SEPARATOR):
        if part not in seen:  # most names begin with the brand
            terms += " ".join(part), " ".join(map(add, part, part[1:]))
            seen = f"{seen}{SEPARATOR}{part}"
    pairs = list(map(add, initials, initials[1:]))
    for starts in (initials, pairs, list(map(add, pairs, initials[2:]))):
        if starts:
            terms.append(INITIAL_MARK + _NEXT_INITIAL.join(starts))
    if pinyin:
        terms += (PINYIN_MARK + pinyin[:length] for length in _PINYIN_LENGTHS)
    return " ".join(terms)


def query_parts(text: str) -> list[str]:
    """What was typed, cut at white space, each part normalised; every part must be found."""
    parts = (normalise(part) for part in text[:QUERY_LENGTH_MAX].split())
    return list(dict.fromkeys(part for part in parts if part))


def is_latin(part: str) -> bool:
    """True when a part may be pinyin or initials: a to z and digits only."""
    return part.isascii()


def text_terms(part: str) -> list[str]:
    """The terms that an entry must have to hold `part` in a name: pairs that cover it.

    Every second pair is enough, because whoever asks checks what is found letter by letter; half the
    pairs is a third less work over a million items.
    """
    pairs = [part[at : at + 2] for at in range(0, len(part) - 1, 2)] or [part]
    return list(dict.fromkeys([*pairs, part[-2:]]))


def initial_terms(part: str) -> list[str]:
    """The terms that an entry must have to hold `part` in its initials."""
    length = min(len(part), INITIALS_TOGETHER)
    starts = range(len(part) - length + 1)
    return list(dict.fromkeys(INITIAL_MARK + part[at : at + length] for at in starts))
