"""Rulings as kept: what stands, and what stood and was superseded, for ever visible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, func, not_, select, tuple_, update

from pos_core.canonical import canonical_bytes
from pos_core.sync.rulings.ruling import Ruling
from sync_server.store.engine import Txn
from sync_server.store.exception_act import CLOSING
from sync_server.store.schema.exception import exception_act
from sync_server.store.schema.folding import ruling

Key = tuple[int, str]
"""When a ruling was made (epoch milliseconds) and its id: its place in a list."""
_AT_ONCE = 400
_PLACE = tuple_(ruling.c.made_at_ms, ruling.c.ruling_id)
_OPEN = and_(
    ruling.c.superseded_by.is_(None),
    ~exists().where(exception_act.c.ruling_id == ruling.c.ruling_id, exception_act.c.action.in_(CLOSING)),
)


@dataclass(frozen=True, slots=True)
class RulingRow:
    """One ruling; `superseded_by` None while it stands."""

    key: str
    ruling_id: str
    rule: str
    data: str
    made_at_ms: int
    superseded_by: str | None = None
    superseded_at_ms: int | None = None

    @property
    def ruling(self) -> Ruling:
        """The value that it was made of."""
        return ruling_from(json.loads(self.data))


def ruling_from(value: dict[str, Any]) -> Ruling:
    """Inverse of `Ruling.as_value`."""
    return Ruling(
        rule=value["rule"],
        key=value["key"],
        cause=value["cause"],
        stands=tuple(value["stands"]),
        against=tuple(value["against"]),
        place=value["place"],
        cost_minor=value["cost_minor"],
        points=value["points"],
        bearer=value["bearer"],
        reaches=tuple(value["reaches"]),
        detail=tuple(value["detail"].items()),
    )


def standing(txn: Txn, keys: Sequence[str]) -> list[RulingRow]:
    """Rulings about these keys that stand."""
    found: list[RulingRow] = []
    for start in range(0, len(keys), _AT_ONCE):
        statement = select(ruling).where(
            ruling.c.key.in_(keys[start : start + _AT_ONCE]), ruling.c.superseded_by.is_(None)
        )
        found += [RulingRow(*row) for row in txn.execute(statement)]
    return found


def about(txn: Txn, key: str) -> list[RulingRow]:
    """Every ruling about one key, superseded ones too."""
    return [RulingRow(*row) for row in txn.execute(select(ruling).where(ruling.c.key == key))]


def find(txn: Txn, ruling_id: str) -> RulingRow | None:
    """One ruling by its id."""
    row = txn.execute(select(ruling).where(ruling.c.ruling_id == ruling_id).limit(1)).first()
    return None if row is None else RulingRow(*row)


def put(txn: Txn, made: Iterable[Ruling], now_ms: int) -> None:
    """Rulings that stand from now on."""
    txn.insert_many(
        ruling,
        [
            (
                each.key,
                each.ruling_id,
                each.rule,
                canonical_bytes(each.as_value()).decode(),
                now_ms,
                None,
                None,
            )
            for each in made
        ],
        on_conflict="replace",
    )


def supersede(txn: Txn, key: str, ruling_id: str, by: str, now_ms: int) -> None:
    """Marks a ruling as no longer standing; `by` is "" where nothing stands instead."""
    txn.execute(
        update(ruling)
        .where(ruling.c.key == key, ruling.c.ruling_id == ruling_id)
        .values(superseded_by=by, superseded_at_ms=now_ms)
    )


def listing(
    txn: Txn,
    *,
    rule: str | None = None,
    standing_only: bool = True,
    is_open: bool | None = None,
    after_ms: int = 0,
    before_ms: int | None = None,
    beyond: Key | None = None,
    limit: int = 1000,
) -> list[RulingRow]:
    """The newest first; with `beyond` those that follow it in this order.

    `is_open`: it stands and nobody has accepted or charged it; False: none of those.
    """
    statement = _made(select(ruling), after_ms, before_ms)
    if rule is not None:
        statement = statement.where(ruling.c.rule == rule)
    if standing_only:
        statement = statement.where(ruling.c.superseded_by.is_(None))
    if is_open is not None:
        statement = statement.where(_OPEN if is_open else not_(_OPEN))
    if beyond is not None:
        statement = statement.where(tuple_(*beyond) > _PLACE)
    statement = statement.order_by(ruling.c.made_at_ms.desc(), ruling.c.ruling_id.desc()).limit(limit)
    return [RulingRow(*row) for row in txn.execute(statement)]


def counts(txn: Txn, *, after_ms: int = 0, before_ms: int | None = None) -> Iterator[tuple[str, int]]:
    """Standing rulings by rule."""
    statement = _made(select(ruling.c.rule, func.count()), after_ms, before_ms)
    statement = statement.where(ruling.c.superseded_by.is_(None)).group_by(ruling.c.rule)
    for row in txn.execute(statement.order_by(ruling.c.rule)):
        yield row[0], row[1]


def _made(statement: Select[Any], after_ms: int, before_ms: int | None) -> Select[Any]:
    statement = statement.where(ruling.c.made_at_ms >= after_ms)
    return statement if before_ms is None else statement.where(ruling.c.made_at_ms < before_ms)
