"""One document opened at head office, wherever a figure or a ruling names it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.errors import Refusal
from sync_server.services.console.opened_document import opened
from sync_server.services.importing.context import chain_view
from sync_server.store import document, quarantine
from sync_server.store.engine import Store, Txn

_STORE, _DATA = (document.COLUMNS.index(name) for name in ("store_id", "data"))


class NoSuchDocument(Refusal):
    """No document of this place, or none of this region."""

    code = "no_such_document"


@dataclass(frozen=True, slots=True)
class Side:
    """A document by its key. `lines` None: not here, or of a store that this person may not see."""

    key: str
    store_id: str = ""
    lines: list[tuple[str, str]] | None = None


class Documents:
    """Reads; personal data is masked for everybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, key: str, region: str | None) -> Side:
        """By `workstation/incarnation/number`. Raises NoSuchDocument."""
        found = self._store.read(lambda txn: side(txn, key, stores_in(txn, region)))
        if found.lines is None:
            raise NoSuchDocument("no such document")
        return found


def stores_in(txn: Txn, region: str | None) -> set[str]:
    """Stores of a region; None is the whole chain."""
    return {name for name, row in chain_view(txn).stores.items() if region in (None, row["region"])}


def side(txn: Txn, key: str, there: set[str]) -> Side:
    """A ruling may name what never came, or a store of another region: then the key alone is shown."""
    workstation_id, _, rest = key.partition("/")
    incarnation, _, number = rest.partition("/")
    if not (incarnation.isdecimal() and number.isdecimal() and len(number) < 16 > len(incarnation)):
        return Side(key)
    series = (workstation_id, int(incarnation))
    for row in document.stored(txn, *series, after=int(number) - 1, limit=1):
        if row[document.NUMBER] == int(number):
            return Side(key, row[_STORE], opened(row[_DATA])) if row[_STORE] in there else Side(key)
    held = quarantine.place(txn, *series, int(number))
    if held is None or held.store_id not in there:
        return Side(key)
    return Side(key, held.store_id, opened(held.data))
