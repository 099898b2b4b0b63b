"""Canonical bytes, hashes and heads as docs/documents.md says."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

from pos_core.sync.document import DOCUMENT_TYPES, Series, document_bytes, document_hash, head_statement
from tests.fakes.core_values import a_chain, a_header

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "documents.md").read_text(encoding="utf-8")
BODY = {"currency": "CNY", "exponent": 2, "float_minor": 100}


def test_known_bytes_and_known_hash() -> None:
    """Pinned: if this test must change, every chain ever written stops verifying."""
    header = replace(a_header(type="shift_opened"), release=None, operator_id=None)
    data = document_bytes(header, BODY)
    assert data == (
        b'{"body":{"currency":"CNY","exponent":2,"float_minor":100},"business_day":"2026-01-02",'
        b'"document_id":"018bcfe5-6801-7000-8000-000000000000","hlc":"018bcfe56801-0000","incarnation":1,"number":1,'
        b'"occurred_at_ms":1700000000001,"operator_id":null,'
        b'"prev_hash":"' + Series("ws-1", 1).genesis().encode() + b'","release":null,"shift_id":"SH1",'
        b'"store_id":"S001","type":"shift_opened","v":1,"workstation_id":"ws-1"}'
    )
    assert document_hash(data) == hashlib.sha256(b"tidemark.document.1\x00" + data).hexdigest()


def test_genesis_and_head_statement_are_the_documented_bytes() -> None:
    series = Series("ws-1", 2)
    assert series.genesis() == hashlib.sha256(b"tidemark.series.1\x00ws-1\x002").hexdigest()
    assert head_statement(series, 7, "ab") == b"tidemark.head.1\x00ws-1\x002\x007\x00ab"


def test_series_that_read_alike_do_not_share_a_genesis() -> None:
    assert Series("ws-1", 12).genesis() != Series("ws-11", 2).genesis()


def test_a_stranger_verifies_a_chain_with_the_page_alone() -> None:
    """Runs the Python printed in docs/documents.md, which imports nothing of ours."""
    printed = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert printed is not None and "pos_core" not in printed[1]
    names: dict[str, object] = {}
    exec(printed[1], names)
    chain = a_chain([("shift_opened", BODY), ("no_sale", {"reason": "换零钱"})])
    assert names["check"](chain, "ws-1", 1) == document_hash(chain[-1])  # type: ignore[operator]


def test_the_page_names_every_type_and_every_key_of_the_header() -> None:
    keys = json.loads(a_chain([("no_sale", {"reason": ""})])[0])
    for word in (*DOCUMENT_TYPES, *keys):
        assert f"`{word}`" in PAGE, word
