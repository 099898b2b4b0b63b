"""What may happen next, and how likely: people at tills and at head office, networks, clocks, disks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.services.members.phone_index import e164
from sync_server.services.acts import Act
from sync_server.services.shared.erasing import is_known
from sync_server.store import feed, masters
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from tests.sim.broken import require
from tests.sim.chain import ITEMS, MANAGERS, MEMBERS, NEWCOMERS, PHONES, PIN, app_code, coupon_code, gtin, sku
from tests.sim.hearing import is_sure, known, standing_uses
from tests.sim.history import Joined
from tests.sim.machines import Till
from tests.sim.world import World

COUNTED = ITEMS
"""The one item that is counted: of all others on hand is the plain sum of movements."""
COUPONS = 6
MINUTE_MS, DAY_MS = 60_000, 86_400_000


def till_of(world: World) -> Till:
    return world.dice.choice(world.tills)


def scans(world: World) -> list[str]:
    dice = world.dice
    return [
        f"{dice.choice(['', '2*', '3*'])}{gtin(dice.randint(1, ITEMS))}" for _ in range(dice.randint(1, 3))
    ]


def sell(world: World) -> None:
    till, dice = till_of(world), world.dice
    number = dice.randint(1, ITEMS - 1)
    before = _on_hand(world, till, number)
    for scanned in (gtin(number), *scans(world)):
        world.say(till, "enter", text=scanned)
    if dice.random() < 0.4:
        _with_member(world, till)
    if dice.random() < 0.25:
        _with_coupon(world, till)
    if dice.random() < 0.3:
        _discount(world, till)
    if pay(world, till):
        lines = next(each.body["lines"] for each in reversed(world.history.told) if each.type == "sale")
        sold = sum(line["quantity_milli"] for line in lines if line["sku"] == sku(number))
        after = _on_hand(world, till, number)
        require(after == before - sold, "P13 own sale", till.name, sku(number), before, sold, after)
    else:
        world.say(till, "back")
        world.say(till, "clear")


def _on_hand(world: World, till: Till, number: int) -> int:
    milli: int = world.say(till, "stock", sku=sku(number))["stock"]["on_hand_milli"]
    return milli


def pay(world: World, till: Till) -> bool:
    """Cash with a coin too many, or card; whether the sale was made."""
    answer = world.say(till, "begin_payment")
    if answer["ok"] and (remaining := answer["payment"]["remaining_minor"]) > 0:
        cash = world.dice.random() < 0.7
        amount = {"amount_minor": remaining + 100} if cash else {}
        answer = world.say(till, "pay", tender_code="cash" if cash else "card", **amount)
    elif answer["ok"]:
        answer = world.say(till, "finish")
    return "sale" in answer


def _with_member(world: World, till: Till) -> None:
    member = world.dice.choice(MEMBERS)
    found = world.say(till, "member_find", phone=PHONES[member])
    if found["ok"] and found["member"]:
        world.say(till, "member_attach", member_id=member)
        if world.dice.random() < 0.6:
            world.say(till, "member_code", code=app_code(member))
            world.say(till, "points_redeem", promotion_id="REDEEM", points=100 * world.dice.randint(1, 3))


def _with_coupon(world: World, till: Till) -> None:
    """One that was used is refused, wherever that was, by whoever has heard of it."""
    number = world.dice.randrange(COUPONS)
    used = standing_uses(world, till, f"q{number}")
    answer = world.say(till, "coupon_present", code=coupon_code(number))
    require(used < 1 or not answer["ok"], "P9 heard", till.name, f"q{number}", used)


def _discount(world: World, till: Till) -> None:
    reasons = world.say(till, "reasons", kind="basket_discount").get("reasons")
    reason = reasons[0]["code"] if reasons else ""
    fields = {"rate_ppm": world.dice.choice([50_000, 900_000]), "reason": reason}
    answer = world.say(till, "discount_basket", **fields)
    if answer["ok"] or answer["error"]["code"] != "approval_needed":
        return
    who = world.dice.choice([MANAGERS[till.store_id], None]) or _own_number(till)
    given = world.say(
        till, "approve", approval=answer["error"]["facts"]["approval"], operator_number=who, pin=PIN
    )
    if given["ok"]:
        world.say(till, "discount_basket", **fields, approval=given["approved"]["nonce"])


def _own_number(till: Till) -> str:
    operator = till.workstation.session.operator
    return operator.operator_number if operator else "0"


def _give_back(world: World) -> None:
    till = till_of(world)
    found = world.say(till, "receipt_search", limit=10)
    rows = found.get("receipts", [])
    if not rows:
        return
    chosen = rows[-1] if world.dice.random() < 0.5 else world.dice.choice(rows)
    code = "TM1.{workstation_id}.{incarnation}.{number}".format(**chosen)
    receipt = world.say(till, "receipt_find", text=code)
    if not receipt["ok"]:
        return
    lines = [each for each in receipt["receipt"]["lines"] if each["left_milli"] > 0]
    if not lines:
        return
    line = lines[0] if world.dice.random() < 0.5 else world.dice.choice(lines)
    reasons = world.say(till, "reasons", kind="return").get("reasons")
    wanted = {
        "text": code,
        "lines": [{"line_no": line["line_no"], "quantity_milli": min(1000, line["left_milli"])}],
        "reason": reasons[0]["code"] if reasons else "",
    }
    answer = world.say(till, "return", **wanted)
    if not answer["ok"] and answer["error"]["code"] == "approval_needed":
        approval = answer["error"]["facts"]["approval"]
        who = MANAGERS[till.store_id]
        given = world.say(till, "approve", approval=approval, operator_number=who, pin=PIN)
        if given["ok"]:
            world.say(till, "return", **wanted, approval=given["approved"]["nonce"])


def _hold(world: World) -> None:
    """A basket is put aside; or one that was is taken up again and paid."""
    for till in world.tills:
        held = world.say(till, "held").get("held")
        if held and world.dice.random() < 0.7:
            world.say(till, "recall", held_id=held[0]["held_id"])
            if not world.say(till, "pay", tender_code="card")["ok"]:
                world.say(till, "clear")
            return
    till = till_of(world)
    for scanned in scans(world):
        world.say(till, "enter", text=scanned)
    if not world.say(till, "hold")["ok"]:
        world.say(till, "clear")


def _till_money(world: World) -> None:
    till, dice = till_of(world), world.dice
    if dice.random() < 0.5:
        world.say(till, "no_sale", reason="change")
    else:
        kind = dice.choice(["loan", "pickup", "paid_in", "paid_out"])
        world.say(till, "tender_movement", kind=kind, amount_minor=100 * dice.randint(1, 20), reason="x")


def _goods(world: World) -> None:
    till, dice = till_of(world), world.dice
    lines = [{"sku": sku(dice.randint(1, ITEMS - 1)), "quantity_milli": 1000 * dice.randint(1, 5)}]
    kind = dice.choice(["count", "waste", "receive"])
    if kind == "count":
        world.say(till, "count", lines=[{"sku": sku(COUNTED), "quantity_milli": 1000 * dice.randint(0, 50)}])
    elif kind == "waste":
        world.say(till, "waste", lines=lines, reason_code=dice.choice(["expired", "damaged"]))
    else:
        world.say(till, "receive", lines=lines)


def join(world: World) -> None:
    """Somebody joins at a till, offline or not; a number may be given at two tills."""
    till, dice = till_of(world), world.dice
    name = f"新客{len(world.history.joined):03d}"
    consents = {"sms": dice.random() < 0.5}
    phone = dice.choice(NEWCOMERS)
    there = _who_joined(world, till, phone)
    answer = world.say(till, "member_join", phone=phone, display_name=name, consents=consents)
    require(not (there and answer["ok"]), "P13 heard: joined twice", till.name, there)
    if answer["ok"]:
        member_id = answer["member"]["member_id"]
        row = till.journal.read(
            lambda c: c.execute("SELECT key FROM member_key WHERE member_id = ?", (member_id,)).fetchone()
        )
        world.history.joined[member_id] = Joined(name, e164(phone), bytes(row[0]))


def _who_joined(world: World, till: Till, phone: str) -> list[str]:
    """Members of this number who joined and of whom `till` must have heard, and who were not erased."""
    joined = world.history.joined
    told = known(world, till) if is_sure(world, till) else []
    ids = [each.body["member_id"] for each in told if each.type == "member_joined"]
    here = [each for each in ids if each in joined and joined[each].phone == e164(phone)]
    return [each for each in here if each not in world.history.erased]


def _erase(world: World) -> None:
    """Head office erases somebody whom it knows."""
    office = world.office.services
    known = [each for each in sorted(world.history.joined) if _is_known(world, each)]
    if known:
        member_id = world.dice.choice(known)
        office.erasures.erase(Act("sim", "asked for it"), member_id)
        world.history.erased.add(member_id)


def _is_known(world: World, member_id: str) -> bool:
    return world.office.services.store.read(lambda txn: is_known(txn, member_id))


def _settle(world: World) -> None:
    till = till_of(world)
    sheet = world.say(till, "count_sheet")
    counts: list[dict[str, Any]] = [{"tender_code": "cash", "amount_minor": 100 * world.dice.randint(1, 400)}]
    answer = world.say(till, "settle_shift", counts=counts, reason_code="miscount")
    if sheet["ok"] and answer["ok"]:
        world.say(till, "open_shift", float_minor=20_000)


def _exchange(world: World) -> None:
    world.exchange(till_of(world))


def _exchange_and_die(world: World) -> None:
    world.exchange(till_of(world), die_at=world.dice.randint(1, 12))


def _kill(world: World) -> None:
    till = till_of(world)
    world.restart(till, till.image())


def _keep_image(world: World) -> None:
    """Somebody copies the disk of a machine that runs."""
    till = till_of(world)
    till.keep_image()


def _old_image(world: World) -> None:
    """Somebody puts a disk back, witness and all."""
    having = [till for till in world.tills if till.images]
    if having:
        world.put_back(world.dice.choice(having))


def _line(world: World) -> None:
    till, dice = till_of(world), world.dice
    till.line.up = dice.random() < 0.75
    till.line.rate = dice.choice([0.0, 0.1, 0.5])


def _clock(world: World) -> None:
    choices = [0, 0, -DAY_MS, 30 * DAY_MS, -365 * DAY_MS, 3 * MINUTE_MS, -2 * MINUTE_MS]
    till = till_of(world)
    till.clock.skew_ms = world.dice.choice(choices)
    world.history.skewed.add(till.name)
    number = MANAGERS[till.store_id]
    if world.dice.random() < 0.5:
        world.say(till, "sign_off")
        world.say(till, "sign_on", operator_number=number, pin=PIN)
        world.say(till, "confirm_clock")
        world.say(till, "sign_off")
        world.sign_on(till)


def _time(world: World) -> None:
    world.time.ms += world.dice.choice([MINUTE_MS, 60 * MINUTE_MS, DAY_MS // 2])


def _prices(world: World) -> None:
    """Head office publishes a release, at once or for later."""
    office, dice = world.office.services, world.dice
    number, cents = dice.randint(1, ITEMS), dice.randint(50, 900)
    start_ms = max(world.time.ms + dice.choice([0, 10 * MINUTE_MS]), world.newest_release_ms)
    world.newest_release_ms = start_ms
    row = PriceRow("PL1", sku(number), start_ms, None, cents)
    office.store.write(lambda txn: masters.put_prices(txn, [row]))
    made = office.publisher.publish(note="change", actor="sim", effective_from_ms=start_ms)
    manifest = made.release.manifest_sha256
    world.history.releases[manifest] = start_ms


def _items(world: World) -> None:
    """Head office changes an item, or takes a department away and brings it back."""
    dice = world.dice

    def write(txn: Txn) -> None:
        row = feed.row_by_key(txn, "item", "chain", [sku(dice.randint(1, ITEMS))])
        assert row is not None
        row[1] = f"商品{dice.randrange(1000)}"
        feed.put_rows(txn, "item", "chain", [row])
        gone = ["D9"]
        there = feed.row_by_key(txn, "department", "chain", gone)
        rows, deleted = ([], [gone]) if there else ([["D9", None, "临时", "Temporary"]], [])
        feed.put_rows(txn, "department", "chain", rows, deleted)

    world.office.services.store.write(write)


def _office_dies(world: World) -> None:
    world.office.kill()


def _office_disk(world: World) -> None:
    """Head office is backed up; now and then the backup is all that is left of it."""
    if world.office.backups and world.dice.random() < 0.6:
        world.restore_office()
    else:
        world.office.back_up()


def _office_image(world: World) -> None:
    """Head office's virtual machine is set back to an earlier moment."""
    office = world.office
    if office.url is not None:
        return  # the database has images of its own
    if office.images and world.dice.random() < 0.6:
        world.put_back_office()
    else:
        office.keep_image()


ACTIONS: dict[str, tuple[float, Callable[[World], None]]] = {
    "sell": (30, sell),
    "give_back": (7, _give_back),
    "hold": (6, _hold),
    "till_money": (3, _till_money),
    "goods": (5, _goods),
    "join": (4, join),
    "erase": (1, _erase),
    "settle": (2, _settle),
    "exchange": (22, _exchange),
    "exchange_and_die": (4, _exchange_and_die),
    "kill": (3, _kill),
    "keep_image": (3, _keep_image),
    "old_image": (3, _old_image),
    "line": (8, _line),
    "clock": (2.5, _clock),
    "time": (2, _time),
    "prices": (5, _prices),
    "items": (3, _items),
    "office_dies": (1, _office_dies),
    "office_disk": (5, _office_disk),
    "office_image": (3, _office_image),
}
