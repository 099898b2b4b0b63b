"""A page with one card in its middle: a form and its key at the left, the number pad at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_client.ui.shell.brand import BrandMark
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.entry_box import EntryBox
from pos_client.ui.shell.key_button import KeyButton
from pos_client.ui.shell.message_bar import MessageBar
from pos_client.ui.shell.number_pad import NumberPad
from pos_client.ui.shell.parts import card as make_card


def lay_out_pad_page(
    page: QWidget, desk: Desk, form: Sequence[QWidget], go: KeyButton, *, below: KeyButton | None = None
) -> None:
    """Lays out `page`: the brand, the card with `form` over `go` and the pad, messages, and `below`."""
    theme = desk.theme
    card = make_card()
    rows = QVBoxLayout()
    for widget in form:
        rows.addWidget(widget)
    rows.addStretch(1)
    rows.addWidget(go)
    pad = NumberPad(desk.keys, theme)
    inner = QHBoxLayout(card)
    inner.addLayout(rows, 1)
    inner.addWidget(pad)
    column = QVBoxLayout()
    column.addStretch(2)
    column.addWidget(BrandMark(desk))
    column.addWidget(card)
    column.addWidget(MessageBar(desk.messages, desk.texts, theme))
    if below is not None:
        column.addWidget(below, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(3)
    whole = QHBoxLayout(page)
    whole.addStretch(1)
    whole.addLayout(column)
    whole.addStretch(1)

    def measure() -> None:
        edge = theme.px(28)
        inner.setContentsMargins(edge, edge, edge, edge)
        inner.setSpacing(edge)
        rows.setSpacing(theme.px(8))
        column.setSpacing(theme.px(14))
        card.setFixedSize(theme.px(720), theme.px(348))
        pad.setFixedWidth(theme.px(244))
        if below is not None:
            below.setFixedWidth(theme.px(270))
        for widget in form:
            if isinstance(widget, EntryBox):
                widget.setFixedHeight(theme.px(54))

    theme.bind(measure)
