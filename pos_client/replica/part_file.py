"""A file on its way in: resumed where it was cut, hashed as it comes, never used before it is whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pos_client.storage.durable import flush_folder
from pos_client.storage.errors import sort_os_error
from pos_core.errors import Trouble

_READ_BYTES = 1 << 20


class WrongSnapshot(Trouble):
    """A downloaded snapshot that is not what was offered, or must not be used here; it was thrown away."""

    code = "wrong_snapshot"


class PartFile:
    """`<name>.part`, named after the SHA-256 it must come to, so a part of another file is never resumed.

    `length` is how much is here; hand `take` the bytes that follow.
    """

    def __init__(self, path: Path, *, sha256: str, length: int) -> None:
        """Raises ReadOnlyFolder, DiskFull, DiskTrouble."""
        self.path = path.with_name(f"{path.name}.{sha256[:16]}.part")
        self._sha256 = sha256
        self._length_wanted = length
        for other in path.parent.glob(f"{path.name}.*.part"):
            if other != self.path:
                other.unlink(missing_ok=True)
        try:
            self._file = open(self.path, "a+b")  # noqa: SIM115 - closed by finish or close
            self._hash = hashlib.sha256()
            self.length = 0
            self._read_what_is_here()
        except OSError as error:
            raise sort_os_error(error, self.path) from error

    def take(self, chunk: bytes) -> None:
        """The next bytes. Raises DiskFull and its like."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise sort_os_error(error, self.path) from error
        self._hash.update(chunk)
        self.length += len(chunk)

    def begin_anew(self) -> None:
        """Throw away what is here: the server starts at 0."""
        try:
            self._file.truncate(0)
        except OSError as error:
            raise sort_os_error(error, self.path) from error
        self._hash, self.length = hashlib.sha256(), 0

    def finish(self) -> Path:
        """Flush and hold against length and hash. Raises WrongSnapshot (then nothing is kept)."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            flush_folder(self.path.parent)
        except OSError as error:
            raise sort_os_error(error, self.path) from error
        if self.length != self._length_wanted or self._hash.hexdigest() != self._sha256:
            self.path.unlink(missing_ok=True)
            raise WrongSnapshot("the file that came is not the one that was offered", length=self.length)
        return self.path

    def close(self) -> None:
        """Keep what is here for the next try."""
        self._file.close()

    def _read_what_is_here(self) -> None:
        if os.fstat(self._file.fileno()).st_size > self._length_wanted:
            self._file.truncate(0)
        self._file.seek(0)
        while chunk := self._file.read(_READ_BYTES):
            self._hash.update(chunk)
            self.length += len(chunk)
        self._file.seek(0, os.SEEK_END)
