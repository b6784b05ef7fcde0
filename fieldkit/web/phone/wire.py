"""The submission as a phone sends it: its outer shape is checked here, the answers by `core.response`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from fieldkit.core.instrument import Questionnaire
from fieldkit.core.paradata import paradata
from fieldkit.core.problem import Problem
from fieldkit.core.submission import ALPHABET, RESPONSE_ID, Submission, normal_code

DAY_SECONDS = 86_400
KNOWN = {"id", "receipt_code", "questionnaire", "version", "language", "active_seconds", "paradata", "answers"}


def new_identity() -> tuple[str, str]:
    """A response id and a receipt code, for a phone that cannot make its own."""
    return secrets.token_hex(16), "".join(secrets.choice(ALPHABET) for _ in range(12))


def text(sent: Mapping[str, object], name: str) -> str:
    """A short text that must be there."""
    value = sent.get(name)
    if not isinstance(value, str) or len(value) > 100:
        raise Problem("submission.wrong_shape", where=name, field=name)
    return value


def wrong_version(questionnaire: Questionnaire, sent: str) -> Problem:
    """The phone filled in another questionnaire, or another version of it, than this wave asks."""
    asked = f"{questionnaire.id} {questionnaire.version}"
    return Problem("submission.wrong_version", where=questionnaire.id, sent=sent[:64], asked=asked)


def submission(sent: object, questionnaire: Questionnaire, wave: str, county: str) -> Submission:
    """What was sent as a Submission; Problem `submission.wrong_shape` names the field that cannot be right.

    A questionnaire or version other than the wave's is `submission.wrong_version`.
    """
    if not isinstance(sent, Mapping):
        raise Problem("submission.wrong_shape", where="", field="")
    for name in sent:
        if name not in KNOWN:
            raise Problem("submission.wrong_shape", where=str(name)[:64], field=str(name)[:64])
    identity, language = text(sent, "id"), text(sent, "language")
    if not RESPONSE_ID.match(identity):
        raise Problem("submission.wrong_shape", where="id", field="id")
    code = normal_code(text(sent, "receipt_code"))
    if (text(sent, "questionnaire"), text(sent, "version")) != (questionnaire.id, questionnaire.version):
        raise wrong_version(questionnaire, f"{sent['questionnaire']} {sent['version']}")
    if language not in questionnaire.languages:
        raise Problem("submission.wrong_shape", where="language", field="language")
    answers = sent.get("answers")
    if not isinstance(answers, dict) or len(answers) > 2 * len(questionnaire.items) + 50:
        raise Problem("submission.wrong_shape", where="answers", field="answers")
    seconds = sent.get("active_seconds")
    if seconds is not None and (not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0):
        raise Problem("submission.wrong_shape", where="active_seconds", field="active_seconds")
    return Submission(
        id=identity,
        wave=wave,
        county=county,
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        receipt_code=code,
        language=language,
        answers=answers,
        active_seconds=None if seconds is None else min(seconds, DAY_SECONDS),
        paradata=paradata(sent.get("paradata"), [section.id for section in questionnaire.sections]),
    )
