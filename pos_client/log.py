"""The client's log: structlog, loaded when the first line is written.

Loading it (and the libraries it looks for) takes a third of a start, and a start writes nothing.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import threading
from pathlib import Path
from typing import Any

_lock = threading.Lock()
_state = {"json_lines": False, "configured": False}


def json_lines() -> None:
    """From the first line on: JSON through the standard library's loggers, one object a line."""
    _state["json_lines"] = True


def configure_logging(data: Path) -> None:
    """JSON lines into `logs/`, never on standard output (that is the driver's) and never raising: a log

    on a full disk must not stop a sale.
    """
    logging.raiseExceptions = False
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):
        (data / "logs").mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            data / "logs" / "tidemark.log", maxBytes=4 << 20, backupCount=3, encoding="utf-8", delay=True
        )
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("pos_client").setLevel(logging.INFO)
    json_lines()


class Log:
    """Says an event with its facts. Facts are values that may be logged: never a phone number or a key."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger: Any = None

    def info(self, event: str, **facts: Any) -> None:
        """Something worth finding later."""
        self._bound().info(event, **facts)

    def warning(self, event: str, **facts: Any) -> None:
        """Something was lost that can be done without."""
        self._bound().warning(event, **facts)

    def error(self, event: str, **facts: Any) -> None:
        """Somebody must look at this."""
        self._bound().error(event, **facts)

    def exception(self, event: str, **facts: Any) -> None:
        """A defect of ours, with its traceback; called while it is handled."""
        self._bound().error(event, exc_info=True, **facts)  # `exception` would add a second traceback

    def _bound(self) -> Any:
        if self._logger is None:
            import structlog

            with _lock:
                if _state["json_lines"] and not _state["configured"]:
                    _configure(structlog)
                    _state["configured"] = True
            self._logger = structlog.get_logger(self._name)
        return self._logger


def get_logger(name: str) -> Log:
    """One for each module, as `logging` does it."""
    return Log(name)


def _configure(structlog: Any) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
