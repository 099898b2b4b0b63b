"""A file on its way in: resumed where it was cut, checked piece by piece as it comes, never used half.

Where the hashes of pieces are known, no piece is kept that does not belong to the file: what a resumed part
holds is checked again, and the first wrong piece ends a download, whoever sent it. All pieces are the file:
its own hash is not made beside theirs, for hashing is the larger part of a download on a fast line. The one
flush that the file needs before it is used is `put_in_place`'s: flushing on the way makes what is written
meanwhile wait for the file system's log.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from pos_client.storage.errors import sort_os_error
from pos_core.errors import Trouble

_READ_BYTES = 1 << 20


class WrongSnapshot(Trouble):
    """A downloaded snapshot that is not what was offered, or must not be used here; it was thrown away."""

    code = "wrong_snapshot"


class WrongPiece(WrongSnapshot):
    """A piece is not what was offered; the good ones before it are kept."""

    code = "wrong_piece"


class PartFile:
    """`<name>.part`, named after the SHA-256 it must come to, so a part of another file is never resumed.

    `length` is how much is here; hand `take` the bytes that follow. `pieces` are the SHA-256 (hex) of each
    `piece_bytes`, the last one shorter, as believed as `sha256`; none where head office does not say, then
    the whole is held against `sha256` at the end.
    """

    def __init__(
        self, path: Path, *, sha256: str, length: int, piece_bytes: int = 0, pieces: Sequence[str] = ()
    ) -> None:
        """Raises ReadOnlyFolder, DiskFull, DiskTrouble."""
        self.path = path.with_name(f"{path.name}.{sha256[:16]}.part")
        self._sha256 = sha256
        self._length_wanted = length
        self._piece_bytes, self._pieces = piece_bytes, pieces
        for other in path.parent.glob(f"{path.name}.*.part"):
            if other != self.path:
                other.unlink(missing_ok=True)
        try:
            self._file = open(self.path, "a+b")  # noqa: SIM115 - closed by finish or close
            self._forget()
            self._read_what_is_here()
        except OSError as error:
            raise sort_os_error(error, self.path) from error

    def take(self, chunk: bytes) -> None:
        """The next bytes. Raises WrongPiece, DiskFull and its like."""
        try:
            for part in self._cut(chunk):
                self._file.write(part)
                self._count(part)
        except OSError as error:
            raise sort_os_error(error, self.path) from error

    def begin_anew(self) -> None:
        """Throw away what is here: the server starts at 0."""
        try:
            self._file.truncate(0)
        except OSError as error:
            raise sort_os_error(error, self.path) from error
        self._forget()

    def finish(self) -> Path:
        """Hold against length and, without pieces, hash. Raises WrongSnapshot: nothing is kept; DiskTrouble.

        The bytes are not flushed: whoever puts the file to use flushes it with what he changed.
        """
        try:
            self._file.close()
        except OSError as error:
            raise sort_os_error(error, self.path) from error
        if self.length != self._length_wanted or not (self._pieces or self._hash.hexdigest() == self._sha256):
            self.path.unlink(missing_ok=True)
            raise WrongSnapshot("the file that came is not the one that was offered", length=self.length)
        return self.path

    def close(self) -> None:
        """Keep what is here for the next try."""
        self._file.close()

    def drop(self) -> None:
        """Throw the part away."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _forget(self) -> None:
        self._hash, self.length, self._good = hashlib.sha256(), 0, 0

    def _cut(self, chunk: bytes) -> list[bytes]:
        """At the ends of pieces, so that each piece is judged before a byte of the next is written."""
        if not self._pieces:
            return [chunk]
        parts, place = [], self.length
        while chunk:
            room = self._piece_bytes - place % self._piece_bytes
            parts.append(chunk[:room])
            chunk, place = chunk[room:], place + room
        return parts

    def _count(self, part: bytes) -> None:
        self._hash.update(part)
        self.length += len(part)
        if not self._pieces or (self.length % self._piece_bytes and self.length < self._length_wanted):
            return
        number = (self.length - 1) // self._piece_bytes
        if number >= len(self._pieces) or self._hash.hexdigest() != self._pieces[number]:
            self._file.truncate(self._good)
            self._hash, self.length = hashlib.sha256(), self._good
            raise WrongPiece("a piece is not what was offered", piece=number)
        self._hash, self._good = hashlib.sha256(), self.length

    def _read_what_is_here(self) -> None:
        if os.fstat(self._file.fileno()).st_size > self._length_wanted:
            self._file.truncate(0)
        self._file.seek(0)
        try:
            while chunk := self._file.read(_READ_BYTES):
                for part in self._cut(chunk):
                    self._count(part)
        except WrongPiece:
            pass  # what is before it stays
        self._file.seek(0, os.SEEK_END)
