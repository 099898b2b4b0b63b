"""Members who joined lately, here or next door, before head office has confirmed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pos_client.journal.member_keys import is_erased, open_fields
from pos_client.services.counter import Counter
from pos_client.services.members.member_editing import EditedHere
from pos_client.services.views.members import MemberView
from pos_client.storage.connection import Connection

RECENT_DOCUMENTS = 5000
_RECENTLY_JOINED = (
    "SELECT data FROM (SELECT type, data FROM document ORDER BY document_key DESC LIMIT ?)"
    " WHERE type = 'member_joined'"
)


class JoinedLately:
    """Here as the journal holds them under their own keys, next door as the local network told it."""

    def __init__(self, counter: Counter, edited: EditedHere) -> None:
        self._counter = counter
        self._edited = edited
        self._joined: dict[str, MemberView] | None = None
        self._told: tuple[int, dict[str, MemberView]] | None = None

    def add(self, index: str, view: MemberView) -> None:
        """Somebody has just joined here."""
        self._here()[index] = view

    def here(self, member_id: str) -> MemberView | None:
        """Who joined at this workstation, by id."""
        index = _index_of(self._here(), member_id)
        return self._unless_erased(index) if index else None

    def next_door(self, member_id: str) -> MemberView | None:
        """Who joined at the store's other workstations, by id."""
        told = self._next_door()
        index = _index_of(told, member_id)
        return told[index] if index else None

    def by_index(self, index: str) -> MemberView | None:
        """Who joined at this store's workstations with this index and has it still.

        A number that was mistyped at joining and put right may be somebody else's.
        """
        view = self._unless_erased(index) if index in self._here() else self._next_door().get(index)
        if view is None:
            return None
        return view if self._has_still(view.member_id, index) else None

    def _here(self) -> dict[str, MemberView]:
        """By blind index; read from the journal once."""
        if self._joined is None:
            documents = self._counter.journal.read(_recently_joined)
            self._joined = {index: view for index, view in documents if index}
        return self._joined

    def _next_door(self) -> dict[str, MemberView]:
        """By blind index, as the local network told it; read anew when something new was heard."""
        peers = self._counter.peers
        if peers is None:
            return {}
        if self._told is None or self._told[0] != peers.generation:
            generation = peers.generation
            joined = [_joined_view(*each) for each in self._counter.shared.joined_at_peers()]
            self._told = (generation, {index: view for index, view in joined if index})
        points = self._counter.shared.points_of
        return {
            index: self._edited.laid_over(replace(view, points_balance=points(view.member_id)))
            for index, view in self._told[1].items()
        }

    def _has_still(self, member_id: str, index: str) -> bool:
        edited, replica = self._edited.index_of(member_id), self._counter.replica
        if edited is not None or replica.member(member_id) is None:
            return edited in (None, index)
        owner = replica.member_by_blind_index(index)
        return owner is not None and owner.member_id == member_id

    def _unless_erased(self, index: str) -> MemberView | None:
        """Who joined here with this index, as he is now."""
        view = self._here()[index]
        if self._counter.journal.read(lambda c: is_erased(c, view.member_id)):
            del self._here()[index]
            return None
        return self._edited.laid_over(view)


def _index_of(joined: Mapping[str, MemberView], member_id: str) -> str | None:
    return next((index for index, view in joined.items() if view.member_id == member_id), None)


def _recently_joined(connection: Connection) -> list[tuple[str, MemberView]]:
    """Among the newest documents; what is older has long come back with the feed."""
    rows = connection.execute(_RECENTLY_JOINED, (RECENT_DOCUMENTS,)).fetchall()
    found = []
    for (data,) in rows:
        document = json.loads(bytes(data))
        clear = open_fields(connection, document)
        if clear is not None:  # None: erased meanwhile
            found.append(_joined_view(document, clear))
    return found


def _joined_view(document: dict[str, Any], clear: dict[str, str]) -> tuple[str, MemberView]:
    """The blind index of a `member_joined`, and who that is."""
    body = document["body"]
    view = MemberView(
        body["member_id"], clear["display_name"], clear["masked_phone"], body.get("tier", ""), 0
    )
    return clear.get("blind_index", ""), view
