"""The promises that must hold once the faults are over, each by an oracle of its own.

Nothing here asks a fold, a report or a digest of the product where it can add up documents itself.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pos_client.bootstrap import Options
from pos_client.headless_host import HeadlessHost
from pos_client.keys.key_store import FileKeyStore, get_or_make
from pos_client.services.members.phone_index import blind_index
from pos_client.storage.places import Places
from sync_server.services.refold import Refold
from sync_server.services.verify import Verify
from sync_server.store import document, feed, masters, quarantine, ruling
from tests.client.journal.plain_pages import plain_pages
from tests.sim.actions import COUNTED
from tests.sim.broken import require
from tests.sim.chain import ITEMS, MEMBERS, sku
from tests.sim.history import Place
from tests.sim.machines import Till
from tests.sim.world import World

POINTS_LEASE = 300
OPENING_POINTS = 1000
MOVES = {
    "sale": -1,
    "return": 1,
    "goods_received": 1,
    "stock_movement": 1,
    "transfer_shipped": -1,
    "transfer_received": 1,
}
"""Type of document → the sign of its lines in stock."""


def check(world: World) -> None:
    """Everything, after `actions.heal`."""
    held = Held.of(world)
    for each in CHECKS:
        each(world, held)


class Held:
    """What head office has: applied documents and those set aside, parsed from their bytes."""

    def __init__(self) -> None:
        self.applied: dict[Place, dict[str, Any]] = {}
        self.hashes: dict[Place, str] = {}
        self.aside: Counter[str] = Counter()

    @classmethod
    def of(cls, world: World) -> Held:
        held = cls()
        store = world.office.services.store
        for workstation, incarnation in sorted(store.read(document.every_series)):
            rows = store.read(
                lambda txn, w=workstation, i=incarnation: document.stored(txn, w, i, after=0, limit=1_000_000)  # type: ignore[misc]
            )
            for row in rows:
                place = Place(workstation, incarnation, row[document.NUMBER])
                held.applied[place] = json.loads(row[document.DATA])
                held.hashes[place] = row[document.HASH]
        held.aside.update(row.hash for row in store.read(quarantine.listing))
        return held

    def of_type(self, *types: str) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Applied documents of some types."""
        return ((place, each) for place, each in self.applied.items() if each["type"] in types)


def p1_p2_p14_p15_everything_is_there_once(world: World, held: Held) -> None:
    """What anybody was told is applied once or stands aside, visible, on both sides of a fork."""
    have = Counter(held.hashes.values()) + held.aside
    for told in world.history.told:
        if told.hash in world.history.lost and told.hash not in have:
            continue
        require(have[told.hash] == 1, "P1 P2", told.till, told.place, told.type, have[told.hash])
    for place, acked in world.history.acked.items():
        require(have[acked] == 1 or acked in world.history.lost, "P14", place)
    strangers = set(have) - world.history.known
    require(not strangers, "P2: documents that nobody wrote", strangers)
    identities = Counter(each["document_id"] for each in held.applied.values())
    require(max(identities.values()) == 1, "P2: one document twice")


def p3_numbers_have_no_gaps(world: World, held: Held) -> None:
    series = defaultdict(list)
    for place in held.applied:
        series[place[:2]].append(place.number)
    aside = world.office.services.store.read(quarantine.listing)
    for row in aside:
        if (row.workstation_id, row.incarnation) in series:
            series[row.workstation_id, row.incarnation].append(row.number)
    for which, numbers in series.items():
        require(sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "P3 gap", which)
    places = Counter(told.place for told in world.history.told if told.till not in world.history.put_back)
    require(max(places.values()) == 1, "P3 a number twice", places.most_common(1))


def p4_chains_verify(world: World, held: Held) -> None:
    for till in world.tills:
        places = Places(till.folder, till.folder / "elsewhere" / "witness", till.folder / "keys")
        report = HeadlessHost(Options(places)).verify()
        require(report["verified"], "P4", till.name, report["findings"])
        for row in till.journal.series_status():
            for one in till.journal.documents_after(0, limit=1_000_000, incarnation=row.incarnation):
                place = Place(one.series.workstation_id, one.series.incarnation, one.number)
                acked = world.history.acked.get(place)
                known_here = acked is None or acked == one.hash or till.name in world.history.put_back
                require(known_here, "P4 another document stands where head office confirmed one", place)
    services = world.office.services
    report = Verify(services.store, services.blobs, services.keys, states=False).run()  # P11 looks at those
    require(report.ok, "P4 head office", report.problems)


def p5_money_balances(world: World, held: Held) -> None:
    for place, each in held.of_type("sale"):
        body, lines = each["body"], each["body"]["lines"]
        off = sum(part["amount_minor"] for line in lines for part in line["discounts"])
        require(sum(line["list_minor"] for line in lines) - off == sum(_net(body)), "P5 lines", place)
        require(off == body["discount_minor"], "P5 discount", place)
        require(sum(_net(body)) + body["cash_rounding_minor"] == body["total_minor"], "P5 total", place)
        paid = sum(tender["amount_minor"] - tender["change_minor"] for tender in body["tenders"])
        require(paid == body["total_minor"], "P5 tenders", place, body["tenders"])
        require(abs(body["cash_rounding_minor"]) < 10, "P5 rounding", place)


def _net(body: dict[str, Any]) -> list[int]:
    return [line["net_minor"] for line in body["lines"]]


def p5_returns_never_exceed_what_was_sold(world: World, held: Held) -> None:
    """Line by line, and in money; but where a till was put back and could not know."""
    back: Counter[tuple[Place, int]] = Counter()
    refunded: Counter[Place] = Counter()
    for _, each in held.of_type("return"):
        body, origin = each["body"], each["body"].get("origin")
        if not origin:
            continue
        place = Place(origin["workstation_id"], origin["incarnation"], origin["number"])
        refunded[place] += abs(body["total_minor"])
        for line in body["lines"]:
            back[place, line["origin_line_no"]] += line["quantity_milli"]
    doubtful = {till.journal.series.workstation_id for till in _put_back(world)}
    for (place, line_no), milli in back.items():
        if place.workstation_id in doubtful:
            continue
        sale = held.applied[place]["body"]
        sold = next(line["quantity_milli"] for line in sale["lines"] if line["line_no"] == line_no)
        require(milli <= sold, "P5 more came back than was sold", place, line_no, milli, sold)
        require(refunded[place] <= sale["total_minor"] + 9, "P5 refunded", place, refunded[place])


def p6_a_report_is_the_sum_of_its_documents(world: World, held: Held) -> None:
    for till in world.tills:
        shift = till.workstation.shift.current
        report = world.say(till, "x_report")
        if not report["ok"] or shift is None:
            continue
        totals = report["report"]["sums"]["totals"]
        covered = [each for each in till.documents() if each["shift_id"] == shift.shift_id]
        for kind, name in (("sale", "sales_minor"), ("return", "returns_minor")):
            total = sum(abs(each["body"]["total_minor"]) for each in covered if each["type"] == kind)
            require(abs(totals[name]) == total, "P6", till.name, name, totals[name], total)


def p7_stock_is_the_sum_of_movements(world: World, held: Held) -> None:
    on_hand: Counter[tuple[str, str]] = Counter()
    for each in held.applied.values():
        for line in each["body"].get("lines", []) if each["type"] in MOVES else []:
            on_hand[each["store_id"], line["sku"]] += MOVES[each["type"]] * line["quantity_milli"]
    for till in world.tills:
        for number in range(1, ITEMS + 1):
            if number == COUNTED:
                continue
            seen = world.say(till, "stock", sku=sku(number))["stock"]["on_hand_milli"]
            expected = on_hand[till.store_id, sku(number)]
            require(seen == expected, "P7", till.name, sku(number), seen, expected)


def p8_points_are_their_ledger(world: World, held: Held) -> None:
    ledger: Counter[str] = Counter(dict.fromkeys(MEMBERS, OPENING_POINTS))
    for each in held.applied.values():
        for move in each["body"].get("points_movements", []):
            ledger[move["member_id"]] += move["points"]
    most = POINTS_LEASE * len({place[:2] for place in held.applied})
    for member in MEMBERS:
        for till in world.tills:
            seen = till.workstation.shared.points_of(member)
            require(seen == ledger[member], "P8", till.name, member, seen, ledger[member])
        require(ledger[member] >= -most, "P8 overdrawn beyond what was handed out", member, ledger[member])


def p8_no_allowance_is_spent_twice(world: World, held: Held) -> None:
    accepted: Counter[str] = Counter()
    for _, each in held.of_type("allowance_reported"):
        if each["body"]["step"] == "accepted":
            accepted[each["body"]["allowance_id"]] += each["body"]["amount"]
    spent: Counter[str] = Counter()
    for _, each in held.of_type("sale"):
        for move in each["body"].get("points_movements", []):
            if move.get("allowance_id"):
                spent[move["allowance_id"]] -= move["points"]
    for allowance_id, points in spent.items():
        require(points <= accepted[allowance_id], "P8", allowance_id, points, accepted[allowance_id])


def p9_a_coupon_used_k_times_has_k_less_one_rulings(world: World, held: Held) -> None:
    """And the use that stands is the earliest by hybrid clock."""
    uses: dict[str, list[tuple[str, str]]] = defaultdict(list)
    restored: Counter[str] = Counter()
    for place, each in held.of_type("sale", "return"):
        for use in each["body"].get("coupon_uses", []):
            if each["type"] == "sale":
                uses[use["coupon_code"]].append((each["hlc"], "/".join(map(str, place))))
            else:
                restored[use["coupon_code"]] += 1
    rows = world.office.services.store.read(lambda txn: ruling.listing(txn, limit=100_000))
    standing: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.superseded_by is None and row.ruling.rule == "coupon_used_twice":
            standing[row.ruling.key.rpartition("code:")[2]].append(row.ruling)
    for code, found in uses.items():
        live = len(found) - restored[code]
        require(len(standing[code]) == max(0, live - 1), "P9", code, live, len(standing[code]))
        against = {place for each in standing[code] for place in each.against}
        require(restored[code] or min(found)[1] not in against, "P9 the earliest use stands", code)


def p10_every_slice_is_equal(world: World, held: Held) -> None:
    for till in world.tills:
        for scope in till.replica.scopes():
            theirs = world.office.services.store.read(lambda txn, s=scope: feed.digests(txn, s))  # type: ignore[misc]
            ours = {k: list(v) for k, v in till.replica.digests(scope, recompute=True).items()}
            wanted = {k: list(v) for k, v in theirs.items() if v[0]}
            require(ours == wanted, "P10", till.name, scope, ours, wanted)


def p11_another_interleaving_gives_the_same_states(world: World, held: Held) -> None:
    services = world.office.services
    for dice in (None, random.Random(world.seed)):
        found = services.store.read(lambda txn, d=dice: list(Refold(txn, services.keys).differences(d)))  # type: ignore[misc]
        require(not found, "P11", found[:3])


def p12_prices_are_those_of_the_release(world: World, held: Held) -> None:
    rows = world.office.services.store.read(lambda txn: ruling.listing(txn, limit=100_000))
    wrong = [row.ruling.detail for row in rows if row.ruling.rule in {"price_differs", "promotions_differ"}]
    require(not wrong, "P12", wrong)
    for told in world.history.told:
        start_ms = world.history.releases.get(told.release or "")
        if told.type == "sale" and start_ms is not None and told.till not in world.history.skewed:
            early_ms = start_ms - told.body["instant_ms"]
            require(early_ms <= 0, "P12 a release before its minute", told.till, told.place, early_ms)


def p16_nobody_approves_himself(world: World, held: Held) -> None:
    for place, each in held.of_type("override_approved"):
        require(each["body"]["approved_by"] != each["operator_id"], "P16", place)


def p19_the_hybrid_clock_orders_each_series(world: World, held: Held) -> None:
    last: dict[tuple[str, int], str] = {}
    for place in sorted(held.applied):
        hlc = held.applied[place]["hlc"]
        require(last.get(place[:2], "") < hlc, "P19", place)
        last[place[:2]] = hlc


def p17_an_erased_member_is_in_no_file(world: World, held: Held) -> None:
    """Nor in free pages and logs; an old disk that was put back is told again."""
    erased = {each: world.history.joined[each] for each in sorted(world.history.erased)}
    if not erased:
        return
    office = world.office.services
    known = office.store.read(lambda txn: masters.members(txn, list(erased)))
    require(not known, "P17 head office", sorted(known))
    places = {}
    if world.office.url is None:
        pages = plain_pages(office.folder.database, office.keys.database)
        places["head office"] = (pages, _no_index)
    for till in world.tills:
        keys = FileKeyStore(till.folder / "keys")
        index = partial(blind_index, get_or_make(keys, "blind_index_key"))
        files = [("journal.db", "journal_key"), ("replica.db", "replica_key")]
        for name, key in [*files, *([("peers.db", "peers_key")] if world.lan else [])]:
            places[f"{till.name} {name}"] = (plain_pages(till.folder / name, get_or_make(keys, key)), index)
    numbers = Counter(each.phone for each in world.history.joined.values())
    for member_id, joined in erased.items():
        for place, (pages, index) in places.items():
            traces = [joined.name.encode(), joined.key]
            if numbers[joined.phone] == 1:  # others with this number are not erased by it
                traces += [index(joined.phone).encode(), joined.phone.encode()]
            found = [each for each in traces if each and each in pages]
            require(not found, "P17", place, member_id, found)


def _no_index(_: str) -> str:
    return ""


def p18_nothing_waits(world: World, held: Held) -> None:
    """Everybody got through; nothing that a till of ours wrote is refused but the other side of a fork."""
    for till in world.tills:
        waiting = till.journal.documents_waiting()
        require(waiting == 0, "P18", till.name, waiting, till.sync.state.last_error)
    for row in world.office.services.store.read(quarantine.listing):
        require(row.reason == "fork", "P18 refused", row.reason, row.detail)


def _put_back(world: World) -> list[Till]:
    return [till for till in world.tills if till.name in world.history.put_back]


CHECKS: tuple[Callable[[World, Held], None], ...] = (
    p18_nothing_waits,
    p1_p2_p14_p15_everything_is_there_once,
    p3_numbers_have_no_gaps,
    p4_chains_verify,
    p5_money_balances,
    p5_returns_never_exceed_what_was_sold,
    p6_a_report_is_the_sum_of_its_documents,
    p7_stock_is_the_sum_of_movements,
    p8_points_are_their_ledger,
    p8_no_allowance_is_spent_twice,
    p9_a_coupon_used_k_times_has_k_less_one_rulings,
    p10_every_slice_is_equal,
    p11_another_interleaving_gives_the_same_states,
    p12_prices_are_those_of_the_release,
    p16_nobody_approves_himself,
    p17_an_erased_member_is_in_no_file,
    p19_the_hybrid_clock_orders_each_series,
)
