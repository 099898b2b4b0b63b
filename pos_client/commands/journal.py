"""`verify`, `backup`, `restore`, `recover` and `export` for a workstation's journal.

`register` adds them to the program's argument parser; each sets `run`, a function of the parsed arguments
that returns the exit code: 0 all is well, 1 something was found or refused, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pos_client.commands import recover
from pos_client.journal import export, opening
from pos_client.journal.backup import back_up, delete_expired_keys
from pos_client.journal.draft import Head
from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.opening import head_as_json
from pos_client.journal.restore import restore
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import KeyStore, choose_key_store
from pos_client.storage.database import open_database
from pos_client.storage.errors import FileMissing, WrongKey
from pos_client.storage.places import Places, find_places
from pos_core.errors import TidemarkError

Run = Callable[[argparse.Namespace], int]


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        """Wall time, epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Only measures."""
        return time.monotonic_ns() // 1_000_000


def register(subparsers: Any) -> None:
    """Adds the five commands to what `add_subparsers` returned."""
    verify = _add(subparsers, "verify", "check the journal: pages, chain, witness, balances, rows", _verify)
    verify.add_argument("--no-witness", action="store_true", help="do not ask the witness file")
    backup = _add(subparsers, "backup", "make a verified copy of the journal while selling goes on", _backup)
    backup.add_argument("into", type=Path, help="folder that gets a new folder with the backup")
    back = _add(subparsers, "restore", "put a backup in the place of a lost journal", _restore)
    back.add_argument("folder", type=Path, help="the backup's own folder, with its manifest.json")
    back.add_argument(
        "--keep-series",
        action="store_true",
        help="do not begin a new series; the next start fetches what is missing from the server",
    )
    heal = _add(subparsers, "recover", "heal a journal that is shorter than its witness", _recover)
    recover.add_arguments(heal)
    export_ = _add(subparsers, "export", "write a view of the journal as JSON lines or CSV", _export)
    export_.add_argument("view", nargs="?", help="a c_* view; without it the views are listed")
    export_.add_argument("--format", choices=export.FORMATS, default="jsonl")
    export_.add_argument("--out", type=Path, help="file to write (default: standard output)")


def _add(subparsers: Any, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=summary, description=summary)
    # No defaults here: the same options may stand before the command, and a default would undo them.
    absent = argparse.SUPPRESS
    parser.add_argument("--data", type=Path, default=absent, help="the workstation's data folder")
    parser.add_argument(
        "--key-dir", type=Path, default=absent, help="folder of key files, where no key store is used"
    )
    parser.add_argument("--witness", type=Path, default=absent, help="the witness file")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_reporting(run))
    return parser


def _reporting(run: Run) -> Run:
    """Turns our errors into a sentence, or with --json into their object, and exit code 1."""

    def wrapped(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except TidemarkError as error:
            if arguments.json:
                _print_json({"ok": False, "error": error.as_dict()})
            else:
                sys.stderr.write(f"{error.code}: {error.message}\n")
            return 1

    return wrapped


def _verify(arguments: argparse.Namespace) -> int:
    places, keys, key = _open_places(arguments)
    with _Steps("Verifying documents", arguments) as progress:
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
        _print_json(
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
    places, _, key = _open_places(arguments)
    now_ms = SystemClock().now_ms()
    with _Steps("Copying pages", arguments) as progress:
        made = back_up(places.journal, key, arguments.into, now_ms=now_ms, progress=progress)
    expired = delete_expired_keys(arguments.into, now_ms)
    if arguments.json:
        _print_json(
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
    places, keys = _places(arguments)
    with _Steps("Verifying the backup", arguments) as progress:
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
        _print_json(
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


def _recover(arguments: argparse.Namespace) -> int:
    places, keys = _places(arguments)
    answer = recover.recover(
        places, keys, SystemClock(), source=arguments.source, new_series=arguments.new_series
    )
    if arguments.json:
        _print_json(answer)
    else:
        head = answer["head"]
        print(f"{answer['adopted']} documents taken back; the journal goes on at", end=" ")
        print(
            f"{head['incarnation']}/{head['number']}" + (" in a new series" if answer["new_series"] else "")
        )
    return 0


def _export(arguments: argparse.Namespace) -> int:
    places, _, key = _open_places(arguments)
    connection = open_database(places.journal, key, application_id=opening.APPLICATION_ID, read_only=True)
    try:
        if arguments.view is None:
            print("\n".join(export.views(connection)))
            return 0
        out = (
            nullcontext(sys.stdout)
            if arguments.out is None
            else arguments.out.open("w", encoding="utf-8", newline="")
        )
        connection.execute("BEGIN")
        with out as stream, _Steps(f"Writing {arguments.view}", arguments) as progress:
            export.export_view(connection, arguments.view, stream, form=arguments.format, progress=progress)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return 0


def _places(arguments: argparse.Namespace) -> tuple[Places, KeyStore]:
    places = find_places(*(getattr(arguments, name, None) for name in ("data", "witness", "key_dir")))
    if not places.data.is_dir():
        raise FileMissing(
            f"{places.data}: there is no such folder; name it with --data.", path=str(places.data)
        )
    return places, choose_key_store(places.data, places.key_folder)


def _open_places(arguments: argparse.Namespace) -> tuple[Places, KeyStore, bytes]:
    places, keys = _places(arguments)
    key = keys.get(JOURNAL_KEY)
    if key is None:
        raise WrongKey(
            f"{places.journal}: the key store holds no key for this file; name its folder with --key-dir.",
            path=str(places.journal),
        )
    return places, keys, key


def _head_text(head: Head) -> str:
    return f"{head.series.incarnation}/{head.number}"


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


class _Steps:
    """A progress bar on standard error; silent with --json or when nobody watches."""

    def __init__(self, title: str, arguments: argparse.Namespace) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn(title),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=arguments.json or not console.is_terminal,
        )
        self._task = self._bar.add_task(title, total=None)

    def __enter__(self) -> Callable[[int, int], None]:
        self._bar.start()
        return lambda done, total: self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
