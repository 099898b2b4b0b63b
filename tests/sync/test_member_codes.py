"""A code that a member chose at one till is his in every store: by its verifier there, or by asking."""

from __future__ import annotations

import base64

from pos_client.journal.draft import Draft, PersonalFields
from pos_client.keys.key_store import get_or_make
from pos_client.keys.sealing import seal
from pos_client.replica.member_details import member_detail
from pos_client.services.members.member_codes import stretch
from pos_core.customer.member_code import fits, read_verifier
from pos_core.sync.authorisation_messages import MemberCodeAnswer, MemberCodeQuestion
from pos_core.sync.sealing import LABEL_PERSONAL
from sync_server.services.acts import Act
from sync_server.store import audit, fold_state
from tests.sync.test_members import join
from tests.sync.world import Till, World

CODE, OTHER, SALT = "135790", "975312", b"s" * 16


def choose(till: Till, digits: str = CODE, salt: bytes = SALT, member_id: str = "m-1") -> None:
    """What `MemberCodes.set_code` records."""
    box = {"code_salt": salt, "code_stretched": stretch(digits, salt)}
    fields = {name: base64.b64encode(value).decode() for name, value in box.items()}
    body = {"member_id": member_id, "personal_fields": ["code"]}
    draft = Draft("member_edited", body, "2026-11-22", personal=PersonalFields(member_id, fields))
    till.journal.record([draft]).result()


def is_right(till: Till, digits: str = CODE) -> bool:
    """By the verifier in the till's own slice."""
    detail = till.replica.read(lambda c: member_detail(c, "m-1"))
    verifier = None if detail is None else read_verifier(detail.code_verifier or "")
    return verifier is not None and fits(
        verifier, get_or_make(till.keys, "pin_pepper"), stretch(digits, verifier.salt)
    )


def ask(till: Till, digits: str) -> MemberCodeAnswer:
    sealing_key = base64.b64decode(till.identity.sealing_public_key)
    sealed = seal(digits.encode(), sealing_key, label=LABEL_PERSONAL)
    question = MemberCodeQuestion("m-1", base64.b64encode(sealed).decode())
    return till.client.ask_member_code(question).result(20)


def exchange(till: Till, times: int = 2) -> None:
    for _ in range(times):
        till.client.exchange()


def test_a_chosen_code_comes_back_as_a_verifier_and_the_last_one_stands(world: World) -> None:
    till = world.till("a")
    join(till, "m-1")
    choose(till)
    exchange(till)
    assert is_right(till) and not is_right(till, OTHER)
    world.clock.advance(1_000)
    choose(till, OTHER, b"t" * 16)
    exchange(till)
    assert is_right(till, OTHER) and not is_right(till)


def test_a_store_of_another_region_asks_and_a_lock_holds_there_too(world: World) -> None:
    a, b = world.till("a"), world.till("b", store_id="S002")
    join(a, "m-1")
    exchange(a)
    exchange(b)
    assert ask(b, CODE).verdict == "unknown"
    choose(a)
    exchange(a)
    assert not is_right(b)
    assert (ask(b, CODE).verdict, ask(b, OTHER).verdict) == ("right", "wrong")
    until_ms = world.clock.now_ms() + 30_000
    body = {"member_id": "m-1", "reason": "wrong_code", "failures": 5, "locked_until_ms": until_ms}
    b.journal.record([Draft("member_code_failed", body, "2026-11-22")]).result()
    exchange(b)
    answer = ask(b, CODE)
    assert (answer.verdict, answer.seconds) == ("locked", 30)
    rows = world.office.store.read(audit.newest)
    told = [row for row in rows if row["action"] == "member_code_checked"]
    assert len(told) == 4 and all(CODE not in str(row) for row in told)


def test_an_erased_member_has_no_code(world: World) -> None:
    till = world.till("a")
    join(till, "m-1")
    choose(till)
    exchange(till)
    world.office.erasures.erase(Act("command line", "asked"), "m-1")
    exchange(till)
    assert world.office.store.read(lambda txn: fold_state.member_codes(txn, ["m-1"])) == {}
    choose_again = till.replica.read(lambda c: member_detail(c, "m-1"))
    assert choose_again is None


def test_a_code_that_head_office_reset_is_over_whatever_comes_later_and_another_may_be_chosen(
    world: World,
) -> None:
    till = world.till("a")
    join(till, "m-1")
    choose(till)
    exchange(till)
    world.clock.advance(1_000)
    choose(till, OTHER, b"u" * 16)  # offline, before the reset; heard after it
    world.clock.advance(1_000)
    world.office.code_reset.reset(Act("command line", "forgotten"), "m-1")
    exchange(till)
    assert not is_right(till) and not is_right(till, OTHER) and ask(till, OTHER).verdict == "unknown"
    world.clock.advance(1_000)
    choose(till, CODE, b"t" * 16)
    exchange(till)
    assert is_right(till)
