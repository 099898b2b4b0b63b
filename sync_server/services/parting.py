"""What a backup must not hold in clear, and how it holds it: sealed, each row under its member's own seal.

Personal columns are blanked in the copy, or the row stays out of it; the row as it was goes into
`sealed_row`. With the seals (services/backup_keys.py) a restore puts every row back as it was; without a
member's seal what is left of him is an id with sums. The rows and why:

- `member`: phone, name, birthday under the member's key, the phone's index, the month of birth;
- `member_key`, `till_member_key`, `member_code`, `member_card`: keys, codes and cards themselves;
- `feed_row`: what each store knows of him, and rulings about a phone number;
- `fold_state`, `ruling`, `hq_fact`: indexes of phone numbers. An index is a keyed hash, and whoever has a
  backup to read has the key too: a billion numbers are tried in minutes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds.stamp import HQ
from pos_core.sync.rulings import one_phone
from sync_server.store.parted_copy import Row, SealedRow, SealsOf

SEAL_BYTES = 32
_NONCE_BYTES = 12
_FOR_MEMBERS = ("member", "member_detail", "member_pricing")

Named = dict[str, Any]
"""A row by its columns' names."""
Parted = tuple[tuple[str, ...], Named | None]
"""Whom the row is about (nobody: nothing of it is sealed), and what of it stays; None: nothing."""


@dataclass(frozen=True, slots=True)
class _Rule:
    part: Callable[[Named], Parted]
    column: str | None = None
    values: tuple[str, ...] = ()


class Parting:
    """Parts one copy. `fresh` are the seals that it had to make, for members who came meanwhile."""

    left_out: Collection[str] = frozenset(
        {"member_seal", "sealed_row", "snapshot", "store_file", "store_file_wish", "nonce"}
    )
    """Seals are what a backup must not hold; snapshots and files of stores are built again."""

    def __init__(self) -> None:
        self.fresh: dict[str, bytes] = {}
        self.columns: dict[str, list[str]] = {}
        self._number = 0

    def where(self, table: str) -> tuple[str | None, Sequence[str]] | None:
        """See Parter."""
        rule = _RULES.get(table)
        return None if rule is None else (rule.column, rule.values)

    def part(
        self, table: str, columns: Sequence[str], rows: Sequence[Row], seals_of: SealsOf
    ) -> tuple[list[Row], list[SealedRow]]:
        """See Parter."""
        rule = _RULES[table]
        self.columns[table] = list(columns)
        parted = [(row, *rule.part(dict(zip(columns, row, strict=True)))) for row in rows]
        kept: list[Row] = [[left[name] for name in columns] for _, _, left in parted if left is not None]
        about = sorted({each for _, members, _ in parted for each in members})
        seals = {**seals_of([each for each in about if each not in self.fresh]), **self.fresh}
        for member_id in about:
            if member_id not in seals:
                seals[member_id] = self.fresh[member_id] = secrets.token_bytes(SEAL_BYTES)
        sealed = []
        for row, members, _ in parted:
            if members:
                self._number += 1
                box = seal_row(table, row, [seals[each] for each in members])
                sealed.append((self._number, table, members[0], "".join(members[1:]), box))
        return kept, sealed


def seal_row(table: str, row: Row, seals: Sequence[bytes]) -> bytes:
    """The row under one seal, or under both: who lacks one of them opens nothing."""
    box = msgspec.msgpack.encode(list(row))
    for seal in seals:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        box = nonce + AESGCM(seal).encrypt(nonce, box, table.encode())
    return box


def open_row(table: str, box: bytes, seals: Sequence[bytes]) -> list[Any] | None:
    """Inverse of `seal_row`; None where a seal is another one."""
    try:
        for seal in reversed(seals):
            box = AESGCM(seal).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], table.encode())
    except (InvalidTag, ValueError):
        return None
    found: list[Any] = msgspec.msgpack.decode(box)
    return found


def _member(row: Named) -> Parted:
    return (row["member_id"],), {**row, "personal": b"", "phone_index": "", "birthday_month": None}


def _all_of_it(row: Named) -> Parted:
    return (row["member_id"],), None


def _feed_row(row: Named) -> Parted:
    if row["deleted"]:
        return (), row
    if row["kind"] in _FOR_MEMBERS:
        return (str(json.loads(row["key"])[0]),), None
    return _about_phones(json.loads(json.loads(row["payload"])[1]), row)


def _ruling(row: Named) -> Parted:
    return _about_phones(json.loads(row["data"]), row)


def _about_phones(ruling: Named, row: Named) -> Parted:
    """A ruling about a number is about both who claim it."""
    if ruling["rule"] != one_phone.RULE:
        return (), row
    return (ruling["detail"]["alias"], ruling["detail"]["survivor"]), None


def _fold_state(row: Named) -> Parted:
    """Claims follow from profiles (services/rejoining.py); claims by head office leave a trace there."""
    if row["fold"] == "phone_claims":
        return (), None
    state = json.loads(row["state"])
    if not state["phones"]:
        return (), row
    left = [[stamp, None, store_id] for stamp, _, store_id in state["phones"] if stamp[1] == HQ]
    return (row["key"],), {**row, "state": canonical_bytes({**state, "phones": left}).decode()}


def _hq_fact(row: Named) -> Parted:
    fact = json.loads(row["data"])
    if fact.get("phone_index") is None:
        return (), row
    return (fact["member_id"],), {**row, "data": canonical_bytes({**fact, "phone_index": None}).decode()}


def _blob(row: Named) -> Parted:
    """Release files are in the backup; whatever else is built again, and may hold members."""
    return (), row if row["purpose"] == "release" else None


_RULES: Final[dict[str, _Rule]] = {
    "member": _Rule(_member),
    "member_key": _Rule(_all_of_it),
    "till_member_key": _Rule(_all_of_it),
    "member_code": _Rule(_all_of_it),
    "member_card": _Rule(_all_of_it),
    "feed_row": _Rule(_feed_row, "kind", (*_FOR_MEMBERS, "ruling")),
    "fold_state": _Rule(_fold_state, "fold", ("member_profile", "phone_claims")),
    "ruling": _Rule(_ruling, "rule", (one_phone.RULE,)),
    "hq_fact": _Rule(_hq_fact, "type", ("ProfileEdited",)),
    "blob": _Rule(_blob),
}
