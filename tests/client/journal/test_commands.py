"""The commands as an administrator calls them: exit codes, JSON, and sentences that help."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import pytest

from pos_client.commands.journal import register
from tests.client.journal.helpers import Home, sell

Captured = pytest.CaptureFixture[str]


def _run(home: Home, *words: str) -> int:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers(required=True))
    places = [
        "--data",
        str(home.data),
        "--key-dir",
        str(home.root / "keys"),
        "--witness",
        str(home.witness_path),
    ]
    arguments = parser.parse_args([words[0], *places, *words[1:]])
    return int(arguments.run(arguments))


@pytest.fixture
def sold(home: Home) -> Home:
    journal = home.open()
    sell(journal, 4)
    journal.close()
    return home


def test_verify_says_that_all_is_well(sold: Home, capsys: Captured) -> None:
    assert _run(sold, "verify") == 0
    assert "5 documents up to 1/5; witness ok; all is well" in capsys.readouterr().out


def test_verify_fails_on_a_lost_tail(sold: Home, capsys: Captured) -> None:
    older = sold.journal_path.read_bytes()
    journal = sold.open()
    sell(journal, 1)
    journal.close()
    sold.journal_path.write_bytes(older)
    assert _run(sold, "verify", "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert not answer["ok"] and answer["findings"][0]["code"] == "lost_tail"


def test_backup_and_restore_round_trip(sold: Home, tmp_path: Path, capsys: Captured) -> None:
    assert _run(sold, "backup", "--json", str(tmp_path / "backups")) == 0
    folder = json.loads(capsys.readouterr().out)["folder"]
    sold.journal_path.unlink()
    assert _run(sold, "restore", "--json", folder) == 0
    assert json.loads(capsys.readouterr().out)["new_series"] is False
    assert _run(sold, "verify") == 0


def test_restore_refuses_what_is_no_backup(sold: Home, tmp_path: Path, capsys: Captured) -> None:
    assert _run(sold, "restore", str(tmp_path)) == 1
    assert "backup_rejected" in capsys.readouterr().err


def test_export_writes_every_view(sold: Home, tmp_path: Path, capsys: Captured) -> None:
    assert _run(sold, "export") == 0
    for view in capsys.readouterr().out.split():
        out = tmp_path / f"{view}.csv"
        assert _run(sold, "export", view, "--format", "csv", "--out", str(out)) == 0
        assert next(csv.reader(out.open(encoding="utf-8")))
    assert _run(sold, "export", "c_document", "--out", str(tmp_path / "d.jsonl")) == 0
    assert len((tmp_path / "d.jsonl").read_text().splitlines()) == 5


def test_export_of_an_unknown_view_names_the_known(sold: Home, capsys: Captured) -> None:
    assert _run(sold, "export", "document; DROP TABLE line") == 1
    assert "c_line" in capsys.readouterr().err


def test_a_wrong_folder_is_named(home: Home, capsys: Captured) -> None:
    assert _run(home, "verify", "--data", str(home.root / "nowhere")) == 1
    assert "--data" in capsys.readouterr().err
