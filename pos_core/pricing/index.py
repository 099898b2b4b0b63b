"""The inverted index: which selections an item fits, found from the item's side.

Items are never enumerated: a selection is filed under its SKUs, brands, departments or tags, and an item that
comes into a basket looks up its own. So loading costs as much as the rules are long, whatever the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from pos_core.pricing.selection import EVERYTHING, Clause, Selection

MEMO_MAX = 20_000
"""Items remembered; then the memory is emptied and fills again. A shop sells fewer different items a day."""


class _CompiledClause:
    """A clause as sets; an empty list is None: it does not restrict."""

    __slots__ = ("brands", "departments", "skus", "tags")

    def __init__(self, clause: Clause) -> None:
        self.skus = frozenset(clause.skus) or None
        self.brands = frozenset(clause.brands) or None
        self.departments = frozenset(clause.departments) or None
        self.tags = frozenset(clause.tags) or None

    def fits(self, sku: str, brand: str, departments: tuple[str, ...], tags: tuple[str, ...]) -> bool:
        return (
            (self.skus is None or sku in self.skus)
            and (self.brands is None or brand in self.brands)
            and (self.departments is None or not self.departments.isdisjoint(departments))
            and (self.tags is None or not self.tags.isdisjoint(tags))
        )


class SelectionIndex:
    """Selections numbered from 0; equal selections share a number. Number 0 is always "everything".

    `fitting` looks at what the item *is*; price band and sale goods depend on the unit and are asked with
    `in_band` and by the engine.

    Attributes:
        banded, sale_goods: the few selections that also ask for a price band or about reduced goods.
        by_sku: no selection asks for anything but SKUs, or about reduced goods.
    """

    def __init__(self) -> None:
        self.selections: list[Selection] = []
        self.banded: set[int] = set()
        self.sale_goods: dict[int, str] = {}
        self.by_sku = True
        self._numbers: dict[Selection, int] = {}
        self._everywhere: list[int] = []
        self._postings: tuple[dict[str, list[tuple[int, _CompiledClause]]], ...] = ({}, {}, {}, {})
        self._sure: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {})
        self._unsure = False
        """Some clause has several lists, so an item found in one of them need not fit it."""
        self._excluded: dict[int, tuple[_CompiledClause, ...]] = {}
        self._memo: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], frozenset[int]] = {}
        self.add(EVERYTHING)

    def add(self, selection: Selection) -> int:
        """The number of `selection`; filed on first sight."""
        number = self._numbers.get(selection)
        if number is not None:
            return number
        number = self._numbers[selection] = len(self.selections)
        self.selections.append(selection)
        self._memo.clear()
        if selection.price_min_minor is not None or selection.price_max_minor is not None:
            self.banded.add(number)
            self.by_sku = False
        if selection.sale_goods != "include":
            self.sale_goods[number] = selection.sale_goods
        if not selection.any_of:
            self._everywhere.append(number)
        for clause in selection.any_of:
            self._file(number, clause)
        for clause in (*selection.any_of, *selection.exclude):
            if clause.brands or clause.departments or clause.tags:
                self.by_sku = False
        if selection.exclude:
            self._excluded[number] = tuple(_CompiledClause(clause) for clause in selection.exclude)
        return number

    def _file(self, number: int, clause: Clause) -> None:
        """Under its narrowest list: SKUs before brands before departments before tags.

        A clause with one list only, as most are, holds for every item that is found in it.
        """
        compiled = _CompiledClause(clause)
        lists = (clause.skus, clause.brands, clause.departments, clause.tags)
        alone = sum([bool(names) for names in lists]) == 1
        for posting, sure, names in zip(self._postings, self._sure, lists, strict=True):
            if names:
                for name in names:
                    if alone:
                        sure.setdefault(name, []).append(number)
                        continue
                    self._unsure = True
                    posting.setdefault(name, []).append((number, compiled))
                return

    def skus(self) -> Iterable[str]:
        """The SKUs that selections name, where they name nothing else (`by_sku`)."""
        return self._sure[0]

    def fitting(
        self, sku: str, brand: str, departments: tuple[str, ...], tags: tuple[str, ...]
    ) -> frozenset[int]:
        """The numbers of all selections that the item fits, band and sale goods left aside."""
        key = (sku, brand, departments, tags)
        found = self._memo.get(key)
        if found is None:
            if len(self._memo) >= MEMO_MAX:
                self._memo.clear()
            found = self._memo[key] = frozenset(self.look_up(sku, brand, departments, tags))
        return found

    def look_up(
        self, sku: str, brand: str, departments: tuple[str, ...], tags: tuple[str, ...]
    ) -> Iterable[int]:
        """`fitting`, for whoever remembers the answer himself."""
        sure_skus, sure_brands, sure_departments, sure_tags = self._sure
        hits = {*self._everywhere, *sure_skus.get(sku, ()), *sure_brands.get(brand, ())}
        for name in departments:
            hits.update(sure_departments.get(name, ()))
        for name in tags:
            hits.update(sure_tags.get(name, ()))
        if self._unsure:
            by_sku, by_brand, by_department, by_tag = self._postings
            found = [by_sku.get(sku, ()), by_brand.get(brand, ())]
            found += [by_department.get(name, ()) for name in departments]
            found += [by_tag.get(name, ()) for name in tags]
            for number, clause in chain.from_iterable(found):
                if number not in hits and clause.fits(sku, brand, departments, tags):
                    hits.add(number)
        excluded = self._excluded
        if not excluded or excluded.keys().isdisjoint(hits):
            return hits
        return [
            n
            for n in hits
            if n not in excluded or not any(c.fits(sku, brand, departments, tags) for c in excluded[n])
        ]

    def in_band(self, number: int, list_minor: int) -> bool:
        """True when the list price of a unit lies in the selection's price band."""
        selection = self.selections[number]
        low, high = selection.price_min_minor, selection.price_max_minor
        return (low is None or list_minor >= low) and (high is None or list_minor <= high)
