"""Both languages have every key that a template or a page names, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from pos_core.errors import TidemarkError
from sync_server.console.words import LANGUAGES, sentences

CONSOLE = Path(__file__).resolve().parents[3] / "sync_server" / "console"
PREFIXES = {
    "nav.",
    "about.",
    "role.",
    "permission.",
    "user_state.",
    "error.",
    "done.",
    "age.",
    "change_state.",
}
PREFIXES |= {
    "dispute.outcome.",
    "dispute.why.",
    "dispute.finding.",
    "dispute.place.",
    "detail.",
    "quarantine.",
}
PREFIXES |= {"finding.", "cell.", "place.", "rollout_state.", "guard.", "workstation_state.", "shop_role."}
PREFIXES |= {"try.set_", "try.outcome_"}
PREFIXES |= {"kind.", "kind_group.", "section.", "section_hint.", "field.", "choice.", "field_error."}
PREFIXES |= {"promo.standing_", "promo_finding.", "promo_how.", "replay_state."}
PREFIXES |= {
    "store_field.",
    "refused_kind.",
    "policy_about.",
    "policy_title.",
    "gauge.",
    "backup_doing.",
    "ruling.",
    "cause.",
}
PREFIXES |= {"campaign.new_", "campaign_state.", "campaign_finding.", "trigger.", "offline.", "plan_field."}
PREFIXES |= {"lease_state.", "key_state.", "member.", "member_state.", "coupon_state.", "look.", "job_state."}
PREFIXES |= {
    "credential.",
    "notice_state.",
    "notice_event.",
    "notice_channel.",
    "notice_reason.",
    "notice_outcome.",
}
PREFIXES |= {"notice_adapter.", "notice_address.", "notice_word.", "notice_language.", "template_state."}
PREFIXES |= {"sending_state.", "store_lift.group.", "row_reason."}
PREFIXES |= {"watch.", "channel.", "orders.state.", "orders.mark."}
PREFIXES |= {
    "document.type.",
    "document.field.",
    "document.value.",
    "behind.",
    "stock.parts.",
    "stock.amount.",
    "job.",
}
PREFIXES |= {
    "sending_state.",
    "policy_state.",
    "policy_field.",
    "policy_choice.",
    "limit.",
    "exceptions.bearer_",
    "approval.",
    "policy_fault.",
}
PREFIXES |= {"key_context.", "key_fault.", "receipt_block.", "pick.", "dispute.place."}
PREFIXES |= {"audit.act.", "shift.difference.", "shift.state.", "shift.what.", "guard.kind."}
"""Keys that are put together: `t("role." ~ role)`; tests of their pages meet each."""


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    zh, en = sentences("zh"), sentences("en")
    assert zh.keys() == en.keys()
    assert [k for k in zh if placeholders(zh[k]) != placeholders(en[k])] == []
    assert [k for k in zh if not zh[k].strip() or not en[k].strip()] == []


def test_every_key_that_a_page_names_is_there() -> None:
    named = set()
    for path in CONSOLE.rglob("*.html"):
        named |= set(re.findall(r'\bt\(\s*"([a-z0-9_.]+)"\s*[,)]', path.read_text("utf-8")))
        named |= set(re.findall(r"\bt\(\s*'([a-z0-9_.]+)'\s*[,)]", path.read_text("utf-8")))
    for path in CONSOLE.rglob("*.py"):
        named |= set(re.findall(r'\bwords\(\s*"([a-z0-9_]+\.[a-z0-9_.]+)"', path.read_text("utf-8")))
    assert named - sentences("zh").keys() == set()


def test_no_key_is_left_over() -> None:
    text = "".join(p.read_text("utf-8") for p in CONSOLE.rglob("*") if p.suffix in {".html", ".py"})
    left = {k for k in sentences("zh") if k not in text and not k.startswith(tuple(PREFIXES))}
    assert left == set()


def _errors(kind: type[TidemarkError]) -> set[type[TidemarkError]]:
    return {kind} | {deeper for child in kind.__subclasses__() for deeper in _errors(child)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_the_console_has_a_sentence(language: str) -> None:
    import sync_server.bootstrap  # noqa: F401 - declares them all

    known = sentences(language)
    ours = ("sync_server.console", "sync_server.services.console", "sync_server.services.acts")
    missing = {
        kind.code
        for kind in _errors(TidemarkError)
        if kind.__module__.startswith(ours) and f"error.{kind.code}" not in known
    }
    assert missing - {"console_assets_missing"} == set()


def test_every_permission_and_role_has_a_name() -> None:
    from sync_server.services.console.roles import PERMISSIONS, Role

    zh = sentences("zh")
    assert {f"permission.{name}" for name in PERMISSIONS} | {f"role.{r}" for r in Role} <= zh.keys()
