"""A small workstation without disk, for tests of the window: the services' signatures over plain lists.

Futures resolve at once, or when the test says so (`shop.hold = True`, then `shop.let_go()`).
tests/ui/test_real_services.py drives the same window on the real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any

from pos_client.receipts.model import Receipt, ReceiptLine, ReceiptTender
from pos_client.services.futures import done
from pos_client.services.views.basket import BasketView, Entered, LineView
from pos_client.services.views.devices import PrinterView
from pos_client.services.views.items import FoundItem
from pos_client.services.views.members import MemberView
from pos_client.services.views.payment import CompletedSale, PaymentView, TenderTypeView, TenderView
from pos_client.services.views.staff import OperatorView
from pos_client.services.views.status import Notice, StatusView, SyncView
from pos_client.services.views.till import ShiftView
from pos_client.services.workstation import Workstation
from pos_core.errors import Refusal, TidemarkError
from pos_core.quantity import parse_quantity
from pos_core.sale.by_hand import ByHand

NOW_MS = 1_795_347_000_000
MEMBER = MemberView("m1", "王女士", "138****5678", "金卡", 2380)
ITEMS = (
    FoundItem("100001", "可口可乐 500ml", 350, "瓶", "06901234567892"),
    FoundItem("100002", "伊利纯牛奶 250ml×12", 5990, "箱", "06907992500010"),
    FoundItem("100003", "金龙鱼调和油 5L", 8990, "桶", "06948195800019"),
    FoundItem("100004", "康师傅红烧牛肉面 五连包", 1450, "包", "06900873000012"),
    FoundItem("100005", "蓝月亮深层洁净洗衣液 3kg", 4280, "瓶", "06902022130014"),
    FoundItem("100006", "海天金标生抽 800ml", 1290, "瓶", "06902265210016"),
    FoundItem("100007", "红富士苹果", 1196, "kg", None, "weighed"),
    FoundItem("100008", "手工蛋糕", None, "个", None, "open_price"),
    FoundItem("100009", "德芙丝滑牛奶巧克力 252g 碗装 节日限定礼盒", 4590, "盒", "06914973600012"),
)
TENDERS = (
    TenderTypeView("cash", "cash", "现金", "Cash", True, True, 1),
    TenderTypeView("mobile", "mobile", "移动支付", "Mobile", False, False, 2),
    TenderTypeView("card", "card", "银行卡", "Card", False, False, 3),
)


def refusal(code: str, **facts: str | int | bool | None) -> Refusal:
    """A refusal with that code."""
    made = type("R", (Refusal,), {"code": code})
    return made(code, **facts)  # type: ignore[no-any-return]


@dataclass
class Shop:
    """The state behind the fake services."""

    operator: OperatorView | None = None
    shift: ShiftView | None = None
    lines: list[LineView] = field(default_factory=list)
    chosen: int | None = None
    multiplier: int | None = None
    tenders: list[TenderView] | None = None
    sales: list[CompletedSale] = field(default_factory=list)
    member: MemberView | None = None
    network: str = "online"
    notices: tuple[Notice, ...] = ()
    hold: bool = False
    price_is_known: bool = True
    fail_next: TidemarkError | None = None
    discount_minor: int = 0
    listeners: list[Callable[[], None]] = field(default_factory=list)
    _waiting: list[Callable[[], None]] = field(default_factory=list)

    def future(self, work: Callable[[], Any]) -> Future[Any]:
        """Resolved now, or by `let_go`."""
        made: Future[Any] = Future()

        def resolve() -> None:
            failure, self.fail_next = self.fail_next, None
            if failure is not None:
                made.set_exception(failure)
                return
            try:
                made.set_result(work())
            except TidemarkError as error:
                made.set_exception(error)

        if self.hold:
            self._waiting.append(resolve)
        else:
            resolve()
        return made

    def let_go(self) -> None:
        """Resolve everything that waits."""
        waiting, self._waiting = self._waiting, []
        for resolve in waiting:
            resolve()

    def basket(self) -> BasketView:
        live = [line for line in self.lines if not line.voided]
        subtotal = sum(line.list_minor for line in live)
        discount = sum(line.discount_minor for line in live)
        return BasketView(
            lines=tuple(self.lines),
            piece_count=sum(1 if line.weighed else line.quantity_milli // 1000 for line in live),
            line_count=len(live),
            subtotal_minor=subtotal,
            discount_minor=discount,
            cash_rounding_minor=0,
            total_minor=subtotal - discount,
            tax_minor=0,
            currency="CNY",
            exponent=2,
            member=self.member,
            release_version=12,
            newest_line_no=live[-1].line_no if live else None,
            chosen_line_no=self.chosen,
        )


class FakeSession:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def put_off(self) -> str:
        return ""

    @property
    def operator(self) -> OperatorView | None:
        return self._shop.operator

    def sign_on(self, operator_number: str, pin: str) -> Future[OperatorView]:
        def check() -> OperatorView:
            if operator_number != "1001":
                raise refusal("unknown_operator")
            if pin != "123456":
                raise refusal("wrong_pin", attempts_left=4)
            self._shop.operator = OperatorView("e1", "1001", "李小梅", "cashier")
            return self._shop.operator

        return self._shop.future(check)

    def sign_off(self) -> Future[None]:
        def off() -> None:
            self._shop.operator = None

        return self._shop.future(off)


class FakeShift:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    @property
    def current(self) -> ShiftView | None:
        return self._shop.shift

    def next_day(self) -> str:
        return "2026-11-22"

    def open_shift(self, float_minor: int) -> Future[ShiftView]:
        def opened() -> ShiftView:
            self._shop.shift = ShiftView("s1", "2026-11-22", NOW_MS - 7_200_000, "e1", float_minor)
            return self._shop.shift

        return self._shop.future(opened)


class FakeRingUp:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.seen: list[str] = []

    @property
    def multiplier(self) -> int | None:
        return self._shop.multiplier

    def enter(self, text: str) -> Entered:
        self.seen.append(text)
        if self._shop.tenders is not None:
            raise refusal("basket_locked")
        text = text.strip()
        if text.startswith("*"):
            line_no = self._shop.chosen or self._shop.basket().newest_line_no
            if line_no is None:
                raise refusal("no_line_chosen")
            self.set_quantity(line_no, parse_quantity(text[1:]))
            return Entered("quantity_set", line_no)
        number, star, code = text.rpartition("*")
        quantity_milli = parse_quantity(number) if star else self._shop.multiplier or 1000
        if star and not code:
            self._shop.multiplier = quantity_milli
            return Entered("multiplier_set", quantity_milli=quantity_milli)
        if code.isdigit() and len(code) in {8, 12, 13, 14}:
            digits = [int(sign) for sign in reversed(code)]
            if (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10:
                raise refusal("bad_check_digit", seen=code)
        for item in ITEMS:
            if code == item.sku or code.zfill(14) == item.gtin:
                return self.add_sku(item.sku, quantity_milli, entered="scan")
        hits = tuple(item for item in ITEMS if code and code in item.name)
        if len(hits) > 1:
            return Entered("ambiguous", quantity_milli=quantity_milli, candidates=hits, seen=code)
        raise refusal("unknown_code", seen=code)

    def add_sku(
        self,
        sku: str,
        quantity_milli: int = 1000,
        weight_milli: int | None = None,
        price_minor: int | None = None,
        entered: str = "search",
    ) -> Entered:
        item = next(item for item in ITEMS if item.sku == sku)
        if item.sale_kind == "weighed" and weight_milli is None:
            return Entered("needs_weight", sku=sku, name=item.name, quantity_milli=quantity_milli)
        if item.sale_kind == "open_price" and price_minor is None:
            return Entered("needs_price", sku=sku, name=item.name, quantity_milli=quantity_milli)
        price = price_minor if price_minor is not None else item.price_minor or 0
        quantity = weight_milli if weight_milli is not None else quantity_milli
        number = len(self._shop.lines) + 1
        amount = (price * quantity + 500) // 1000
        line = LineView(
            number, sku, item.name, quantity, item.unit, price, amount, 0, amount,
            item.sale_kind == "weighed",
            entered=entered, gtin=item.gtin,
        )  # fmt: skip
        self._shop.lines.append(line)
        self._shop.multiplier, self._shop.chosen = None, None
        return Entered("line_added", number, sku, item.name, quantity)

    def choose(self, line_no: int | None) -> None:
        self._shop.chosen = line_no

    def set_quantity(self, line_no: int, quantity_milli: int) -> BasketView:
        line = self._shop.lines[line_no - 1]
        amount = (line.unit_price_minor * quantity_milli + 500) // 1000
        self._shop.lines[line_no - 1] = replace(
            line, quantity_milli=quantity_milli, list_minor=amount, net_minor=amount
        )
        return self._shop.basket()

    def void_line(self, line_no: int, approval: str | None = None) -> BasketView:
        self._shop.lines[line_no - 1] = replace(self._shop.lines[line_no - 1], voided=True)
        self._shop.chosen = None
        return self._shop.basket()

    def clear(self, approval: str | None = None) -> Future[None]:
        return self._shop.future(self._shop.lines.clear)

    def basket(self) -> BasketView:
        return self._shop.basket()

    def basket_at_once(self) -> BasketView:
        return replace(self._shop.basket(), final=self._shop.price_is_known)

    def settle_price(self) -> Future[bool]:
        if self._shop.price_is_known:
            return done(True)

        def settled() -> bool:
            self._shop.price_is_known = True
            return True

        return self._shop.future(settled)


class FakePayment:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def begin(self, approval: str | None = None) -> PaymentView:
        if not any(not line.voided for line in self._shop.lines):
            raise refusal("basket_empty")
        self._shop.tenders = []
        return self._view()

    def view(self) -> PaymentView | None:
        return None if self._shop.tenders is None else self._view()

    def add(self, tender_code: str, amount_minor: int | None, reference: str | None = None) -> PaymentView:
        tenders, view = self._shop.tenders, self._view()
        assert tenders is not None
        kind = next(kind for kind in TENDERS if kind.tender_code == tender_code)
        amount = view.remaining_minor if amount_minor is None else amount_minor
        if amount > view.remaining_minor and not kind.gives_change:
            raise refusal("tender_too_high", remaining_minor=view.remaining_minor)
        change = max(0, amount - view.remaining_minor)
        tenders.append(TenderView(tender_code, kind.tender_kind, kind.name, amount, change))
        return self._view()

    def remove(self, index: int) -> PaymentView:
        assert self._shop.tenders is not None
        del self._shop.tenders[index]
        return self._view()

    def back(self) -> None:
        self._shop.tenders = None

    def finish(self) -> Future[CompletedSale]:
        view = self._view()
        if not view.can_finish:
            raise refusal("not_fully_paid", remaining_minor=view.remaining_minor)

        def write() -> CompletedSale:
            sale = self._sale(view)
            self._shop.sales.append(sale)
            self._shop.lines.clear()
            self._shop.tenders, self._shop.chosen = None, None
            return sale

        return self._shop.future(write)

    def _view(self) -> PaymentView:
        tenders = tuple(self._shop.tenders or ())
        total = self._shop.basket().total_minor
        paid = sum(tender.amount_minor - tender.change_minor for tender in tenders)
        remaining = total - paid
        up = [step * (remaining // step + 1) for step in (1000, 5000, 10000)]
        return PaymentView(
            total, paid, remaining, sum(t.change_minor for t in tenders), tenders, remaining == 0, 0,
            (remaining, *dict.fromkeys(up)), TENDERS,
        )  # fmt: skip

    def _sale(self, view: PaymentView) -> CompletedSale:
        shop = self._shop
        number = 1000 + len(shop.sales) + 1
        lines = tuple(
            ReceiptLine(
                line.name,
                (line.gtin or line.sku).lstrip("0"),
                line.quantity_milli,
                line.unit,
                line.unit_price_minor,
                line.list_minor,
                line.net_minor,
            )
            for line in shop.lines
            if not line.voided
        )
        basket = shop.basket()
        receipt = Receipt(
            "S001", "潮汐超市人民路店", "杭州市人民路 18 号", "收银 1", "T1", number, f"doc-{number}",
            "李小梅", NOW_MS, "Asia/Shanghai", "2026-11-22", "CNY", 2, lines,
            basket.subtotal_minor, basket.discount_minor, 0, view.total_minor,
            tuple(ReceiptTender(t.name, t.amount_minor, t.change_minor) for t in view.tenders),
            view.change_minor, (), f"T1-{number}", footer="谢谢惠顾\n凭小票七日内退换",
        )  # fmt: skip
        return CompletedSale(number, "T1", f"doc-{number}", receipt, view.change_minor, view.total_minor)


class FakeRedeeming:
    """Nothing is put aside here."""

    def is_code(self, text: str) -> bool:
        return False


class FakeReturns:
    pending_minor = None


class FakeMembers:
    """Nobody carries a card."""

    def shown(self, text: str) -> None:
        return None


class FakeExplaining:
    def hint(self, language: str) -> Future[str]:
        return done("")

    def why(self, language: str) -> Future[list[Any]]:
        return done([])


class FakeFind:
    def __init__(self, shop: Shop) -> None:
        self.searched: list[str] = []

    def search(self, text: str, limit: int = 20) -> list[FoundItem]:
        self.searched.append(text)
        return [item for item in ITEMS if text and (text in item.name or text in {"kele", "n"})][:limit]


class FakePrinting:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.copies = 0

    def last_receipt(self) -> Receipt | None:
        return self._shop.sales[-1].receipt if self._shop.sales else None

    def reprint(self, number: int | None = None) -> Future[PrinterView]:
        self.copies += 1
        return self._shop.future(lambda: PrinterView("ready"))

    def state(self) -> PrinterView:
        return PrinterView("ready")

    def on_change(self, callback: Callable[[], None]) -> None:
        self._shop.listeners.append(callback)


class FakeStatus:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def view(self) -> StatusView:
        shop = self._shop
        return StatusView(
            "潮汐超市人民路店", "收银 1", shop.operator.name if shop.operator else None,
            shop.operator.role if shop.operator else None, "open" if shop.shift else "closed",
            shop.shift.opened_at_ms if shop.shift else None, shop.network, 3, 12,  # type: ignore[arg-type]
            NOW_MS - 25 * 60_000, NOW_MS, 0, False, shop.notices, "S001",
        )  # fmt: skip

    def on_change(self, callback: Callable[[], None]) -> None:
        self._shop.listeners.append(callback)


class FakeSync:
    state = SyncView("online", False, NOW_MS, None, 3)

    def go_offline(self) -> None:
        self.state = replace(self.state, network="offline_by_choice")

    def go_online(self) -> None:
        self.state = replace(self.state, network="online")


class FakeTerminal:
    """None is set up: cards are confirmed by the operator."""

    is_configured = False

    def open_charges(self) -> list[Any]:
        return []


class FakeDevices:
    """No scale, no serial scanner, no customer display."""

    has_scale = False

    def on_set(self, listener: Callable[[str], None]) -> None:
        pass

    def line(self, kind: str) -> str:
        return "none"

    def release(self) -> None:
        pass

    def listen_to_scanner(self, scanned: Callable[[str], None]) -> None:
        pass


@dataclass
class FakeWorkstation:
    """`as_workstation()` is what the window is given; the rest is for the test."""

    shop: Shop
    ring_up: FakeRingUp
    printing: FakePrinting
    find_item: FakeFind

    def as_workstation(self) -> Workstation:
        shop = self.shop
        parts: dict[str, Any] = {
            "session": FakeSession(shop),
            "shift": FakeShift(shop),
            "ring_up": self.ring_up,
            "payment": FakePayment(shop),
            "find_item": self.find_item,
            "printing": self.printing,
            "status": FakeStatus(shop),
            "sync": FakeSync(),
            "terminal": FakeTerminal(),
            "devices": FakeDevices(),
            "returns": FakeReturns(),
            "redeeming": FakeRedeeming(),
            "members": FakeMembers(),
            "explaining": FakeExplaining(),
            "approvals": SimpleNamespace(reasons=lambda kind: ()),
            "adjusting": SimpleNamespace(by_hand=ByHand()),
            "go_live": lambda: None,
            "close": lambda: None,
        }
        return Workstation(**dict.fromkeys(each.name for each in fields(Workstation)) | parts)


def fake_workstation(*, signed_on: bool = True) -> FakeWorkstation:
    """Signed on with an open shift, or neither."""
    shop = Shop()
    if signed_on:
        shop.operator = OperatorView("e1", "1001", "李小梅", "cashier")
        shop.shift = ShiftView("s1", "2026-11-22", NOW_MS - 7_200_000, "e1", 50_000)
    return FakeWorkstation(shop, FakeRingUp(shop), FakePrinting(shop), FakeFind(shop))
