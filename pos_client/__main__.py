"""`python -m pos_client`: the checkout window, the headless driver, enrolment, and the journal's commands.

Options may stand before or after the command. Without a command the window opens.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from pos_client.collector import quieten
from pos_client.storage.places import Places, find_places
from pos_core.errors import InvalidInput, TidemarkError

DEMO_FLOAT_MINOR = 20_000
_SECONDS = 30
_PREVIEW = frozenset(("receipt-preview", "-h", "--help"))
_JOURNAL_COMMANDS = frozenset(("verify", "backup", "restore", "recover", "rescue", "export", "-h", "--help"))


class BadSignOn(InvalidInput):
    """`--sign-on` is not NUMBER:PIN."""

    code = "bad_sign_on"


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 refused or trouble (a sentence on standard error), 2 wrong usage."""
    where, rest = _where_parser().parse_known_args(argv)
    arguments = _parser(rest).parse_args(rest)
    for name, value in vars(where).items():
        if getattr(arguments, name, None) is None:
            setattr(arguments, name, value)
    try:
        code: int = arguments.run(arguments)
    except TidemarkError as error:
        sys.stderr.write(f"{error.code}: {error.message}\n")
        return 1
    return code


def _where_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--key-dir", type=Path)
    parser.add_argument("--witness", type=Path)
    return parser


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tidemark", description="Tidemark checkout", allow_abbrev=False)
    parser.add_argument("--data", type=Path, help="data folder (default: the user's data folder)")
    parser.add_argument("--key-dir", type=Path, help="folder of key files, where no key store is used")
    parser.add_argument("--witness", type=Path, help="the witness file, on another disk if there is one")
    parser.add_argument("--printer", help="none, screen, network:HOST:PORT, serial:DEVICE, file:PATH")
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.add_argument(
        "--keymap", help="keys of the window: tidemark, pospal, supermarket, unicenta or one of head office's"
    )
    parser.add_argument("--headless", action="store_true", help="JSON lines on standard input and output")
    parser.add_argument("--no-timers", action="store_true", help="with --headless: sync only when asked")
    parser.add_argument("--sign-on", metavar="NUMBER:PIN", help="start signed on, with an open shift (demo)")
    parser.add_argument("--offscreen", action="store_true", help="no screen: sell by key events")
    parser.add_argument("--screenshots", type=Path, help="with --offscreen: folder for pictures")
    parser.set_defaults(run=_front_end)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    enrol = commands.add_parser("enrol", help="make this machine a workstation of a store")
    enrol.add_argument("--server", required=True, help="https://… address of the server")
    enrol.add_argument("--code", required=True, help="the one-time code from head office")
    enrol.add_argument("--name", default="", help="name on receipts and screens (default: the host's name)")
    enrol.set_defaults(run=_enrol)
    move = commands.add_parser("move-server", help="the same server under a new address")
    move.add_argument("--server", required=True)
    move.set_defaults(run=_move_server)
    if not _PREVIEW.isdisjoint(words):
        from pos_client.commands.receipt_preview import register as register_preview

        register_preview(commands)
    if not _JOURNAL_COMMANDS.isdisjoint(words):  # a start of the window need not load what these need
        from pos_client.commands.journal import register

        register(commands)
    return parser


def _places(arguments: argparse.Namespace) -> Places:
    return find_places(arguments.data, arguments.witness, arguments.key_dir)


def _front_end(arguments: argparse.Namespace) -> int:
    quieten()  # before the many objects that the modules make
    from pos_client import bootstrap
    from pos_client.log import configure_logging

    places = _places(arguments)
    configure_logging(places.data)
    options = bootstrap.Options(
        places,
        arguments.printer,
        arguments.language,
        timers=not arguments.no_timers,
        live=bool(arguments.headless),
    )
    if arguments.headless:
        from pos_client.headless.driver import run
        from pos_client.headless_host import HeadlessHost

        return run(HeadlessHost(options), sys.stdin.buffer, sys.stdout.buffer)
    return _window(arguments, options)


def _window(arguments: argparse.Namespace, options: object) -> int:
    import os

    from pos_client import bootstrap
    from pos_client.services.workstation import Workstation

    assert isinstance(options, bootstrap.Options)
    if arguments.offscreen:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sign_on = _sign_on_of(arguments.sign_on)
    from pos_client.ui.app import WindowOptions, run_window

    def opened() -> Workstation:
        workstation = bootstrap.open_workstation(options)
        try:
            if sign_on is not None:
                _start_signed_on(workstation, *sign_on)
        except BaseException:
            workstation.close()
            raise
        return workstation

    own = options.places.data / "keymap.json"
    window = WindowOptions(language=arguments.language, keymap=arguments.keymap, own_keymap=own)
    if arguments.offscreen:
        from pos_client.ui.offscreen import run_offscreen

        return run_offscreen(opened, window, arguments.screenshots or Path("screenshots"))
    return run_window(opened, window)


def _start_signed_on(workstation: object, number: str, pin: str) -> None:
    from pos_client.services.workstation import Workstation

    assert isinstance(workstation, Workstation)
    workstation.session.sign_on(number, pin).result(_SECONDS)
    if workstation.shift.current is None:
        workstation.shift.open_shift(DEMO_FLOAT_MINOR).result(_SECONDS)


def _sign_on_of(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    number, colon, pin = text.partition(":")
    if not (number and colon and pin):
        raise BadSignOn("--sign-on takes NUMBER:PIN")
    return number, pin


def _enrol(arguments: argparse.Namespace) -> int:
    from pos_client import bootstrap

    places = _places(arguments)
    name = arguments.name or socket.gethostname()[:40] or "checkout"
    made = bootstrap.enrol_workstation(places, arguments.server, arguments.code, name)
    sys.stdout.write(f"enrolled as {made.workstation_name} of store {made.store_id}\n")
    return 0


def _move_server(arguments: argparse.Namespace) -> int:
    from pos_client.sync.workstation_file import WorkstationFile

    folder = _places(arguments).data
    WorkstationFile.load(folder).at(arguments.server).save(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
