"""The witness: a small file on another path that remembers the last head, because a chain alone cannot
see that its own tail is missing.

A ring of `SLOTS` slots of 4 KiB, made whole when the file is created. Each commit overwrites the next slot
and flushes it before anybody is told of success. Why a ring and not an appended file: the size never
changes, so a flush carries no metadata, a full disk cannot stop it, there is nothing to rotate; and
a torn write can only hurt its own slot, never the record that was acknowledged before.

A slot: one line of text, zero bytes to its end:
    tidemark-witness-1 <turn> <workstation_id> <incarnation> <number> <hash> <HMAC-SHA256 of all before>
The authentic slot with the highest turn counts; others are older or torn.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from pos_client.journal.draft import Head
from pos_client.storage.durable import flush, flush_folder, replace_durably, write_all
from pos_client.storage.errors import DiskTrouble, sort_os_error
from pos_core.sync.document import Series

SLOT_BYTES = 4096
SLOTS = 64
_MARK = "tidemark-witness-1"
_FIELDS = 7


@dataclass(frozen=True, slots=True)
class Testimony:
    """What a witness file says.

    Attributes:
        state: "ok"; "missing" (no file); "unreadable" (no slot is authentic: another key, or damage).
        head: the last head it saw; None unless `state` is "ok".
        turn: how many heads it has seen; the slot after it is the next to be written.
    """

    state: str
    head: Head | None
    turn: int


def read_witness(path: Path, key: bytes) -> Testimony:
    """Reads the file without changing it. Raises StorageTrouble when the disk fails."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Testimony("missing", None, 0)
    except OSError as error:
        raise sort_os_error(error, path) from error
    best: tuple[int, Head] | None = None
    for start in range(0, len(content), SLOT_BYTES):
        found = _parse_slot(content[start : start + SLOT_BYTES], key)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        return Testimony("unreadable", None, 0)
    return Testimony("ok", best[1], best[0])


class Witness:
    """An open witness file. Used by the journal's writer thread only."""

    def __init__(self, path: Path, key: bytes, turn: int) -> None:
        self._path = path
        self._key = key
        self._turn = turn
        self._failed = False
        try:
            self._descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise sort_os_error(error, path) from error

    @classmethod
    def open(cls, path: Path, key: bytes, testimony: Testimony, head: Head) -> Witness:
        """Opens the file that gave `testimony`, or makes a new one that begins with `head`.

        An unreadable file is kept beside the new one with `.unreadable` at its end.
        """
        try:
            if testimony.state == "unreadable":
                os.replace(path, path.with_name(path.name + ".unreadable"))
            if testimony.state != "ok" or path.stat().st_size != SLOTS * SLOT_BYTES:
                path.parent.mkdir(parents=True, exist_ok=True)
                replace_durably(path, _fresh_ring(testimony.turn + 1, head, key))
                flush_folder(path.parent)
                return cls(path, key, testimony.turn + 1)
        except OSError as error:
            raise sort_os_error(error, path) from error
        return cls(path, key, testimony.turn)

    def testify(self, head: Head) -> None:
        """Writes `head` and flushes; when this returns, the head survives a power cut.

        Raises DiskTrouble ("uncertain"), and from then on always: a flush that failed once may have
        dropped what it was to keep, so the file has to be opened anew.
        """
        if self._failed:
            raise self._trouble("failed before")
        self._turn += 1
        try:
            os.lseek(self._descriptor, self._turn % SLOTS * SLOT_BYTES, os.SEEK_SET)
            write_all(self._descriptor, _slot_bytes(self._turn, head, self._key))
            flush(self._descriptor)
        except OSError as error:
            self._failed = True
            raise self._trouble(str(error)) from error

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def _trouble(self, why: str) -> DiskTrouble:
        return DiskTrouble(
            f"{self._path}: the witness could not be written ({why}). Start the program again; have the"
            " disk looked at.",
            path=str(self._path),
            outcome="uncertain",
        )


def _fresh_ring(turn: int, head: Head, key: bytes) -> bytes:
    ring = bytearray(SLOTS * SLOT_BYTES)
    start = turn % SLOTS * SLOT_BYTES
    slot = _slot_bytes(turn, head, key)
    ring[start : start + len(slot)] = slot
    return bytes(ring)


def _slot_bytes(turn: int, head: Head, key: bytes) -> bytes:
    """One 512-byte sector of the slot: the rest of it stays zero for ever."""
    series = head.series
    text = f"{_MARK} {turn} {series.workstation_id} {series.incarnation} {head.number} {head.hash} ".encode()
    mac = hmac.digest(key, text, hashlib.sha256).hex().encode()
    return (text + mac + b"\n").ljust(512, b"\x00")


def _parse_slot(slot: bytes, key: bytes) -> tuple[int, Head] | None:
    line = slot.partition(b"\n")[0]
    text, space, mac = line.rpartition(b" ")
    expected = hmac.digest(key, text + space, hashlib.sha256).hex().encode()
    if not hmac.compare_digest(mac, expected):
        return None
    parts = line.decode("ascii").split(" ")
    if len(parts) != _FIELDS or parts[0] != _MARK:
        return None
    _, turn, workstation_id, incarnation, number, head_hash, _ = parts
    return int(turn), Head(Series(workstation_id, int(incarnation)), int(number), head_hash)
