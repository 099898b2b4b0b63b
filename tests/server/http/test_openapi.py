"""The interface document and the error table: checked in, valid, equal to what is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from sync_server.http.app import interface_document
from sync_server.services.error_table import error_table, every_refusal
from tests.server.support.office import Chain

pytestmark = pytest.mark.database("sqlite")  # about the edge, which no database sees

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_checked_in_document_is_the_one_served(chain: Chain) -> None:
    checked_in = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    assert checked_in == interface_document(), "run: python -m sync_server openapi --to docs/openapi.json"
    assert chain.http.get("/openapi.json").json() == checked_in


def test_the_document_is_valid_openapi() -> None:
    validate(interface_document())


def test_the_error_table_is_the_codes() -> None:
    assert (DOCS / "errors.md").read_text(encoding="utf-8") == error_table(), (
        "run: python -m sync_server errors --to docs/errors.md"
    )


def test_every_error_says_what_it_means_and_what_to_do() -> None:
    codes = [kind.code for kind in every_refusal()]
    assert len(codes) == len(set(codes)) > 15
    for kind in every_refusal():
        assert kind.__doc__ and kind.advice.endswith("."), kind
        assert 400 <= kind.status < 600


def test_every_route_names_the_errors_of_its_statuses() -> None:
    known = {(kind.status, kind.code) for kind in every_refusal()}
    for path, operations in interface_document()["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "`" in answer["description"]:
                    for code in answer["description"].replace("`", "").split(", "):
                        assert (int(status), code) in known, (path, status, code)
