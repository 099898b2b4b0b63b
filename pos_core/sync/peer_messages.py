"""What workstations of one store say to each other: one question, one answer, as JSON in zstd frames.

A frame is its length in four bytes, the most significant first, and so many bytes of zstd. Fields that a
program does not know are ignored, as on the wire to head office. Who speaks is proven by TLS
(`pos_core.sync.peer_name`); what is said of a series, by its workstation's own signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pos_core.sync.protocol import Erasure

PEER_PROTOCOL = 1
PEERS_BACK = 2
"""So many versions before the newest are told everything, as on the wire to head office."""
TOO_OLD = "upgrade_required"
"""Why a workstation is told nothing but head office's orders to erase: its program is older than that."""
FRAME_BYTES_MAX = 8 * 1024 * 1024
UNPACKED_BYTES_MAX = 32 * 1024 * 1024
BATCH_DOCUMENTS_MAX = 500
BATCH_BYTES = 1024 * 1024
"""Documents of one answer: about so many bytes, at least one document."""
MEMBERS_MAX = 500
RETURNED_MAX = 2000
"""Documents that are handed back to the workstation that lost them."""


@dataclass(frozen=True, slots=True)
class PeerHead:
    """The end of a series; `signature` (base64): its workstation's over `head_statement`."""

    incarnation: int
    number: int
    hash: str
    signature: str


@dataclass(frozen=True, slots=True)
class PeerBatch:
    """Documents of the answering workstation, `first_number` … without gaps, each as its canonical text.

    `signature` (base64) is over `head_statement` of the last; the chain covers the rest.
    """

    incarnation: int
    first_number: int
    documents: list[str]
    signature: str


@dataclass(frozen=True, slots=True)
class HeldOffer:
    """A basket on hold at the answering workstation, as its own list shows it. No personal data."""

    held_id: str
    label: str
    operator_id: str | None
    held_at_ms: int
    line_count: int
    piece_count: int
    total_minor: int
    has_member: bool


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A held basket that the answering workstation let go of for the asker. `data`: base64 of its bytes."""

    transfer_id: str
    held_id: str
    label: str
    operator_id: str | None
    held_at_ms: int
    data: str


@dataclass(frozen=True, slots=True)
class PeerQuestion:
    """Asks for what the other has and this one lacks.

    Attributes:
        name: what the operators call the asking workstation.
        head: the end of the asker's own series, for the other to keep as a witness.
        seen: the head that the other showed as `witnessed` last time, where the asker holds that document.
        want: incarnation of the other's series → number after which documents are wanted; one that is not
            named is wanted from its beginning.
        members: whose keys the asker holds from its peers: the other says which of them were erased.
        erasures: head office's signed orders about members of whom the other still had a key.
        take: id of a held basket that the asker wants to have, or "".
        coupon: allowance id and coupon id of a leased coupon that it wants to have, or nothing.
        short: purpose (`allowance_policy.purpose_of`) → units that the asker needs beyond its own slices.
        taken: hand-overs that the asker has written down: the other need not keep them.
    """

    version: int
    name: str = ""
    head: PeerHead | None = None
    seen: PeerHead | None = None
    want: dict[str, int] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    erasures: list[Erasure] = field(default_factory=list)
    take: str = ""
    coupon: list[str] = field(default_factory=list)
    short: dict[str, int] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What the other has.

    Attributes:
        refused: why nothing else is said, or "".
        name: what the operators call the answering workstation.
        more: there is more than this answer holds; ask again.
        member_keys: member id → base64 of the key that opens his boxes in these documents.
        erasures: head office's signed orders about `members`.
        held: every basket on hold there.
        passed: baskets that were let go of for the asker and are not yet known to be with it.
        slices: the same of leased coupons and parts of slices, as `allowance_json.hand_over_text` has them.
        witnessed: the furthest head that is known here of the asker's present series, by its own signature.
        returned: the asker's own documents after the head that it named, where more are known here.
        aside: incarnation → last number of a series that went two ways: head office has this side of it
            beside its chain and folds none of it, and so does nobody else.
        newest_incarnation: the asker's newest series that was heard of here; 0: none.
    """

    version: int
    refused: str = ""
    name: str = ""
    head: PeerHead | None = None
    batches: list[PeerBatch] = field(default_factory=list)
    more: bool = False
    member_keys: dict[str, str] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)
    held: list[HeldOffer] = field(default_factory=list)
    passed: list[PassedOn] = field(default_factory=list)
    slices: list[str] = field(default_factory=list)
    witnessed: PeerHead | None = None
    returned: list[str] = field(default_factory=list)
    newest_incarnation: int = 0
    aside: dict[str, int] = field(default_factory=dict)


def peers_speak(version: int, newest: int = PEER_PROTOCOL) -> int | None:
    """The newest version that both know; None when the other is too old to be told anything.

    A newer program lowers itself to ours: it knows the two before its own.
    """
    return min(version, newest) if version >= max(1, newest - PEERS_BACK) else None
