"""Gift cards that head office imports: known to the store that sells them, their numbers to nobody."""

from __future__ import annotations

from pos_core.customer.gift_card import gift_text, with_check_digit
from sync_server.services.personal_data import blind_index
from sync_server.services.shared.gift_cards import account_of
from sync_server.store import gift_card
from tests.server.importing.test_kinds import rows

NUMBER = with_check_digit("620000000000000")
OTHER = with_check_digit("620000000000000012")


def cards(office, store_id="S001"):
    return list(rows(office, "gift_card", f"store:{store_id}").values())


def test_a_card_is_known_under_the_index_of_the_store_that_got_it(shop, office):
    assert shop("gift-cards", f"card_number,store_id\n{NUMBER},S001\n{OTHER},S002\n").created == 2
    index = blind_index(office.keys.blind_index_key("S001"), gift_text(NUMBER))
    assert cards(office) == [[account_of(office.keys, NUMBER), index, "0005", "new", 0]]
    assert [row[2] for row in cards(office, "S002")] == [OTHER[-4:]]
    kept = office.store.read(lambda txn: gift_card.get_many(txn, [account_of(office.keys, NUMBER)]))
    assert NUMBER not in str(kept) and NUMBER[:-4] not in str(cards(office))


def test_a_blocked_card_is_blocked_where_it_is_known_and_let_go_again(shop, office):
    shop("gift-cards", f"card_number,store_id\n{NUMBER},S001\n")
    seen = []
    for blocked in ("是", "否"):
        assert shop("gift-cards", f"card_number,store_id,冻结\n{NUMBER},S001,{blocked}\n").changed == 1
        seen.append(cards(office)[0][3])
    assert seen == ["blocked", "new"]
    shop("gift-cards", f"card_number,store_id,冻结\n{NUMBER},S001,是\n")
    assert shop("gift-cards", f"card_number,store_id\n{NUMBER},S001\n").unchanged == 1  # without the column
    assert cards(office)[0][3] == "blocked"


def test_a_card_that_moves_is_known_at_both_stores(shop, office):
    for store_id in ("S001", "S002"):
        shop("gift-cards", f"card_number,store_id\n{NUMBER},{store_id}\n")
    accounts = {row[0] for store_id in ("S001", "S002") for row in cards(office, store_id)}
    assert accounts == {account_of(office.keys, NUMBER)}


def test_a_mistyped_number_and_an_unknown_store_are_named(shop):
    report = shop("gift-cards", f"card_number,store_id\n6200000000000004,S001\n6.2E+15,S001\n{OTHER},S999\n")
    assert [(p.line, p.column, p.code) for p in report.problems] == [
        (2, "card_number", "bad_gift_card"),
        (3, "card_number", "number_in_scientific_notation"),
        (4, "store_id", "unknown_reference"),
    ]
