"""What goes into the journal and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pos_client.storage.connection import Connection
from pos_core.clock import HybridTime
from pos_core.errors import InvalidInput, Refusal
from pos_core.sync.document import ReleaseRef, Series

NUMBER_BITS = 40


class MemberErased(Refusal):
    """This member was erased: nothing personal is written about them any more."""

    code = "member_erased"


class ForeignDocument(InvalidInput):
    """A document handed back that does not continue this journal's chain; `facts["number"]` says which."""

    code = "foreign_document"


@dataclass(frozen=True, slots=True)
class PersonalFields:
    """Personal data for a document: encrypted under the member's own key before it reaches the chain.

    The body gets `"personal": {"member_id", "box"}`, see `docs/journal.md`.
    """

    member_id: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A document still without number, time and hash. `body` as docs/documents.md says for `type`.

    Attributes:
        complete: the fields that are known only inside the transaction that writes it, given the connection
            and the end of the chain before it; a Refusal out of it writes nothing. May run twice.
    """

    type: str
    body: dict[str, Any]
    business_day: str
    operator_id: str | None = None
    shift_id: str | None = None
    release: ReleaseRef | None = None
    personal: PersonalFields | None = None
    complete: Callable[[Connection, Head], dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A document as it stands in the chain. `data` is its canonical bytes: never re-made afterwards."""

    series: Series
    number: int
    type: str
    document_id: str
    occurred_at_ms: int
    hash: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Documents of a series that follow each other, as their bytes; at least one.

    Attributes:
        is_cut: it ends because it is long enough: there may be more behind it.
    """

    first_number: int
    last_hash: str
    documents: list[bytes]
    is_cut: bool

    @property
    def last_number(self) -> int:
        """The number of the last document."""
        return self.first_number + len(self.documents) - 1


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain. `number` 0 with the series' genesis as `hash` before the first document."""

    series: Series
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head and the workstation's Ed25519 signature over `head_statement` (64 bytes)."""

    series: Series
    number: int
    hash: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Tail:
    """What the next document needs of the ones before it."""

    series: Series
    store_id: str
    number: int
    hash: str
    hybrid_time: HybridTime

    @property
    def head(self) -> Head:
        """The public part."""
        return Head(self.series, self.number, self.hash)


def document_key(incarnation: int, number: int) -> int:
    """The key of a document inside this file; rises with the order of writing."""
    return incarnation << NUMBER_BITS | number
