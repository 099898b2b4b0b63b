"""What stands on an X, Z or day report, before anything is known about paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pos_client.receipts.layout import local_time
from pos_client.receipts.model import Language
from pos_client.receipts.words import reason_words
from pos_core.cash.report import Cover, GrandTotals, ReportSums
from pos_core.cash.settlement import SettledTender

ReportKind = Literal["x", "z", "day"]


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a shift or a day. Its figures are the sums of the documents in `covers`.

    Attributes:
        tenders: expected, and what was counted where something was.
        tender_names: tender code → its Chinese and its English name.
        pieces: (value of the note or coin, how many) of the count, the largest first.
        restated: tender code → by how much documents that came to light later change what was expected.
        late_count: how many such documents there are.
        held_count: baskets on hold at the settlement.
        reason, reason_names: what was typed; the Chinese and the English name of the chain's reason.
        cover_labels: what is printed before a number of each of `covers`.
    """

    kind: ReportKind
    store_id: str
    store_name: str
    workstation_name: str
    series_label: str
    operator_name: str
    business_day: str
    time_zone: str
    opened_at_ms: int | None
    at_ms: int
    currency: str
    exponent: int
    covers: tuple[Cover, ...]
    sums: ReportSums
    tenders: tuple[SettledTender, ...]
    grand: GrandTotals
    tender_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    pieces: tuple[tuple[int, int], ...] = ()
    z_number: int | None = None
    number: int | None = None
    reason: str = ""
    reason_names: tuple[str, str] = ("", "")
    cover_labels: tuple[str, ...] = ()
    held_count: int = 0
    restated: tuple[tuple[str, int], ...] = ()
    late_count: int = 0
    language: Language = "zh"
    is_copy: bool = False
    is_training: bool = False

    def as_copy(self) -> Report:
        """The same report, marked as a copy."""
        return replace(self, is_copy=True)

    def in_language(self, language: Language) -> Report:
        """The same report for a reader of another language."""
        return replace(self, language=language)

    def tender_name(self, tender_code: str) -> str:
        """A tender in the report's language; its code where it has no name."""
        chinese, english = self.tender_names.get(tender_code, (tender_code, tender_code))
        return chinese if self.language == "zh" else english or chinese

    @property
    def why(self) -> str:
        """Why the till is over or short, in the report's language."""
        chinese, english = self.reason_names
        words = "" if self.reason in self.reason_names else self.reason
        return reason_words(chinese if self.language == "zh" else english, words, self.language)

    @property
    def float_minor(self) -> int:
        """What lay in the till at the start, of all shifts."""
        return sum(tender.float_minor for tender in self.sums.totals.tenders.values())

    @property
    def name(self) -> str:
        """A name for a file: `Z-000012`, `X-2026-11-28-143205` (a day has many), `DAY-REPORT-2026-11-28`."""
        if self.z_number is not None:
            return f"Z-{self.z_number:06d}"
        if self.kind == "day":
            return f"DAY-REPORT-{self.business_day}"
        return f"X-{self.business_day}-{local_time(self.at_ms, self.time_zone)[-8:].replace(':', '')}"
