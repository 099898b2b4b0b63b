"""Setting devices up: by role, kept, at once; and no dead device ever stops a sale."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pos_client.devices.labels import Label
from pos_client.devices.lines import BadDeviceSetting
from pos_client.devices.scale import ScaleState
from pos_client.devices.terminal import Outcome, TerminalState
from pos_client.devices.terminal_simulator import SimulatedTerminal
from pos_client.services.devices import KINDS
from pos_client.services.refusals.staff import NotAllowed, NotSignedOn
from pos_client.services.refusals.till import NoOpenShift
from pos_client.services.refusals.workstation import SimulatorNotAllowed
from pos_client.services.till.settlement import CountEntry
from tests.client.services.shop import COLA, PIN, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).ready()


def as_manager(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)


def test_a_line_is_kept_and_holds_at_once_and_after_a_restart(shop: Shop) -> None:
    devices = shop.workstation.devices
    with pytest.raises(NotAllowed):
        devices.set("scale", "simulator:452")
    as_manager(shop)
    assert devices.weigh().result(10).weight_milli == 0
    devices.set("scale", "simulator:452")
    assert devices.weigh().result(10).weight_milli == 452 and shop.device_lines == {"scale": "simulator:452"}
    shop.restart()
    assert shop.workstation.devices.weigh().result(10).weight_milli == 452
    shop.workstation.close()


def test_a_wrong_line_leaves_the_old_device(shop: Shop) -> None:
    as_manager(shop)
    shop.workstation.devices.set("scale", "simulator:7")
    with pytest.raises(BadDeviceSetting):
        shop.workstation.devices.set("scale", "simulator:heavy")
    assert shop.workstation.devices.weigh().result(10).weight_milli == 7
    assert shop.device_lines == {"scale": "simulator:7"}
    shop.workstation.close()


def test_each_kind_can_be_found_and_tried(shop: Shop, tmp_path: Path) -> None:
    as_manager(shop)
    devices = shop.workstation.devices
    for kind in KINDS:
        for line in devices.find(kind):
            devices.set(kind, line)
    (tmp_path / "labels").touch()
    devices.set("label", f"file:{tmp_path / 'labels'}")
    devices.set("terminal", "simulator:offline")
    devices.set("display", "none")
    states = {kind: devices.test(kind).result(10) for kind in KINDS}
    assert states["label"] == "ready" and states["terminal"] == TerminalState.OFFLINE.value
    assert states["scale"] == "stable" and states["display"] == "not_configured"
    assert b"TEXT" in (tmp_path / "labels").read_bytes()
    assert {view.kind: view.state for view in devices.views()}["terminal"] == "offline"
    shop.workstation.close()


def test_trying_the_drawer_is_a_document_and_needs_a_shift(shop: Shop) -> None:
    as_manager(shop)
    devices = shop.workstation.devices
    assert devices.test("drawer").result(10) == "opened" and shop.paper.drawer_openings == 1
    (document,) = shop.documents("no_sale")
    assert document["body"]["reason_code"] == "device_test"
    devices.set("drawer", "none")
    assert devices.test("drawer").result(10) == "not_configured"
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    shop.workstation.payment.finish().result(10)
    shop.workstation.printing.check().result(10)
    assert shop.paper.drawer_openings == 1 and len(shop.documents("no_sale")) == 1
    shop.workstation.settlement.declare({"cash": CountEntry({}, 20_350)}).result(10)
    shop.workstation.settlement.settle().result(10)
    devices.set("printer", "none")
    devices.set("drawer", "printer:5")
    assert {view.kind: view.state for view in devices.views()}["drawer"] == "not_configured"
    with pytest.raises(NoOpenShift):
        devices.test("drawer")
    assert shop.paper.drawer_openings == 1
    shop.workstation.close()


def test_only_who_may_set_devices_up_tries_them_and_only_who_may_open_the_drawer_tries_that(
    shop: Shop,
) -> None:
    devices = shop.workstation.devices
    for kind in KINDS:
        with pytest.raises(NotAllowed) as refused:
            devices.test(kind)
        assert refused.value.facts["act"] == "devices"
    shop.policy("cash", {"roles": {"devices": "cashier", "no_sale": "manager"}})
    assert devices.test("printer").result(10) == "ready"
    with pytest.raises(NotAllowed) as refused:
        devices.test("drawer")
    assert refused.value.facts["act"] == "no_sale"
    shop.workstation.session.sign_off().result(10)
    with pytest.raises(NotSignedOn):
        devices.test("printer")
    assert len(shop.paper.jobs) == 1 and shop.paper.drawer_openings == 0
    assert shop.documents("no_sale") == []
    shop.workstation.close()


@pytest.mark.parametrize("kind", ["printer", "scale", "terminal", "label"])
def test_simulators_are_for_demonstrations_alone(shop: Shop, kind: str) -> None:
    as_manager(shop)
    devices = shop.workstation.devices
    assert any(line.startswith("simulator") for line in devices.find(kind))
    shop.policy("simulated_devices", False)
    assert not any(line.startswith("simulator") for line in devices.find(kind))
    with pytest.raises(SimulatorNotAllowed):
        devices.set(kind, "simulator")
    shop.workstation.close()


def test_a_simulated_scale_weighs_nothing_once_head_office_forbids_it(shop: Shop) -> None:
    as_manager(shop)
    shop.workstation.devices.set("scale", "simulator:452")
    shop.policy("simulated_devices", False)
    assert shop.workstation.devices.weigh().result(10).state is ScaleState.NOT_CONFIGURED
    shop.workstation.close()


def test_a_device_in_trouble_is_in_the_status_and_one_that_is_fine_is_not(shop: Shop) -> None:
    as_manager(shop)
    devices, status = shop.workstation.devices, shop.workstation.status
    told: list[str] = []
    status.on_change(lambda: told.append("changed"))
    devices.set("scale", "simulator:unstable")
    devices.weigh().result(10)
    devices.note("display", "shown")
    assert status.view().notices == ()
    devices.set("scale", "simulator:fault")
    devices.set("display", "window:1")
    before = len(told)
    devices.weigh().result(10)
    devices.note("display", "no_screen")
    assert len(told) == before + 2, "each of them is told once"
    devices.note("display", "no_screen")
    assert len(told) == before + 2
    found = {each.facts["device"]: each.facts["state"] for each in status.view().notices}
    assert found == {"scale": "fault", "display": "no_screen"}
    assert {each.subject for each in shop.workstation.to_do.tasks() if each.topic == "device"} == set(found)
    shop.workstation.close()


class Stuck(SimulatedTerminal):
    """A terminal that hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def enquire(self, reference: str) -> Outcome:
        return super().enquire(reference)

    def state(self) -> TerminalState:
        self.let_go.wait(30)
        return TerminalState.FAULT


def test_a_hanging_terminal_and_a_dead_scale_and_label_printer_stop_no_sale(tmp_path: Path) -> None:
    stuck = Stuck()
    lines = {"scale": "serial:/dev/none", "label": "network:127.0.0.1:1", "terminal": "simulator"}
    shop = Shop(tmp_path, terminal=stuck, device_lines=lines).ready()
    services = shop.workstation
    asked = services.terminal.check()
    weighed = services.devices.weigh()
    printed = services.devices.print_label(Label("shelf", "x", "1", 1, "CNY", 2))
    services.ring_up.enter(COLA)
    services.payment.begin()
    services.payment.add("cash", None)
    assert services.payment.finish().result(10).number and not asked.done()
    assert weighed.result(10).state.value == "offline" and printed.result(10).value == "offline"
    stuck.let_go.set()
    assert asked.result(10) is TerminalState.FAULT
    services.close()
