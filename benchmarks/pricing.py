"""How long pricing a basket takes, and how often the optimum is proven.

`python -m benchmarks.pricing [--only TABLE]` prints median, p95 and p99 in milliseconds and the share of
baskets with `proof: exact`, for 100, 500 and 1000 promotions; ladder and one presented coupon included.
Processor time of one core, so that what else the machine does is not measured.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Callable
from random import Random
from time import process_time

from benchmarks.pricing_data import Chain, simple_basket, simple_promotions
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import EngineState, price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket

UNITS = (5, 10, 20, 50, 100)
RELEASES = (100, 500, 1000)
GOALS = {
    (100, 10): (0.99, 1), (100, 20): (0.99, 2), (100, 50): (0.99, 5), (100, 100): (0.99, 12),
    (500, 10): (0.99, 2), (500, 20): (0.99, 5), (500, 50): (0.95, 15), (500, 100): (0.95, 50),
    (1000, 10): (0.99, 5), (1000, 20): (0.95, 10), (1000, 50): (0.95, 40),
}  # fmt: skip
"""(promotions, units) → quantile and milliseconds with one coupon; with three coupons three times as much."""
HARD_BASKETS = 40


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


def row(name: str, times: list[float], exact: int, gap: int, goal: tuple[float, int] | None = None) -> None:
    print(
        f"{name:<28} {at(times, 0.5):8.2f} {at(times, 0.95):8.2f} {at(times, 0.99):8.2f} {times[-1]:8.2f}"
        f"  exact {100 * exact / len(times):5.1f} %  gap {gap}{_judged(times, goal)}",
        flush=True,
    )


def _judged(times: list[float], goal: tuple[float, int] | None) -> str:
    if goal is None:
        return ""
    share, most = goal
    return f"  p{100 * share:.0f} <= {most}: {'met' if at(times, share) <= most else 'MISSED'}"


def table(chain: Chain, baskets: int, *, coupons: int = 1) -> None:
    """The realistic chain, its ladder and its presented coupons."""
    print(
        f"\n{'ladder and ' + str(coupons) + ' coupon(s)':<28} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8}"
    )
    for count in RELEASES:
        rules = compile_rules(load_promotions(chain.promotions(count, coupons=coupons)))
        for units in UNITS:
            random = Random(units)
            questions = [load_basket(chain.basket(units, random)) for _ in range(baskets)]
            share, most = GOALS.get((count, units), (0.0, 0))
            goal = (share, most if coupons == 1 else 3 * most) if share else None
            measured = measure([_run(q, rules) for q in questions])
            row(f"{count} promotions, {units} units", *measured, goal)


def hard_table(chain: Chain, baskets: int) -> None:
    """Buy-A-get-B across sets, usage limits, floors at 60 % of list."""
    print(f"\n{'buy-get, limits, floors':<28} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8}")
    for count in RELEASES:
        rules = compile_rules(load_promotions(chain.hard_promotions(count)))
        for units in UNITS:
            random = Random(units)
            questions = [load_basket(chain.basket(units, random, floors=True)) for _ in range(baskets)]
            row(f"{count} promotions, {units} units", *measure([_run(q, rules) for q in questions]))


def scan_table(chain: Chain, baskets: int) -> None:
    """One more unit on a basket of 50, priced with what the pricing before it left behind."""
    print(f"\n{'one more scan':<28} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8}")
    for count in RELEASES:
        rules = compile_rules(load_promotions(chain.promotions(count)))
        random = Random(50)
        runs: list[Callable[[], PricedBasket]] = []
        for _ in range(baskets):
            before = chain.basket(50, random)
            after = {**before, "lines": [*before["lines"], chain.line(999, random.randrange(3000), 1)]}
            state = EngineState()
            price_basket(load_basket(before), rules, previous=state)
            runs.append(_run(load_basket(after), rules, state))
        row(f"{count} promotions, 50 + 1 units", *measure(runs), (0.95, 8) if count == 500 else None)


def simple_table(baskets: int) -> None:
    """The workload of docs/benchmarks, on which django-oscar and a Node engine were measured."""
    print(f"\n{'lines x offers':<28} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8}")
    for lines in (1, 10, 50, 100):
        for count in (10, 100, 500):
            rules = compile_rules(load_promotions(simple_promotions(count)))
            random = Random(lines)
            questions = [load_basket(simple_basket(lines, random)) for _ in range(baskets)]
            row(f"{lines} x {count}", *measure([_run(q, rules) for q in questions]))


def load_time(chain: Chain) -> None:
    """Reading, validating and compiling 1000 promotions; items are never enumerated."""
    text = json.dumps(chain.promotions(1000))
    began = process_time()
    compile_rules(load_promotions(text))
    print(f"\nloading a release of 1000 promotions: {(process_time() - began) * 1000:.0f} ms")


def _run(
    question: PricingInput, rules: RuleSet, state: EngineState | None = None
) -> Callable[[], PricedBasket]:
    return lambda: price_basket(question, rules, previous=state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=200)
    parser.add_argument("--only", choices=("main", "coupons", "hard", "scan", "simple", "load"))
    options = parser.parse_args()
    chain = Chain()
    tables: dict[str, Callable[[], None]] = {
        "main": lambda: table(chain, options.baskets),
        "coupons": lambda: table(chain, options.baskets, coupons=3),
        "hard": lambda: hard_table(chain, min(options.baskets, HARD_BASKETS)),
        "scan": lambda: scan_table(chain, options.baskets),
        "simple": lambda: simple_table(min(options.baskets, 50)),
        "load": lambda: load_time(chain),
    }
    for name, run in tables.items():
        if options.only in (None, name):
            run()


if __name__ == "__main__":
    main()
