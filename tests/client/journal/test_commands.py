"""The commands as an administrator calls them: exit codes, JSON, and sentences that help."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
from pathlib import Path

import pytest

from pos_client.commands.journal import register
from pos_client.journal.draft import Draft
from pos_client.replica.replica import Replica
from pos_client.sync.workstation_file import WorkstationFile
from tests.client.journal.helpers import DAY, Home, sell

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


def test_export_reaches_the_replica_and_names_no_person(sold: Home, capsys: Captured) -> None:
    replica = Replica.open(sold.data / "replica.db", sold.keys, store_id="S001")
    member = ("M1", "b" * 32, "138****0000", "Zhang", "gold", 7, 5, "{}", 0, None)
    replica.write(lambda c: c.execute(f"INSERT INTO member VALUES ({', '.join('?' * 10)})", member))
    assert _run(sold, "export", "c_member") == 0, "beside a program that holds the file"
    row = json.loads(capsys.readouterr().out)
    assert row == {"member_id": "M1", "tier": "gold", "points_balance": 7, "consents": "{}"}
    assert _run(sold, "export") == 0
    assert {"c_price", "c_member", "c_document", "c_audit"} <= set(capsys.readouterr().out.split())
    replica.close()


def test_an_answerable_act_is_audited_and_trade_is_not(home: Home, capsys: Captured) -> None:
    journal = home.open()
    sell(journal, 2)
    journal.record([Draft("no_sale", {"reason": "change"}, DAY, "1001", "shift-1")]).result()
    journal.close()
    assert _run(home, "export", "c_audit") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["action"], row["actor"]) for row in rows] == [("series_opened", None), ("no_sale", "1001")]
    assert json.loads(rows[1]["facts"]) == {"reason": "change"}


def test_export_of_an_unknown_view_names_the_known(sold: Home, capsys: Captured) -> None:
    assert _run(sold, "export", "document; DROP TABLE line") == 1
    assert "c_line" in capsys.readouterr().err


def test_a_wrong_folder_is_named(home: Home, capsys: Captured) -> None:
    assert _run(home, "verify", "--data", str(home.root / "nowhere")) == 1
    assert "--data" in capsys.readouterr().err


@pytest.fixture
def shortened(sold: Home, tmp_path: Path) -> Home:
    """An older file was put back; `pushed.jsonl` is what head office has."""
    fields = dict.fromkeys((field.name for field in dataclasses.fields(WorkstationFile)), "")
    known = {"workstation_id": sold.series.workstation_id, "incarnation": 1, "store_id": "S001"}
    WorkstationFile(**{**fields, "pricing_keys": {}, **known}).save(sold.data)
    older = sold.journal_path.read_bytes()
    journal = sold.open()
    sell(journal, 3, seed=2)
    journal.close()
    assert _run(sold, "export", "c_document", "--out", str(tmp_path / "pushed.jsonl")) == 0
    sold.journal_path.write_bytes(older)
    return sold


def test_recover_takes_documents_back(shortened: Home, tmp_path: Path, capsys: Captured) -> None:
    assert _run(shortened, "recover", "--json", "--from", str(tmp_path / "pushed.jsonl")) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["adopted"], answer["new_series"], answer["head"]["number"]) == (3, False, 8)
    assert _run(shortened, "verify") == 0


def test_recover_begins_a_new_series_only_when_asked(shortened: Home, capsys: Captured) -> None:
    assert _run(shortened, "recover") == 1
    assert "recover" in capsys.readouterr().err
    assert _run(shortened, "recover", "--new-series") == 0
    assert "2/1 in a new series" in capsys.readouterr().out
    assert shortened.open_and_close().series.incarnation == 2


def test_recover_names_a_bad_line(shortened: Home, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n")
    assert _run(shortened, "recover", "--from", str(tmp_path / "bad.jsonl")) == 1
    assert "line 1" in capsys.readouterr().err
