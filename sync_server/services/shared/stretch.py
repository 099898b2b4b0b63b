"""Applied documents of one series on their way into the states: where they stand, and which of them tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pos_core.sync.folds import TELLING_TYPES
from sync_server.services.received import Received
from sync_server.services.shared.boxes import MEMBER_TYPES
from sync_server.services.shared.count_steps import TYPES as COUNT_STEPS
from sync_server.services.shared.cut import Document
from sync_server.services.typed_document import TypedDocument

TRADES: Final = frozenset({"sale", "return"})
FOLLOWED_TYPES: Final = TELLING_TYPES | TRADES | MEMBER_TYPES | COUNT_STEPS
"""Of documents of other types nothing follows but that they are here."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Documents of one series and one store, in order. Never changed: transactions run again.

    `telling`: those of types that something follows from, decoded. `last`: the header of the last one.
    `latest_hlc`: the highest hybrid time that any of them claims.
    """

    documents: Sequence[Received]
    telling: Sequence[Document]
    last: TypedDocument
    latest_hlc: str

    @classmethod
    def of(cls, documents: Sequence[Received], headers: Sequence[TypedDocument]) -> Stretch:
        """Of these, one at least, and their headers (`received.headers_of`)."""
        telling = [
            value
            for one, header in zip(documents, headers, strict=True)
            if header.type in FOLLOWED_TYPES and (value := one.value) is not None
        ]
        return cls(documents, telling, headers[-1], max([header.hlc for header in headers]))

    def every(self) -> list[Document]:
        """All documents, decoded."""
        return [one.value for one in self.documents if one.value is not None]
