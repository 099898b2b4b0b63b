"""The member's page, F6: what he says is different. Every question may be left by Enter alone."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from pos_client.services.futures import done
from pos_client.services.views.members import MemberView
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import Field, FormMode

KEEP, YES, NO = "keep", "yes", "no"
_TEXTS = ("display_name", "birthday", "phone")


def begin(bench: Bench, member: MemberView) -> None:
    """Asks for each field in turn, then writes what changed; a member who refused is not asked again."""
    answered = bench.desk.workstation.members.consents(member.member_id)
    asked = [purpose for purpose, now in answered.items() if now is not False]
    fields = (
        _text("display_name", "name", member.display_name),
        _text("birthday", "birthday", ""),
        _text("phone", "phone", member.masked_phone),
        *(_consent(bench, purpose, answered[purpose]) for purpose in asked),
    )

    def changes(answers: dict[str, Any]) -> dict[str, Any]:
        said = {purpose: answers[purpose] == YES for purpose in asked if answers[purpose] != KEEP}
        return {**{name: answers[name] for name in _TEXTS}, "consents": said}

    def submit(answers: dict[str, Any]) -> Future[dict[str, Any]]:
        """A wrong answer keeps the form; nothing at all is as good as Esc."""
        changed = changes(answers)
        if any(changed.values()):
            bench.desk.workstation.members.checked(member.member_id, **changed)
        return done(changed)

    def filled(changed: dict[str, Any]) -> None:
        if any(changed.values()):
            _write(bench, member, changed)

    bench.stack.push(FormMode(bench, "member.edit", fields, submit, filled))


def _write(bench: Bench, member: MemberView, changed: dict[str, Any]) -> None:
    desk = bench.desk

    def attempt(nonce: str | None) -> None:
        asked = desk.workstation.members.edit(member.member_id, **changed, approval=nonce)
        desk.wait_for(asked, written, desk.refuse)

    def written(view: MemberView) -> None:
        bench.sale.show_basket()
        name, phone = view.display_name, view.masked_phone
        desk.messages.show("good", "member.edit.saved", name=name, phone=phone)

    with_approval(desk, bench.stack, attempt)


def _text(key: str, label: str, now: str) -> Field:
    facts = (("now", now),) if now else ()
    hint = f"member.edit.{label}.hint"
    return Field(
        key, f"member.edit.{label}", "text", optional=True, facts=facts, hint=hint, none="member.edit.kept"
    )


def _consent(bench: Bench, purpose: str, now: bool | None) -> Field:
    texts = bench.desk.texts
    word = texts.say("member.edit.never" if now is None else "member.edit.yes")
    choices = (
        (KEEP, texts.say("member.edit.keep", now=word)),
        (YES, texts.say("member.edit.yes")),
        (NO, texts.say("member.edit.no")),
    )
    return Field(purpose, f"member.edit.{purpose}", "choice", choices=choices)
