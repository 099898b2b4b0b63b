"""Documents out of the journal of a dead or revoked workstation, handed in by people (docs/operations.md).

The journal was opened with the chain's recovery key elsewhere, and its documents written to a file. They go
by the path of every push: in order, each once, forks and gaps told. The workstation's own signing key is
never escrowed, so head office's signature stands over the rescued heads, marked as such; two people are
named.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, TidemarkError
from pos_core.sync.document import Series, head_statement
from pos_core.sync.envelope import parse_document
from pos_core.sync.protocol import MEMBER_KEYS_MAX, PUSH_DOCUMENTS_ALWAYS, MemberKey, MemberKeys
from sync_server.services.acts import Act, OwnApproval
from sync_server.services.errors import ChainBroken, Fork, Gap, Refused
from sync_server.services.keys import ChainKeys
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.push import Push
from sync_server.services.push_message import INCARNATION_MAX
from sync_server.services.received import receive
from sync_server.services.workstations import NoSuchWorkstation
from sync_server.store import series, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

RESCUED = "rescued:"
"""Before head office's signature over a head whose workstation can sign no more."""
_LABEL = b"tidemark-rescued-1\x00"


class BadRescueFile(InvalidInput):
    """A line of the file is not what the workstation's `rescue` writes; `facts["line"]` says which."""

    code = "bad_rescue_file"


@dataclass(slots=True)
class Rescued:
    """What came of a file.

    Attributes:
        documents: how many are new here; the others were here already.
        stopped: per series that could not be taken to its end: `incarnation`, `code`, `number`.
        member_keys: keys of members that head office has now.
    """

    workstation_id: str
    documents: int = 0
    member_keys: int = 0
    stopped: list[dict[str, Any]] = field(default_factory=list)


class Rescue:
    """See the module."""

    def __init__(
        self, store: Store, keys: ChainKeys, clock: Clock, push: Push, keyring: MemberKeyring
    ) -> None:
        self._store = store
        self._key = Ed25519PrivateKey.from_private_bytes(keys.server_signing)
        self._clock = clock
        self._push = push
        self._keyring = keyring

    def hand_in(
        self, lines: Iterable[str], *, by: str, witness: str, act: Act, enrolled_since: bool = False
    ) -> Rescued:
        """Takes what head office lacks. Again is fine: each document takes effect once.

        `enrolled_since` the backup that head office was restored from: a workstation that nobody here knows
        is put down as a revoked one, with the key that its series says it began with.

        Raises BadRescueFile (nothing was taken), NoSuchWorkstation, OwnApproval when both people are one.
        """
        if not by.strip() or by.strip() == witness.strip() or not witness.strip():
            raise OwnApproval("two people do this: name both")
        workstation_id, documents, keys = _read(lines)
        opened = _opened(workstation_id, documents, self._clock.now_ms()) if enrolled_since else None
        row = self._begin(workstation_id, opened, by=by, witness=witness, act=act, documents=len(documents))
        found = Rescued(workstation_id)
        for incarnation, group in groupby(documents, key=lambda one: one[0]):
            own = Series(workstation_id, incarnation)
            found.documents += self._series(row, own, [(n, data) for _, n, data in group], found)
        for start in range(0, len(keys), MEMBER_KEYS_MAX):
            taken = self._keyring.take(row, MemberKeys(keys[start : start + MEMBER_KEYS_MAX]))
            found.member_keys += len(taken.taken)
        return found

    def _begin(
        self,
        workstation_id: str,
        opened: WorkstationRow | None,
        *,
        by: str,
        witness: str,
        act: Act,
        documents: int,
    ) -> WorkstationRow:
        """The audit row comes before the first document, and `opened` with it where nobody knows it."""
        now_ms = self._clock.now_ms()
        known = self._store.read(lambda txn: workstation.get(txn, workstation_id))
        row = known or opened
        if row is None:
            raise NoSuchWorkstation(f"no workstation {workstation_id} was ever enrolled here")
        facts: dict[str, Any] = {"by": by.strip(), "second": witness.strip(), "documents": documents}

        def write(txn: Txn) -> None:
            if known is None:
                workstation.add(txn, row)
                facts["enrolled_since"] = True
            act.note(txn, now_ms, "journal_rescued", workstation_id, **facts)

        self._store.write(write)
        return row

    def _series(
        self, row: WorkstationRow, own: Series, documents: list[tuple[int, bytes]], found: Rescued
    ) -> int:
        before = self._acked(own)
        try:
            for start in range(0, len(documents), PUSH_DOCUMENTS_ALWAYS):
                batch = [receive(data, n) for n, data in documents[start : start + PUSH_DOCUMENTS_ALWAYS]]
                last = batch[-1]
                self._push.take_rescued(row, own, batch, self._proof(own, last.number, last.hash))
        except (Fork, Gap, ChainBroken) as error:
            found.stopped.append(_stop(own, error))
        return self._acked(own) - before

    def _acked(self, own: Series) -> int:
        known = self._store.read(lambda txn: series.get(txn, own.workstation_id, own.incarnation))
        return 0 if known is None else known.acked_number

    def _proof(self, own: Series, number: int, digest: str) -> str:
        signature = self._key.sign(_LABEL + head_statement(own, number, digest))
        return RESCUED + base64.b64encode(signature).decode()


def check_proof(office_key: Ed25519PublicKey, own: Series, number: int, digest: str, proof: str) -> None:
    """Raises InvalidSignature or ValueError when head office did not sign this rescued head."""
    signature = base64.b64decode(proof.removeprefix(RESCUED), validate=True)
    office_key.verify(signature, _LABEL + head_statement(own, number, digest))


def _stop(own: Series, error: Refused) -> dict[str, Any]:
    return {"incarnation": own.incarnation, "code": error.code, "number": error.facts.get("number")}


def _read(lines: Iterable[str]) -> tuple[str, list[tuple[int, int, bytes]], list[MemberKey]]:
    """The whole file, checked, before anything of it is taken."""
    names: set[str] = set()
    documents: list[tuple[int, int, bytes]] = []
    keys: list[MemberKey] = []
    for at, value in _values(lines):
        try:
            names.add(_text(value["workstation_id"]))
            if "sealed" in value:
                keys.append(MemberKey(_text(value["member_id"]), _text(value["sealed"])))
                base64.b64decode(value["sealed"], validate=True)
            else:
                place = (int(value["incarnation"]), int(value["number"]))
                documents.append((*place, _text(value["data"]).encode()))
        except (KeyError, TypeError, ValueError, binascii.Error, UnicodeError) as error:
            raise _bad(at, f"{type(error).__name__}: {error}") from None
        if len(names) > 1:
            raise _bad(at, "it speaks of another workstation than the lines before")
    documents.sort(key=lambda one: one[:2])
    _refuse_holes(documents)
    if not documents:
        raise _bad(0, "it holds no document")
    return names.pop(), documents, keys


def _opened(workstation_id: str, documents: list[tuple[int, int, bytes]], now_ms: int) -> WorkstationRow:
    """The workstation as its first document says that it began; a revoked one, which delivers no more."""
    incarnation, _, data = documents[0]
    try:
        first = parse_document(data)
        public_key = str(first.body["public_key"])
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
    except (TidemarkError, KeyError, ValueError, binascii.Error) as error:
        raise _bad(1, f"it does not begin as a series does: {error}") from None
    head = first.header
    if (head.type, head.number, head.series.workstation_id) != ("series_opened", 1, workstation_id):
        raise _bad(1, "it does not begin with the opening of its own series")
    return WorkstationRow(
        workstation_id,
        head.store_id,
        workstation_id[-6:],
        "revoked",
        public_key,
        "",
        incarnation,
        "",
        head.occurred_at_ms,
        now_ms,
        0,
    )


def _values(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for at, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(at, str(error)) from None
        if not isinstance(value, dict):
            raise _bad(at, "not an object")
        yield at, value


def _refuse_holes(documents: list[tuple[int, int, bytes]]) -> None:
    before: tuple[int, int] | None = None
    for incarnation, number, _ in documents:
        if not (1 <= incarnation <= INCARNATION_MAX and number >= 1):
            raise _bad(0, f"there is no place {incarnation}/{number}")
        if before is not None and before[0] == incarnation and number != before[1] + 1:
            raise _bad(0, f"document {incarnation}/{before[1] + 1} is missing or stands twice")
        before = (incarnation, number)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def _bad(line: int, problem: str) -> BadRescueFile:
    where = f"line {line}" if line else "the file"
    return BadRescueFile(
        f"{where}: {problem}. Write the file again with the workstation's `rescue`; nothing was taken.",
        line=line,
    )
