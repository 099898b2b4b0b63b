"""Every number of a page opens to what it counts: a new one that does not is found here, in the templates."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

pytestmark = pytest.mark.database("sqlite")  # it asks none
LISTS = {
    "backups.html": "a backup of a row, which is drilled there",
    "campaigns.html": "a plan's budget, in a row that opens",
    "effect_basket_rows.html": "a document in each row",
    "erasures.html": "workstations that were not reached stand in the row",
    "health.html": "a job in each row, which opens to its runs",
    "job.html": "a run in each row",
    "keymaps.html": "a profile in each row, which opens",
    "member.html": "a document or a movement in each row",
    "members.html": "a member in each row, who opens",
    "notice_one.html": "attempts, one in each row",
    "notice_sendings.html": "a sending in each row",
    "notices.html": "a notice in each row, which opens to its attempts",
    "order.html": "the order itself: its deliveries stand below",
    "orders.html": "an order in each row, which opens",
    "personal_exports.html": "a job in each row",
    "personal_looks.html": "what somebody looked at, in the row",
    "posters.html": "a picture in each row",
    "price_change_rows.html": "what a draft would change: nothing was sold yet",
    "price_change_upload.html": "lines of a file",
    "price_changes.html": "a change in each row, which opens",
    "promotion_overlaps.html": "what a draft would meet: nothing was sold yet",
    "promotions.html": "a draft in each row, which opens",
    "replay_basket.html": "one basket, before and after",
    "replay_live.html": "what would have been: baskets to look at stand below",
    "replays.html": "a replay in each row, which opens",
    "sales_documents.html": "a document in each row",
    "shelf_checks.html": "a document in each row",
    "shift_sales.html": "a document in each row",
    "stock_movements.html": "a document in each row",
    "transfers.html": "a suggestion's reasons, beside its item, which opens",
    "try_basket_answer.html": "a basket that somebody made up",
    "watch_documents.html": "a document in each row",
    "store.html": "a workstation in each row, which opens",
    "workstation.html": "a series in each row",
    "workstations.html": "a workstation in each row, which opens",
}
"""Pages whose rows are themselves what is behind a number, or that count what never happened."""
SOME = {"campaign.html": 3, "release_live.html": 3}
"""Of a run of an issue, what it counted, in its row; of a workstation, what it reported of itself."""
TEMPLATES = {
    entry.name: entry.read_text("utf-8")
    for entry in files("sync_server.console").joinpath("templates").iterdir()
    if entry.name.endswith(".html")
}


def unlinked(text: str) -> list[str]:
    """Cells of numbers without a link, as they stand in a template."""
    cells = re.findall(r'<td class="num"[^>]*>(.*?)</td>', text, re.DOTALL)
    return [cell for cell in cells if "{{" in cell and "<a " not in cell]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_number_of_a_table_opens(name: str) -> None:
    found = unlinked(TEMPLATES[name])
    assert name in LISTS or len(found) <= SOME.get(name, 0), f"use macros.figure: {found}"
    assert found or name not in LISTS, "it has none any more: take it off the list"


DASHBOARDS = (
    "sales.html", "channels.html", "member_figures.html", "effect.html", "shifts.html", "shift.html",
    "lots_astray.html", "exception_counts.html", "release_live.html",
)  # fmt: skip


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_fact_at_the_head_of_a_dashboard_opens(name: str) -> None:
    facts = re.findall(r"\{\{ fact\((.*?)\) \}\}", TEMPLATES[name], re.DOTALL)
    assert facts or name in ("channels.html", "exception_counts.html")
    opens = [each for each in facts if "behind" in each or '"#' in each]
    assert opens == facts, [each for each in facts if each not in opens]


def test_the_search_finds_a_number_without_a_link() -> None:
    assert unlinked('<td class="num">{{ t.count(n) }}</td>') == ["{{ t.count(n) }}"]
    assert unlinked('<td class="num"><a href="/x">{{ t.count(n) }}</a></td><td class="num">–</td>') == []
