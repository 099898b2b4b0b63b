"""Signing in, locking out, sessions and passwords."""

from __future__ import annotations

import re

import httpx
import pytest

from sync_server.services.acts import Act
from sync_server.services.console.passwords import Passwords, new_password
from sync_server.services.console.roles import Role
from sync_server.services.console.sessions import IDLE_MS, LONGEST_MS
from sync_server.services.console.users import LastAdministrator, SignInRefused
from sync_server.store import audit
from tests.server.support.console import PASSWORD, add_user, code_of, sign_in
from tests.server.support.office import Chain


def attempt(chain: Chain, login: str, password: str, wanted: str = "") -> httpx.Response:
    page = chain.http.get("/console/sign-in")
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found
    form = {"csrf": found.group(1), "login": login, "password": password, "next": wanted}
    return chain.http.post("/console/sign-in", data=form)


def test_a_right_password_opens_a_session(chain: Chain) -> None:
    add_user(chain.office, "wang.fang", Role.MERCHANDISER)
    answer = attempt(chain, " Wang.Fang ", PASSWORD)
    assert answer.status_code == 303 and answer.headers["location"] == "/console/"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("tidemark="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Wang.Fang" in chain.http.get("/console/").text


def test_unknown_login_wrong_password_and_disabled_user_look_the_same(chain: Chain) -> None:
    add_user(chain.office, "known", Role.MERCHANDISER)
    gone = add_user(chain.office, "gone", Role.MERCHANDISER)
    chain.office.users.change(
        Act("boss"),
        add_user(chain.office, "boss", Role.ADMINISTRATOR).user_id,
        name="Boss",
        roles=[Role.ADMINISTRATOR],
        region=None,
        state="active",
    )
    chain.office.users.change(
        Act("boss"), gone.user_id, name="Gone", roles=gone.roles, region=None, state="disabled"
    )
    answers = [
        attempt(chain, login, pw)
        for login, pw in (("known", "wrong password"), ("unknown", PASSWORD), ("gone", PASSWORD))
    ]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1 and {a.status_code for a in answers} == {422}


@pytest.mark.parametrize("login", ["known", "nobody-of-this-name"])
def test_the_fifth_wrong_password_locks_and_each_further_one_longer(chain: Chain, login: str) -> None:
    add_user(chain.office, "known", Role.MERCHANDISER)
    for _ in range(5):
        assert code_of(attempt(chain, login, "wrong password")) == "sign_in_refused"
    assert code_of(attempt(chain, login, PASSWORD)) == "sign_in_locked", "the right one too"
    chain.clock.advance(61_000)
    assert code_of(attempt(chain, login, "wrong password")) == "sign_in_refused"
    chain.clock.advance(61_000)
    assert code_of(attempt(chain, login, PASSWORD)) == "sign_in_locked", "two minutes now"
    chain.clock.advance(60_000)
    assert code_of(attempt(chain, login, PASSWORD)) == ("" if login == "known" else "sign_in_refused")


def test_a_lock_survives_a_restart_and_is_in_the_audit_trail(chain: Chain) -> None:
    add_user(chain.office, "known", Role.MERCHANDISER)
    for _ in range(5):
        attempt(chain, "known", "wrong password")
    actions = [row["action"] for row in chain.office.store.read(audit.newest)]
    assert actions.count("console_sign_in_locked") == 1


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/console//evil", "/v1/ca", ""]
)
def test_signing_in_leads_nowhere_else(chain: Chain, wanted: str) -> None:
    add_user(chain.office, "known", Role.MERCHANDISER)
    assert attempt(chain, "known", PASSWORD, wanted).headers["location"] == "/console/"


def test_a_session_ends_when_idle_and_after_half_a_day(chain: Chain) -> None:
    visitor = sign_in(chain, Role.ADMINISTRATOR)
    for _ in range(LONGEST_MS // (IDLE_MS - 1000)):
        chain.clock.advance(IDLE_MS - 1000)
        assert visitor.get("/").status_code == 200
    chain.clock.advance(IDLE_MS - 1000)
    assert visitor.get("/").status_code == 303
    again = sign_in(chain, Role.ADMINISTRATOR)
    chain.clock.advance(IDLE_MS + 1)
    assert again.get("/").status_code == 303


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(chain: Chain) -> None:
    visitor = sign_in(chain, Role.ADMINISTRATOR)
    asked = visitor.cookies | {"HX-Request": "true", "X-By-Itself": "1"}
    for _ in range(2):
        chain.clock.advance(IDLE_MS // 2)
        assert chain.http.get("/console/releases", headers=asked).status_code == 200
    chain.clock.advance(IDLE_MS // 2)
    answer = chain.http.get("/console/releases", headers=asked)
    assert answer.status_code == 401 and code_of(answer) == "console_signed_out"
    assert visitor.get("/").status_code == 303


def test_signing_out_ends_the_session_at_the_server(chain: Chain) -> None:
    visitor = sign_in(chain, Role.ADMINISTRATOR)
    assert visitor.post("/sign-out").status_code == 303
    assert visitor.get("/").status_code == 303


def test_other_roles_end_the_sessions_of_before(chain: Chain) -> None:
    boss, clerk = sign_in(chain, Role.ADMINISTRATOR), sign_in(chain, Role.MERCHANDISER)
    form = {"name": "Clerk", "roles": [Role.MARKETER], "state": "active"}
    assert boss.post(f"/users/{clerk.user.user_id}", form).status_code == 303
    assert clerk.get("/").status_code == 303


def test_a_first_password_opens_nothing_but_its_own_change(chain: Chain) -> None:
    boss = sign_in(chain, Role.ADMINISTRATOR)
    answer = boss.post("/users", {"login": "li.ming", "name": "李明", "roles": [Role.AUDITOR]})
    first = re.search(r"<code[^>]*>([^<]+)</code>", answer.text)
    assert first and attempt(chain, "li.ming", first.group(1)).status_code == 303
    assert chain.http.get("/console/audit").headers["location"] == "/console/password"
    chain.http.cookies.clear()
    assert code_of(attempt(chain, "li.ming", "not " + first.group(1))) == "sign_in_refused"


def test_a_new_password_needs_the_old_one(chain: Chain) -> None:
    visitor = sign_in(chain, Role.AUDITOR)
    form = {"old": "wrong", "new": "a much better one", "again": "a much better one"}
    assert code_of(visitor.post("/password", form)) == "sign_in_refused"
    assert code_of(visitor.post("/password", {**form, "old": PASSWORD, "again": "?"})) == "bad_form"
    assert (
        code_of(visitor.post("/password", {"old": PASSWORD, "new": "short", "again": "short"}))
        == "weak_password"
    )
    assert visitor.post("/password", {**form, "old": PASSWORD}).status_code == 303
    assert visitor.get("/").status_code == 303, "the session of before has ended"
    with pytest.raises(SignInRefused):
        chain.office.users.sign_in("auditor", PASSWORD)


def test_the_last_administrator_stays(chain: Chain) -> None:
    boss = sign_in(chain, Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        chain.office.users.change(
            Act("x"), boss.user.user_id, name="B", roles=[Role.AUDITOR], region=None, state="active"
        )


def test_passwords_are_argon2id_with_memory() -> None:
    from argon2 import PasswordHasher

    kept = Passwords(PasswordHasher()).hashed("a long enough one", login="me")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_language_is_remembered_for_the_person(chain: Chain) -> None:
    visitor = sign_in(chain, Role.ADMINISTRATOR)
    assert "用户与角色" in visitor.get("/").text
    assert visitor.post("/language", {"language": "en", "back": "/console/users"}).status_code == 303
    assert "Users and roles" in visitor.get("/").text


def test_a_first_password_never_holds_the_login_by_chance() -> None:
    # one of fifty would, for a login of two letters, and be refused as weak
    assert not any("hq" in new_password("hq") for _ in range(2000))
