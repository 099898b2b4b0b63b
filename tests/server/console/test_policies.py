"""Policies as forms, and what is dangerous by two people."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sync_server.console.words import sentences
from sync_server.services import keymap_policy
from sync_server.services.console.policy_changes import DANGEROUS
from sync_server.services.console.policy_defaults import defaults_of
from sync_server.services.console.policy_forms import FORMS, BadPolicyField, fields_of, read, shown
from sync_server.services.console.roles import Role
from sync_server.services.importing import policies
from sync_server.services.importing.policies import known_policies, policy_fault
from sync_server.store import audit, feed, policy_change
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain


def value(chain: Chain, key: str) -> Any:
    return chain.office.store.read(lambda txn: feed.policy(txn, key))


def waiting(chain: Chain) -> list[policy_change.PolicyChangeRow]:
    return chain.office.store.read(policy_change.waiting)


def test_a_dangerous_one_counts_after_a_second_person(chain: Chain) -> None:
    both = sign_in(chain, Role.ADMINISTRATOR, Role.APPROVER, login="both")
    form = {"form": "fields", "cashier.price_override": "up_to", "cashier.price_override.rate": "12.5"}
    assert code_of(both.post("/policies/role_limits", form, why="新店")) == ""
    assert value(chain, "role_limits") is None
    (row,) = waiting(chain)
    path = f"/policies/role_limits/changes/{row.change_id}"
    assert code_of(both.post("/policies/role_limits", {"value": "{}"})) == "policy_waits"
    assert code_of(both.post(f"{path}/approve")) == "own_approval"
    assert code_of(sign_in(chain, Role.ADMINISTRATOR).post(f"{path}/approve")) == "console_forbidden"
    approver = sign_in(chain, Role.APPROVER)
    text = approver.get("/policies/role_limits").text
    assert "新店" in text and "125000" in text and "待批准" in approver.get("/policies").text
    assert code_of(approver.post(f"{path}/approve", why="看过")) == ""
    assert value(chain, "role_limits") == {"cashier": {"price_override": {"rate_ppm": 125_000}}}
    assert code_of(approver.post(f"{path}/approve")) == "policy_no_such_change"
    actions = [r["action"] for r in chain.office.store.read(audit.newest)]
    assert {"policy_change_asked", "policy_change_approved", "row_set"} <= set(actions)
    assert "看过" in both.get("/policies/role_limits").text


def test_a_refused_one_changes_nothing_and_one_that_moved_is_asked_again(chain: Chain) -> None:
    admin, approver = sign_in(chain, Role.ADMINISTRATOR), sign_in(chain, Role.APPROVER)
    admin.post("/policies/allowances", {"value": '{"term_hours": 24}'})
    (row,) = waiting(chain)
    assert code_of(admin.post(f"/policies/allowances/changes/{row.change_id}/refuse")) == ""
    assert value(chain, "allowances") is None and waiting(chain) == []
    admin.post("/policies/allowances", {"value": '{"term_hours": 24}'})
    (row,) = waiting(chain)
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [["allowances", "{}"]]))
    path = f"/policies/allowances/changes/{row.change_id}"
    assert code_of(approver.post(f"{path}/approve")) == "policy_moved" and value(chain, "allowances") == {}
    assert code_of(approver.post(f"{path}/refuse")) == ""


def test_a_harmless_one_counts_at_once_and_stands_in_the_history(chain: Chain) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    form = {"form": "fields", "quiet_from": "22", "order": "sms, push", "language": "en"}
    assert code_of(admin.post("/policies/notices", form, why="晚一点")) == ""
    assert value(chain, "notices") == {"quiet_from": 22, "order": ["sms", "push"], "language": "en"}
    assert "晚一点" in admin.get("/policies/notices").text
    assert code_of(admin.post("/policies/notices", {"form": "fields", "quiet_from": "25"})) == (
        "policy_bad_value"
    )
    assert code_of(admin.post("/policies/notices", {"form": "fields", "quiet_from": "x"})) == (
        "policy_bad_field"
    )
    assert code_of(admin.post("/policies/notices", {"form": "fields"})) == ""
    assert value(chain, "notices") is None


@pytest.mark.parametrize("key", sorted(FORMS))
def test_every_form_opens_in_both_languages(chain: Chain, key: str) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    for language in ("zh", "en"):
        chain.office.users.set_language(_act(), admin.user.user_id, language)
        answer = admin.get(f"/policies/{key}")
        assert answer.status_code == 200 and 'name="form"' in answer.text, answer.text[-500:]


def _act() -> Any:
    from sync_server.services.acts import Act

    return Act("test")


@pytest.mark.parametrize(
    "key,kept",
    [
        ("change_max_minor", 12345),
        ("zero_price_allowed", False),
        ("member_scope", "chain"),
        ("receipt_footer", "谢谢\n再来"),
        ("price_change_checks", {"change_max_ppm": 123_400, "items_max": 7}),
        (
            "allowances",
            {"points": {"*": 5, "gold": 9}, "stored_value_minor": 1250, "survives_restart": False},
        ),
        ("role_limits", {"cashier": {"void": False, "return": True, "points": {"amount_minor": 0}}}),
        ("notices", {"order": ["sms"], "region_languages": {"HK": "en"}, "keep_days": 9}),
        ("transfers", {"trip_minor": 1999, "freed_ppm": 1}),
    ],
)
def test_a_value_comes_back_from_its_form_as_it_was(key: str, kept: Any) -> None:
    fields = fields_of(key, ["gold"])
    assert read(fields, shown(fields, kept, 2), kept, 2) == kept
    assert policy_fault(key, kept, 2) is None


@pytest.mark.parametrize("text", ["-1", "1.234567", "NaN", "Infinity", "1e99", "x", "１２x"])
def test_a_number_that_cannot_stand_is_refused(text: str) -> None:
    fields = fields_of("rollout_guards", [])
    with pytest.raises(BadPolicyField):
        read(fields, {"margin_drop_max_ppm": text}, None, 2)


@pytest.mark.parametrize(
    "wrong",
    [[], {"points": 5}, {"points": {"a/b": 1}}, {"term_hours": 0}, {"term": 1}, {"budget_ppm": True},
     {"survives_restart": 1}, {"points": {"gold": -1}}],
)  # fmt: skip
def test_allowances_that_tills_would_not_read_are_refused(wrong: object) -> None:
    assert policy_fault("allowances", wrong, 2)


def test_the_keymap_editor_finds_conflicts_and_publishes_what_differs(chain: Chain) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    base = "/keymaps/%E9%97%A8%E5%BA%97"
    assert 'name="sale.price"' in admin.get(f"{base}?based_on=unicenta").text
    form = {"based_on": "unicenta", "sale.price": "f7", "any.confirm": "Return Enter", "any.back": "Esc"}
    found = admin.post(f"{base}/check", form, why="").text
    assert "一键两义" in found and "F7" in found
    assert code_of(admin.post(base, form)) == "keymap_bad_keys"
    assert code_of(admin.post(base, {**form, "sale.price": "shift+f4 P", "sale.age": "7"})) == ""
    kept = value(chain, "keymaps")
    assert kept["profiles"]["门店"]["contexts"] == {"sale": {"price": ["Shift+F4", "P"], "age": ["7"]}}
    assert code_of(admin.post(f"{base}/default")) == "" and value(chain, "keymaps")["default"] == "门店"
    assert code_of(admin.post(f"{base}/drop")) == "keymap_unknown", "the default stays"
    assert code_of(admin.post("/keymaps/tidemark/default")) == ""
    assert code_of(admin.post(f"{base}/drop")) == "" and value(chain, "keymaps")["profiles"] == {}
    assert code_of(admin.post("/keymaps/tidemark", form)) == "keymap_unknown"
    wrong = '{"profiles": {"x": {"based_on": "tidemark", "contexts": {"sale": {"price": ["F5"]}}}}}'
    assert code_of(admin.post("/policies/keymaps", {"value": wrong})) == "policy_bad_value"


def test_the_receipts_template_is_seen_before_it_is_kept(chain: Chain) -> None:
    from io import BytesIO

    from PIL import Image

    admin = sign_in(chain, Role.ADMINISTRATOR)
    used = {f"use_{each}": "1" for each in ("lines", "footer", "return_code")}
    form = {**used, "header": "欢迎光临\n\n 人民路店 ", "place_footer": "1", "columns": "32"}
    shown_ = admin.post("/receipt-template/preview", form, why="").text
    assert 'src="data:image/png;base64,' in shown_
    picture = BytesIO()
    Image.new("RGBA", (900, 300), (0, 0, 0, 255)).save(picture, "PNG")
    answer = admin.post("/receipt-template", form, files={"logo_file": ("l.png", picture.getvalue())})
    assert code_of(answer) == ""
    kept = value(chain, "receipt_template")
    assert kept["header"] == ["欢迎光临", "人民路店"] and kept["blocks"][0] == "footer"
    assert (kept["logo"]["width"], kept["logo"]["height"]) == (384, 128)
    assert code_of(admin.post("/receipt-template/preview", {"header": "x" * 300}, why="")) == (
        "receipt_bad_template"
    )
    assert code_of(admin.post("/receipt-template", {"invoice_link": "https://{nothing}"})) == (
        "receipt_bad_template"
    )
    files = {"logo_file": ("l.png", b"\x89PNG nothing")}
    assert code_of(admin.post("/receipt-template", form, files=files)) == "receipt_bad_logo"
    assert json.dumps(value(chain, "receipt_template")) == json.dumps(kept)


NO_FIGURE = {"change_max_minor", "line_quantity_max", "stock_quantity_max", "receipt_footer", "role_limits"}


@pytest.mark.parametrize("key", sorted(set(FORMS) - NO_FIGURE))
def test_what_an_empty_field_stands_for_is_a_value_that_may_be_said(key: str) -> None:
    fields = fields_of(key, [])
    found = defaults_of(key, fields, 2)
    assert all(found[field.name] for field in fields)
    assert policy_fault(key, read(fields, found, None, 2), 2) is None


def test_an_empty_field_says_what_holds(chain: Chain) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    text = admin.get("/policies/personal_data").text
    assert (
        'name="exports_per_day" value="" autocomplete="off" inputmode="decimal" placeholder="默认 5"' in text
    )
    assert '<option value="">默认 区域</option>' in admin.get("/policies/member_scope").text


def _named_in_code() -> set[str]:
    """Policies that a program asks for by name."""
    found: set[str] = set()
    for package in ("pos_core", "pos_client", "sync_server"):
        for path in (Path(__file__).parents[3] / package).rglob("*.py"):
            text = path.read_text("utf-8")
            found |= set(re.findall(r'\bpolicy\((?:txn, )?"([a-z_]+)"', text))
            found |= set(re.findall(r'\bpolicies\.get\("([a-z_]+)"', text))
            found |= set(re.findall(r'^(?:\w*POLICY(?:_KEY)?) = "([a-z_]+)"', text, re.MULTILINE))
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_policy_has_a_title_and_a_line_of_help(language: str) -> None:
    known, named = sentences(language), _named_in_code()
    assert {"stock", "returns", "leased_uses", "journal_retention"} <= named, (
        "the search finds what it should"
    )
    for key in set(known_policies()) | named | DANGEROUS | set(FORMS):
        title, about = known.get(f"policy_title.{key}", ""), known.get(f"policy_about.{key}", "")
        assert title and about and title != about, f"{key} has no words"
        assert "_" not in title


def test_policies_stand_under_their_titles_with_the_key_beside_them(chain: Chain) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    listed, one = admin.get("/policies").text, admin.get("/policies/member_scope").text
    assert re.search(r">会员数据的范围</a>\s*<code[^>]*>member_scope</code>", listed)
    assert "<h1>会员数据的范围</h1>" in one and ">member_scope</code>" in one and "归属门店" in one


JUNK: tuple[object, ...] = (
    -1, 0, True, "x", "x" * 3000, [], [1], ["x"], [{}], [{"code": "a", "name": "b"}] * 2, {}, {"x": 1},
    {"x": {}}, {"x": []}, {"cashier": {"x": 1}},
    {"cashier": {"void": 1}}, {"cashier": {"void": {"rate_ppm": -1}}},
    {"to": "x"}, {"to": "1.00", "mode": "x"}, {"figure": "x"}, {"void": [{}]}, {"void": [{"code": ""}]},
    {"void": [{"code": "a", "name": ""}]}, {"void": [{"code": "a", "name": "b"}] * 2}, {"addresses": ["x"]},
    {"addresses": 1}, {"port": -1}, {"enabled": 1}, ["ftp://x"], {"profiles": {"x": {}}},
    {"profiles": {"x": {"contexts": {}, "based_on": "?"}}}, {"profiles": {"x": {"contexts": {"sale": 1}}}},
    {"profiles": {"x": {"contexts": {"sale": {"price": ["F5"]}}, "based_on": "tidemark"}}},
    {"quiet_from": 99}, {"language": "xx"}, {"order": ["x"]}, {"region_languages": 1}, {"night_from": 24},
    {"trip_minor": -1}, {"sales_min": 0}, {"items_max": 0}, {"points": 1}, {"points": {"*": -1}},
    {"term_hours": 0},     {"survives_restart": 1}, {"departments": 1}, {"departments": {"a": -1}},
)  # fmt: skip


@pytest.mark.parametrize("key", known_policies())
def test_a_fault_of_any_policy_has_a_code_and_a_sentence_in_both_languages(key: str) -> None:
    found = [fault for value in JUNK if (fault := policy_fault(key, value, 2)) is not None]
    assert found, "nothing is wrong for it"
    for fault in found:
        assert fault.path.startswith(key), fault
        for language in ("zh", "en"):
            sentence = sentences(language).get(f"policy_fault.{fault.reason}")
            assert sentence, fault
            assert sentence.format(**fault.facts)


def test_every_reason_that_a_parser_of_a_policy_gives_has_a_sentence() -> None:
    root = Path(__file__).parents[3]
    parsers = [root / "pos_core" / "catalog" / name for name in ("in_store_code.py", "offer_list.py")]
    parsers += [Path(policies.__file__), Path(keymap_policy.__file__)]
    found = {reason for path in parsers for reason in re.findall(r'reason="(\w+)"', path.read_text("utf-8"))}
    assert len(found) > 15 and not {each for each in found if f"policy_fault.{each}" not in sentences("zh")}


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("personal_data", '{"night_from": 24}', "个人数据访问限额 · 夜间从几点：应为 0 到 23 的整数",
         "Limits of access to personal data · Night from: must be a whole number from 0 to 23"),
        ("member_scope", '"town"', "会员数据的范围：只能是其中之一：home_store, region, chain",
         "Reach of member data: must be one of home_store, region, chain"),
        ("role_limits", '{"cashier": {"void": 5}}',
         "角色限额 · cashier.void：应为 true、false，或只含 rate_ppm 和 amount_minor 的对象",
         "Limits by role · cashier.void: must be true, false or an object of rate_ppm and amount_minor"),
        ("cash", '{"float_minor": }', "现金与交班：不是合法的 JSON，第 1 行第 17 个字符",
         "Cash and settling: not JSON, at line 1, character 17"),
        ("cash", '{"a": 1.5}', "现金与交班：数字只能是整数，同一个字段不能写两次，也不能嵌套太深",
         "Cash and settling: numbers must be whole, no field may stand twice"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_in_the_readers_language(
    chain: Chain, key: str, value: str, zh: str, en: str
) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    for language, said in (("zh", zh), ("en", en)):
        chain.office.users.set_language(_act(), admin.user.user_id, language)
        answer = admin.post(f"/policies/{key}", {"value": value})
        assert code_of(answer) == "policy_bad_value" and said in unescape(answer.text), answer.text[-600:]
