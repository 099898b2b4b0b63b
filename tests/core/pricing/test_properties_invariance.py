"""The same goods and the same rules are the same question: however they stand, whoever computes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import decode, encode, encode_bytes
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.goldens import PRICED, basket_of, release_of
from tests.core.pricing.strategies import questions

ROOT = Path(__file__).parents[3]


def _without_lines(priced: PricedBasket) -> dict[str, Any]:
    data: dict[str, Any] = encode(priced)
    del data["lines"]
    return data


@campaign(150)
@given(questions(units=9, rules=8), st.randoms(use_true_random=False))
def test_order_of_lines_coupons_counters_and_rules(
    asked: tuple[PricingInput, PromotionSet], chance: Any
) -> None:
    question, release = asked
    data: dict[str, Any] = encode(question)
    for name in ("lines", "coupons", "usage", "redeem"):
        chance.shuffle(data[name])
    rules = list(release.promotions)
    chance.shuffle(rules)
    one = price_basket(question, compile_rules(release))
    other = price_basket(decode(PricingInput, data), compile_rules(PromotionSet(promotions=tuple(rules))))
    assert _without_lines(one) == _without_lines(other)
    by_id = {line.line_id: line for line in other.lines}
    assert [by_id[line.line_id] for line in one.lines] == list(one.lines)


@campaign(150)
@given(questions(units=9, rules=8))
def test_splitting_lines_into_single_units(asked: tuple[PricingInput, PromotionSet]) -> None:
    question, release = asked
    data: dict[str, Any] = encode(question)
    if any(r["kind"] == "goods" for r in data["redeem"]):
        return
    split = []
    for line in data["lines"]:
        pieces = 1 if line["weighed"] else line["quantity_milli"] // 1000
        for n in range(pieces):
            quantity = line["quantity_milli"] // pieces
            split.append({**line, "line_id": f"{line['line_id']}-{n}", "quantity_milli": quantity})
    data["lines"] = split
    rules = compile_rules(release)
    one, other = price_basket(question, rules), price_basket(decode(PricingInput, data), rules)
    assert _without_lines(one) == _without_lines(other)


SCRIPT = """
import hashlib, json, pathlib, sys
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
digest = hashlib.sha256()
for path in sorted(pathlib.Path("tests/golden/promotions").glob("*.json")):
    case = json.loads(path.read_text("utf-8"))
    if "basket" in case:
        rules = compile_rules(load_promotions({"format": 1, "promotions": case["promotions"]}))
        digest.update(encode_bytes(price_basket(load_basket(case["basket"]), rules)))
print(digest.hexdigest())
"""


def _elsewhere(interpreter: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [interpreter, "-c", SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@pytest.fixture(scope="module")
def here() -> str:
    digest = hashlib.sha256()
    for name in sorted(PRICED, key=lambda n: f"{n}.json"):
        case = PRICED[name]
        digest.update(encode_bytes(price_basket(basket_of(case), compile_rules(release_of(case)))))
    return digest.hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_another_process_with_another_hash_order(here: str, hash_seed: str) -> None:
    assert _elsewhere(sys.executable, hash_seed) == here


def _other_pythons() -> list[str]:
    """Interpreters named by the environment, else those that pyenv has; none: the test says so."""
    named = os.environ.get("OTHER_PYTHONS", "")
    if named:
        return named.split(os.pathsep)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [str(p) for p in sorted(versions.glob("3.1[2-9]*/bin/python"))]


def test_other_versions_of_python(here: str) -> None:
    interpreters = _other_pythons()
    if not interpreters:
        pytest.skip("no other Python is here: name some in OTHER_PYTHONS")
    for interpreter in interpreters:
        assert _elsewhere(interpreter, "random") == here, interpreter
