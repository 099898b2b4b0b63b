"""Beginning a stocktake, going on with one that was paused, and the plan of what to count today."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pos_client.services.futures import done, then
from pos_client.services.stocktaking.count_list import CountList
from pos_client.services.stocktaking.count_scope import CountScope
from pos_client.ui.goods.count_mode import CountMode
from pos_client.ui.goods.narrow_mode import Choice, NarrowMode
from pos_client.ui.goods.order_mode import forecast_age
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import Field, FormMode
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_time
from pos_core.catalog.item import Department
from pos_core.errors import TidemarkError
from pos_core.stock.stocktake import AREAS, COUNT_KINDS, Area, CountKind

_KINDS: dict[str, CountKind] = {kind: kind for kind in COUNT_KINDS}
_AREAS: dict[str, Area] = {area: area for area in AREAS}
_DEPARTMENTS = (Column("count.department_code", 20), Column("count.department", 80))


class PausedCountsMode(SheetMode):
    """Lists that wait; the last row begins a new one."""

    columns = (
        Column("count.session", 22),
        Column("count.place", 36),
        Column("count.lines", 16, right=True),
        Column("count.changed", 26, right=True),
    )

    def __init__(self, bench: Bench, lists: list[CountList]) -> None:
        super().__init__(bench, EntryLook("count.title", "sheet.hint"))
        self._lists = lists
        self._zone = bench.desk.workstation.status.view().time_zone

    @property
    def title(self) -> str:
        return self.desk.texts.say("count.paused_lists")

    @property
    def row_count(self) -> int:
        return len(self._lists) + 1

    def row(self, at: int) -> SheetRow:
        texts = self.desk.texts
        if at == len(self._lists):
            return SheetRow((texts.say("count.new"), "", "", ""), "good")
        counting = self._lists[at]
        data = counting.kept.data
        area = texts.say("count.area." + (data["area"] or "all"))
        place = f"{counting.departments} {area} {data['shelf']}"
        changed = format_time(counting.kept.changed_at_ms, self._zone, "MM-dd HH:mm")
        return SheetRow((data["session_id"], place.strip(), str(counting.counted), changed))

    def opened(self, row: int) -> None:
        self.bench.stack.pop(self)
        if row == len(self._lists):
            new_count(self.bench)
        else:
            self.bench.stack.push(CountMode(self.bench, self._lists[row]))


def count(bench: Bench) -> None:
    """The menu's entry: what was paused first."""
    try:
        lists = bench.desk.workstation.stocktaking.lists()
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    if lists:
        bench.stack.push(PausedCountsMode(bench, lists))
    else:
        new_count(bench)


def new_count(bench: Bench) -> None:
    """Which count, of what, where, and whether the counter sees the books."""
    texts, services = bench.desk.texts, bench.desk.workstation.stocktaking
    blind_first = bench.desk.workstation.stock_room.policy.blind
    manners = [("blind", texts.say("count.blind")), ("open", texts.say("count.open"))]
    kinds = tuple((kind, texts.say(f"count.kind.{kind}")) for kind in COUNT_KINDS)
    areas = tuple((area, texts.say(f"count.area.{area or 'all'}")) for area in ("", "floor", "back"))
    fields = (
        Field("session", "count.session_asked", "text", optional=True, none="count.first_today"),
        Field("kind", "count.kind", "choice", choices=kinds),
        Field("area", "count.area", "choice", choices=areas),
        Field("shelf", "count.scope_asked", "text", optional=True),
        Field("manner", "count.manner", "choice", choices=tuple(manners if blind_first else manners[::-1])),
    )

    asked: dict[str, Any] = {}

    def begin(named: str) -> Future[CountList]:
        kind = _KINDS[asked["kind"]]
        return services.begin(
            services.named(asked["session"] or ""),
            kind,
            scope=[named] if named and kind in {"department", "shelf"} else [],
            area=_AREAS[asked["area"]],
            shelf="" if kind == "department" else named,
            blind=asked["manner"] == "blind",
            wanted=[each.sku for each in services.plan().due] if kind == "cyclic" else [],
        )

    def submit(answers: dict[str, Any]) -> Future[CountList | None]:
        asked.update(answers)
        named = answers["shelf"] or ""
        if answers["kind"] == "department" and not services.departments().has(named):
            services.named(answers["session"] or "")  # a wrong name is refused while the form stands
            return done(None)
        return then(begin(named), lambda counting: counting)

    def begun(counting: CountList | None) -> None:
        if counting is None:
            bench.stack.push(_departments(bench, services.departments(), chosen))
        else:
            bench.stack.push(CountMode(bench, counting))

    def chosen(code: str) -> None:
        try:
            future = begin(code)
        except TidemarkError as error:
            bench.desk.refuse(error)
            return
        bench.desk.wait_for(future, begun, bench.desk.refuse)

    bench.stack.push(FormMode(bench, "count.new", fields, submit, begun))


def _departments(bench: Bench, within: CountScope, picked: Callable[[str], None]) -> NarrowMode:
    """Which department is counted, with all below it."""
    chinese = bench.desk.texts.language == "zh"

    def words(path: tuple[Department, ...]) -> str:
        return " / ".join(each.name if chinese else each.name_en or each.name for each in path)

    choices = [
        Choice(
            path[-1].department_code,
            (path[-1].department_code, words(path)),
            " ".join(f"{each.name} {each.name_en}" for each in path),
        )
        for path in within.paths()
    ]
    look = EntryLook("count.which_department", "narrow.hint")
    return NarrowMode(bench, look, _DEPARTMENTS, choices, picked)


class PlanMode(SheetMode):
    """The cyclic plan; F12 begins counting what stands there."""

    columns = (
        Column("stock.item", 46),
        Column("stock.sku", 20),
        Column("count.class", 10),
        Column("count.overdue", 14, right=True),
        Column("count.was_wrong", 10, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("count.plan", "count.plan.hint"), context="plan")
        services = bench.desk.workstation
        self._plan = services.stocktaking.plan()
        self._due = self._plan.due
        self._names = {each.sku: services.stock_room.item(each.sku).name for each in self._due}

    @property
    def title(self) -> str:
        return self.desk.texts.say("count.plan")

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Whose sales made the classes, and how old they are."""
        texts, plan = self.desk.texts, self._plan
        items = Fact(texts.say("stock.items"), str(len(self._due)))
        label = texts.say("count.plan.by")
        if not plan.of_store:
            return (items, Fact(label, texts.say("count.plan.own"), "caution"))
        age = forecast_age(self.bench, plan.as_of_ms)
        return (items, Fact(label, texts.say("count.plan.store", age=age.words), age.tone))

    @property
    def row_count(self) -> int:
        return len(self._due)

    def row(self, at: int) -> SheetRow:
        each, texts = self._due[at], self.desk.texts
        wrong = texts.say("count.yes") if each.was_wrong else ""
        cells = (self._names[each.sku], each.sku, each.abc, str(each.overdue_days), wrong)
        return SheetRow(cells, "danger" if each.was_wrong else "")

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("count.plan.none")

    def act(self, action: str, text: str) -> bool:
        if action != "finish":
            return super().act(action, text)
        if not self._due:
            return True
        services = self.desk.workstation.stocktaking
        skus = [each.sku for each in self._due]
        try:
            begun = services.begin(services.named(""), "cyclic", scope=skus, wanted=skus)
        except TidemarkError as error:
            self.desk.refuse(error)
            return True
        self.desk.wait_for(begun, self._begun, self.desk.refuse)
        return True

    def _begun(self, counting: CountList) -> None:
        self.bench.stack.pop(self)
        mode = CountMode(self.bench, counting)
        mode.chosen = 0
        self.bench.stack.push(mode)


def plan(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = PlanMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
