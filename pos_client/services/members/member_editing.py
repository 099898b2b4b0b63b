"""What a member says is different now: name, birthday, phone and consents, typed at the till.

Only what changes is written, as one `member_edited`; the newest edit of each field stands, wherever it was
made. Birthday and phone are sealed to head office: this till can write them and never read them back.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pos_client.journal.draft import PersonalFields
from pos_client.journal.member_keys import is_erased, open_fields
from pos_client.keys.sealing import seal
from pos_client.replica.series_points import folded_up_to
from pos_client.services.counter import Counter
from pos_client.services.refusals.members import BadBirthday, BadName
from pos_client.services.views.members import MemberView
from pos_client.storage.connection import Connection
from pos_core.sync.sealing import LABEL_PERSONAL

NAME_MAX = 40
_FIRST_YEAR = 1900
_CONSENTS_MAX, _PURPOSE_MAX = 16, 32
_RECENT_DOCUMENTS = 5000
_RECENT = (
    "SELECT data FROM (SELECT type, data FROM document ORDER BY document_key DESC LIMIT ?)"
    " WHERE type = 'member_edited'"
)


def checked_name(text: str) -> str:
    """A name without blanks around it. Raises BadName."""
    name = text.strip()
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise BadName("a name has 1 to 40 characters")
    return name


def checked_birthday(text: str, today: str) -> str:
    """`YYYY-MM-DD` of that, or of eight digits; `today` is an ISO day. Raises BadBirthday."""
    plain = text.strip().replace("-", "")
    try:
        if not (plain.isascii() and plain.isdigit() and len(plain) == 8):
            raise ValueError
        born = date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        raise BadBirthday("not a day: YYYY-MM-DD") from None
    if born.year < _FIRST_YEAR or born.isoformat() > today:
        raise BadBirthday("nobody who shops today was born then")
    return born.isoformat()


def consents_of(said: Mapping[str, bool]) -> dict[str, bool]:
    """As a document takes them: at most 16 purposes of 32 characters."""
    return {str(key)[:_PURPOSE_MAX]: bool(value) for key, value in list(said.items())[:_CONSENTS_MAX]}


@dataclass(frozen=True, slots=True)
class Edit:
    """What changes; None and {}: stays as it is. `phone` is +E.164, `birthday` an ISO day, both checked."""

    name: str | None = None
    birthday: str | None = None
    phone: str | None = None
    consents: Mapping[str, bool] | None = None

    @property
    def is_empty(self) -> bool:
        """True where nothing changes."""
        return self.name is None and self.birthday is None and self.phone is None and not self.consents

    def body(self, member_id: str) -> dict[str, Any]:
        """Of the document; the names of the fields in the box and no value of them."""
        given = {"name": self.name, "birthday": self.birthday, "phone": self.phone}
        named = [name for name, value in given.items() if value is not None]
        body: dict[str, Any] = {"member_id": member_id}
        if named:
            body["personal_fields"] = named
        if self.consents:
            body["consents"] = dict(self.consents)
        return body

    def box(self, sealing_key: bytes, *, masked_phone: str, index: str) -> dict[str, str]:
        """The personal fields, as `PersonalFields` takes them; {} where only consents change."""
        fields = {} if self.name is None else {"display_name": self.name}
        if self.birthday is not None:
            fields["sealed_birthday"] = _sealed(self.birthday, sealing_key)
        if self.phone is not None:
            fields |= {"masked_phone": masked_phone, "blind_index": index}
            fields["sealed_phone"] = _sealed(self.phone, sealing_key)
        return fields


class EditedHere:
    """Edits of this workstation that head office has not folded yet, laid over what it says.

    Read from the journal once, then kept; an erased member has none.
    """

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._found: list[tuple[int, int, str, dict[str, Any]]] | None = None

    def add(self, incarnation: int, number: int, member_id: str, said: dict[str, Any]) -> None:
        """One more, just written: what `said_in` reads of its document."""
        self._all().append((incarnation, number, member_id, said))

    def laid_over(self, view: MemberView) -> MemberView:
        """The member with the name and masked phone that were typed here since."""
        said = self._said(view.member_id)
        name, phone = said.get("display_name"), said.get("masked_phone")
        return replace(view, display_name=name or view.display_name, masked_phone=phone or view.masked_phone)

    def consents(self, member_id: str) -> dict[str, bool]:
        """Purposes that were answered here since."""
        return dict(self._said(member_id).get("consents", {}))

    def index_of(self, member_id: str) -> str | None:
        """The blind index of the number that was typed here since; None: none was."""
        found = self._said(member_id).get("blind_index")
        return None if found is None else str(found)

    def by_phone(self, index: str) -> str | None:
        """Who was given the number of this blind index here since; its member id."""
        ids = [each[2] for each in self._all() if each[3].get("blind_index") == index]
        return next((each for each in reversed(ids) if self._said(each).get("blind_index") == index), None)

    def _said(self, member_id: str) -> dict[str, Any]:
        mine = [each for each in self._all() if each[2] == member_id]
        if not mine or self._counter.journal.read(lambda c: is_erased(c, member_id)):
            return {}
        workstation_id = self._counter.identity.workstation_id
        folded = self._counter.replica.read(lambda c: folded_up_to(c, workstation_id))
        said: dict[str, Any] = {}
        for incarnation, number, _, fields in mine:
            if number > folded.get(incarnation, 0):
                consents = said.get("consents", {}) | fields.get("consents", {})
                said = said | fields | {"consents": consents}
        return said

    def _all(self) -> list[tuple[int, int, str, dict[str, Any]]]:
        if self._found is None:
            self._found = self._counter.journal.read(_recently_edited)
        return self._found


def said_in(body: Mapping[str, Any], clear: Mapping[str, str] | None) -> dict[str, Any]:
    """What a till may show of a `member_edited`: consents, and of its box name, masked phone and index."""
    shown = {
        name: value
        for name, value in (clear or {}).items()
        if name in ("display_name", "masked_phone", "blind_index")
    }
    return {**shown, "consents": dict(body.get("consents") or {})}


def _recently_edited(connection: Connection) -> list[tuple[int, int, str, dict[str, Any]]]:
    rows = connection.execute(_RECENT, (_RECENT_DOCUMENTS,)).fetchall()
    found = []
    for (data,) in reversed(rows):
        document = json.loads(bytes(data))
        said = said_in(document["body"], open_fields(connection, document))
        found.append((document["incarnation"], document["number"], document["body"]["member_id"], said))
    return found


def personal_of(member_id: str, box: dict[str, str]) -> PersonalFields | None:
    """The box of a draft; None where nothing personal changes."""
    return PersonalFields(member_id, box) if box else None


def _sealed(text: str, sealing_key: bytes) -> str:
    return base64.b64encode(seal(text.encode(), sealing_key, label=LABEL_PERSONAL)).decode()
