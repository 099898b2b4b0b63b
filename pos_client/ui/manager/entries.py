"""The entries of the manager menu. One line here is all that a new one needs."""

from __future__ import annotations

from pos_client.ui.manager import cash_forms
from pos_client.ui.manager.entry import Bench, Entry


def switch_language(bench: Bench) -> None:
    """Chinese ↔ English, at once."""
    bench.desk.texts.switch()


ENTRIES: tuple[Entry, ...] = (
    Entry("manager.group.cash", "manager.no_sale", cash_forms.no_sale),
    Entry("manager.group.cash", "manager.paid_in", cash_forms.paid_in),
    Entry("manager.group.cash", "manager.paid_out", cash_forms.paid_out, role="supervisor"),
    Entry("manager.group.cash", "manager.pickup", cash_forms.pickup, role="supervisor"),
    Entry("manager.group.cash", "manager.loan", cash_forms.loan, role="supervisor"),
    Entry("manager.group.store", "manager.language", switch_language, needs_shift=False),
)
