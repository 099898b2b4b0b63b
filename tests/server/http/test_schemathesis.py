"""Requests made from the interface document, good and bad: never a 5xx, always a documented answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from sync_server.http.app import interface_document
from tests.server.support.office import TestWorkstation, running_chain

pytestmark = pytest.mark.database("sqlite")  # about the edge, which no database sees

CASES_PER_ROUTE = 15


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestWorkstation]:
    with running_chain(tmp_path_factory.mktemp("chain") / "data") as chain:
        made = chain.enrol()
        made.maker.sale()
        yield made


def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(interface_document())
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("operation", operations(), ids=lambda each: each.label)
def test_no_request_breaks_the_server(till: TestWorkstation, operation: Any, signed: bool) -> None:
    statuses: list[int] = []

    @settings(
        max_examples=CASES_PER_ROUTE,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        statuses.append(send(till, case, signed=signed))

    attempt()
    assert statuses


def send(till: TestWorkstation, case: Any, *, signed: bool) -> int:
    """Sends a made-up case, signed for real or not, and checks the answer against the document."""
    made = case.as_transport_kwargs(base_url=str(till.http.base_url).rstrip("/"))
    known = ("method", "url", "headers", "params", "json", "data", "cookies", "files")
    prepared = requests.Request(**{name: made[name] for name in known if name in made}).prepare()
    body = prepared.body or b""
    body = body.encode() if isinstance(body, str) else body
    if signed:
        prepared.headers.update(till.headers(str(prepared.method), prepared.path_url, body))
    prepared.headers["Accept-Encoding"] = "identity"
    with requests.Session() as session:
        answer = session.send(prepared, timeout=20)
    assert answer.status_code < 500, (prepared.method, prepared.url, answer.text)
    case.validate_response(answer, checks=[status_code_conformance, response_schema_conformance])
    return answer.status_code
