"""What each kind of file makes of its rows, and that the same file again changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync_server.services.importing import ImportTarget
from sync_server.services.importing.kinds import IMPORT_KINDS
from sync_server.services.personal_data import blind_index, pin_fits
from sync_server.services.pinyin import pinyin_of
from sync_server.store import feed, masters


def rows(office: ImportTarget, kind: str, scope: str = "chain") -> dict[str, list[Any]]:
    return office.store.read(lambda txn: {row[0]: row for row in feed.rows_of(txn, kind, scope)})


def head(office: ImportTarget) -> int:
    return office.store.read(feed.head)


def test_items_ship_the_floor_and_keep_the_cost(shop, office):
    item = rows(office, "item")["A1"]
    assert item[9] == 150
    assert 120 not in item
    assert office.store.read(lambda txn: masters.costs(txn, ["A1", "A2"])) == {"A1": 120, "A2": 300}


def test_items_get_pinyin_and_initials(shop, office):
    item = rows(office, "item")["A1"]
    assert (item[13], item[14]) == ("kekouyunkele330ml", "kkykl330ml")


def test_an_absent_column_keeps_what_head_office_has(shop, office):
    report = shop("items", "sku,name,tax_class_code\nA1,可口云可乐330ml,V13\n")
    assert (report.changed, report.unchanged) == (0, 1)
    assert rows(office, "item")["A1"][9] == 150


def test_a_cost_alone_is_a_change_that_no_workstation_sees(shop, office):
    before = head(office)
    report = shop("items", "sku,name,tax_class_code,成本\nA1,可口云可乐330ml,V13,1.30\n")
    assert report.changed == 1
    assert head(office) == before
    assert office.store.read(lambda txn: masters.costs(txn, ["A1"])) == {"A1": 130}


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("6901234567892", "06901234567892"),
        ("96385074", "00000096385074"),
        ("012345678905", "00012345678905"),
        ("16901234567899", "16901234567899"),
    ],
)
def test_gtins_become_fourteen_digits(shop, office, code, kept):
    report = shop("gtins", f"条码,货号,装箱数\n{code},A1,24\n")
    assert report.problems == []
    assert rows(office, "gtin") == {kept: [kept, "A1", 24000]}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("6901234567893", "bad_check_digit"),
        ("69012345678", "not_a_barcode"),
        ("6.90123E+12", "number_in_scientific_notation"),
        ("六九", "not_a_barcode"),
    ],
)
def test_a_wrong_barcode_says_which_wrong(shop, code, reason):
    report = shop("gtins", f"gtin,sku\n{code},A1\n")
    assert [(p.line, p.column, p.code) for p in report.problems] == [(2, "gtin", reason)]


def test_a_gtin_of_an_unknown_item_is_rejected(shop):
    report = shop("gtins", "gtin,sku\n6901234567892,NOPE\n")
    assert [(p.column, p.code) for p in report.problems] == [("sku", "unknown_reference")]


def test_the_same_barcode_twice_in_two_lengths_is_one_key(shop):
    report = shop("gtins", "gtin,sku\n6901234567892,A1\n06901234567892,A2\n")
    assert [(p.line, p.code) for p in report.problems] == [(3, "duplicate_key")]
    assert report.created == 1


def test_deleting_a_gtin_leaves_a_deletion_in_the_feed(shop, office):
    shop("gtins", "gtin,sku\n6901234567892,A1\n")
    assert shop("gtins", "gtin,sku,删除\n6901234567892,A1,是\n").changed == 1
    assert rows(office, "gtin") == {}
    assert shop("gtins", "gtin,sku,删除\n6901234567892,A1,是\n").unchanged == 1


def test_a_department_may_stand_above_its_parent(run):
    report = run("departments", "department_code,parent_code,name\nB,A,下\nA,,上\nC,X,孤\nD,C,孤下\n")
    assert [(p.line, p.code) for p in report.problems] == [(4, "unknown_reference"), (5, "unknown_reference")]
    assert report.created == 2


def test_departments_in_a_ring_are_rejected(run):
    report = run("departments", "department_code,parent_code,name\nA,B,a\nB,C,b\nC,A,c\nD,,d\n")
    assert {(p.line, p.code) for p in report.problems} == {(2, "bad_tree"), (3, "bad_tree"), (4, "bad_tree")}


def test_prices_take_local_and_explicit_time(shop, office):
    shop(
        "prices",
        "price_list_id,sku,price,effective_from,effective_to\n"
        "P1,A1,3.50,2026-12-01,\n"
        "P1,A1,2.99,2026-12-05 08:00,2026-12-06T00:00:00+00:00\nP2,A1,¥4,2026/12/1 9:30,\n",
    )
    found = office.store.read(lambda txn: masters.prices(txn, [("P1", "A1"), ("P2", "A1")]))
    rows = [(p.price_list_id, p.effective_from_ms, p.effective_to_ms, p.price_minor) for p in found.values()]
    assert sorted(rows) == [
        ("P1", 1_796_054_400_000, None, 350),
        ("P1", 1_796_428_800_000, 1_796_515_200_000, 299),
        ("P2", 1_796_088_600_000, None, 400),
    ]


@pytest.mark.parametrize(
    ("price", "start", "end", "problem"),
    [
        ("3.505", "2026-12-01", "", ("price", "bad_amount")),
        ("-1", "2026-12-01", "", ("price", "bad_amount")),
        ("1,200", "2026-12-01", "", ("price", "bad_amount")),
        ("9" * 30, "2026-12-01", "", ("price", "bad_amount")),
        ("3.5", "2026-13-01", "", ("effective_from", "bad_date")),
        ("3.5", "tomorrow", "", ("effective_from", "bad_date")),
        ("3.5", "2026-12-02", "2026-12-01", ("effective_to", "bad_period")),
    ],
)
def test_a_wrong_price_names_column_and_reason(shop, price, start, end, problem):
    text = f'price_list_id;sku;price;effective_from;effective_to\nP1;A1;"{price}";{start};{end}\n'
    report = shop("prices", text)
    assert [(p.column, p.code) for p in report.problems] == [problem]


def test_local_time_of_a_list_in_two_zones_needs_an_offset(shop):
    shop("stores", "store_id,name,region,price_list,time_zone\nS009,远店,east,P1,Asia/Urumqi\n")
    report = shop(
        "prices", "price_list,sku,price,effective_from\nP1,A1,1,2026-12-01\nP1,A1,1,2026-12-02T00:00Z\n"
    )
    assert [(p.line, p.code) for p in report.problems] == [(2, "ambiguous_time_zone")]


def test_a_time_that_the_clocks_skip_is_rejected(shop):
    shop("price-lists", "price_list_id,name\nP3,x\n")
    shop("stores", "store_id,name,region,price_list,time_zone\nS010,店,eu,P3,Europe/Berlin\n")
    report = shop("prices", "price_list,sku,price,effective_from\nP3,A1,1,2027-03-28 02:30\n")
    assert [p.code for p in report.problems] == ["no_such_local_time"]


def test_a_pin_becomes_one_verifier_per_store_and_is_nowhere_in_clear(shop, office, tmp_path):
    shop("employees", "工号,姓名,岗位,密码,门店\n1001,收银员甲,收银员,135790,S001;S003\n")
    verifiers = [rows(office, "employee", f"store:{s}")["E1001"][4] for s in ("S001", "S003")]
    assert verifiers[0] != verifiers[1]
    for store_id, verifier in zip(("S001", "S003"), verifiers, strict=True):
        assert pin_fits(office.keys.pin_pepper(store_id), "135790", verifier)
        assert not pin_fits(office.keys.pin_pepper(store_id), "135791", verifier)
    assert rows(office, "employee", "store:S002") == {}


def test_the_same_pin_again_keeps_the_verifier(shop, office):
    text = "number,name,role,pin,stores\n1001,甲,cashier,135790,S001\n"
    shop("employees", text)
    before = head(office)
    assert shop("employees", text).unchanged == 1
    assert head(office) == before
    assert shop("employees", text.replace("135790", "246802")).changed == 1


def test_an_employee_who_leaves_a_store_leaves_its_scope(shop, office):
    shop("employees", "number,name,pin,stores\n1001,甲,135790,S001;S002\n")
    assert shop("employees", "number,name,stores\n1001,甲,S002\n").changed == 1
    assert rows(office, "employee", "store:S001") == {}
    assert list(rows(office, "employee", "store:S002")) == ["E1001"]


def test_one_employee_cannot_have_two_numbers_nor_a_number_two_employees(shop):
    report = shop(
        "employees", "number,employee_id,name,pin,stores\n1,E9,甲,135790,S001\n2,E9,甲,135790,S001\n"
    )
    assert [(p.line, p.code) for p in report.problems] == [(3, "duplicate_key")]
    report = shop("employees", "number,employee_id,name,pin,stores\n1,E8,乙,135790,S001\n")
    assert [(p.column, p.code) for p in report.problems] == [("number", "key_in_use")]


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("绿茶 500ml", "lvcha500ml", "lc500ml"),
        ("可乐(无糖)", "kelewutang", "klwt"),
        ("A5笔记本", "a5bijiben", "a5bjb"),
        ("🍎·！", "", ""),
    ],
)
def test_pinyin_keeps_letters_and_digits_and_drops_the_rest(name, pinyin, initials):
    assert pinyin_of(name) == (pinyin, initials)


@pytest.mark.parametrize("pin", ["12345", "abcdef", "1234567890123", ""])
def test_a_bad_pin_is_rejected_and_not_repeated(shop, tmp_path, pin):
    report = shop(
        "employees", f"number,name,pin,stores\n1001,甲,{pin},S001\n", rejects=tmp_path / "rejects.csv"
    )
    assert [p.column for p in report.problems] == ["pin"]
    assert not pin or pin not in json.dumps(report.as_dict(), ensure_ascii=False)
    assert not pin or pin not in (tmp_path / "rejects.csv").read_text("utf-8-sig")


def test_members_reach_the_stores_of_their_region_without_a_phone(shop, office):
    shop(
        "members", "会员编号,手机,姓名,等级,门店,积分,生日\nM1,12000000001,王小二,gold,S001,120,1990-07-03\n"
    )
    for store_id in ("S001", "S002"):
        row = rows(office, "member", f"store:{store_id}")["M1"]
        index = blind_index(office.keys.blind_index_key(store_id), "+8612000000001")
        assert row == ["M1", index, "120****0001", "王**", "gold", 120, 7, "{}"]
    assert rows(office, "member", "store:S003") == {}


def test_a_member_without_number_is_known_by_the_phone(shop, office):
    text = "phone,name,tier,store\n12000000001,王,gold,S001\n".replace("store", "home_store_id")
    shop("members", text)
    before = head(office)
    assert shop("members", text).unchanged == 1
    assert shop("members", text.replace("12000000001", "+86 120-0000-0001")).unchanged == 1
    assert head(office) == before
    assert len(rows(office, "member", "store:S001")) == 1


def test_a_member_who_moves_house_changes_scopes(shop, office):
    shop("members", "member_id,phone,tier,门店\nM1,12000000001,gold,S001\n")
    shop("members", "member_id,phone,tier,门店\nM1,12000000001,gold,S003\n")
    assert rows(office, "member", "store:S001") == {}
    assert list(rows(office, "member", "store:S003")) == ["M1"]


@pytest.mark.parametrize("called", ["王**", "小二"])
def test_what_a_file_has_no_column_for_stays_as_it_is(shop, office, called):
    nickname = called if called == "小二" else ""
    head = "member_id,phone,姓名,昵称,tier,门店,积分,生日"
    shop("members", f"{head}\nM1,12000000001,王小二,{nickname},gold,S001,120,1990-07-03\n")
    shop("members", "member_id,phone,tier,门店\nM1,12000000001,silver,S001\n")
    row = rows(office, "member", "store:S001")["M1"]
    assert row[3:7] == [called, "silver", 120, 7]
    shop("members", "member_id,phone,姓名,昵称,tier,门店\nM1,12000000001,,,silver,S001\n")
    assert rows(office, "member", "store:S001")["M1"][3] == "", "an empty cell says that there is none"


def test_policies_are_checked_for_their_shape(run):
    report = run(
        "policies",
        "策略,值\n"
        'cash_rounding,"{""to"":""0.1"",""mode"":""down""}"\n'
        'in_store_codes,"[{""prefix"":""2""}]"\n'
        'anything,"{""a"":1.5}"\n'
        'member_scope,"""moon"""\n'
        'future,"[1,2]"\n',
    )
    assert [(p.line, p.code) for p in report.problems] == [
        (3, "bad_policy"),
        (4, "bad_json"),
        (5, "bad_policy"),
    ]


def test_policies_come_as_json_too(run, office):
    report = run("policies", '{"time_zone":"Asia/Shanghai","member_scope":"chain"}', suffix=".json")
    assert (report.created, report.rejected) == (2, 0)
    assert rows(office, "policy")["member_scope"] == ["member_scope", '"chain"']


def test_a_promotion_is_held_to_the_pricing_schema(run, office):
    report = run("promotions", '{"promotions":[{"id":"P1","name":"x"}]}', suffix=".json")
    assert report.rejected == 1
    assert {p.code for p in report.problems} == {"bad_promotion"}


FILES = {
    "departments": "department_code,name\nD9,鞋\n",
    "tax-classes": "tax_class_code,name,rate\nV3,小规模,3%\n",
    "items": "sku,name,tax_class_code,标签,cost\nB1,面包,V13,a;b,2.20\n",
    "gtins": "gtin,sku\n6901234567892,A1\n",
    "plus": "plu,sku\n4011,A2\n",
    "price-lists": "price_list_id,name\nP9,x\n",
    "stores": "store_id,name,region,price_list\nS077,店,east,P1\n",
    "prices": "price_list,sku,price,effective_from\nP1,A1,3.5,2026-12-01\n",
    "tender-types": "tender_code,kind,name,开钱箱\ncash,现金,现金,是\n",
    "employees": "number,name,pin,stores\n2001,乙,135790,*\n",
    "members": "member_id,phone,tier,门店,birthday,邮箱,同意项\n"
    "M7,12000000007,gold,S001,1988-02-29,li@example.com,sms;mail\n",
    "orders": "order_id,store_id,supplier_id,sku,quantity\nPO1,S001,SUP,A1,24\n",
    "suppliers": "supplier_id,名称,到货天数,起订金额\nSUP,供应商,3,200\n",
    "supplies": "sku,来源,来源编码,包装数,进价\nA1,仓库,S002,24,1.10\n",
    "gift-cards": "卡号,门店\n6200000000000005,S001\n",
    "past-campaigns": "活动编码,名称,开始,结束\nC1,春季券,2026-03-01,2026-04-01\n",
    "past-campaign-reach": "活动编码,会员编号,组\nC1,M7,对照\n",
    "policies": 'policy_key,value\ntime_zone,"""Asia/Shanghai"""\n',
}


BEFORE = {"past-campaign-reach": ("members", "past-campaigns")}


@pytest.mark.parametrize("kind", sorted(FILES))
def test_the_same_file_again_makes_no_new_sequence(shop, office, kind):
    for before in BEFORE.get(kind, ()):
        shop(before, FILES[before])
    first = shop(kind, FILES[kind])
    assert (first.created, first.rejected) == (1, 0), first.problems
    before = head(office)
    again = shop(kind, FILES[kind])
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert head(office) == before


def test_every_kind_but_promotions_is_in_the_table_above():
    assert set(FILES) | {"promotions"} == set(IMPORT_KINDS)


def _card_indexes(office, store_id="S001"):
    found = rows(office, "member_detail", f"store:{store_id}")
    return {member_id: row[3] for member_id, row in found.items()}


def test_a_card_is_an_index_of_each_stores_own_and_stays_without_the_column(shop, office):
    text = "member_id,卡号,phone,name,tier,门店\nM1,8800001,12000000001,王小二,gold,S001\n"
    shop("members", text)
    expected = {
        store_id: blind_index(office.keys.blind_index_key(store_id), "card:8800001")
        for store_id in ("S001", "S002")
    }
    assert {store_id: _card_indexes(office, store_id)["M1"] for store_id in expected} == expected
    before = head(office)
    assert shop("members", text).unchanged == 1
    assert head(office) == before
    shop(
        "members", "member_id,phone,name,tier,门店\nM1,12000000001,王小三,gold,S001\n"
    )  # and with a new name
    assert _card_indexes(office)["M1"] == expected["S001"]
    shop("members", "member_id,phone,name,tier,门店\nM1,12000000001,王小三,gold,S003\n")  # and in a new home
    moved = blind_index(office.keys.blind_index_key("S003"), "card:8800001")
    assert _card_indexes(office, "S003") == {"M1": moved}


def test_a_card_belongs_to_whoever_was_given_it_last(shop, office):
    shop("members", "member_id,card,phone,tier,门店\nM1,8800001,12000000001,gold,S001\n")
    index = _card_indexes(office)["M1"]
    report = shop("members", "member_id,card,phone,tier,门店\nM2,8800001,12000000002,gold,S001\n")
    assert report.created == 1
    assert _card_indexes(office) == {"M1": None, "M2": index}
    shop("members", "member_id,card,phone,tier,门店\nM2,8800002,12000000002,gold,S001\n")
    assert index not in _card_indexes(office).values()


def test_one_card_for_two_members_of_a_file_is_named(shop):
    report = shop(
        "members",
        "member_id,card,phone,tier,门店\nM1,88,12000000001,gold,S001\nM2,88,12000000002,gold,S001\n",
    )
    assert [(p.line, p.column, p.code) for p in report.problems] == [(3, "card", "duplicate_key")]
