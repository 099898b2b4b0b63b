"""`Ctrl+Shift+O` takes the workstation off the network and back, from every screen."""

from __future__ import annotations

from tests.ui.conftest import COLA, Till


def network(till: Till) -> str:
    return till.window.desk.workstation.sync.state.network


def test_it_goes_offline_by_choice_says_so_and_comes_back(till: Till) -> None:
    till.press(f"{COLA}\n", "<Ctrl+Shift+O>")
    assert network(till) == "offline_by_choice"
    assert "离线" in till.message
    till.press("<Ctrl+Shift+O>")
    assert network(till) == "online"
    assert len(till.fake.shop.lines) == 1


def test_it_works_in_payment_and_before_sign_on(till: Till, closed_till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "<Ctrl+Shift+O>")
    assert (network(till), till.mode) == ("offline_by_choice", "PayMode")
    closed_till.press("<Ctrl+Shift+O>")
    assert network(closed_till) == "offline_by_choice"
