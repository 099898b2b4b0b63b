"""Personal data handed out or destroyed: asked for with a purpose, decided on by a second person."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.campaigns.audience import agrees
from sync_server.services.console.member_desk import MemberDesk
from sync_server.services.console.personal_watch import PersonalWatch, limits_of
from sync_server.services.console.tables import Cells
from sync_server.services.deciding import decided
from sync_server.services.erasures import Erased, Erasures, NoSuchMember
from sync_server.services.identity import new_id
from sync_server.services.importing.context import chain_view
from sync_server.services.keys import ChainKeys
from sync_server.services.member_secrets import CodeReset
from sync_server.services.shared.erasing import is_known
from sync_server.store import fold_state, masters, personal
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import MemberRow
from sync_server.store.personal import JobRow

FIELDS = ("phone", "name", "birthday")
ERASE, CODE_RESET = "erase", "code_reset"
PAGE = 500
GOOD_MS = 24 * 3_600_000
TAKEN_MAX = 3
DAY_MS = 24 * 3_600_000
ROWS_A_MARK = 250
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍"


class BadExport(InvalidInput):
    """No fields, unknown ones, or more rows than the chain allows."""

    code = "personal_bad_export"


class TooManyExports(Refusal):
    """As many exports as one user may ask for in a day."""

    code = "personal_too_many_exports"


class NoSuchJob(Refusal):
    """No job of this id, or not in a state in which this can be done."""

    code = "personal_no_such_job"


class NotYours(Refusal):
    """An export is for whoever asked for it, three times, within a day of its approval."""

    code = "personal_not_yours"


@dataclass(frozen=True, slots=True)
class Question:
    """Whom and what an export means; empty tiers or regions: all. `consent` "": asked of nobody."""

    fields: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    consent: str = ""


class PersonalJobs:
    """See the module."""

    def __init__(
        self,
        store: Store,
        keys: ChainKeys,
        *,
        desk: MemberDesk,
        watch: PersonalWatch,
        erasures: Erasures,
        codes: CodeReset,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = keys
        self._desk = desk
        self._watch = watch
        self._erasures = erasures
        self._codes = codes
        self._clock = clock

    def listing(self, kind: str) -> list[JobRow]:
        """Exports, or erasures; the newest first."""
        return self._store.read(lambda txn: personal.jobs(txn, kind, 200))

    def erased(self) -> list[Erased]:
        """Erasures carried out, with the workstations that have not heard of them."""
        return self._erasures.listing()

    # --- asking -------------------------------------------------------------------------------------

    def ask_export(self, act: Act, question: Question) -> JobRow:
        """A small one is approved by that, a larger one waits. Raises BadExport, TooManyExports."""
        if not question.fields or not set(question.fields) <= set(FIELDS):
            raise BadExport("which fields", field="fields")
        now = self._clock.now_ms()

        def write(txn: Txn) -> JobRow:
            limits = limits_of(txn)
            if personal.exports_since(txn, str(act.user_id), now - DAY_MS) >= limits.exports_per_day:
                raise TooManyExports("enough for today", exports_per_day=limits.exports_per_day)
            rows = 0
            for page in _pages(txn, question):
                rows += len(page)
                if rows > limits.export_rows_max:
                    raise BadExport("too many rows", field="rows", rows_max=limits.export_rows_max)
            state = "waiting" if rows > limits.second_person_above else "approved"
            row = self._job(act, "export", "", question=dataclasses.asdict(question), rows=rows, state=state)
            personal.put_job(txn, row)
            act.note(txn, now, "personal_export_asked", row.job_id, rows=rows, fields=list(question.fields))
            return row

        return self._store.write(write)

    def ask_erasure(self, act: Act, member_id: str) -> JobRow:
        """Waits for a second person, always: it cannot be taken back. Raises NoSuchMember."""
        return self._ask(act, ERASE, member_id, "member_erasure_asked")

    def ask_code_reset(self, act: Act, member_id: str) -> JobRow:
        """Waits for a second person: without a code it is a person at the till who knows the member.

        Raises NoSuchMember.
        """
        return self._ask(act, CODE_RESET, member_id, "member_code_reset_asked")

    def _ask(self, act: Act, kind: str, member_id: str, action: str) -> JobRow:
        def write(txn: Txn) -> JobRow:
            if not is_known(txn, member_id):
                raise NoSuchMember("no member with this id", member_id=member_id[:80])
            row = self._job(act, kind, member_id, question={}, rows=1, state="waiting")
            personal.put_job(txn, row)
            act.note(txn, row.created_at_ms, action, member_id, job=row.job_id)
            return row

        return self._store.write(write)

    # --- deciding -----------------------------------------------------------------------------------

    def approve(self, act: Act, job_id: str) -> JobRow:
        """By another than who asked; erasures and resets are carried out.

        Raises NoSuchJob, OwnApproval; NoSuchMember, of one erased meanwhile: nothing is left to decide on.
        """
        row = self._decide(act, job_id, "approved")
        carry_out = {ERASE: self._erasures.erase, CODE_RESET: self._codes.reset}.get(row.kind)
        if carry_out is not None:
            try:
                carry_out(act, row.subject)
            except NoSuchMember:
                self._end(row, "refused")
                raise
            return self._end(row, "done")
        return row

    def _end(self, row: JobRow, state: str) -> JobRow:
        ended = dataclasses.replace(row, state=state)
        self._store.write(lambda txn: personal.put_job(txn, ended))
        return ended

    def refuse(self, act: Act, job_id: str) -> None:
        """Not handed out, not erased. Raises NoSuchJob."""
        self._decide(act, job_id, "refused")

    def take(self, act: Act, job_id: str) -> Iterator[Cells]:
        """An approved export's rows, watermarks among them. Raises NoSuchJob, NotYours, AccountFrozen."""
        row = self._store.read(lambda txn: personal.job(txn, job_id))
        if row is None or row.kind != "export" or row.state != "approved":
            raise NoSuchJob("no such export")
        since = row.decided_at_ms or row.created_at_ms
        if row.created_by != act.user_id or row.taken >= TAKEN_MAX or self._clock.now_ms() - since > GOOD_MS:
            raise NotYours("for whoever asked, three times, within a day", taken_max=TAKEN_MAX)
        self._watch.take(dataclasses.replace(act, why=row.why), "exported", job_id, row.rows)

        def count(txn: Txn) -> None:
            now_row = personal.job(txn, job_id)
            if now_row is None or now_row.taken >= TAKEN_MAX:
                raise NotYours("taken meanwhile", taken_max=TAKEN_MAX)
            personal.put_job(txn, dataclasses.replace(now_row, taken=now_row.taken + 1))
            act.note(txn, self._clock.now_ms(), "personal_export_taken", job_id, rows=row.rows)

        self._store.write(count)
        return self._rows(row)

    def headings(self, job: JobRow) -> list[str]:
        """Of the rows that `take` gives."""
        return ["member_id", "tier", *_question(job).fields]

    def traced(self, act: Act, phone: str) -> JobRow | None:
        """The export in which a number (+E.164) was planted; None: in none."""
        found = None
        for row in self._store.read(lambda txn: personal.jobs(txn, "export", 100_000)):
            marks = range(_mark_count(row.rows))
            if any(self._mark(row.job_id, place)["phone"] == phone for place in marks):
                found = row
                break
        subject = "" if found is None else found.job_id
        self._store.write(lambda txn: act.note(txn, self._clock.now_ms(), "personal_export_traced", subject))
        return found

    # --- rows ---------------------------------------------------------------------------------------

    def _rows(self, job: JobRow) -> Iterator[Cells]:
        question = _question(job)
        count = _mark_count(job.rows)
        marks = {(place + 1) * job.rows // (count + 1): place for place in range(count)}
        number, after = 0, ""
        while True:
            page, clear = self._store.read(partial(self._page, question=question, after=after))
            for row in page:
                if number in marks:
                    yield _cells(question.fields, self._mark(job.job_id, marks.pop(number)))
                number += 1
                said = {"member_id": row.member_id, "tier": row.tier, **clear[row.member_id]}
                yield _cells(question.fields, said)
            if not page:
                break
            after = page[-1].member_id
        for place in marks.values():
            yield _cells(question.fields, self._mark(job.job_id, place))

    def _page(
        self, txn: Txn, question: Question, after: str
    ) -> tuple[list[MemberRow], dict[str, dict[str, str]]]:
        page = next(_pages(txn, question, after), [])
        keys = masters.member_keys(txn, [row.member_id for row in page])
        return page, {row.member_id: self._desk.opened(row, keys.get(row.member_id)) for row in page}

    def _mark(self, job_id: str, place: int) -> dict[str, str]:
        """A row of nobody, the same at every look: its number tells whose export a leaked file was.

        142 is a prefix that no network was given.
        """
        text = f"tidemark.watermark.1\x00{job_id}\x00{place}".encode()
        lot = hmac.digest(self._keys.member_index, text, hashlib.sha256)
        number = int.from_bytes(lot[:8], "big")
        given = (_GIVEN[lot[9] % len(_GIVEN)], _GIVEN[lot[10] % len(_GIVEN)])
        name = "".join((_SURNAMES[lot[8] % len(_SURNAMES)], *given))
        id_ = lot[16:32].hex()
        return {
            "member_id": f"{id_[:8]}-{id_[8:12]}-7{id_[13:16]}-8{id_[17:20]}-{id_[20:]}",
            "tier": "",
            "phone": f"+86142{number % 10**8:08d}",
            "name": name,
            "birthday": f"19{70 + lot[11] % 30}-{1 + lot[12] % 12:02d}-{1 + lot[13] % 28:02d}",
        }

    def _job(
        self, act: Act, kind: str, subject: str, *, question: Mapping[str, object], rows: int, state: str
    ) -> JobRow:
        now = self._clock.now_ms()
        text = json.dumps(question, ensure_ascii=False)
        return JobRow(
            new_id(self._clock), kind, subject, text, rows, state, act.why, str(act.user_id), act.actor, now
        )

    def _decide(self, act: Act, job_id: str, state: str) -> JobRow:
        now = self._clock.now_ms()

        def write(txn: Txn) -> JobRow:
            after = decided(act, personal.job(txn, job_id), state, ("waiting",), NoSuchJob)
            after = dataclasses.replace(after, decided_at_ms=now)
            personal.put_job(txn, after)
            act.note(txn, now, f"personal_{after.kind}_{state}", job_id, member=after.subject)
            return after

        return self._store.write(write)


def _pages(txn: Txn, question: Question, after: str = "") -> Iterator[list[MemberRow]]:
    """Members whom a question means, page by page, none of them empty."""
    stores: Sequence[str] = ()
    if question.regions:
        known = chain_view(txn).stores
        stores = [s for s, row in known.items() if row["region"] in question.regions] or ["\x00"]
    while rows := personal.members_of(txn, after, PAGE, tiers=question.tiers, stores=stores):
        after = rows[-1].member_id
        if question.consent:
            states = fold_state.get(txn, [("member_profile", row.member_id) for row in rows])
            rows = [
                row
                for row in rows
                if agrees(row, states.get(("member_profile", row.member_id)), question.consent)
            ]
        if rows:
            yield rows


def _question(job: JobRow) -> Question:
    said = json.loads(job.question)
    return Question(tuple(said["fields"]), tuple(said["tiers"]), tuple(said["regions"]), said["consent"])


def _mark_count(rows: int) -> int:
    return max(2, rows // ROWS_A_MARK)


def _cells(fields: Sequence[str], said: Mapping[str, str]) -> Cells:
    shown = {**said, "phone": said.get("phone", "").removeprefix("+86")}
    return [shown["member_id"], shown.get("tier", ""), *(shown.get(name, "") for name in fields)]
