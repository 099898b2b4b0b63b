"""F-43: the program is killed while the printer or the drawer is served (P1, P2, P16, P20)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.services.shop import PIN, Shop

ROOT = Path(__file__).resolve().parents[2]
STEPS = {"sale": range(1, 9), "no_sale": range(1, 8)}
"""Calls of the cable at which the program dies; the last ones are past the end of the job."""
COPY = "副本".encode("gb18030")


def die(folder: Path, what: str) -> dict[int, Path]:
    """Step → the folder that a workstation killed there left behind."""
    command = [sys.executable, "-m", "tests.faults.print_child", str(folder), what, *map(str, STEPS[what])]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    left = {step: folder / f"{what}-{step}" for step in STEPS[what]}
    killed = [step for step, each in left.items() if (each / "killed").read_text() == "1"]
    assert killed == list(range(1, len(killed) + 1)), "each call of the cable until the last one"
    assert 0 < len(killed) < len(STEPS[what]), "the steps reach past the end of the job"
    return left


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return die(tmp_path_factory.mktemp("sales"), "sale")


@pytest.mark.parametrize("step", STEPS["sale"])
def test_the_sale_stands_once_and_is_reprinted_as_a_copy(sales: dict[int, Path], step: int) -> None:
    shop = Shop(sales[step])
    (sale,) = shop.documents("sale")
    assert sale["body"]["total_minor"] == 350
    assert shop.workstation.ring_up.basket().line_count == 0, "a sold basket does not come back"
    assert (shop.paper.jobs, shop.paper.drawer_openings) == ([], 0), "nothing is printed by itself"
    shop.workstation.session.sign_on("1001", PIN).result(10)
    shop.workstation.printing.reprint().result(10)
    (copy,) = shop.paper.jobs
    assert COPY in copy
    assert shop.paper.drawer_openings == 0, "a copy opens no drawer"
    (reprint,) = shop.documents("receipt_reprinted")
    assert reprint["body"]["number"] == sale["number"]
    numbers = [each["number"] for each in shop.documents()]
    assert numbers == list(range(1, len(numbers) + 1))
    shop.workstation.close()


def test_a_drawer_opened_without_a_sale_is_journaled_once(tmp_path: Path) -> None:
    for step, folder in die(tmp_path, "no_sale").items():
        shop = Shop(folder)
        assert len(shop.documents("no_sale")) == 1, step
        assert shop.paper.drawer_openings == 0, "the drawer does not open again by itself"
        shop.workstation.close()
