"""Pinyin of names, computed at head office and shipped as columns: workstations carry no dictionary.

A heteronym gets its default reading (乐 in 可乐 is le by the phrase dictionary). Letters and digits stay,
everything else falls away: `可口可乐330ml` → `kekoukele330ml`, `kkkl330ml`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SEGMENT = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[A-Za-z0-9]+")


def pinyin_of(name: str) -> tuple[str, str]:
    """`(full pinyin, initials)`, lower case without spaces or tones."""
    full, initials = [], []
    for segment in _SEGMENT.findall(name):
        if segment.isascii():
            full.append(segment.lower())
            initials.append(segment.lower())
        else:
            syllables = _syllables(segment)
            full.extend(syllables)
            initials.extend(syllable[0] for syllable in syllables)
    return "".join(full), "".join(initials)


@lru_cache(maxsize=200_000)
def _syllables(segment: str) -> tuple[str, ...]:
    """Syllables of a run of Chinese characters. Names share most of their runs, hence the cache."""
    from pypinyin import Style, lazy_pinyin

    # v, as on a keyboard, for ü; characters without a reading fall away.
    return tuple(lazy_pinyin(segment, style=Style.NORMAL, errors="ignore", v_to_u=False))
