"""The same question has the same bytes: in any order, after any scans before it, in any process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.pricing_data import Chain
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import EngineState, price_basket
from pos_core.pricing.load import load_basket, load_promotions

CHAIN = Chain()
RELEASES = {
    "usual": CHAIN.promotions(300, coupons=3),
    "hard": CHAIN.hard_promotions(300),
}
CASES = [(name, units, floors) for name in RELEASES for units in (6, 20, 50) for floors in (False, True)]


def _bytes(basket: dict[str, Any], release: dict[str, Any], **more: Any) -> bytes:
    return encode_bytes(price_basket(load_basket(basket), compile_rules(load_promotions(release)), **more))


def _basket(units: int, *, floors: bool) -> dict[str, Any]:
    return CHAIN.basket(units, Random(units), floors=floors)


@pytest.mark.parametrize("name, units, floors", CASES)
def test_order_of_lines_and_rules(name: str, units: int, floors: bool) -> None:
    basket, release = _basket(units, floors=floors), RELEASES[name]
    random = Random(1)
    lines, promotions = list(basket["lines"]), list(release["promotions"])
    random.shuffle(lines)
    random.shuffle(promotions)
    assert _bytes({**basket, "lines": lines}, {"promotions": promotions}) == _bytes(basket, release)


@pytest.mark.parametrize("name, units, floors", CASES)
def test_after_every_scan_as_from_scratch(name: str, units: int, floors: bool) -> None:
    basket = _basket(units, floors=floors)
    rules = compile_rules(load_promotions(RELEASES[name]))
    state = EngineState()
    for count in range(1, len(basket["lines"]) + 1):
        question = load_basket({**basket, "lines": basket["lines"][:count]})
        assert encode_bytes(price_basket(question, rules, previous=state)) == encode_bytes(
            price_basket(question, rules)
        )


@pytest.mark.parametrize("name, units, floors", CASES)
def test_split_lines(name: str, units: int, floors: bool) -> None:
    basket, rules = _basket(units, floors=floors), compile_rules(load_promotions(RELEASES[name]))
    split = [
        {**line, "line_id": f"{line['line_id']}-{n}", "quantity_milli": 1000}
        for line in basket["lines"]
        for n in range(line["quantity_milli"] // 1000)
    ]
    whole = price_basket(load_basket(basket), rules)
    parts = price_basket(load_basket({**basket, "lines": split}), rules)
    assert (parts.outcomes, parts.applications) == (whole.outcomes, whole.applications)


def test_hash_seed_and_process() -> None:
    script = "import hashlib; from tests.core.pricing.test_same_bytes import digest; print(digest())"
    found = {
        subprocess.run(  # noqa: PLW1510 - the digest is compared
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("0", "1", "4711")
    }
    assert found == {digest()}


def digest() -> str:
    """All cases in one hash."""
    found = hashlib.sha256()
    for name, units, floors in CASES[:8]:
        found.update(_bytes(_basket(units, floors=floors), RELEASES[name]))
    return found.hexdigest()
