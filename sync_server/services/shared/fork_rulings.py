"""What a fork leads to: a ruling for each document that lies beside the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pos_core.sync.document import Series
from pos_core.sync.folds import Stamp
from pos_core.sync.folds.facts import SeriesForked
from pos_core.sync.rulings import Ruling
from pos_core.sync.rulings.series_forked import rule


def fork_rulings(
    own: Series,
    store_id: str,
    beside: Iterable[tuple[int, str, Mapping[str, Any] | None]],
    kept: Mapping[int, str],
) -> list[Ruling]:
    """`beside`: number, hash and decoded document (None: no document); `kept`: number → hash in the chain."""
    found = []
    for number, digest, value in beside:
        stamp = Stamp(_text(value, "hlc"), own.workstation_id, own.incarnation, number)
        fact = SeriesForked(stamp, store_id, kept.get(number, ""), digest)
        found.append(rule(fact, _taken_minor(value)))
    return found


def _taken_minor(value: Mapping[str, Any] | None) -> int:
    """What a sale beside the chain took; it has passed no check, so whatever is no amount counts as none."""
    if value is None or value.get("type") not in ("sale", "return"):
        return 0
    body = value.get("body")
    total = body.get("total_minor") if isinstance(body, dict) else None
    if type(total) is not int or abs(total) >= 2**53:
        return 0
    return total if value["type"] == "sale" else -total


def _text(value: Mapping[str, Any] | None, name: str) -> str:
    found = None if value is None else value.get(name)
    return found if isinstance(found, str) else ""
