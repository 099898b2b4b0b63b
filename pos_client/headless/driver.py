"""The loop: a line in, a line out. Documented in docs/headless.md.

Nothing that comes in ends the loop but `quit` and the end of input: bad lines are answered with an error,
and a defect of ours with `internal_error`.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from pos_client.headless.answers import plain
from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.headless.host import Host
from pos_client.headless.operations import NOT_AVAILABLE, OPERATIONS
from pos_client.log import get_logger
from pos_core.canonical import NotCanonical, parse_strict
from pos_core.errors import Refusal, TidemarkError

LINE_BYTES_MAX = 1 << 20
_log = get_logger(__name__)


class UnknownOperation(Refusal):
    """No operation has that name."""

    code = "unknown_op"


class NotAvailable(Refusal):
    """The operation is part of the contract and not of this version."""

    code = "not_available"


class RequestTooLarge(Refusal):
    """A line of more than `facts["maximum"]` bytes."""

    code = "request_too_large"


def run(host: Host, lines: BinaryIO, answers: BinaryIO) -> int:
    """Serve until `quit` or the end of input; exit code 0. The workstation is closed in any case."""
    desk = Desk(host)
    try:
        while (line := lines.readline(LINE_BYTES_MAX + 1)) != b"":
            if len(line) > LINE_BYTES_MAX:
                _skip_rest(line, lines)
                answer, goes_on = _refused(None, RequestTooLarge("too long", maximum=LINE_BYTES_MAX)), True
            elif not line.strip():
                continue
            else:
                answer, goes_on = serve(desk, line)
            answers.write(_encoded(answer))
            answers.flush()
            if not goes_on:
                break
    except (BrokenPipeError, KeyboardInterrupt):
        pass  # whoever drove us is gone
    finally:
        desk.close()
    return 0


def serve(desk: Desk, line: bytes) -> tuple[dict[str, Any], bool]:
    """The answer to one line, and whether to go on."""
    request_id: Any = None
    try:
        request = parse_strict(line)
        if not isinstance(request, dict):
            raise BadRequest("a request is an object", field="")
        request_id = _id_of(request)
        fields = Fields(request)
        fields.optional_text("id") if isinstance(request_id, str) else fields.optional_integer("id")
        name = fields.text("op")
        if name in NOT_AVAILABLE:
            raise NotAvailable(f"{name} comes in a later version", op=name)
        operation = OPERATIONS.get(name)
        if operation is None:
            raise UnknownOperation(f"no operation {name[:64]!r}", op=name[:64])
        result = operation(desk, fields)
        return {"id": request_id, "ok": True, **plain(result)}, name != "quit"
    except NotCanonical as error:
        return _refused(request_id, BadRequest(error.message, **error.facts)), True
    except TidemarkError as error:
        return _refused(request_id, error), True
    except Exception as error:
        _log.exception("headless_defect")
        failure = {"code": "internal_error", "message": type(error).__name__, "facts": {}}
        return {"id": request_id, "ok": False, "error": failure}, True


def _id_of(request: dict[str, Any]) -> Any:
    given = request.get("id")
    if given is None or type(given) is int or (isinstance(given, str) and len(given) <= 256):
        return given
    raise BadRequest("id must be an integer or a short text", field="id")


def _refused(request_id: Any, error: TidemarkError) -> dict[str, Any]:
    return {"id": request_id, "ok": False, "error": error.as_dict()}


def _encoded(answer: dict[str, Any]) -> bytes:
    # Error messages may quote what came in; whatever is no text is shown as \ufffd.
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def _skip_rest(line: bytes, lines: BinaryIO) -> None:
    while line and not line.endswith(b"\n"):
        line = lines.readline(LINE_BYTES_MAX)
