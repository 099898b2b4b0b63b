"""Every page of the console in one table: method, path, who may, which function answers.

A route that is not here does not exist, and a test walks the whole table as every role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from sync_server.console.ask import Ask, Reply
from sync_server.console.pages import (
    audit,
    behind,
    campaigns,
    channels,
    documents,
    effects,
    exceptions,
    fleet,
    home,
    keymaps,
    members,
    notice_setup,
    notices,
    orders,
    own,
    policies,
    posters,
    price_changes,
    prices,
    promotion_form,
    promotions,
    receipt_template,
    releases,
    replays,
    sales,
    shifts,
    sign_in,
    stock,
    system,
    try_basket,
    users,
    watch,
)

FORM_BYTES_MAX = 256 * 1024
CELLS_BYTES = 4 * 1024 * 1024
FILE_SMALL = 4 * 1024 * 1024
FILE_BYTES = 64 * 1024 * 1024


class Open(Enum):
    """What needs no permission."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"


class Why(Enum):
    """Where a change's reason comes from."""

    ASKED = "its form"
    OF_ITS_DRAFT = "the draft it belongs to, which said why when it was begun"
    OWN = "a person's own session, language or password"
    READS = "nothing is changed: a preview of what a form would do"


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `path` is below `/console`; `{name}` is one part of it."""

    method: Literal["GET", "POST"]
    path: str
    needs: str | Open
    answer: Callable[[Ask], Reply]
    why: Why = Why.ASKED
    body_max: int = FORM_BYTES_MAX


def _get(path: str, needs: str | Open, answer: Callable[[Ask], Reply]) -> Route:
    return Route("GET", path, needs, answer)


def _post(
    path: str,
    needs: str | Open,
    answer: Callable[[Ask], Reply],
    why: Why = Why.ASKED,
    body_max: int = FORM_BYTES_MAX,
) -> Route:
    return Route("POST", path, needs, answer, why, body_max)


_DOCUMENT = "/documents/{workstation_id}/{incarnation}/{number}"
_KEPT = "/exceptions/quarantine/{workstation_id}/{incarnation}/{number}/{hash}"

ROUTES: tuple[Route, ...] = (
    # Signing in, and what is everybody's own
    _get("/sign-in", Open.ANYBODY, sign_in.form),
    _post("/sign-in", Open.ANYBODY, sign_in.submit, Why.OWN),
    _post("/language", Open.ANYBODY, own.language, Why.OWN),
    _post("/sign-out", Open.SIGNED_IN, own.sign_out, Why.OWN),
    _get("/password", Open.SIGNED_IN, own.password_form),
    _post("/password", Open.SIGNED_IN, own.password, Why.OWN),
    _get("/", "home.view", home.overview),
    # Prices
    _get("/prices", "prices.view", prices.grid),
    _get("/prices/rows", "prices.view", prices.rows),
    _get("/prices/export", "prices.view", prices.export),
    _get("/price-changes", "prices.view", price_changes.listing),
    _post("/price-changes", "prices.edit", price_changes.begin),
    _get("/price-changes/{change_id}", "prices.view", price_changes.one),
    _get("/price-changes/{change_id}/export", "prices.view", price_changes.export),
    _get("/price-changes/{change_id}/rejects", "prices.edit", price_changes.rejects),
    _post("/price-changes/{change_id}/period", "prices.edit", price_changes.period),
    _post(
        "/price-changes/{change_id}/cells", "prices.edit", price_changes.cells, Why.OF_ITS_DRAFT, CELLS_BYTES
    ),
    _post(
        "/price-changes/{change_id}/file", "prices.edit", price_changes.upload, Why.OF_ITS_DRAFT, FILE_BYTES
    ),
    _post("/price-changes/{change_id}/take-waiting", "prices.edit", price_changes.take_waiting),
    _post("/price-changes/{change_id}/submit", "prices.edit", price_changes.submit, Why.OF_ITS_DRAFT),
    _post("/price-changes/{change_id}/approve", "prices.approve", price_changes.approve),
    _post("/price-changes/{change_id}/send-back", "prices.publish", price_changes.send_back),
    _post("/price-changes/{change_id}/drop", "prices.edit", price_changes.drop),
    _post("/price-changes/{change_id}/publish", "prices.publish", price_changes.publish),
    # Promotions
    _get("/promotions", "promotions.view", promotions.listing),
    _post("/promotion-changes", "promotions.edit", promotions.begin),
    _get("/promotion-changes/{change_id}", "promotions.view", promotions.one),
    _get("/promotion-changes/{change_id}/overlaps", "promotions.view", promotions.overlaps),
    _get("/promotion-changes/{change_id}/new", "promotions.edit", promotion_form.new),
    _get("/promotion-changes/{change_id}/edit/{promotion_id}", "promotions.edit", promotion_form.edit),
    _post("/promotion-changes/{change_id}/check", "promotions.edit", promotion_form.check, Why.READS),
    _post("/promotion-changes/{change_id}/try", "promotions.edit", promotion_form.preview, Why.READS),
    _get("/promotion-picks", "promotions.edit", promotion_form.picks),
    _get("/store-picks", "rollout.view", promotion_form.store_picks),
    _post("/promotion-changes/{change_id}/rules", "promotions.edit", promotion_form.save, Why.OF_ITS_DRAFT),
    _post(
        "/promotion-changes/{change_id}/json", "promotions.edit", promotion_form.save_json, Why.OF_ITS_DRAFT
    ),
    _post("/promotion-changes/{change_id}/end", "promotions.edit", promotions.end_rule),
    _post("/promotion-changes/{change_id}/take-out", "promotions.edit", promotions.take_out),
    _post("/promotion-changes/{change_id}/take-waiting", "promotions.edit", promotions.take_waiting),
    _post("/promotion-changes/{change_id}/submit", "promotions.edit", promotions.submit, Why.OF_ITS_DRAFT),
    _post("/promotion-changes/{change_id}/approve", "promotions.approve", promotions.approve),
    _post("/promotion-changes/{change_id}/send-back", "promotions.publish", promotions.send_back),
    _post("/promotion-changes/{change_id}/drop", "promotions.edit", promotions.drop),
    _post("/promotion-changes/{change_id}/publish", "promotions.publish", promotions.publish),
    _get("/try-basket", "promotions.view", try_basket.frame),
    _get("/try-basket/line", "promotions.view", try_basket.line),
    _get("/try-basket/items", "promotions.view", try_basket.items),
    _post("/try-basket", "promotions.view", try_basket.price, Why.READS),
    # Coupon campaigns
    _get("/campaigns", "campaigns.view", campaigns.listing),
    _get("/campaigns/new", "campaigns.edit", campaigns.new),
    _post("/campaigns", "campaigns.edit", campaigns.create),
    _get("/campaigns/keys", "campaigns.keys", campaigns.keys),
    _post("/campaigns/keys", "campaigns.keys", campaigns.new_key),
    _post("/campaigns/keys/{key_id}/revoke", "campaigns.keys", campaigns.revoke_key),
    _get("/campaigns/{campaign_id}", "campaigns.view", campaigns.one),
    _get("/campaigns/{campaign_id}/edit", "campaigns.edit", campaigns.edit),
    _post("/campaigns/{campaign_id}/plan", "campaigns.edit", campaigns.change),
    _post("/campaigns/{campaign_id}/submit", "campaigns.edit", campaigns.submit, Why.OF_ITS_DRAFT),
    _post("/campaigns/{campaign_id}/approve", "campaigns.approve", campaigns.approve),
    _post("/campaigns/{campaign_id}/send-back", "campaigns.stop", campaigns.send_back),
    _post("/campaigns/{campaign_id}/drop", "campaigns.edit", campaigns.drop),
    _post("/campaigns/{campaign_id}/stop", "campaigns.stop", campaigns.stop),
    _post("/campaigns/{campaign_id}/codes", "campaigns.issue", campaigns.codes),
    _post("/campaigns/{campaign_id}/count", "campaigns.stop", campaigns.count, Why.READS),
    _post("/campaigns/{campaign_id}/issue", "campaigns.issue", campaigns.issue),
    _post("/campaigns/{campaign_id}/runs/{run_id}/stop", "campaigns.issue", campaigns.stop_run),
    _post("/campaigns/{campaign_id}/lease", "campaigns.issue", campaigns.lease),
    _post("/campaigns/{campaign_id}/recall", "campaigns.issue", campaigns.recall),
    # A draft over past baskets
    _get("/replays", "replay.view", replays.listing),
    _post("/replays", "replay.run", replays.begin),
    _get("/replays/{replay_id}", "replay.view", replays.one),
    _post("/replays/{replay_id}/stop", "replay.run", replays.stop),
    _get(
        "/replays/{replay_id}/baskets/{workstation_id}/{incarnation}/{number}", "replay.view", replays.basket
    ),
    # Releases on their way
    _get("/releases", "rollout.view", releases.listing),
    _get("/releases/{version}", "rollout.view", releases.one),
    _get("/releases/{version}/behind", "rollout.view", releases.behind),
    _get("/releases/{version}/export", "rollout.view", releases.export),
    _post("/releases/{version}/widen", "rollout.control", releases.widen),
    _post("/releases/{version}/to-all", "rollout.control", releases.to_all),
    _post("/releases/{version}/pause", "rollout.control", releases.pause),
    _post("/releases/{version}/resume", "rollout.control", releases.resume),
    _post("/releases/{version}/take-back", "rollout.control", releases.take_back),
    # What it did
    _get("/sales", "sales.view", sales.dashboard),
    _get("/sales/export", "sales.view", sales.export),
    _get("/sales/documents", "sales.view", behind.documents),
    _get("/sales/items", "effects.view", sales.items),
    _get("/sales/members", "effects.view", sales.members),
    _get("/sales/item", "effects.view", sales.item),
    _get("/channels", "sales.view", channels.listing),
    _get("/channels/export", "sales.view", channels.export),
    _get("/price-gaps", "sales.view", channels.gaps),
    _get("/price-gaps/one", "sales.view", channels.gap),
    _get("/price-gaps/export", "sales.view", channels.export_gaps),
    _get("/lots-astray", "sales.view", channels.astray),
    _get("/lots-astray/export", "sales.view", channels.export_astray),
    _get("/member-figures", "effects.view", channels.members),
    _get("/member-figures/moves", "effects.view", channels.moved),
    _get("/member-figures/export", "effects.view", channels.export_members),
    _get("/effects", "sales.view", effects.listing),
    _get("/effects/export", "sales.view", effects.export),
    _get("/campaigns/{campaign_id}/effect", "effects.view", effects.one),
    _get("/campaigns/{campaign_id}/effect/export", "effects.view", effects.export_one),
    _get("/campaigns/{campaign_id}/effect/arms", "effects.view", effects.arms),
    _get("/campaigns/{campaign_id}/effect/stores", "effects.view", effects.stores),
    _get("/campaigns/{campaign_id}/effect/member", "effects.view", effects.member),
    _get("/campaigns/{campaign_id}/baskets", "sales.view", effects.baskets),
    # Stock of the whole chain
    _get("/stock", "stock.view", stock.places),
    _get("/stock/export", "stock.view", stock.export),
    _get("/stock/parts", "stock.view", stock.parts),
    _get("/stock/shelves", "stock.view", stock.shelves),
    _get("/stock/shelves/checks", "stock.view", behind.shelf_checks),
    _get("/stock/shelves/export", "stock.view", stock.export_shelves),
    _get("/stock/items/{sku}", "stock.view", stock.item),
    _get("/stock/items/{sku}/{store_id}", "stock.view", stock.movements),
    _get("/orders", "stock.view", orders.listed),
    _get("/orders/{store_id}/{order_id}", "stock.view", orders.one),
    _get("/orders/{store_id}/{order_id}/order.csv", "stock.view", orders.export),
    _post("/orders/{store_id}/{order_id}/sent", "stock.order", orders.sent),
    _post("/orders/{store_id}/{order_id}/confirmed", "stock.order", orders.confirmed),
    _get("/transfers", "stock.view", stock.transfers),
    _post("/transfers/{suggestion_id}/approve", "stock.transfer", stock.approve),
    _post("/transfers/{suggestion_id}/refuse", "stock.transfer", stock.refuse),
    # What clashed
    _get("/exceptions", "exceptions.view", exceptions.listing),
    _get("/exceptions/counts", "exceptions.view", exceptions.counts),
    _get("/exceptions/counts/export", "exceptions.view", exceptions.export_counts),
    _get("/watch", "watch.view", watch.overview),
    _get("/watch/operator", "watch.view", watch.operator),
    _get("/watch/documents", "watch.view", watch.documents),
    _get("/watch/export", "watch.view", watch.export),
    _get("/shifts", "shifts.view", shifts.listing),
    _get("/shifts/export", "shifts.view", shifts.export),
    _get("/shifts/{workstation_id}/{shift_id}", "shifts.view", shifts.one),
    _get("/shifts/{workstation_id}/{shift_id}/sales", "shifts.view", shifts.sales),
    _get("/exceptions/rulings/{ruling_id}", "exceptions.view", exceptions.ruling),
    _post("/exceptions/rulings/{ruling_id}/accept", "exceptions.decide", exceptions.accept),
    _post("/exceptions/rulings/{ruling_id}/charge", "exceptions.decide", exceptions.charge),
    _post("/exceptions/rulings/{ruling_id}/contacted", "exceptions.decide", exceptions.contacted),
    _post("/exceptions/rulings/{ruling_id}/block-coupon", "exceptions.block", exceptions.block_coupon),
    _post("/exceptions/rulings/{ruling_id}/merge", "exceptions.members", exceptions.merge),
    _post("/exceptions/rulings/{ruling_id}/split", "exceptions.members", exceptions.split),
    _get(_KEPT, "exceptions.view", exceptions.kept),
    _post(_KEPT + "/try-again", "exceptions.release", exceptions.try_again),
    _get(_DOCUMENT, "documents.view", documents.one),
    _get(_DOCUMENT + "/price", "documents.view", documents.price),
    _post(_DOCUMENT + "/dispute", "exceptions.decide", documents.dispute),
    # Members and personal data
    _get("/members", "members.view", members.search),
    _post("/members/found", "members.view", members.found, Why.READS),
    _get("/members/{member_id}", "members.view", members.one),
    _post("/members/{member_id}/clear", "members.unmask", members.clear),
    _post("/members/{member_id}/dossier", "members.unmask", members.dossier),
    _post("/members/{member_id}/correct", "members.change", members.correct),
    _post("/members/{member_id}/freeze", "members.change", members.freeze),
    _post("/members/{member_id}/erase", "members.change", members.ask_erasure),
    _post("/members/{member_id}/reset-code", "members.change", members.ask_code_reset),
    _get("/personal-exports", "members.exports", members.exports),
    _post("/personal-exports", "members.export", members.ask_export),
    _post("/personal-exports/trace", "members.log", members.trace),
    _post("/personal-exports/{job_id}/take", "members.export", members.take),
    _post("/personal-jobs/{job_id}/approve", "members.approve", members.approve),
    _post("/personal-jobs/{job_id}/refuse", "members.approve", members.refuse),
    _get("/erasures", "members.log", members.erasures),
    _get("/personal-access", "members.log", members.looks),
    # Notices to members
    _get("/notices", "notices.view", notices.outbox),
    _post("/notices/retry-dead", "notices.control", notices.retry_dead),
    _get("/notices/{notice_id}", "notices.view", notices.one),
    _post("/notices/{notice_id}/retry", "notices.control", notices.retry),
    _post("/notices/{notice_id}/cancel", "notices.control", notices.cancel),
    _get("/notice-sendings", "notices.view", notices.sendings),
    _post("/notice-sendings", "notices.send", notices.send),
    _post("/notice-sendings/{sending_id}/approve", "notices.approve", notices.approve),
    _post("/notice-sendings/{sending_id}/refuse", "notices.approve", notices.refuse),
    _post("/notice-sendings/{sending_id}/stop", "notices.send", notices.stop),
    _get("/notice-templates", "notices.view", notice_setup.templates),
    _get("/notice-templates/{event}/{channel}/{language}", "notices.view", notice_setup.template),
    _post("/notice-templates/{event}/{channel}/{language}", "notices.edit", notice_setup.put_template),
    _post(
        "/notice-templates/{event}/{channel}/{language}/preview",
        "notices.edit",
        notice_setup.preview,
        Why.READS,
    ),
    _get("/notice-channels", "notices.view", notice_setup.channels),
    _post("/notice-channels/{channel}", "notices.channels", notice_setup.put_channel),
    _post("/notice-channels/{channel}/approve", "notices.approve", notice_setup.approve_channel),
    _post("/notice-channels/{channel}/refuse", "notices.approve", notice_setup.refuse_channel),
    _post("/notice-channels/{channel}/secret", "notices.channels", notice_setup.secret),
    _post("/notice-channels/{channel}/test", "notices.channels", notice_setup.test),
    _get("/posters", "notices.view", posters.listing),
    _post("/posters", "posters.change", posters.add, Why.ASKED, FILE_SMALL),
    _post("/posters/order", "posters.change", posters.order),
    _post("/posters/words", "posters.change", posters.words),
    # Fleet
    _get("/stores", "fleet.view", fleet.stores),
    _post("/stores", "fleet.change", fleet.put_store),
    _get("/stores/{store_id}", "fleet.view", fleet.store),
    _post("/stores/{store_id}/code", "fleet.change", fleet.new_code),
    _get("/workstations", "fleet.view", fleet.workstations),
    _get("/workstations/export", "fleet.view", fleet.export_workstations),
    _get("/workstations/{workstation_id}", "fleet.view", fleet.workstation),
    _post("/workstations/{workstation_id}/revoke", "fleet.change", fleet.revoke),
    _post("/workstations/{workstation_id}/replace", "fleet.change", fleet.replace),
    _get("/employees", "fleet.view", fleet.employees),
    _post("/employees", "fleet.change", fleet.put_employee),
    _post("/employees/{employee_id}/credential", "fleet.change", fleet.say_credential),
    _get("/policies", "policies.view", policies.listing),
    _get("/policies/{policy_key}", "policies.view", policies.one),
    _post("/policies/{policy_key}", "policies.change", policies.put),
    _post("/policies/{policy_key}/changes/{change_id}/approve", "policies.approve", policies.approve),
    _post("/policies/{policy_key}/changes/{change_id}/refuse", "policies.refuse", policies.refuse),
    _get("/keymaps", "policies.view", keymaps.listing),
    _get("/keymaps/new", "policies.change", keymaps.new),
    _get("/keymaps/{name}", "policies.view", keymaps.one),
    _post("/keymaps/{name}", "policies.change", keymaps.save),
    _post("/keymaps/{name}/check", "policies.view", keymaps.check, Why.READS),
    _post("/keymaps/{name}/default", "policies.change", keymaps.make_default),
    _post("/keymaps/{name}/drop", "policies.change", keymaps.drop),
    _get("/receipt-template", "policies.view", receipt_template.editor),
    _post("/receipt-template/preview", "policies.view", receipt_template.preview, Why.READS, FILE_SMALL),
    _post("/receipt-template", "policies.change", receipt_template.save, Why.ASKED, FILE_SMALL),
    # The server
    _get("/health", "system.view", system.health),
    _get("/health/jobs/{name}", "system.view", system.job),
    _get("/backups", "system.view", system.backups),
    _post("/backups", "system.change", system.begin_backup),
    _post("/backups/{name}/drill", "system.change", system.drill),
    _post("/audit/export", "audit.export", system.export_audit),
    # Users and audit
    _get("/users", "users.view", users.listing),
    _post("/users", "users.change", users.add),
    _get("/users/{user_id}", "users.view", users.one),
    _post("/users/{user_id}", "users.change", users.change),
    _post("/users/{user_id}/password", "users.change", users.reset_password),
    _get("/audit", "audit.view", audit.listing),
)
