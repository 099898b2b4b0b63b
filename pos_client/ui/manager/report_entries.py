"""X, Z and day reports from the menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pos_client.receipts.report import Report
from pos_client.receipts.watch_layout import lay_out_watch
from pos_client.ui.manager.paper_mode import Paper, PaperMode, paper_of
from pos_client.ui.shell.bench import Bench
from pos_core.errors import TidemarkError


def x_report(bench: Bench) -> None:
    """The open shift so far."""
    _show(bench, bench.desk.workstation.reports.x_report, "report.x")


def day_report(bench: Bench) -> None:
    """All of today's shifts."""
    _show(bench, bench.desk.workstation.reports.day_report, "report.day")


def _show(bench: Bench, make: Callable[[], Report], name: str) -> None:
    try:
        report = make()
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(PaperMode(bench, paper_of(bench, report), name))


def watch(bench: Bench) -> None:
    """What today's operators did that should be looked at."""
    services = bench.desk.workstation
    try:
        view = services.watch.day()
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    told = services.watch.paper(view)
    name = f"WATCH-{view.business_day}"
    paper = Paper(
        name,
        lambda language, columns: lay_out_watch(replace(told, language=language), columns),
        lambda: services.printing.print_rows(lay_out_watch(told, services.printing.columns)),
        lambda: services.reports.save_text(name, services.watch.csv(view)),
    )
    bench.stack.push(PaperMode(bench, paper, "report.watch"))
