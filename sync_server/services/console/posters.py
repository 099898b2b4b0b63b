"""What the customer's display shows between shoppers: policy `customer_display`, picture by picture."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.console.policy_changes import PolicyChanges
from sync_server.store import feed
from sync_server.store.engine import Store

POLICY = "customer_display"
POSTERS_MAX = 10
POSTER_BYTES_MAX = 512 * 1024
SIDE_MAX = 4096
SECONDS_MIN, SECONDS_MAX, SECONDS = 3, 60, 8
WELCOME_MAX = 60
Days = tuple[str, str]
"""First and last, YYYY-MM-DD; "": none."""
_MIME = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg"}


class BadPoster(InvalidInput):
    """No PNG or JPEG of the allowed size, or more posters than displays take; `field` says which."""

    code = "poster_bad"


class NoSuchPoster(Refusal):
    """No poster is like this one: somebody has changed them meanwhile."""

    code = "poster_unknown"


@dataclass(frozen=True, slots=True)
class PosterView:
    """One picture. `key`: of its bytes and how many like it stand before, for forms; `kind`: its media type.

    `day_from`, `day_to`: both inside, in each store's own time; "": at once, or until it is taken off.
    """

    key: str
    kind: str
    image: str
    seconds: int
    bytes: int
    day_from: str
    day_to: str


class Posters:
    """See the module. Every workstation has what is set here at its next contact."""

    def __init__(self, store: Store, changes: PolicyChanges) -> None:
        self._store = store
        self._changes = changes

    def listing(self) -> tuple[list[PosterView], str, bool]:
        """The pictures in order, the welcome, and whether the receipt's code is shown after a sale."""
        value = self._value()
        views = [view for view, _ in _shown(value)]
        return views, str(value.get("welcome", "")), value.get("receipt_code", True) is not False

    def add(self, act: Act, file: BinaryIO, seconds: int, days: Days = ("", "")) -> None:
        """At the end. Raises BadPoster."""
        value = self._value()
        rows = list(value.get("posters", []))
        if len(rows) >= POSTERS_MAX:
            raise BadPoster("as many as displays take", field="count")
        if not SECONDS_MIN <= seconds <= SECONDS_MAX:
            raise BadPoster("how long it stands", field="seconds")
        image = base64.b64encode(_checked(file.read(POSTER_BYTES_MAX + 1))).decode()
        self._put(act, {**value, "posters": [*rows, _dated({"image": image, "seconds": seconds}, days)]})

    def order(
        self, act: Act, keys: Sequence[str], *, seen: Sequence[str], days: Mapping[str, Days] | None = None
    ) -> None:
        """Of those that were seen these stay, in this order, with these days. Raises NoSuchPoster, BadPoster.

        `days` by key; those that are not in it keep theirs.
        """
        value = self._value()
        known = {view.key: row for view, row in _shown(value)}
        if set(seen) != known.keys() or not set(keys) <= known.keys() or len(set(keys)) != len(keys):
            raise NoSuchPoster("they were changed meanwhile")
        dated = days or {}
        rows = [_dated(known[key], dated[key]) if key in dated else known[key] for key in keys]
        self._put(act, {**value, "posters": rows})

    def words(self, act: Act, welcome: str, *, receipt_code: bool) -> None:
        """The welcome and the receipt's code. Raises BadPoster."""
        if len(welcome) > WELCOME_MAX:
            raise BadPoster("too long", field="welcome")
        self._put(act, {**self._value(), "welcome": welcome, "receipt_code": receipt_code})

    def _value(self) -> dict[str, Any]:
        value = self._store.read(lambda txn: feed.policy(txn, POLICY))
        return value if isinstance(value, dict) else {}

    def _put(self, act: Act, value: dict[str, Any]) -> None:
        self._changes.ask(act, POLICY, json.dumps(value, ensure_ascii=False))


def _shown(value: Mapping[str, Any]) -> Iterator[tuple[PosterView, Any]]:
    """What displays show, with its row; the same picture may stand there on other days as well."""
    rows = value.get("posters", [])
    met: Counter[str] = Counter()
    for row in rows if isinstance(rows, list) else ():
        view = _view(row)
        if view is None:
            continue
        met[view.key] += 1
        again = met[view.key]
        yield (view if again == 1 else dataclasses.replace(view, key=f"{view.key}-{again}")), row


def _view(row: Any) -> PosterView | None:
    """None for what displays leave out as well."""
    if not isinstance(row, dict) or not isinstance(row.get("image"), str):
        return None
    try:
        data = base64.b64decode(row["image"], validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = next((kind for mark, kind in _MIME.items() if data.startswith(mark)), None)
    if kind is None:
        return None
    seconds = row.get("seconds", SECONDS)
    shown = seconds if type(seconds) is int else SECONDS
    days = (str(row.get(name, "")) for name in ("from", "to"))
    return PosterView(hashlib.sha256(data).hexdigest()[:16], kind, row["image"], shown, len(data), *days)


def _dated(row: Mapping[str, Any], days: Days) -> dict[str, Any]:
    """The row with its days and no others. Raises BadPoster."""
    try:
        first, last = (day and date.fromisoformat(day).isoformat() for day in days)
    except ValueError:
        raise BadPoster("no such day", field="days") from None
    if first and last and last < first:
        raise BadPoster("over before it begins", field="days")
    named = {name: day for name, day in (("from", first), ("to", last)) if day}
    return {name: value for name, value in row.items() if name not in ("from", "to")} | named


def _checked(data: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError

    if len(data) > POSTER_BYTES_MAX:
        raise BadPoster("too many bytes", field="image")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
            if max(picture.size) > SIDE_MAX:
                raise BadPoster("too many dots", field="image")
            picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadPoster("no picture", field="image") from None
    return data
