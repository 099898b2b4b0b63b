"""Rows of paper as a PDF: A4, the same painter as the screen, fonts embedded by Qt."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from pos_client.receipts.rows import Row
from pos_client.services.refusals import NotSaved
from pos_client.ui.manager.paper_painter import PaperPainter

_DOTS_PER_INCH = 300


def save_pdf(rows: Sequence[Row], columns: int, path: Path, title: str) -> None:
    """Write beside `path` first and put it there whole. Raises NotSaved."""
    beside = path.with_name(path.name + ".part")
    writer = QPdfWriter(str(beside))
    writer.setTitle(title)
    writer.setResolution(_DOTS_PER_INCH)
    a4, upright = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(a4, upright, QMarginsF(20, 20, 20, 20)))
    painter = QPainter(writer)
    if not painter.isActive():
        raise NotSaved("the file cannot be written", path=str(path))
    room = writer.pageLayout().paintRectPixels(_DOTS_PER_INCH)
    paper = PaperPainter(columns, cell=room.width() // max(columns, 72))
    top = 0
    for row in rows:
        height = paper.height(row)
        if top and top + height > room.height():
            writer.newPage()
            top = 0
        paper.paint_row(painter, row, (room.width() - paper.width) // 2, top)
        top += height
    painter.end()
    try:
        os.replace(beside, path)
    except OSError as error:
        raise NotSaved("the file cannot be written", path=str(path)) from error
