"""What the commands on a workstation's files share: options, errors as sentences, places, progress."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pos_client.journal.start import JOURNAL_KEY
from pos_client.keys.key_store import KeyStore, choose_key_store
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


def add_command(subparsers: Any, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    """A command with the options that every command has; its errors become a sentence and exit code 1."""
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
                print_json({"ok": False, "error": error.as_dict()})
            else:
                sys.stderr.write(f"{error.code}: {error.message}\n")
            return 1

    return wrapped


def places_of(arguments: argparse.Namespace) -> tuple[Places, KeyStore]:
    """The workstation's files and its key store. Raises FileMissing."""
    places = data_folder_of(arguments)
    return places, choose_key_store(places.data, places.key_folder)


def data_folder_of(arguments: argparse.Namespace) -> Places:
    """The workstation's files, whatever has become of its key store. Raises FileMissing."""
    places = find_places(*(getattr(arguments, name, None) for name in ("data", "witness", "key_dir")))
    if not places.data.is_dir():
        raise FileMissing(
            f"{places.data}: there is no such folder; name it with --data.", path=str(places.data)
        )
    return places


def open_journal_places(arguments: argparse.Namespace) -> tuple[Places, KeyStore, bytes]:
    """`places_of` and the journal's key. Raises WrongKey."""
    places, keys = places_of(arguments)
    key = keys.get(JOURNAL_KEY)
    if key is None:
        raise WrongKey(
            f"{places.journal}: the key store holds no key for this file; name its folder with --key-dir.",
            path=str(places.journal),
        )
    return places, keys, key


def print_json(value: dict[str, Any]) -> None:
    """One object on standard output."""
    print(json.dumps(value, ensure_ascii=False))


class Steps:
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
