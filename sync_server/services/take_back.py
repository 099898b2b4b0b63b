"""Prices and promotions as they stood before a release: what taking it back publishes again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pos_core.canonical import canonical_bytes
from sync_server.services.releases import Releases
from sync_server.store import masters, release
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from sync_server.store.release import ReleaseRow

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StateBefore:
    """What the release that takes another back carries.

    Attributes:
        prices: published rows of pairs that have a row waiting now: a waiting row may lie over a published
            one, so head office's own table does not have them any more.
    """

    promotions: bytes
    prices: dict[Pair, list[PriceRow]]


def restore_before(txn: Txn, releases: Releases, version: int) -> StateBefore:
    """Puts head office's prices and promotions back to what they were before a release.

    Prices that still wait for a release, and promotions that were edited since, stay as they are: they
    were no part of it.
    """
    history = [row for row in release.all_releases(txn) if row.version <= version]
    taken_back, before = history[-1], history[:-1]
    pairs = {(row[0], row[1]) for row in _file(releases, taken_back, "prices").get("rows", [])}
    waiting = masters.waiting_pairs(txn)
    found = _last_published(releases, before, pairs | waiting)
    masters.replace_published(
        txn, sorted(pairs), [row for pair in sorted(pairs) for row in found.get(pair, [])]
    )
    now = _promotions(releases, taken_back)
    then = _promotions(releases, before[-1]) if before else {}
    _restore_promotions(txn, now, then)
    promotions = canonical_bytes({"format": 1, "promotions": [then[key] for key in sorted(then)]})
    return StateBefore(promotions, {pair: found.get(pair, []) for pair in waiting})


def as_published(txn: Txn, releases: Releases) -> StateBefore:
    """What the newest release says, whatever waits for the next one. There is a newest release."""
    history = release.all_releases(txn)
    waiting = masters.waiting_pairs(txn)
    found = _last_published(releases, history, waiting)
    promotions = b'{"format":1,"promotions":[]}'
    for entry in releases.files_of(history[-1]):
        if entry["name"] == "promotions":
            promotions = releases.content_of(str(entry["sha256"]))
    return StateBefore(promotions, {pair: found.get(pair, []) for pair in waiting})


def _last_published(
    releases: Releases, history: Sequence[ReleaseRow], pairs: set[Pair]
) -> dict[Pair, list[PriceRow]]:
    """The rows that releases, oldest first, last said of some pairs."""
    found: dict[Pair, list[PriceRow]] = {}
    missing = set(pairs)
    for past in reversed(history):
        if not missing:
            break
        file = _file(releases, past, "prices")
        for pair, group in groupby(file.get("rows", []), key=lambda row: (row[0], row[1])):
            if pair in missing:
                missing.discard(pair)
                found[pair] = [PriceRow(r[0], r[1], r[2], r[3], r[4], past.version) for r in group]
        if _is_base(releases, past):
            break
    return found


def _restore_promotions(txn: Txn, taken_back: dict[str, Any], then: dict[str, Any]) -> None:
    drafts = masters.promotion_drafts(txn)
    untouched = {
        key
        for key in drafts.keys() | taken_back.keys()
        if (json.loads(drafts[key]) if key in drafts else None) == taken_back.get(key)
    }
    put = [(key, canonical_bytes(value).decode()) for key, value in then.items() if key in untouched]
    put += [
        (key, canonical_bytes(value).decode())
        for key, value in then.items()
        if key not in drafts and key not in taken_back
    ]
    masters.put_promotions(txn, put)
    masters.drop_promotions(txn, sorted(key for key in untouched if key in drafts and key not in then))


def _promotions(releases: Releases, row: ReleaseRow) -> dict[str, Any]:
    file = _file(releases, row, "promotions")
    return {str(each["id"]): each for each in file.get("promotions", [])}


def _file(releases: Releases, row: ReleaseRow, name: str) -> dict[str, Any]:
    for entry in releases.files_of(row):
        if entry["name"] == name:
            return dict(json.loads(releases.content_of(str(entry["sha256"]))))
    return {}


def _is_base(releases: Releases, row: ReleaseRow) -> bool:
    return any(e["name"] == "prices" and e["kind"] == "base" for e in releases.files_of(row))
