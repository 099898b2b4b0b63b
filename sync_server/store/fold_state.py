"""Folded states by fold and key, and what folding needs beside them: bounds, awaited sales, HQ's facts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import bindparam, delete, func, select, tuple_, update

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds import State, StateKey
from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared, parts
from sync_server.store.schema.folding import awaited_sale, clock_bound, fold_state, hq_fact, member_code
from sync_server.store.schema.tables import document, projected

_AT_ONCE = 400
_stock_movement = projected["stock_movement"]

_GET = Prepared(
    select(fold_state.c.key, fold_state.c.state).where(
        fold_state.c.key.in_(bindparam("keys", expanding=True)), fold_state.c.fold == bindparam("of")
    )
)
_AWAITED = Prepared(
    select(awaited_sale.c.number).where(
        awaited_sale.c.workstation_id == bindparam("of"), awaited_sale.c.incarnation == bindparam("life")
    )
)
Place = tuple[str, int, int]
"""Workstation, incarnation, number."""


def get(txn: Txn, keys: Iterable[StateKey]) -> dict[StateKey, State]:
    """The states that exist of these `(fold, key)`."""
    by_fold: dict[str, list[str]] = defaultdict(list)
    for fold, key in dict.fromkeys(keys):
        by_fold[fold].append(key)
    found: dict[StateKey, State] = {}
    for fold, wanted in by_fold.items():
        for part in parts(wanted):
            for key, text in _GET.rows(txn, keys=part, of=fold):
                found[fold, key] = msgspec.json.decode(text)
    return found


def put(txn: Txn, states: Mapping[StateKey, State]) -> None:
    """Writes states, new or changed."""
    rows = [(key, fold, _text(state)) for (fold, key), state in sorted(states.items())]
    txn.insert_many(fold_state, rows, on_conflict="replace")


def _text(state: State) -> str:
    """The canonical text. A state is made of what canonical documents hold, so nothing is checked again."""
    return msgspec.json.encode(state, order="sorted").decode()


def everything(txn: Txn) -> Iterator[tuple[StateKey, str]]:
    """Every state's canonical text, in the order of its key: for a comparison of the whole."""
    statement = select(fold_state).order_by(fold_state.c.fold, fold_state.c.key)
    for key, fold, text in txn.stream(statement):
        yield (fold, key), text


def keys_like(txn: Txn, fold: str, prefix: str) -> list[str]:
    """Keys of a fold that begin with `prefix`, sorted."""
    statement = (
        select(fold_state.c.key)
        .where(
            fold_state.c.fold == fold, fold_state.c.key >= prefix, fold_state.c.key < prefix + "\U0010ffff"
        )
        .order_by(fold_state.c.key)
    )
    return list(txn.execute(statement).scalars())


def documents_moving(txn: Txn, store_id: str, sku: str) -> Iterator[tuple[str, int, int, bytes]]:
    """Documents of a store that moved or counted an item: place and bytes, by series and number."""
    moved = select(
        _stock_movement.c.workstation_id,
        _stock_movement.c.incarnation,
        _stock_movement.c.number,
    ).where(_stock_movement.c.store_id == store_id, _stock_movement.c.sku == sku)
    place = tuple_(document.c.workstation_id, document.c.incarnation, document.c.number)
    statement = (
        select(document.c.workstation_id, document.c.incarnation, document.c.number, document.c.data)
        .where(document.c.store_id == store_id, place.in_(moved) | (document.c.type == "count"))
        .order_by(document.c.workstation_id, document.c.incarnation, document.c.number)
    )
    for workstation_id, incarnation, number, data in txn.stream(statement):
        yield workstation_id, incarnation, number, bytes(data)


def document_at(txn: Txn, place: Place) -> bytes | None:
    """The bytes of an applied document."""
    statement = select(document.c.data).where(
        document.c.workstation_id == place[0],
        document.c.incarnation == place[1],
        document.c.number == place[2],
    )
    data = txn.execute(statement).scalar_one_or_none()
    return None if data is None else bytes(data)


def highest_bound(txn: Txn, workstation_id: str, incarnation: int) -> str | None:
    """The highest bound ever given to a series: bounds of one series never fall."""
    statement = select(func.max(clock_bound.c.bound)).where(
        clock_bound.c.workstation_id == workstation_id, clock_bound.c.incarnation == incarnation
    )
    return txn.execute(statement).scalar()


def put_bounds(txn: Txn, rows: Sequence[tuple[str, int, int, str, str]]) -> None:
    """Remembers that documents count at a bound: place, claimed, bound."""
    txn.insert_many(clock_bound, rows, on_conflict="ignore")


def bounds(txn: Txn, workstation_id: str, incarnation: int) -> dict[int, str]:
    """number → bound of the documents of a series that have one."""
    statement = select(clock_bound.c.number, clock_bound.c.bound).where(
        clock_bound.c.workstation_id == workstation_id, clock_bound.c.incarnation == incarnation
    )
    return {row[0]: row[1] for row in txn.execute(statement)}


def await_sales(txn: Txn, places: Sequence[Place]) -> None:
    """These sales are wanted as soon as they come."""
    txn.insert_many(awaited_sale, places, on_conflict="ignore")


def awaited(txn: Txn, workstation_id: str, incarnation: int) -> set[int]:
    """Numbers of a series that something came back of before they were received."""
    return {number for (number,) in _AWAITED.rows(txn, of=workstation_id, life=incarnation)}


def next_hq_number(txn: Txn) -> int:
    """The number of head office's next fact."""
    return int(txn.execute(select(func.max(hq_fact.c.number))).scalar() or 0) + 1


def put_hq_facts(txn: Txn, rows: Sequence[tuple[int, str, str]]) -> None:
    """Head office's own facts: number, type, canonical JSON."""
    txn.insert_many(hq_fact, rows)


def hq_facts(txn: Txn) -> Iterator[tuple[int, str, str]]:
    """Every fact of head office, in order."""
    for row in txn.stream(select(hq_fact).order_by(hq_fact.c.number)):
        yield row[0], row[1], row[2]


def forget_phone_facts(txn: Txn, member_id: str) -> None:
    """Head office's own facts about this member name no number any more; all else that they say stays."""
    mark = f'"member_id":{json.dumps(member_id, ensure_ascii=False)}'
    statement = select(hq_fact.c.number, hq_fact.c.data).where(
        hq_fact.c.type == "ProfileEdited", hq_fact.c.data.contains(mark, autoescape=True)
    )
    for number, text in txn.execute(statement).fetchall():
        fact = json.loads(text)
        if fact["member_id"] == member_id and fact.get("phone_index") is not None:
            left = canonical_bytes({**fact, "phone_index": None}).decode()
            txn.execute(update(hq_fact).where(hq_fact.c.number == number).values(data=left))


def member_codes(txn: Txn, member_ids: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    """member → salt and sealed argon2id output of his code."""
    found: dict[str, tuple[bytes, bytes]] = {}
    for start in range(0, len(member_ids), _AT_ONCE):
        statement = select(member_code).where(
            member_code.c.member_id.in_(member_ids[start : start + _AT_ONCE])
        )
        for member_id, salt, stretched in txn.execute(statement):
            found[member_id] = (bytes(salt), bytes(stretched))
    return found


def drop_member_codes(txn: Txn, member_ids: Sequence[str]) -> None:
    """These members have no code any more."""
    txn.execute(delete(member_code).where(member_code.c.member_id.in_(member_ids)))


def put_member_codes(txn: Txn, rows: Sequence[tuple[str, bytes, bytes]]) -> None:
    """Sets members' codes: salt and sealed argon2id output."""
    txn.insert_many(member_code, rows, on_conflict="replace")
