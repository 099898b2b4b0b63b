"""The entries of the manager menu. One line here is all that a new one needs."""

from __future__ import annotations

from pos_client.ui.manager import cash_forms, report_entries, settle_forms
from pos_client.ui.manager.devices_mode import devices
from pos_client.ui.manager.entry import GROUPS, Entry
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.desk import Desk
from pos_core.cash.policy import CashPolicy
from pos_core.errors import TidemarkError


def toggle_training(bench: Bench) -> None:
    """Into training, after a question; out of it at once."""
    desk = bench.desk
    training = desk.workstation.training
    if training.is_on:
        try:
            ended = training.end()
        except TidemarkError as error:
            desk.refuse(error)
            return
        desk.wait_for(ended, lambda _: desk.switch(None), desk.refuse)
        return

    def begin() -> None:
        try:
            begun = training.begin()
        except TidemarkError as error:
            desk.refuse(error)
            return
        desk.wait_for(begun, lambda _: _enter(desk), desk.refuse)

    bench.stack.push(AskMode(desk, bench.stack, "ask.training", begin))


def _enter(desk: Desk) -> None:
    try:
        workstation = desk.workstation.open_training()
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.switch(workstation)


def switch_language(bench: Bench) -> None:
    """Chinese ↔ English, at once."""
    bench.desk.texts.switch()


def goods(bench: Bench) -> None:
    """The stock menu; its windows are loaded when somebody opens it."""
    from pos_client.ui.goods.goods_entries import goods_menu

    goods_menu(bench)


def day(bench: Bench) -> None:
    """The manager's day."""
    from pos_client.ui.goods.day_mode import day as open_day

    open_day(bench)


def z_report(bench: Bench) -> None:
    """Settled shifts."""
    from pos_client.ui.manager.z_mode import z_report as open_z

    open_z(bench)


def staff(bench: Bench) -> None:
    """Employees of this store."""
    from pos_client.ui.manager.staff_mode import staff as open_staff

    open_staff(bench)


def peers(bench: Bench) -> None:
    """The store's other tills."""
    from pos_client.ui.manager.peers_mode import peers as open_peers

    open_peers(bench)


ENTRIES: tuple[Entry, ...] = (
    Entry("manager.group.cash", "manager.no_sale", cash_forms.no_sale, act="no_sale"),
    Entry("manager.group.cash", "manager.paid_in", cash_forms.paid_in, act="paid_in"),
    Entry("manager.group.cash", "manager.paid_out", cash_forms.paid_out, act="paid_out"),
    Entry("manager.group.cash", "manager.pickup", cash_forms.pickup, act="pickup"),
    Entry("manager.group.cash", "manager.loan", cash_forms.loan, act="loan"),
    Entry("manager.group.cash", "manager.hand_over", settle_forms.hand_over, act="hand_over"),
    Entry("manager.group.cash", "manager.settle", settle_forms.settle, act="settle_shift"),
    Entry("manager.group.reports", "manager.x_report", report_entries.x_report, act="x_report"),
    Entry(
        "manager.group.reports",
        "manager.z_report",
        z_report,
        act="z_report",
        needs_shift=False,
    ),
    Entry(
        "manager.group.reports",
        "manager.day_report",
        report_entries.day_report,
        act="x_report",
        needs_shift=False,
    ),
    Entry("manager.group.reports", "manager.day", day, act="x_report", needs_shift=False),
    Entry("manager.group.reports", "manager.watch", report_entries.watch, act="watch", needs_shift=False),
    Entry("manager.group.stock", "manager.goods", goods, needs_shift=False),
    Entry("manager.group.store", "manager.devices", devices, act="devices", needs_shift=False),
    Entry("manager.group.store", "manager.staff", staff, act="staff", needs_shift=False),
    Entry("manager.group.store", "manager.training", toggle_training, act="training", needs_shift=False),
    Entry("manager.group.store", "manager.language", switch_language, needs_shift=False),
    Entry("manager.group.store", "manager.peers", peers, act="devices", needs_shift=False),
)


def entries_for(role: str, policy: CashPolicy, *, shift_is_open: bool) -> tuple[Entry, ...]:
    """What stands in the menu, in the order of its groups."""
    shown = [entry for entry in ENTRIES if entry.shown_to(role, shift_is_open=shift_is_open, policy=policy)]
    return tuple(sorted(shown, key=lambda entry: GROUPS.index(entry.group)))


def main_menu(bench: Bench) -> None:
    """Open the menu with what the operator may see."""
    services = bench.desk.workstation
    operator = services.session.operator
    role, shift_is_open = operator.role if operator else "", services.shift.current is not None
    bench.stack.push(MenuMode(bench, entries_for(role, services.till.policy, shift_is_open=shift_is_open)))
