"""F-06: a step of the schema that fails, is cut or meets a bad disk leaves the old file or the new one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.storage import upgrade
from pos_client.storage.connection import Connection
from pos_client.storage.database import build_database, open_database
from pos_client.storage.errors import DamagedFile, UpgradeFailed
from pos_client.storage.migrations import apply_steps
from pos_client.storage.upgrade import forget_copies, open_upgraded
from tests.client.storage.upgrade_child import APPLICATION, KEY

ROWS = 400
FIRST = "CREATE TABLE sale (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;"
SECOND = "ALTER TABLE sale ADD COLUMN net INTEGER; UPDATE sale SET net = number * 2;"
BROKEN = SECOND + " INSERT INTO no_such_table VALUES (1);"
CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink,rename"


def steps(folder: Path, *texts: str) -> list[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, text in enumerate(texts, start=1):
        (folder / f"{number:04d}_step.sql").write_text(text)
    return sorted(folder.iterdir())


def made(folder: Path, rows: int = ROWS) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "journal.db"
    first = steps(folder.parent / "first", FIRST)

    def build(connection: Connection) -> None:
        apply_steps(connection, list(first))
        connection.executemany("INSERT INTO sale VALUES (?, ?)", [(n, "x" * 300) for n in range(rows)])

    build_database(path, KEY, build, application_id=APPLICATION)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path / "data")


def opened(path: Path, wanted: list[Path]) -> Connection:
    return open_upgraded(
        lambda: open_database(path, KEY, application_id=APPLICATION), list(wanted), path, KEY
    )


def sum_of(path: Path, column: str = "number") -> int:
    connection = open_database(path, KEY, application_id=APPLICATION)
    try:
        return int(connection.execute(f"SELECT sum({column}) FROM sale").fetchone()[0])
    finally:
        connection.close()


def beside(path: Path) -> set[str]:
    return {each.name.removeprefix(path.name) for each in path.parent.iterdir()} - {"", "-wal", "-shm"}


WHOLE = sum(range(ROWS))


def test_one_copy_of_before_is_kept_and_can_be_opened(path: Path, tmp_path: Path) -> None:
    opened(path, steps(tmp_path / "s", FIRST, SECOND)).close()
    assert beside(path) == {".before-upgrade"} and sum_of(path, "net") == 2 * WHOLE
    before = path.with_name(path.name + ".before-upgrade")
    with pytest.raises(Exception, match="net"):
        sum_of(before, "net")
    assert sum_of(before) == WHOLE
    opened(path, steps(tmp_path / "s", FIRST, SECOND, "CREATE TABLE other (x);")).close()
    assert sum_of(before, "net") == 2 * WHOLE, "the newer copy took its place"
    opened(path, steps(tmp_path / "s", FIRST, SECOND, "CREATE TABLE other (x);")).close()
    forget_copies(path)
    assert beside(path) == set()


def test_a_step_that_fails_says_so_and_changes_nothing(path: Path, tmp_path: Path) -> None:
    with pytest.raises(UpgradeFailed, match=r"no_such_table.*install the version") as failed:
        opened(path, steps(tmp_path / "s", FIRST, BROKEN))
    assert failed.value.facts["cause"] == "defect" and failed.value.facts["restored"] is False
    assert beside(path) == set() and sum_of(path) == WHOLE
    opened(path, steps(tmp_path / "s", FIRST)).close()
    opened(path, steps(tmp_path / "s", FIRST, SECOND)).close()
    assert sum_of(path, "net") == 2 * WHOLE


def spoil(path: Path) -> None:
    """A page in the middle becomes noise, as a failing disk makes it."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(4096))


def test_a_file_that_breaks_under_the_steps_gets_its_copy_back(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(connection: Connection, *_: object, **__: object) -> None:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        spoil(path)
        raise DamagedFile("a page is broken", path=str(path))

    monkeypatch.setattr(upgrade, "migrate", breaking)
    with pytest.raises(UpgradeFailed) as failed:
        opened(path, steps(tmp_path / "s", FIRST, SECOND))
    assert failed.value.facts["restored"] is True and failed.value.facts["cause"] == "damaged_file"
    assert sum_of(path) == WHOLE and ".failed-upgrade" in beside(path)
    monkeypatch.undo()
    opened(path, steps(tmp_path / "s", FIRST, SECOND)).close()
    assert sum_of(path, "net") == 2 * WHOLE


class Cut(BaseException):
    """The power goes."""


def cut_before_the_end(path: Path, wanted: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:

        def cut(*_: object, **__: object) -> None:
            raise Cut

        patch.setattr(upgrade, "migrate", cut)
        with pytest.raises(Cut):
            opened(path, wanted)
    assert ".upgrading" in beside(path)


def test_a_start_after_a_cut_heals_a_broken_file_and_leaves_a_whole_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = steps(tmp_path / "s", FIRST, SECOND)
    cut_before_the_end(path, wanted, monkeypatch)
    spoil(path)
    opened(path, wanted).close()
    assert sum_of(path, "net") == 2 * WHOLE

    more = steps(tmp_path / "s", FIRST, SECOND, "CREATE TABLE other (x);")
    cut_before_the_end(path, more, monkeypatch)
    former = open_database(path, KEY, application_id=APPLICATION)  # the program of before goes on selling
    former.execute("INSERT INTO sale (number, body, net) VALUES (1000000, 'later', 0)")
    former.close()
    opened(path, more).close()
    assert sum_of(path) == WHOLE + 1_000_000, "an old copy never takes the place of a whole file"


def test_copy_and_file_both_broken_are_not_touched(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = steps(tmp_path / "s", FIRST, SECOND)
    cut_before_the_end(path, wanted, monkeypatch)
    copy = path.with_name(path.name + ".upgrading")
    spoil(path)
    spoil(copy)
    content = path.read_bytes(), copy.read_bytes()
    with pytest.raises(DamagedFile, match="restore"):
        opened(path, wanted)
    assert (path.read_bytes(), copy.read_bytes()) == content


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a small disk")
@pytest.mark.parametrize("step_rows", [0, 3000], ids=["no room for a copy", "no room for the step"])
def test_a_full_disk_changes_nothing_and_says_what_to_do(
    small_disk: Path, tmp_path: Path, step_rows: int
) -> None:
    path = made(small_disk / "data")
    grow = "CREATE TABLE big (x); " + "".join(
        f"INSERT INTO big SELECT randomblob({step_rows});" for _ in range(400 if step_rows else 0)
    )
    if not step_rows:
        room = shutil.disk_usage(small_disk).free
        (small_disk / "filler").write_bytes(b"x" * (room - path.stat().st_size))
    with pytest.raises(UpgradeFailed, match="Free room") as failed:
        opened(path, steps(tmp_path / "s", FIRST, grow))
    assert failed.value.facts["cause"] in {"disk_full", "disk_trouble"}
    assert not any(name.endswith(".new") for name in beside(path))
    (small_disk / "filler").unlink(missing_ok=True)
    opened(path, steps(tmp_path / "s", FIRST)).close()  # the program of before
    assert sum_of(path) == WHOLE
    opened(path, steps(tmp_path / "s", FIRST, SECOND)).close()
    assert sum_of(path, "net") == 2 * WHOLE


KILLS = int(os.environ.get("TIDEMARK_KILLS", "24"))


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_killed_at_any_call_the_next_start_finishes(tmp_path: Path) -> None:
    wanted = steps(tmp_path / "s", FIRST, SECOND)
    original = made(tmp_path / "data", rows=40)
    killed = 0
    for number in range(1, KILLS + 1):
        folder = tmp_path / f"life{number}"
        shutil.copytree(original.parent, folder)
        path = folder / "journal.db"
        aim = f"inject={CALLS}:signal=SIGKILL:when={1 + number * 2}"
        command = [sys.executable, "-m", "tests.client.storage.upgrade_child", str(path), str(tmp_path / "s")]
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", aim, *command],
            capture_output=True,
            text=True,
            check=False,
        )
        killed += "done" not in done.stdout
        opened(path, wanted).close()
        assert sum_of(path, "net") == 2 * sum(range(40)), number
        assert not any(name.startswith(".upgrading") for name in beside(path)), number
        shutil.rmtree(folder)
    assert killed, "no call was aimed at"
