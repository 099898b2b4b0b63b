"""F-45: a new version is installed over a workstation with a thousand sales that head office lacks (P1, P3).

There is no earlier release yet, so this version plays the old one, and the new one is this version with one
numbered step more, which rebuilds an index, adds a column and a table, and rewrites every row.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_client.journal import opening
from pos_client.storage.errors import SchemaTooNew
from tests.sync.world import Till, World

WAITING = 1_000
NEXT_STEP = """
CREATE TABLE parked (document_key INTEGER PRIMARY KEY, why TEXT NOT NULL) STRICT;
ALTER TABLE line ADD COLUMN promised_by TEXT;
UPDATE line SET promised_by = sku;
CREATE INDEX line_by_promise ON line (promised_by);
"""
BROKEN_STEP = NEXT_STEP + "INSERT INTO no_such_table VALUES (1);"


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, step: str) -> None:
    """The program is now the one that knows `step` too."""
    folder.mkdir()
    (folder / "9999_next.sql").write_text(step, encoding="utf-8")
    monkeypatch.setattr(opening, "STEPS", [*opening.STEPS, folder / "9999_next.sql"])


def close(world: World, till: Till) -> None:
    till.close()
    world.tills.remove(till)


def reopen(world: World, till: Till) -> Till:
    world.tills.append(Till.open(till.folder, world.clock))
    return world.tills[-1]


def hashes(till: Till) -> dict[int, str]:
    return {one.number: one.hash for one in till.journal.documents_after(0, limit=WAITING * 2)}


def steps(till: Till) -> list[str]:
    return [
        row[0] for row in till.journal.read(lambda c: c.execute("SELECT name FROM schema_step").fetchall())
    ]


def test_a_thousand_waiting_sales_survive_the_upgrade(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = world.till()
    old.client.exchange()
    at_head_office = world.documents()
    for _ in range(WAITING // 50):
        old.sell(50)
    waiting = hashes(old)
    close(world, old)

    install(monkeypatch, tmp_path / "next", NEXT_STEP)
    new = reopen(world, old)
    assert "9999_next.sql" in steps(new)
    assert hashes(new) == waiting, "an upgrade never touches a document"
    assert new.journal.documents_waiting() == WAITING
    new.sell(1)
    assert new.journal.head().number == max(waiting) + 1
    new.client.exchange()
    assert world.documents() == at_head_office + WAITING + 1
    assert world.has_all_of(new) and new.journal.documents_waiting() == 0


def test_an_upgrade_that_fails_leaves_the_old_program_everything(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = world.till()
    old.sell(20)
    waiting = hashes(old)
    close(world, old)
    with monkeypatch.context() as patch:
        install(patch, tmp_path / "broken", BROKEN_STEP)
        with pytest.raises(Exception, match="no_such_table"):
            Till.open(old.folder, world.clock)
    back = reopen(world, old)
    assert hashes(back) == waiting and "9999_next.sql" not in steps(back)
    back.client.exchange()
    assert world.has_all_of(back)


def test_the_old_program_refuses_what_the_new_one_wrote(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = world.till()
    close(world, old)
    with monkeypatch.context() as patch:
        install(patch, tmp_path / "next", NEXT_STEP)
        close(world, reopen(world, old))
    content = (old.folder / "journal.db").read_bytes()
    with pytest.raises(SchemaTooNew):
        Till.open(old.folder, world.clock)
    assert (old.folder / "journal.db").read_bytes() == content
