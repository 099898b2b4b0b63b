"""Training is another journal: the real one, its numbers and its money stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.devices.terminal_simulator import SimulatedTerminal
from pos_client.receipts.layout import lay_out
from pos_client.receipts.screen import as_text
from pos_client.services.refusals.payment import TerminalNotReady
from pos_client.services.refusals.staff import NotAllowed
from pos_client.services.refusals.till import BasketOpen
from pos_client.services.refusals.workstation import InTraining
from pos_client.services.till.settlement import CountEntry
from pos_client.services.workstation import Workstation
from tests.client.services.shop import COLA, PIN, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path, terminal=SimulatedTerminal()).ready()
    yield made
    made.workstation.close()


def as_manager(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)


def begin(shop: Shop) -> Workstation:
    as_manager(shop)
    shop.workstation.training.begin().result(10)
    trained = shop.workstation.open_training()
    trained.session.sign_on("1001", PIN).result(10)
    trained.shift.open_shift(100).result(10)
    return trained


def sell(services: Workstation, code: str = COLA) -> Any:
    services.ring_up.enter(code)
    services.payment.begin()
    services.payment.add("cash", None)
    return services.payment.finish().result(10)


def end(shop: Shop, trained: Workstation) -> None:
    trained.session.sign_off().result(10)
    trained.session.sign_on("2001", PIN).result(10)
    trained.training.end().result(10)
    trained.close()


def test_nothing_of_training_reaches_the_real_journal_and_nothing_of_it_stays(shop: Shop) -> None:
    real = sell(shop.workstation)
    trained = begin(shop)
    before = shop.journal.head()
    sold = sell(trained)
    trained.till.no_sale("换零").result(10)
    trained.settlement.declare({"cash": CountEntry({}, 450)}).result(10)
    settled = trained.settlement.settle().result(10)
    assert shop.journal.head() == before and settled.z_number == 1
    assert sold.number != real.number + 1 and shop.training is not None
    assert shop.training.series.workstation_id == "ws-1-training"
    end(shop, trained)
    assert not (shop.folder / "training").exists()
    changes = [each["body"]["step"] for each in shop.documents("training_changed")]
    assert changes == ["begun", "ended"]
    shop.workstation.session.sign_on("1001", PIN).result(10)
    number = sell(shop.workstation).number
    assert number == shop.journal.head().number  # the real series goes on without a gap
    shop.workstation.settlement.declare({"cash": CountEntry({}, 20_000 + 700)}).result(10)
    z = shop.workstation.settlement.settle().result(10)
    assert (z.z_number, z.difference_minor, z.report.grand.sales_minor) == (1, 0, 700)


def test_paper_and_status_say_training_and_the_drawer_stays_shut(shop: Shop) -> None:
    trained = begin(shop)
    receipt = sell(trained).receipt
    assert as_text(lay_out(receipt, 48), 48).count("培训") == 2
    assert trained.status.view().training and not shop.workstation.status.view().training
    trained.printing.check().result(10)
    assert shop.paper.drawer_openings == 0 and len(shop.paper.jobs) == 1
    end(shop, trained)


def test_no_card_is_charged_in_training(shop: Shop) -> None:
    trained = begin(shop)
    trained.ring_up.enter(COLA)
    trained.payment.begin()
    with pytest.raises(TerminalNotReady):
        trained.terminal.charge("card")
    trained.payment.add("card", None)
    trained.payment.finish().result(10)
    assert isinstance(shop.terminal, SimulatedTerminal) and shop.terminal.charges == {}
    end(shop, trained)


def test_only_a_manager_begins_and_ends_it_and_never_over_a_basket(shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        shop.workstation.training.begin()
    as_manager(shop)
    shop.workstation.ring_up.enter(COLA)
    with pytest.raises(BasketOpen):
        shop.workstation.training.begin()
    shop.workstation.ring_up.clear().result(10)
    trained = begin(shop)
    assert shop.workstation.session.operator is None  # nobody is left signed on behind it
    with pytest.raises(NotAllowed):
        trained.training.end()
    with pytest.raises(InTraining):
        trained.training.begin()
    end(shop, trained)


def test_a_kill_in_training_leaves_the_real_workstation_as_it_was(shop: Shop) -> None:
    shift = shop.workstation.shift.current
    trained = begin(shop)
    sell(trained)
    trained.ring_up.enter(COLA)
    trained.close()  # as a kill would: nobody ended it
    shop.restart()
    assert shop.workstation.shift.current == shift
    assert shop.workstation.ring_up.basket().line_count == 0 and shop.documents("sale") == []
