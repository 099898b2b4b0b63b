"""Opening a file: refused with its own error and a way out, or safe to use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.keys.sealing import write_sealed_key
from pos_client.storage import pragmas
from pos_client.storage.connection import Connection
from pos_client.storage.database import BUILDING_SUFFIX, build_database, open_database
from pos_client.storage.errors import (
    DamagedFile,
    FileMissing,
    HalfBuiltFile,
    ReadOnlyFolder,
    SqliteTooOld,
    StorageTrouble,
    WrongKey,
)

KEY = bytes(range(32))
APPLICATION = 0x54455354


def _build(connection: Connection) -> None:
    connection.execute("CREATE TABLE thing (name TEXT) STRICT")
    connection.executemany("INSERT INTO thing VALUES (?)", [("x" * 500,)] * 100)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "thing.db"
    build_database(path, KEY, _build, application_id=APPLICATION)
    write_sealed_key(path, KEY, None)
    return path


def _open(path: Path, key: bytes = KEY) -> Connection:
    return open_database(path, key, application_id=APPLICATION)


def test_every_setting_is_made(path: Path) -> None:
    connection = _open(path)
    found = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in (
            "journal_mode",
            "synchronous",
            "secure_delete",
            "foreign_keys",
            "mmap_size",
            "cipher_use_hmac",
        )
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "mmap_size": 0,
        "cipher_use_hmac": "1",
    }
    connection.close()


def test_nothing_stands_in_clear(path: Path) -> None:
    content = path.read_bytes()
    assert b"SQLite" not in content and b"xxxx" not in content


def test_the_library_in_use_is_new_enough() -> None:
    pragmas.refuse_old_sqlite()
    assert sqlcipher.sqlite_version_info >= (3, 51, 3)


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 51, 2)])
def test_an_old_sqlite_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(sqlcipher, "sqlite_version_info", version)
    with pytest.raises(SqliteTooOld):
        _open(path)


def test_a_wrong_key_is_told_from_a_damaged_first_page(path: Path) -> None:
    with pytest.raises(WrongKey):
        _open(path, bytes(32))
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DamagedFile):
        _open(path)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _no_tables(path: Path) -> None:
    path.unlink()
    connection = sqlcipher.connect(str(path))
    pragmas.set_raw_key(connection, KEY)
    connection.execute("CREATE TABLE t (x)")
    connection.execute("DROP TABLE t")
    connection.close()


def _of_another_program(path: Path) -> None:
    path.unlink()
    build_database(path, KEY, _build, application_id=APPLICATION + 1)


def _gone(path: Path) -> None:
    path.unlink()


def _text(path: Path) -> None:
    path.write_bytes(b"this is no database " * 400)


def _cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6000])


@pytest.mark.parametrize(
    "damage,error",
    [
        (_empty, HalfBuiltFile),
        (_no_tables, HalfBuiltFile),
        (_of_another_program, HalfBuiltFile),
        (_gone, FileMissing),
        (_text, DamagedFile),
    ],
)
def test_each_damage_has_its_own_error(
    path: Path, damage: Callable[[Path], None], error: type[StorageTrouble]
) -> None:
    damage(path)
    with pytest.raises(error) as caught:
        _open(path)
    assert str(path) in caught.value.message and caught.value.code


def test_a_file_cut_in_half_is_damaged_when_it_is_read(path: Path) -> None:
    _cut_in_half(path)
    with pytest.raises((DamagedFile, sqlcipher.DatabaseError)):
        _open(path).execute("SELECT count(*), sum(length(name)) FROM thing").fetchall()


def test_a_cut_while_building_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    path = tmp_path / "thing.db"

    def fail(connection: Connection) -> None:
        _build(connection)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_database(path, KEY, fail, application_id=APPLICATION)
    assert not path.exists() and path.with_name("thing.db" + BUILDING_SUFFIX).exists()
    build_database(path, KEY, _build, application_id=APPLICATION)
    _open(path).close()
    assert not path.with_name("thing.db" + BUILDING_SUFFIX).exists()


def test_an_existing_file_is_never_built_over(path: Path) -> None:
    with pytest.raises(FileExistsError):
        build_database(path, KEY, _build, application_id=APPLICATION)


def test_a_reading_connection_cannot_write(path: Path) -> None:
    connection = open_database(path, KEY, application_id=APPLICATION, read_only=True)
    with pytest.raises(sqlcipher.OperationalError):
        connection.execute("DELETE FROM thing")
    connection.close()


@pytest.fixture
def frozen_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that even root cannot write: mounted read-only, or else marked immutable."""
    folder = tmp_path / "frozen"
    folder.mkdir()
    build_database(folder / "thing.db", KEY, _build, application_id=APPLICATION)
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)
        return
    done = subprocess.run(["chattr", "+i", str(folder)], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("chattr does not work on this file system")
    yield folder
    subprocess.run(["chattr", "-i", str(folder)], check=True)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_read_only_folder_is_refused(frozen_folder: Path) -> None:
    with pytest.raises(ReadOnlyFolder, match="--data"):
        _open(frozen_folder / "thing.db")
    with pytest.raises(ReadOnlyFolder):
        build_database(frozen_folder / "new.db", KEY, _build, application_id=APPLICATION)


def test_nothing_and_bytes_have_adapters_and_come_back_as_they_were(path: Path) -> None:
    """Without them, binding either takes as long as ten texts; asked of a process of its own."""
    asked = (
        "import pos_client.storage.database; from sqlcipher3 import dbapi2 as d;"
        "print(all((kind, d.PrepareProtocol) in d.adapters for kind in (bytes, type(None))))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True"]
    bound = (None, b"", b"\0\xff", "", 0)
    assert _open(path).execute("SELECT ?, ?, ?, ?, ?", bound).fetchone() == bound
