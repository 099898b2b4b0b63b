"""The policy `customer_display` as pictures and words; what cannot be read is left out."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date

from PySide6.QtGui import QImage

POSTERS_MAX = 10
POSTER_BYTES_MAX = 512 * 1024
SIDE_MAX = 4096
SECONDS_MIN, SECONDS_MAX, SECONDS = 3, 60, 8
WELCOME_MAX = 60


@dataclass(frozen=True)
class Poster:
    """A picture, how long it stands, and its days, both inside; "": no first or no last one."""

    image: QImage
    seconds: int
    day_from: str = ""
    day_to: str = ""

    def is_on(self, day: str) -> bool:
        """On that day of the store, YYYY-MM-DD."""
        return self.day_from <= day and (not self.day_to or day <= self.day_to)


@dataclass(frozen=True)
class DisplayPolicy:
    """What stands there between shoppers, and whether the receipt's code is shown after a sale."""

    welcome: str = ""
    posters: tuple[Poster, ...] = ()
    receipt_code: bool = True


def read_policy(value: object) -> DisplayPolicy:
    """From the decoded policy; None and anything that cannot be understood is the default."""
    if not isinstance(value, dict):
        return DisplayPolicy()
    welcome, rows = value.get("welcome", ""), value.get("posters", [])
    posters = [_poster(row) for row in rows[:POSTERS_MAX]] if isinstance(rows, list) else []
    return DisplayPolicy(
        welcome=welcome[:WELCOME_MAX] if isinstance(welcome, str) else "",
        posters=tuple(poster for poster in posters if poster is not None),
        receipt_code=value.get("receipt_code", True) is not False,
    )


def _poster(row: object) -> Poster | None:
    if not isinstance(row, dict) or not isinstance(row.get("image"), str):
        return None
    try:
        data = base64.b64decode(row["image"], validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) > POSTER_BYTES_MAX or not data.startswith((b"\x89PNG", b"\xff\xd8")):
        return None
    image = QImage.fromData(data)
    if image.isNull() or max(image.width(), image.height()) > SIDE_MAX:
        return None
    seconds = row.get("seconds", SECONDS)
    given = seconds if type(seconds) is int else SECONDS
    day_from, day_to = (_day(row.get(name, "")) for name in ("from", "to"))
    if day_from is None or day_to is None:
        return None
    return Poster(image, min(max(given, SECONDS_MIN), SECONDS_MAX), day_from, day_to)


def _day(value: object) -> str | None:
    """None: not to be understood; such a poster may be over."""
    if value == "":
        return ""
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None
