"""What the menu offers: groups of pages, each shown to whoever may open it."""

from __future__ import annotations

from dataclasses import dataclass

from sync_server.services.console.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; its words are `nav.<key>`."""

    key: str
    path: str
    permission: str


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "overview",
        (
            Entry("home", "/console/", "home.view"),
            Entry("sales", "/console/sales", "sales.view"),
            Entry("channels", "/console/channels", "sales.view"),
            Entry("member_figures", "/console/member-figures", "effects.view"),
            Entry("effects", "/console/effects", "sales.view"),
            Entry("exceptions", "/console/exceptions", "exceptions.view"),
            Entry("shifts", "/console/shifts", "shifts.view"),
            Entry("watch", "/console/watch", "watch.view"),
        ),
    ),
    (
        "prices",
        (
            Entry("prices", "/console/prices", "prices.view"),
            Entry("price_changes", "/console/price-changes", "prices.view"),
            Entry("releases", "/console/releases", "rollout.view"),
            Entry("price_gaps", "/console/price-gaps", "sales.view"),
        ),
    ),
    (
        "promotions",
        (
            Entry("promotions_list", "/console/promotions", "promotions.view"),
            Entry("campaigns", "/console/campaigns", "campaigns.view"),
            Entry("try_basket", "/console/try-basket", "promotions.view"),
            Entry("replays", "/console/replays", "replay.view"),
        ),
    ),
    (
        "goods",
        (
            Entry("stock", "/console/stock", "stock.view"),
            Entry("transfers", "/console/transfers", "stock.view"),
            Entry("lots_astray", "/console/lots-astray", "sales.view"),
            Entry("orders", "/console/orders", "stock.view"),
        ),
    ),
    (
        "members",
        (
            Entry("members", "/console/members", "members.view"),
            Entry("personal_exports", "/console/personal-exports", "members.exports"),
            Entry("erasures", "/console/erasures", "members.log"),
            Entry("personal_access", "/console/personal-access", "members.log"),
        ),
    ),
    (
        "notices_out",
        (
            Entry("notices", "/console/notices", "notices.view"),
            Entry("notice_sendings", "/console/notice-sendings", "notices.view"),
            Entry("posters", "/console/posters", "notices.view"),
            Entry("notice_templates", "/console/notice-templates", "notices.view"),
            Entry("notice_channels", "/console/notice-channels", "notices.view"),
        ),
    ),
    (
        "fleet",
        (
            Entry("stores", "/console/stores", "fleet.view"),
            Entry("workstations", "/console/workstations", "fleet.view"),
            Entry("employees", "/console/employees", "fleet.view"),
            Entry("keymaps", "/console/keymaps", "policies.view"),
            Entry("receipt_template", "/console/receipt-template", "policies.view"),
            Entry("policies", "/console/policies", "policies.view"),
        ),
    ),
    (
        "system",
        (
            Entry("health", "/console/health", "system.view"),
            Entry("backups", "/console/backups", "system.view"),
            Entry("audit", "/console/audit", "audit.view"),
            Entry("users", "/console/users", "users.view"),
        ),
    ),
)
"""Group → entries, in the order of a day's work."""


def menu_for(who: SignedIn) -> list[tuple[str, list[Entry]]]:
    """Groups with at least one entry for this person."""
    groups = [(group, [e for e in entries if who.may(e.permission)]) for group, entries in MENU]
    return [(group, entries) for group, entries in groups if entries]
