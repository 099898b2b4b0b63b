from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from tests.server.support.console import cheap_passwords


@pytest.fixture(autouse=True, scope="session")
def _plain_log() -> Iterator[None]:
    """A defect's traceback in a moment: structlog's own for terminals takes seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    with cheap_passwords():
        yield
