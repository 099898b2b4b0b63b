"""Phone numbers: one form for imports and tills, so that both make the same blind index."""

from __future__ import annotations

import re

_NOISE = re.compile(r"[\s\-()（）]")
_WIDE = str.maketrans("０１２３４５６７８９－＋", "0123456789-+")
_MAINLAND = re.compile(r"1\d{10}", re.ASCII)
_MAINLAND_WHOLE = re.compile(r"\+861\d{10}", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def e164(text: str) -> str | None:
    """`+` and digits (ITU-T E.164), or None where it is no phone number.

    Eleven digits that begin with 1 are a mainland mobile number; others are written with `+` or `00`.
    """
    digits = _NOISE.sub("", text.translate(_WIDE))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if _MAINLAND.fullmatch(digits):
        digits = "+86" + digits
    if not _E164.fullmatch(digits):
        return None
    if digits.startswith("+86") and not _MAINLAND_WHOLE.fullmatch(digits):
        return None
    return digits
