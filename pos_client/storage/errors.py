"""What can go wrong with a file of ours, and the one function that sorts SQLite's codes into it.

    StorageTrouble
    ├── SqliteTooOld      the SQLite library may lose committed writes
    ├── FileMissing       there is no file where one must be
    ├── WrongKey          the key in the key store is not this file's
    ├── DamagedFile       a page fails its authentication, or the tree is broken
    ├── HalfBuiltFile     creation was cut short, or the file is none of ours
    ├── SchemaTooNew      written by a newer program
    ├── UpgradeFailed     the step to this program's schema was not taken; the file is as before
    ├── SecondInstance    another process works on this folder
    ├── ReadOnlyFolder    the folder or file cannot be written
    ├── DiskFull          nothing was recorded; the ballast can be given up
    ├── DiskTrouble       the disk reported an error; writing has stopped
    ├── LostTail          the witness knows more than the journal
    └── MispairedJournal  the journal belongs to another workstation

Every message ends with what may be done.
"""

from __future__ import annotations

import errno
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from pos_core.errors import Advice, Trouble

SQLITE_VERSION_MIN = (3, 51, 3)

# Primary result codes of SQLite (https://sqlite.org/rescode.html). The binding gives no extended ones, so a
# write that failed and a flush that failed look alike: both are treated as the worse.
_PERM, _BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT = 3, 5, 6, 8, 10, 11
_FULL, _CANTOPEN, _PROTOCOL, _AUTH, _NOTADB = 13, 14, 15, 23, 26
_READONLY_CODES = frozenset({_PERM, _READONLY, _CANTOPEN})
_READONLY_ERRNO = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageTrouble(Trouble):
    """Base of every trouble with a file on this workstation. `facts["path"]` names the file."""

    code = "storage_trouble"


class SqliteTooOld(StorageTrouble):
    """The library is in the range that can lose committed writes (sqlite.org/wal.html#walresetbug)."""

    code = "sqlite_too_old"


class FileMissing(StorageTrouble):
    """There is no file where one must be."""

    code = "file_missing"


class WrongKey(StorageTrouble):
    """The key in the key store does not open this file, or there is none."""

    code = "wrong_key"


class DamagedFile(StorageTrouble):
    """A page fails its authentication or the file contradicts itself. Nothing is written to it any more."""

    code = "damaged_file"


class HalfBuiltFile(StorageTrouble):
    """The file was never completed: it is empty, or carries no schema of ours."""

    code = "half_built_file"


class SchemaTooNew(StorageTrouble):
    """The file was written by a newer program. Nothing was changed."""

    code = "schema_too_new"


class UpgradeFailed(StorageTrouble):
    """The file could not be taken to this program's schema; it is as it was before.

    `facts`: `cause`, the code of what went wrong ("defect": a step of ours), and `restored`: the copy that
    was taken before had to be put back.
    """

    code = "upgrade_failed"


class SecondInstance(StorageTrouble):
    """Another process, or another window, already works on this folder."""

    code = "second_instance"


class ReadOnlyFolder(StorageTrouble):
    """The folder or the file cannot be written."""

    code = "read_only_folder"


class DiskFull(StorageTrouble):
    """No room. The transaction was rolled back whole: nothing of it was recorded."""

    code = "disk_full"


class DiskTrouble(StorageTrouble):
    """The disk or file system reported an error.

    `facts["outcome"]` is "not_recorded", or "uncertain" when the error came while making a commit
    durable; then nothing more is written until the file has been opened and checked again.
    """

    code = "disk_trouble"


class Busy(StorageTrouble):
    """Another connection holds the lock longer than we wait. Nothing was recorded."""

    code = "storage_busy"
    advice = Advice.RETRY


class WriterStopped(StorageTrouble):
    """The writer was closed; the request came too late and nothing of it was recorded."""

    code = "writer_stopped"


class LostTail(StorageTrouble):
    """The witness knows documents that the journal does not hold: its series must not be continued.

    Ways out: fetch the documents back from the server (`Journal.adopt_documents`), or open a new
    incarnation (`Journal.open_new_incarnation`). `facts`: `incarnation`, `journal_number`,
    `witness_incarnation`, `witness_number`, and `kind`: "shorter" (a tail is missing), "other_history"
    (the document at the witness's number is another one), "no_journal" (the file is gone) or "unproven"
    (a restored file, and no witness).
    """

    code = "lost_tail"


class MispairedJournal(StorageTrouble):
    """The journal in this folder belongs to another workstation."""

    code = "mispaired_journal"


def sort_sqlite_error(  # noqa: PLR0911 (one return for each family of codes reads best)
    error: sqlcipher.Error, path: Path, *, key_is_right: bool | None = None
) -> StorageTrouble | None:
    """The trouble that an SQLite error means, or None when it is a bug of ours (then let it rise).

    `key_is_right` is what the key check beside the file says (None: there is no key check): without it
    a wrong key and a damaged first page look alike.
    """
    primary = int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    name = str(getattr(error, "sqlite_errorname", "") or "")
    shown = str(path)
    if primary == _FULL:
        return disk_full(path)
    if primary == _NOTADB and key_is_right is not True:
        return WrongKey(
            f"{shown}: the key does not open this file. Put the right key back into the key store, or"
            " have the file rescued with the chain's recovery key.",
            path=shown,
        )
    if primary in (_CORRUPT, _NOTADB):
        return DamagedFile(
            f"{shown}: the file is damaged ({name or error}). Do not delete it. Restore the last backup with"
            " `restore`; sales already sent are at the server.",
            path=shown,
            sqlite=name,
        )
    if primary in _READONLY_CODES:
        return read_only(path)
    if primary in (_BUSY, _LOCKED, _PROTOCOL):
        return Busy(f"{shown}: another program holds this file. Close it and try again.", path=shown)
    if primary == _IOERR:
        return disk_trouble(path, name, uncertain=True)
    return None


def sort_os_error(error: OSError, path: Path) -> StorageTrouble:
    """The trouble that an error of the operating system on `path` means."""
    if error.errno in _FULL_ERRNO:
        return disk_full(path)
    if error.errno in _READONLY_ERRNO:
        return read_only(path)
    if error.errno == errno.ENOENT:
        return FileMissing(f"{path}: there is no such file or folder.", path=str(path))
    return disk_trouble(path, errno.errorcode.get(error.errno or 0, ""), uncertain=True)


def disk_full(path: Path) -> DiskFull:
    """DiskFull for the disk of `path`."""
    return DiskFull(
        f"{path}: the disk is full and nothing was recorded. Free some room; deleting the file `ballast`"
        " beside it gives enough to close the shift.",
        path=str(path),
    )


def read_only(path: Path) -> ReadOnlyFolder:
    """ReadOnlyFolder for `path`."""
    return ReadOnlyFolder(
        f"{path}: this file or its folder cannot be written. Give the program's account the right to write"
        " there, or choose another folder with --data.",
        path=str(path),
    )


def disk_trouble(path: Path, name: str, *, uncertain: bool) -> DiskTrouble:
    """DiskTrouble for `path`; `uncertain` when a commit may or may not have become durable."""
    return DiskTrouble(
        f"{path}: the disk reported an error ({name}). Start the program again so that it can check the"
        " file; have the disk looked at.",
        path=str(path),
        sqlite=name,
        outcome="uncertain" if uncertain else "not_recorded",
    )
