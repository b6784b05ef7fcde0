"""The desk's own forms: signing in, and every button that changes something. Each carries a token of the session."""

from __future__ import annotations

import datetime
from collections.abc import MutableMapping
from typing import TypeVar

from wtforms import Form, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.csrf.session import SessionCSRF
from wtforms.validators import AnyOf, InputRequired, Length

from fieldkit.core.access import ROLES


class DeskForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """A form that only a page of this session can send.

    >>> form = desk_form(DeskForm, None, secret=b'x' * 16, session={})
    >>> form.validate(), form.forged
    (False, True)
    """

    class Meta:
        csrf = True
        csrf_class = SessionCSRF
        csrf_time_limit = datetime.timedelta(hours=12)

    @property
    def forged(self) -> bool:
        """Whether the last validation failed because the token was missing, old or of another session."""
        return bool(self.errors.get("csrf_token"))


class LoginForm(DeskForm):
    """Name and password. Limits only keep absurd input away from the hash."""

    name = StringField(filters=[lambda text: (text or "").strip()], validators=[InputRequired(), Length(max=80)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])


class PasswordForm(DeskForm):
    """The present password, and the new one twice. Limits only keep absurd input away from the hash."""

    old = PasswordField(validators=[InputRequired(), Length(max=1000)])
    new = PasswordField(validators=[InputRequired(), Length(max=1000)])
    again = PasswordField(validators=[InputRequired(), Length(max=1000)])


class AccountForm(DeskForm):
    """A new account: its name, what it may do, and for county readers the codes of their counties."""

    name = StringField(filters=[lambda text: (text or "").strip()], validators=[Length(max=80)])
    role = StringField(validators=[AnyOf(ROLES)])
    counties = StringField(validators=[Length(max=2000)])


class ReviewForm(DeskForm):
    """Which of the things that wait is meant, and the words as they were edited."""

    key = HiddenField()
    words = TextAreaField()


class CorrectionForm(DeskForm):
    """What was wrong in the edition before, and what is changed."""

    note = TextAreaField()


class PublishForm(DeskForm):
    """What whoever publishes a draft says: the version, a note for the history, and the instrument's id typed."""

    revision = StringField(validators=[InputRequired(), Length(max=9)])
    version = StringField(validators=[InputRequired(), Length(max=20)])
    word = StringField(validators=[Length(max=80)])
    note = StringField(validators=[Length(max=500)])


Filled = TypeVar("Filled", bound=DeskForm)


def desk_form(kind: type[Filled], sent: object, *, secret: bytes, session: MutableMapping[str, object]) -> Filled:
    """A form filled with what was sent (None when nothing was), tied to this session."""
    return kind(sent, meta={"csrf_secret": secret, "csrf_context": session})
