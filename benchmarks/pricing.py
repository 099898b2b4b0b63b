"""How long pricing a basket takes, and how often the optimum is proven.

`python -m benchmarks.pricing [--quick]` prints median, p95 and p99 in milliseconds and the share of baskets
with `proof: exact`, for 100, 500 and 1000 promotions; ladder and one presented coupon included. Processor time of one
core, so that what else the machine does is not measured.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable
from random import Random
from time import process_time
from typing import Any

from benchmarks.pricing_data import Chain
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket

UNITS = (5, 10, 20, 50, 100)
RELEASES = (100, 500, 1000)


def measure(runs: list[Callable[[], PricedBasket]]) -> tuple[list[float], int, int]:
    """Milliseconds of each run (the first is a warm-up and not counted), exact results, largest gap."""
    times: list[float] = []
    exact = gap = 0
    runs[0]()
    gc.collect()
    gc.disable()
    for run in runs:
        began = process_time()
        result = run()
        times.append((process_time() - began) * 1000)
        exact += result.proof == "exact"
        gap = max(gap, result.gap_minor)
    gc.enable()
    return sorted(times), exact, gap


def at(times: list[float], share: float) -> float:
    """The quantile, by the nearest rank."""
    return times[min(len(times) - 1, int(share * len(times)))]


def row(name: str, times: list[float], exact: int, gap: int) -> None:
    print(
        f"{name:<28} {at(times, 0.5):8.2f} {at(times, 0.95):8.2f} {at(times, 0.99):8.2f} {times[-1]:8.2f}"
        f"  exact {100 * exact / len(times):5.1f} %  gap {gap}"
    )


def table(chain: Chain, baskets: int) -> None:
    for count in RELEASES:
        rules = compile_rules(load_promotions(chain.promotions(count)))
        for units in UNITS:
            random = Random(units)
            questions = [load_basket(chain.basket(units, random)) for _ in range(baskets)]
            runs = [_run(question, rules) for question in questions]
            row(f"{count} promotions, {units} units", *measure(runs))


def _run(question: Any, rules: RuleSet) -> Callable[[], PricedBasket]:
    return lambda: price_basket(question, rules)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=200)
    options = parser.parse_args()
    print(f"{'':<28} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8}")
    table(Chain(), options.baskets)


if __name__ == "__main__":
    main()
