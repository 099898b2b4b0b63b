"""Paper and pictures as a PDF: A4, the same painters as the screen, fonts embedded by Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPoint, QRect, QSize
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from pos_client.receipts.rows import Row
from pos_client.services.refusals.workstation import NotSaved
from pos_client.ui.manager.paper_painter import PaperPainter

_DOTS_PER_INCH = 300


def save_pdf(rows: Sequence[Row], columns: int, path: Path, title: str) -> None:
    """Write beside `path` first and put it there whole. Raises NotSaved."""
    writer, painter = _open(path, title, QPageLayout.Orientation.Portrait)
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
    _close(painter, path)


def save_picture(paint: Callable[[QPainter, QRect], None], size: QSize, path: Path, title: str) -> None:
    """One lying page: `paint` is given a room of `size`, drawn as large as fits. Raises NotSaved."""
    writer, painter = _open(path, title, QPageLayout.Orientation.Landscape)
    room = writer.pageLayout().paintRectPixels(_DOTS_PER_INCH)
    painter.setWindow(QRect(QPoint(), size))
    scale = min(room.width() / size.width(), room.height() / size.height())
    painter.setViewport(0, 0, int(size.width() * scale), int(size.height() * scale))
    paint(painter, QRect(QPoint(), size))
    _close(painter, path)


def _open(path: Path, title: str, orientation: QPageLayout.Orientation) -> tuple[QPdfWriter, QPainter]:
    """Raises NotSaved."""
    writer = QPdfWriter(str(_beside(path)))
    writer.setTitle(title)
    writer.setResolution(_DOTS_PER_INCH)
    a4 = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(a4, orientation, QMarginsF(20, 20, 20, 20)))
    painter = QPainter(writer)
    if not painter.isActive():
        raise NotSaved("the file cannot be written", path=str(path))
    return writer, painter


def _close(painter: QPainter, path: Path) -> None:
    """Raises NotSaved."""
    painter.end()
    try:
        os.replace(_beside(path), path)
    except OSError as error:
        raise NotSaved("the file cannot be written", path=str(path)) from error


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".part")
