"""A stocktake's variances by value, with what is doubtful: recount, reasons, a second person's approval."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.services.stocktaking.count_list import CountList
from pos_client.services.stocktaking.count_review import CountReview
from pos_client.services.stocktaking.stocktaking import SessionView
from pos_client.ui.goods.card_mode import CardMode, signed
from pos_client.ui.goods.count_mode import CountMode
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow, Tone
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_quantity_text, format_time
from pos_core.errors import TidemarkError


class SessionsMode(SheetMode):
    """Stocktakes that are known here, the newest first."""

    columns = (
        Column("count.session", 30),
        Column("count.lines", 18, right=True),
        Column("count.changed", 30, right=True),
        Column("count.state", 22),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("count.review", "sheet.hint"))
        self._zone = bench.desk.workstation.status.view().time_zone
        self._sessions: list[SessionView] = []
        self.read()

    def read(self) -> None:
        """As it is known now."""
        self._sessions = self.desk.workstation.stocktaking.sessions()

    @property
    def title(self) -> str:
        return self.desk.texts.say("count.review")

    @property
    def row_count(self) -> int:
        return len(self._sessions)

    def row(self, at: int) -> SheetRow:
        view = self._sessions[at]
        state = self.desk.texts.say("count.state.approved" if view.approved else "count.state.open")
        when = format_time(view.last_ms, self._zone, "yyyy-MM-dd HH:mm")
        return SheetRow((view.session_id, str(view.item_count), when, state), "good" if view.approved else "")

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("count.review.none")

    def opened(self, row: int) -> None:
        try:
            review = self.desk.workstation.stocktaking.review(self._sessions[row].session_id)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.bench.stack.push(ReviewMode(self.bench, review, self.read))


class ReviewMode(SheetMode):
    """F6 marks what is counted again; F4 gives a reason; F12 begins the recount, or approves."""

    columns = (
        Column("count.again", 6),
        Column("stock.item", 29),
        Column("count.counted", 10, right=True),
        Column("count.books", 10, right=True),
        Column("count.variance", 10, right=True),
        Column("count.value", 13, right=True),
        Column("stock.doubtful", 8, right=True),
        Column("stock.reason", 14),
    )

    def __init__(self, bench: Bench, review: CountReview, written: Callable[[], None]) -> None:
        """`written`: something was signed or begun."""
        super().__init__(bench, EntryLook("count.review", "count.review.hint"), context="review")
        self.review = review
        self._written = written
        self._zone = bench.desk.workstation.status.view().time_zone
        self.marked: set[str] = set(review.to_recount)
        self.reasons: dict[str, str] = {}
        reasons = bench.desk.workstation.stock_room.policy.reasons["count_variance"]
        self._known = {reason.code: reason for reason in reasons}

    @property
    def title(self) -> str:
        """A dated view: whose documents are in it as of when, and who signed it."""
        texts, review = self.desk.texts, self.review
        said = texts.say("count.review.heading", session=review.session_id, time=self._when(review.as_of_ms))
        if review.approved is not None:
            name = self.desk.workstation.stock_room.operator_name(review.approved.operator_id)
            when = self._when(review.approved.at_ms)
            signed_ = texts.say("count.review.approved_by", name=name, time=when)
            return f"{said} · {signed_}"
        return said

    @property
    def saved_as(self) -> str:
        return f"{super().saved_as}-{self.review.session_id}"

    @property
    def preface(self) -> list[list[str]]:
        """A variance report without its date says nothing."""
        return [[self.title], *([fact.label, fact.value] for fact in self.facts)]

    def _when(self, at_ms: int) -> str:
        return format_time(at_ms, self._zone, "MM-dd HH:mm")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, review = self.desk.texts, self.review
        waiting = sum(line.is_provisional for line in review.lines)
        unsure = sum(line.variance.doubtful_milli != 0 for line in review.lines)
        missing = len(review.not_counted)
        total = review.variance_minor
        restated = sum(line.variance.restated_milli != 0 for line in review.lines)
        return (
            Fact(texts.say("count.value"), texts.amount(total), "danger" if total < 0 else ""),
            Fact(texts.say("count.lines"), str(len(review.lines))),
            Fact(texts.say("count.not_counted"), str(missing), "caution" if missing else "soft"),
            Fact(texts.say("count.doubtful_lines"), str(unsure), "caution" if unsure else "soft"),
            Fact(texts.say("count.provisional"), str(waiting), "caution" if waiting else "soft"),
            Fact(texts.say("count.restated"), str(restated), "caution" if restated else "soft"),
        )

    @property
    def row_count(self) -> int:
        return len(self.review.lines) + len(self.review.not_counted)

    def row(self, at: int) -> SheetRow:
        texts = self.desk.texts
        sku = self.sku(at)
        mark = "✓" if sku in self.marked else ""
        if at >= len(self.review.lines):
            name = self.desk.workstation.stock_room.name_of(sku)
            return SheetRow((mark, name, texts.say("count.none_yet"), "", "", "", "", ""), "soft")
        line = self.review.lines[at]
        variance = line.variance
        tone: Tone = "danger" if variance.variance_milli < 0 else "good" if variance.variance_milli else ""
        if variance.restated_milli:
            why = texts.say("count.restated_by", moved_milli=variance.restated_milli)
        else:
            why = self._reason(self.reasons.get(sku) or variance.reason_code)
        return SheetRow(
            (
                mark,
                line.name or sku,
                format_quantity_text(variance.counted_milli),
                format_quantity_text(variance.expected_milli),
                signed(variance.variance_milli),
                texts.amount(variance.value_minor),
                format_quantity_text(variance.doubtful_milli) if variance.doubtful_milli else "",
                why,
            ),
            tone,
        )

    def sku(self, at: int) -> str:
        """The item of a row."""
        lines = self.review.lines
        return lines[at].variance.sku if at < len(lines) else self.review.not_counted[at - len(lines)]

    def opened(self, row: int) -> None:
        try:
            mode = CardMode(self.bench, self.sku(row))
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.bench.stack.push(mode)

    def act(self, action: str, text: str) -> bool:
        if action == "mark" and self.row_count:
            self.marked ^= {self.sku(self.chosen)}
            self.choose(self.chosen + 1)
        elif action == "detail" and self.chosen < len(self.review.lines):
            self._ask_reason(self.sku(self.chosen))
        elif action == "finish":
            if self.marked:
                facts: dict[str, object] = {"count": len(self.marked)}
                ask = AskMode(self.desk, self.bench.stack, "count.ask_recount", self._recount, facts=facts)
                self.bench.stack.push(ask)
            else:
                with_approval(self.desk, self.bench.stack, self._approve)
        else:
            return super().act(action, text)
        return True

    def _approve(self, nonce: str | None) -> None:
        def done(_: int) -> None:
            self._written()
            self.bench.stack.pop(self)
            self.desk.messages.show("good", "count.approved", session=self.review.session_id)

        self.desk.wait_for(self.review.approve(self.reasons, nonce), done, self.desk.refuse)

    def _recount(self) -> None:
        services, session = self.desk.workstation.stocktaking, self.review.session_id
        skus, round_ = sorted(self.marked), self.review.round + 1
        try:
            begun = services.begin(session, "cyclic", scope=skus, round_=round_, wanted=skus)
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        def open_list(counting: CountList) -> None:
            self.bench.stack.pop(self)
            if len(counting.counted_by_me()) == len(counting.order):
                self.desk.messages.show("info", "count.for_another", count=len(counting.order))
                return
            mode = CountMode(self.bench, counting)
            mode.chosen = 0
            self.bench.stack.push(mode)

        self.desk.wait_for(begun, open_list, self.desk.refuse)

    def _ask_reason(self, sku: str) -> None:
        codes = list(self._known)

        def words() -> tuple[PickRow, ...]:
            return tuple(PickRow(self._reason(code), number=str(n)) for n, code in enumerate(codes, start=1))

        def picked(row: int) -> None:
            self.reasons[sku] = codes[row]
            self.choose(self.chosen + 1)

        look = EntryLook("stock.reason", "form.hint.choice")
        self.bench.stack.push(PickMode(self.desk, self.bench.stack, look, words, picked))

    def _reason(self, code: str | None) -> str:
        reason = self._known.get(code or "")
        if reason is None:
            return code or ""
        return reason.name if self.desk.texts.language == "zh" else reason.name_en


def review(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = SessionsMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
