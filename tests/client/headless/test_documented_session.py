"""docs/headless.md is true: its session is run, its operations are all there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pos_client.headless.operations import NOT_AVAILABLE, OPERATIONS
from tests.client.headless.host import ShopHost, drive

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "headless.md").read_text(encoding="utf-8")


def matches(expected: Any, found: Any) -> bool:
    """`…` stands for anything; an object with a key `…` may have more fields."""
    if expected == "…":
        return True
    if isinstance(expected, dict) and isinstance(found, dict):
        named = {key for key in expected if key != "…"}
        return (
            named <= found.keys()
            and ("…" in expected or named == found.keys())
            and all(matches(expected[key], found[key]) for key in named)
        )
    return bool(expected == found)


def test_the_session_of_the_document_runs_as_written(tmp_path: Path) -> None:
    requests = [json.loads(line[2:]) for line in DOCUMENT.splitlines() if line.startswith("→ ")]
    expected = [json.loads(line[2:]) for line in DOCUMENT.splitlines() if line.startswith("← ")]
    answers = drive(ShopHost(tmp_path), *requests)
    assert len(answers) == len(expected) > 10
    for wanted, found in zip(expected, answers, strict=True):
        assert matches(wanted, found), json.dumps(found, ensure_ascii=False, indent=1)


def test_every_operation_is_documented_and_the_other_way_round() -> None:
    table = re.findall(r"^\| (`[a-z_`, ]+`) \|", DOCUMENT, flags=re.MULTILINE)
    documented = set(re.findall(r"[a-z_]+", " ".join(table)))
    assert documented == set(OPERATIONS)
    assert all(f"{name}" in DOCUMENT for name in NOT_AVAILABLE)
    assert not NOT_AVAILABLE & set(OPERATIONS)
