"""Texts with placeholders: checked when they are written, filled in when they go out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pos_core.errors import InvalidInput
from sync_server.services.notices.kinds import Event, words_of

BODY_MAX = {"sms": 500}
BODY_CHARS_MAX = 4000
SUBJECT_CHARS_MAX = 120
CODE = re.compile(r"[A-Za-z0-9_.:-]{0,80}")
_PLACE = re.compile(r"\{([a-z_]+)\}")


class BadText(InvalidInput):
    """A notice's text that cannot be filled in; `facts["field"]` says which part, `word` what in it."""

    code = "notice_bad_text"


def checked_text(event: Event, channel: str, *, subject: str, body: str, code: str) -> None:
    """Raises BadText: unknown or broken placeholders, nothing to say, too long."""
    if not body.strip():
        raise BadText("nothing to say", field="body", word="")
    if len(body) > BODY_MAX.get(channel, BODY_CHARS_MAX):
        raise BadText("too long", field="body", word=str(BODY_MAX.get(channel, BODY_CHARS_MAX)))
    if len(subject) > SUBJECT_CHARS_MAX or "\n" in subject or "\r" in subject:
        raise BadText("one short line", field="subject", word=str(SUBJECT_CHARS_MAX))
    if channel == "email" and not subject.strip():
        raise BadText("a mail needs a subject", field="subject", word="")
    if not CODE.fullmatch(code):
        raise BadText("letters, digits and _ . : -", field="provider_code", word="")
    known = set(words_of(event))
    for field, text in (("subject", subject), ("body", body)):
        for word in places(text):
            if word not in known:
                raise BadText("no such placeholder here", field=field, word=word)
        rest = _PLACE.sub("", text)
        if "{" in rest or "}" in rest:
            raise BadText("a brace that opens or closes nothing", field=field, word="{ }")


def places(text: str) -> list[str]:
    """The placeholders of a text, each once, in order."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """With its placeholders filled in; a value is text, never a placeholder again."""
    return _PLACE.sub(lambda found: values.get(found.group(1), ""), text)
