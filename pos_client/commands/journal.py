"""`verify`, `backup`, `restore`, `recover` and `rescue` for a workstation's journal.

`register` adds them to the program's argument parser; each sets `run`, a function of the parsed arguments
that returns the exit code: 0 all is well, 1 something was found or refused, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path
from typing import Any

from pos_client.commands import export, recover
from pos_client.commands.common import (
    Steps,
    SystemClock,
    add_command,
    data_folder_of,
    open_journal_places,
    places_of,
    print_json,
)
from pos_client.journal.backup import back_up, delete_expired_keys
from pos_client.journal.draft import Head
from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.opening import head_as_json
from pos_client.journal.restore import restore
from pos_client.journal.verify import verify_journal


def register(subparsers: Any) -> None:
    """Adds the six commands to what `add_subparsers` returned."""
    verify = add_command(
        subparsers, "verify", "check the journal: pages, chain, witness, balances, rows", _verify
    )
    verify.add_argument("--no-witness", action="store_true", help="do not ask the witness file")
    backup = add_command(
        subparsers, "backup", "make a verified copy of the journal while selling goes on", _backup
    )
    backup.add_argument("into", type=Path, help="folder that gets a new folder with the backup")
    back = add_command(subparsers, "restore", "put a backup in the place of a lost journal", _restore)
    back.add_argument("folder", type=Path, help="the backup's own folder, with its manifest.json")
    back.add_argument(
        "--keep-series",
        action="store_true",
        help="do not begin a new series; the next start fetches what is missing from the server",
    )
    heal = add_command(subparsers, "recover", "heal a journal that is shorter than its witness", _recover)
    recover.add_arguments(heal)
    out = add_command(
        subparsers, "rescue", "write a dead workstation's documents to a file, by the recovery key", _rescue
    )
    out.add_argument("--recovery-key", type=Path, required=True, help="the chain's recovery private key")
    out.add_argument("--out", type=Path, required=True, help="file for head office's `hand-in`")
    export.register(subparsers)


def _verify(arguments: argparse.Namespace) -> int:
    places, keys, key = open_journal_places(arguments)
    with Steps("Verifying documents", arguments) as progress:
        report = verify_journal(
            places.journal,
            key,
            witness_path=None if arguments.no_witness else places.witness,
            witness_key=keys.get(WITNESS_KEY),
            progress=progress,
        )
    if arguments.json:
        findings = [{"code": f.code, "where": f.where, "message": f.message} for f in report.findings]
        heads = [head_as_json(head) for head in report.heads]
        print_json(
            {
                "ok": report.ok,
                "documents": report.documents,
                "heads": heads,
                "witness": report.witness,
                "findings": findings,
            }
        )
    else:
        for finding in report.findings:
            print(f"{finding.code} at {finding.where}: {finding.message}")
        ends = ", ".join(_head_text(head) for head in report.heads)
        print(f"{report.documents} documents up to {ends}; witness {report.witness}; ", end="")
        print("all is well" if report.ok else f"{len(report.findings)} findings")
    return 0 if report.ok else 1


def _backup(arguments: argparse.Namespace) -> int:
    places, _, key = open_journal_places(arguments)
    now_ms = SystemClock().now_ms()
    with Steps("Copying pages", arguments) as progress:
        made = back_up(places.journal, key, arguments.into, now_ms=now_ms, progress=progress)
    expired = delete_expired_keys(arguments.into, now_ms)
    if arguments.json:
        print_json(
            {
                "ok": True,
                "folder": str(made.folder),
                "manifest": made.manifest,
                "expired": [str(path) for path in expired],
            }
        )
    else:
        print(f"{made.folder}: {made.manifest['documents']} documents, verified")
        if expired:
            print(f"members' keys deleted from {len(expired)} old backups")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    places, keys = places_of(arguments)
    with Steps("Verifying the backup", arguments) as progress:
        done = restore(
            arguments.folder,
            places.journal,
            keys=keys,
            witness_path=places.witness,
            clock=SystemClock(),
            keep_series=arguments.keep_series,
            progress=progress,
        )
    if arguments.json:
        print_json(
            {
                "ok": True,
                "head": head_as_json(done.head),
                "documents": done.documents,
                "new_series": done.new_series,
                "kept_aside": None if done.kept_aside is None else str(done.kept_aside),
            }
        )
    else:
        print(f"{done.documents} documents restored; the journal goes on at {_head_text(done.head)}")
        if done.new_series:
            print("a new series was opened: nothing proves that the backup was the newest state")
        if done.kept_aside is not None:
            print(f"the file that was there is kept as {done.kept_aside}")
    return 0


def _rescue(arguments: argparse.Namespace) -> int:
    from pos_client.journal.rescue_file import read_recovery_key, write_rescue_file
    from pos_client.sync.workstation_file import WorkstationFile

    folder = data_folder_of(arguments)
    identity = WorkstationFile.load(folder.data)
    sealing = base64.b64decode(identity.sealing_public_key) or None
    private = read_recovery_key(arguments.recovery_key)
    done = write_rescue_file(folder.journal, private, arguments.out, sealing_public_key=sealing)
    if arguments.json:
        told = {"workstation_id": done.workstation_id, "documents": done.documents}
        print_json({"ok": True, **told, "member_keys": done.member_keys, "file": str(arguments.out)})
    else:
        print(f"{done.documents} documents of workstation {done.workstation_id} are in {arguments.out};")
        print("hand them in at head office: python -m sync_server hand-in")
    return 0


def _recover(arguments: argparse.Namespace) -> int:
    places, keys = places_of(arguments)
    answer = recover.recover(
        places, keys, SystemClock(), source=arguments.source, new_series=arguments.new_series
    )
    if arguments.json:
        print_json(answer)
    else:
        head = answer["head"]
        print(f"{answer['adopted']} documents taken back; the journal goes on at", end=" ")
        print(
            f"{head['incarnation']}/{head['number']}" + (" in a new series" if answer["new_series"] else "")
        )
    return 0


def _head_text(head: Head) -> str:
    return f"{head.series.incarnation}/{head.number}"
