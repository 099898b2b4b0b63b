"""The wire, version 2: every message and header that client and server exchange.

Version 2 adds to version 1 and changes nothing of it (docs/sync.md, "Versions").

JSON bodies (zstd-compressed when `Content-Encoding: zstd` says so). Dataclasses here, encoded and
decoded at the edges. The exchange, in order: time and resume point → push documents → pull each scope's
feed → fetch release files → compare digests. Only the server's answer says what the server has.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from pos_core.sync.granted_allowance import GrantedAllowance
from pos_core.sync.refused_thing import RefusedThing

PROTOCOL_VERSION = 3

HEADER_PROTOCOL = "Tidemark-Protocol"
HEADER_WORKSTATION = "Tidemark-Workstation"
HEADER_CREATED = "Tidemark-Created"
HEADER_NONCE = "Tidemark-Nonce"
HEADER_SIGNATURE = "Tidemark-Signature"
HEADER_SERVER_SIGNATURE = "Tidemark-Server-Signature"

PUSH_DOCUMENTS_MAX = 3000
"""Documents that one push may have; head office says how many it takes (`ResumePoint.documents_max`)."""
PUSH_DOCUMENTS_ALWAYS = 1000
"""So many every head office takes, also one that does not say."""
PUSH_BYTES_MAX = 8 * 1024 * 1024
FEED_PAGE_BYTES = 1024 * 1024
"""A feed page closes at about this many uncompressed bytes."""
MEMBER_KEYS_MAX = 200
"""Keys of members in one request."""
ERASURES_MAX = 200
"""Erasures in one request or answer."""
CLOCK_WINDOW_MS = 5 * 60 * 1000
"""A request's `created` may differ this much from the server's clock; else 401 clock_out_of_window."""


def request_statement(
    *, method: str, target: str, body: bytes, workstation_id: str, created_ms: int, nonce: str
) -> bytes:
    """What a workstation signs for each request. `target` is the path with its query, as sent.

    `body` is the bytes on the wire, after compression.
    """
    lines = [
        "tidemark.request.1",
        method.upper(),
        target,
        hashlib.sha256(body).hexdigest(),
        workstation_id,
        str(created_ms),
        nonce,
    ]
    return "\n".join(lines).encode()


def response_statement(*, nonce: str, status: int, body: bytes) -> bytes:
    """What the server signs for each answer to a signed request: a portal's page cannot pass for one.

    `body` is the bytes on the wire, after compression. Answers of `/v1/blobs/…` need no signature: a blob
    is known by its SHA-256, whole or in ranges.
    """
    return "\n".join(["tidemark.response.1", nonce, str(status), hashlib.sha256(body).hexdigest()]).encode()


def erasure_statement(member_id: str, erased_at_ms: int) -> bytes:
    """What the server signs for each erasure; it stays true through restores, so it names no number."""
    return "\n".join(["tidemark.erasure.1", member_id, str(erased_at_ms)]).encode()


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """POST /v1/enrol (not signed: the code is the proof). Keys are base64 of 32 raw bytes.

    Attributes:
        code: the secret part of the enrolment code (`pos_core.sync.enrolment_code`), not its fingerprint.
        public_key: Ed25519, verifies this workstation's requests and heads.
        sealing_key: X25519, what the server seals for this workstation alone (`pos_core.sync.sealing`).
    """

    code: str
    public_key: str
    sealing_key: str
    workstation_name: str
    app_version: str


@dataclass(frozen=True, slots=True)
class EnrolResponse:
    """What a new workstation needs for life. Secrets go into its key store, never into a file in clear.

    Attributes:
        server_public_key: verifies `Tidemark-Server-Signature` (base64).
        pricing_keys: key_id → base64 Ed25519 public key that may sign releases.
        recovery_public_key: X25519, seals each file's key (base64).
        sealing_public_key: X25519 of HQ, seals full phones typed at the till (base64).
        blind_index_key, pin_pepper: this store's, base64 of 32 bytes.
        ca_certificate: PEM of the chain's own CA, or "" on loopback HTTP.
        root_document, root_signatures: the newest root (`pos_core.sync.trust_root`), "" where there is none.
    """

    chain_id: str
    workstation_id: str
    workstation_name: str
    incarnation: int
    store_id: str
    region: str
    epoch: str
    server_time_ms: int
    server_public_key: str
    pricing_keys: dict[str, str]
    recovery_public_key: str
    sealing_public_key: str
    blind_index_key: str
    pin_pepper: str
    ca_certificate: str
    root_document: str = ""
    root_signatures: str = "[]"


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """GET /v1/series/{workstation_id}/{incarnation} and the answer to every push: what the server has.

    `acked_number` 0 means nothing; `head_hash` is then the series' genesis. `backed_up_number`: up to there a
    verified backup of the server holds the series too; said when asked, 0 in the answer to a push.
    `documents_max`: so many documents the server takes in one push.
    """

    epoch: str
    acked_number: int
    head_hash: str
    server_time_ms: int
    quarantined: list[int] = field(default_factory=list)
    backed_up_number: int = 0
    documents_max: int = PUSH_DOCUMENTS_ALWAYS


@dataclass(frozen=True, slots=True)
class PushRequest:
    """POST /v1/documents. `documents` are the canonical JSON objects themselves, bytes untouched,

    numbered `first_number` … without gaps; `signature` (base64) is over `head_statement` of the last.
    An overlap with what the server has is fine; a gap is answered 409 `gap` with the resume point.
    """

    incarnation: int
    first_number: int
    documents: list[Any]
    head_hash: str
    signature: str


@dataclass(frozen=True, slots=True)
class FeedRows:
    """Rows of one kind in a page: `rows` in `columns` order, `deleted` as keys. Each key stands once."""

    kind: str
    columns: list[str]
    rows: list[list[Any]]
    deleted: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """GET /v1/feed?scope=…&epoch=…&after=N: rows with after < sequence <= to.

    The cursor becomes `(epoch, to)`; `to == head` means caught up. An `epoch` that is not the server's,
    or `after` beyond the head, is answered 409 `epoch_changed`: digest first, then pull from 0.
    """

    epoch: str
    scope: str
    after: int
    to: int
    head: int
    kinds: list[FeedRows]


@dataclass(frozen=True, slots=True)
class Hint:
    """An event of GET /v1/hints (since version 2): the scope's head is now at `(epoch, sequence)`.

    It carries no data and nothing is lost with it: whoever misses one polls. The stream's headers are signed
    over an empty body; its events are not, for a false one costs a question.
    """

    epoch: str
    scope: str
    sequence: int


@dataclass(frozen=True, slots=True)
class SnapshotOffer:
    """GET /v1/snapshot?scope=…: a prebuilt replica file to fetch at GET /v1/blobs/{sha256} (ranges).

    `file_key` is the file's own SQLCipher key sealed to the workstation (base64); `signature` is the
    server's over the canonical JSON of the fields before it.

    Attributes:
        urls: full addresses where the same bytes lie, to be tried before head office's own (policy
            `snapshot_urls`). Whoever serves them is believed nothing.
        chunk_bytes, chunks: SHA-256 (hex) of each piece of so many bytes, the last one shorter.
        cursors: of a store's file, which holds several scopes: each with its sequence. Signed with the
            fields before `signature`; empty where the file holds `scope` alone.
    """

    epoch: str
    scope: str
    sequence: int
    schema_version: int
    sha256: str
    length: int
    file_key: str
    signature: str
    urls: list[str] = field(default_factory=list)
    chunk_bytes: int = 0
    chunks: list[str] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScopeDigest:
    """GET /v1/digest?scope=…: per kind `[count, sum of row hashes mod 2**64 as hex]` at `sequence`."""

    epoch: str
    scope: str
    sequence: int
    kinds: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """POST /v1/status: what HQ's list of workstations shows. At most REFUSALS_MAX `refusals`."""

    app_version: str
    release_version: int
    staged_versions: list[int]
    documents_waiting: int
    cursors: dict[str, int]
    clock_offset_ms: int
    refusals: list[RefusedThing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HeldAllowance:
    """What a holder has left of an allowance. `lost`: why it may not be used any more, or ""."""

    allowance_id: str
    renewal: int
    left: int
    elapsed_ms: int
    lost: str = ""


@dataclass(frozen=True, slots=True)
class AllowanceRequest:
    """POST /v1/allowances: asks for allowances of the caller's present series, new or renewed.

    Attributes:
        head_number: the last document of the series; once head office has it, this holder has reported.
        held: every slice of this series that is here.
    """

    incarnation: int
    head_number: int
    held: list[HeldAllowance]


@dataclass(frozen=True, slots=True)
class AllowanceAnswer:
    """`refused`: allowance id → frozen, revoked or nothing_left. What is not due is not mentioned."""

    epoch: str
    grants: list[GrantedAllowance]
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class MemberKey:
    """The key of one member's boxes in the caller's documents, sealed to head office (base64)."""

    member_id: str
    sealed: str


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """POST /v1/member-keys: keys of members who joined or were edited at the caller, at most

    `MEMBER_KEYS_MAX`. They may come before or after their documents, and again.
    """

    keys: list[MemberKey]


@dataclass(frozen=True, slots=True)
class MemberKeysTaken:
    """What head office has now. A member that is not in `taken` was erased: the key is not wanted."""

    epoch: str
    taken: list[str]


@dataclass(frozen=True, slots=True)
class Erasure:
    """A member whose data is to be destroyed. `signature` (base64): the server's over `erasure_statement`."""

    number: int
    member_id: str
    erased_at_ms: int
    signature: str


@dataclass(frozen=True, slots=True)
class ErasuresRequest:
    """POST /v1/erasures, before anything else of an exchange.

    Attributes:
        done: the caller has carried out every erasure up to this number of the answer's epoch.
        kept: erasures of an earlier epoch, for a server that may have lost them in a restore.
    """

    epoch: str
    done: int
    kept: list[Erasure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ErasuresAnswer:
    """What is still to be erased, in order. `epoch` another than asked about: `done` counts from 0 again."""

    epoch: str
    erasures: list[Erasure]


@dataclass(frozen=True, slots=True)
class MemberFound:
    """GET /v1/members/lookup?sealed=…: a member whom the caller's store does not know, by phone.

    `sealed` is the number sealed to head office (base64url), so that it stands in no log. `kinds` are the
    rows that the store's scope has of the member from now on; the feed brings the same. None: nobody.
    A gift card's number (`gift:…`) is asked for in the same way: `member_id` is then its account.
    """

    member_id: str | None
    kinds: list[FeedRows] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """GET /v1/peer-certificate: with what the caller shows itself to the workstations of its store.

    For the key that it enrolled with. Base64 of DER: its certificate, and the chain's authority that issued
    it. Good until `not_after_ms`; asked for again when half of its time is over.
    """

    certificate: str
    authority: str
    not_before_ms: int
    not_after_ms: int


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """Every answer that is not 2xx: a stable code, a sentence for engineers, facts."""

    code: str
    message: str
    facts: dict[str, Any] = field(default_factory=dict)
    server_time_ms: int = 0
