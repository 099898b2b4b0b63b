"""`python -m pos_core.pricing`: the core's only front end, for strangers and for tests.

Reads `{"basket": …, "promotions": …}` as JSON on standard input and prints the priced basket as one line of
canonical JSON. Errors are one line of JSON on standard error: {"error": {"code", "message", "facts", …}}.

Exit codes: 0 done; 1 --check found something; 2 input or usage refused; 3 a defect of this program.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any, NoReturn

from pos_core.errors import InvalidInput, TidemarkError
from pos_core.pricing.command import (
    DEFECT,
    DONE,
    REFUSED,
    Options,
    Release,
    answer,
    batch,
    defect,
    error_line,
    load_release,
)
from pos_core.pricing.schema import ROOTS, schema_of


class BadUsage(InvalidInput):
    """Arguments that this command does not have."""

    code = "bad_usage"


class FileUnreadable(InvalidInput):
    """The file named by --promotions cannot be read. `facts["path"]`."""

    code = "file_unreadable"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUsage(message)


def schema_text(name: str) -> str:
    """A schema as docs/schema/ holds it: indented, fields in their order, one newline at the end."""
    return json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code; never raises but for an interrupt."""
    try:
        return _run(_parser().parse_args(arguments))
    except TidemarkError as error:
        _complain(error)
        return REFUSED
    except BrokenPipeError:  # whoever read us has read enough; let nothing complain at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        _complain(defect(error))
        return DEFECT


def _parser() -> _Parser:
    parser = _Parser(
        prog="python -m pos_core.pricing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--promotions", metavar="FILE", help="the promotion set; then stdin may be a bare basket"
    )
    parser.add_argument("--batch", action="store_true", help="one question a line, one answer a line")
    parser.add_argument(
        "--explain", action="store_true", help="say of each promotion why it did or did not apply"
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), help='with --explain: {"priced", "words"}, words in lines'
    )
    parser.add_argument("--symbol", default="¥", help="currency sign in words")
    parser.add_argument(
        "--check", action="store_true", help='check "priced" (or our own answer); exit 1 on findings'
    )
    parser.add_argument("--refund", action="store_true", help='refunds for "returns", one after the other')
    parser.add_argument("--schema", choices=sorted(ROOTS), help="print this JSON Schema and stop")
    return parser


def _run(wanted: Any) -> int:
    if wanted.schema:
        _print(schema_text(wanted.schema).encode())
        return DONE
    if wanted.check + wanted.refund + (wanted.explain or wanted.lang is not None) > 1:
        raise BadUsage("--check, --explain and --refund are three questions: ask one at a time")
    options = Options(
        explain=wanted.explain or wanted.lang is not None,
        language=wanted.lang,
        check=wanted.check,
        refunds=wanted.refund,
        symbol=wanted.symbol,
    )
    release = _release(wanted.promotions)
    if not wanted.batch:
        found = answer(sys.stdin.buffer.read(), options, release)
        _print(found.line + b"\n")
        return found.code
    worst = DONE
    for each in batch(sys.stdin.buffer, options, release):
        _print(each.line + b"\n")
        worst = max(worst, each.code)
    return worst


def _release(path: str | None) -> Release | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise FileUnreadable(error.strerror or "cannot be read", path=path) from None
    return load_release(text)


def _print(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _complain(error: TidemarkError) -> None:
    sys.stderr.buffer.write(error_line(error) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
