"""Ours beside django-oscar and Vendure's order calculator, on the simple workload, same baskets and rules.

`python -m benchmarks.pricing_peers --oscar ENVIRONMENT/bin/python --vendure FOLDER` where the environment has
django-oscar (`pip install django-oscar`) and the folder node_modules with @vendure/core (`npm install
@vendure/core`), both outside of this repository. An engine that is not there is named and left out. Processor
time of one basket, medians. The totals differ: django-oscar takes what it meets first, Vendure lets all meet.
Node compiles while it works, so its first baskets are its slowest: `--warm 300` prices so many before those
that count, with Vendure and with ours.
"""

from __future__ import annotations

import argparse
import gc
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from benchmarks.peers import HERE, asked, imports
from benchmarks.pricing_data import simple_basket, simple_promotions
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions

CELLS = ((1, 10), (1, 100), (1, 500), (10, 10), (10, 100), (10, 500), (50, 100), (100, 100))


def ours(promotions: dict[str, Any], baskets: Sequence[dict[str, Any]]) -> tuple[list[float], list[int]]:
    """Milliseconds and totals of our engine."""
    rules = compile_rules(load_promotions(promotions))
    questions = [load_basket(basket) for basket in baskets]
    price_basket(questions[0], rules)
    gc.collect()
    times, totals = [], []
    for question in questions:
        began = process_time()
        priced = price_basket(question, rules)
        times.append((process_time() - began) * 1000)
        totals.append(priced.payable_minor)
    return times, totals


def theirs(command: Sequence[str], question: dict[str, Any]) -> tuple[list[float], list[int]] | None:
    """The same of another engine; None when it did not answer."""
    answer = asked(command, question)
    return None if answer is None else (answer["milliseconds"], answer["totals"])


def engines(oscar: str | None, vendure: str | None) -> dict[str, list[str]]:
    """Name → command of the engines that are installed; says which are not."""
    found: dict[str, list[str]] = {}
    if oscar and imports(oscar, "oscar"):
        found["django-oscar"] = [oscar, str(HERE / "run_oscar.py")]
    else:
        print("django-oscar is not installed there: left out (--oscar INTERPRETER)")
    node = shutil.which("node")
    if node and vendure and (Path(vendure) / "node_modules" / "@vendure" / "core").is_dir():
        found["Vendure"] = [node, str(HERE / "run_vendure.js"), vendure]
    else:
        print("Vendure is not installed there: left out (--vendure FOLDER, and node)")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oscar", help="an interpreter with django-oscar")
    parser.add_argument("--vendure", help="a folder with node_modules/@vendure/core")
    parser.add_argument("--baskets", type=int, default=9)
    parser.add_argument("--warm", type=int, default=0, help="baskets before those that count")
    parser.add_argument("--cells", nargs="*", default=[f"{a}x{b}" for a, b in CELLS], metavar="LINESxOFFERS")
    options = parser.parse_args()
    others = engines(options.oscar, options.vendure)
    print(f"\n{'lines x offers':<16} {'ours':>8}" + "".join(f" {name:>14} {'times':>7}" for name in others))
    for cell in options.cells:
        lines, offers = (int(part) for part in cell.split("x"))
        random = Random(lines)
        release = simple_promotions(offers)
        baskets = [simple_basket(lines, random) for _ in range(options.warm + options.baskets)]
        counting = slice(options.warm, None)
        times, totals = (found[counting] for found in ours(release, baskets))
        shown = f"{cell:<16} {_median(times):8.2f}"
        for name, command in others.items():
            # Nothing of django-oscar gets faster by being used, and a basket takes it a second.
            given = baskets if name == "Vendure" else baskets[counting]
            found = theirs(command, {"promotions": release["promotions"], "baskets": given})
            if found is None:
                shown += f" {'-':>14} {'-':>7}"
                continue
            took, paid = (answers[-options.baskets :] for answers in found)
            shown += f" {_median(took):14.1f} {_median(took) / _median(times):7.1f}"
            shown += f"  total {100 * sum(paid) / sum(totals) - 100:+.1f} %"
        print(shown, flush=True)


def _median(times: Sequence[float]) -> float:
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
