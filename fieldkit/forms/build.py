"""A questionnaire version as a form class: it renders the page once, and reads what a phone without script posts.

Names on the wire: an item's answer stands under its id. The missing reasons of single choices are further values of
the same name, so that they exclude each other without script; on numbers, texts and several choices they stand
under `<id>__miss`. The form only carries; what is a right answer is decided by `core.response.checker`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from markupsafe import Markup
from wtforms import Field, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm

from fieldkit.core.flow import homes
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.item import CHOSEN_REASONS, Item
from fieldkit.core.text import Text
from fieldkit.forms import files, kinds, widgets
from fieldkit.translations import say

MISS = "__miss"
ARM = "__arm"  # a list experiment: which of the two lists was read
Reasons = Mapping[str, str]  # missing reason -> the words on its button


def reasons(item: Item, words: Reasons, language: str) -> list[tuple[str, str]]:
    """The missing reasons that an item offers as buttons, with their words; an option's own words come first."""
    own = {option.missing: option.text.say(language) for option in item.options if option.missing}
    return [(r, own.get(r) or words[r]) for r in CHOSEN_REASONS if r in item.missing or r in own]


def _quiet(item: Item, words: Reasons, language: str) -> list[SelectChoice]:
    return [SelectChoice(r, label, {"quiet": True}) for r, label in reasons(item, words, language)]


def _options(item: Item, language: str) -> list[SelectChoice]:
    return [
        SelectChoice(str(o.code), o.text.say(language), {"exclusive": True} if o.exclusive else {})
        for o in item.options
        if not o.missing
    ]


class OneField(RadioField):  # type: ignore[misc]
    """One option of several."""

    item: Item
    hint = left = right = unit = ""

    def pre_validate(self, form: BaseForm) -> None:
        """Leave the judgement to the checker, which knows what was asked."""


class SeveralField(SelectMultipleField):  # type: ignore[misc]
    """Any number of options."""

    item: Item
    hint = unit = ""

    def pre_validate(self, form: BaseForm) -> None:
        """Leave the judgement to the checker, which knows what was asked."""


class TypedField(StringField):  # type: ignore[misc]
    """A number, a day or a text, kept as it was typed."""

    item: Item
    hint = unit = arm = ""
    language = "zh"


class NoField(Field):  # type: ignore[misc]
    """A note: words on the page, nothing to fill in."""

    item: Item
    hint = unit = ""
    widget = kinds.Nothing()


def _one(item: Item, language: str, quiet: list[SelectChoice], widget: Any) -> Field:
    choices = _options(item, language) + quiet
    return OneField(choices=choices, coerce=str, widget=widget, validate_choice=False)


def _rows(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return _one(item, language, quiet, widgets.Rows("radio"))


def _scale(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return _one(item, language, quiet, widgets.Scale())


def _boxes(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    choices = _options(item, language)
    return SeveralField(choices=choices, coerce=str, widget=widgets.Rows("checkbox"), validate_choice=False)


def _whole(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=widgets.Number("numeric"))


def _decimal(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=widgets.Number("numeric" if item.places == 0 else "decimal"))


def _words(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=widgets.Words())


def _day(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=widgets.Day())


def _clock(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=kinds.Clock())


def _slider(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=kinds.Slider())


def _order(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return SeveralField(choices=_options(item, language), coerce=str, widget=kinds.Order(), validate_choice=False)


def _tick(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    label = item.options[0].text.say(language) if item.options else say_tick(language)
    return SeveralField(choices=[SelectChoice("1", label, {})], widget=kinds.Tick(), validate_choice=False)


def _counted(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=kinds.CountedList())


def _spot(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return SeveralField(choices=[], coerce=str, widget=files.Spot(), validate_choice=False)


def _media(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return TypedField(widget=files.Media())


def _note(item: Item, language: str, quiet: list[SelectChoice]) -> Field:
    return NoField()


def say_tick(language: str) -> str:
    """The words on the box of an acknowledgement that brings none of its own."""
    return say("phone.acknowledge", language)


FIELDS: Mapping[str, Callable[[Item, str, list[SelectChoice]], Field]] = {
    "likert5": _rows,
    "likert": _rows,
    "bipolar7": _scale,
    "single": _rows,
    "randomised_response": _rows,
    "multi": _boxes,
    "rank": _order,
    "count_month": _whole,
    "count": _whole,
    "integer": _whole,
    "hours_week": _decimal,
    "percentage": _decimal,
    "number": _decimal,
    "decimal": _decimal,
    "money": _decimal,
    "slider": _slider,
    "text": _words,
    "long_text": _words,
    "date": _day,
    "time": _clock,
    "acknowledge": _tick,
    "geopoint": _spot,
    "image": _media,
    "audio": _media,
    "file": _media,
    "note": _note,
    "list_experiment": _counted,
}  # calculate and hidden are on no page


class QuestionnaireForm(BaseForm):  # type: ignore[misc]
    """The form of one questionnaire version in one language; `form['bur_af1']` is that item's field.

    `formdata` is a posted form (werkzeug's MultiDict or anything with `getlist`), None for an empty page.
    """

    questionnaire: ClassVar[Questionnaire]
    language: ClassVar[str]
    fields: ClassVar[Sequence[tuple[str, Field]]]

    def __init__(self, formdata: Any = None) -> None:
        super().__init__(list(self.fields))
        self.formdata_given = formdata is not None
        for item in self.questionnaire:
            if item.id in self:
                field: Any = self[item.id]
                field.item = item
                field.language = self.language
                for name in ("hint", "unit", "left", "right"):
                    wording: Text = getattr(item, name)
                    setattr(field, name, wording.say(self.language))
        self.process(formdata)
        if formdata is None:
            self._preset()
        for item in self.questionnaire:
            if item.type == "list_experiment" and formdata is not None:
                self[item.id].arm = formdata.get(item.id + ARM, "")

    def _preset(self) -> None:
        """Put the defaults into an empty page."""
        for item in self.questionnaire:
            if item.default and item.id in self and item.kind.answered:
                field: Any = self[item.id]
                several = item.kind.value in ("codes", "order", "mark")
                field.data = item.default.split() if several else item.default

    def asides(self, item: Item) -> Markup:
        """The quiet buttons of an item; empty when it offers none."""
        field: Any = self[item.id]
        if item.kind.value == "code":
            return widgets.Quiet()(field)
        return widgets.Quiet()(self[item.id + MISS]) if item.id + MISS in self else Markup("")

    def mark(self, item_id: str, sentences: Sequence[str]) -> None:
        """Put what the checker found at the item."""
        if item_id in self:
            self[item_id].errors = list(sentences)

    def to_answers(self) -> dict[str, object]:
        """The same mapping that a phone with script sends as JSON: a value, {"missing": reason}, or None.

        Where a value and a missing button arrive together, the button holds: who presses 不便回答 takes the value back.
        """
        answers: dict[str, object] = {}
        for item in self.questionnaire:
            if item.id not in self:
                continue
            answers[item.id] = self._answer(item)
        return self._in_rows(answers)

    def _in_rows(self, answers: dict[str, object]) -> dict[str, object]:
        """Answers that belong to a repeat as its one row: without script only one can be filled in."""
        placed: dict[str, object] = {}
        for section in self.questionnaire.sections:
            for item in section.items:
                if item.id not in answers or not (around := homes(section, item.id)):
                    continue
                value, place = answers.pop(item.id), placed
                for name in around:
                    rows: Any = place.setdefault(name, [{}])
                    place = rows[0]
                place[item.id] = value
        return {**answers, **{name: rows for name, rows in placed.items() if _said(rows)}}

    def _answer(self, item: Item) -> object:
        field: Any = self[item.id]
        data = field.data
        chosen = self[item.id + MISS].data if item.id + MISS in self else None
        if item.kind.value == "code":
            if data in CHOSEN_REASONS:
                return {"missing": data}
            return data or None
        if chosen:
            return {"missing": chosen}
        if item.kind.value in ("codes", "order"):
            return [each for each in data if each] or None if data else None
        if item.kind.value == "point":
            return " ".join(data or []).strip() or None
        if item.kind.value == "mark":
            return 1 if data else None
        if item.kind.value == "arm_count":
            return _arm_count(field.arm, data)
        if item.kind.value == "none":
            return None
        return data if data and data.strip() else None


def _said(rows: Any) -> bool:
    """Whether anything was answered in these rows or those inside them; a row without an answer is no row."""
    for row in rows:
        for name in [name for name, value in row.items() if isinstance(value, list) and not _said_one(value)]:
            del row[name]
    return any(_said_one(value) for row in rows for value in row.values())


def _said_one(value: Any) -> bool:
    return _said(value) if isinstance(value, list) and value and isinstance(value[0], dict) else value is not None


def _arm_count(arm: str, count: str | None) -> list[object] | None:
    """Which list was read and how many statements hold; None where either is unknown."""
    if not count:
        return None
    return [int(part) if part and part.isascii() and part.isdigit() else part for part in (arm, count)]


def questionnaire_form(questionnaire: Questionnaire, words: Reasons, language: str = "zh") -> type[QuestionnaireForm]:
    """The form class of a questionnaire version; `words` name the missing reasons on their buttons.

    Items whose options come from elsewhere (`source`, the county from the link) have no field.
    """
    fields: list[tuple[str, Field]] = []
    for item in questionnaire:
        if item.source or not item.kind.shown:
            continue
        quiet = _quiet(item, words, language)
        fields.append((item.id, FIELDS[item.type](item, language, quiet)))
        if quiet and item.kind.value not in ("code", "none", "mark"):
            fields.append((item.id + MISS, RadioField(choices=quiet, coerce=str, validate_choice=False)))
    return type(
        "QuestionnaireForm",
        (QuestionnaireForm,),
        {"questionnaire": questionnaire, "language": language, "fields": fields},
    )


def to_answers(questionnaire: Questionnaire, formdata: Any, words: Reasons) -> dict[str, object]:
    """What a posted form says, as the mapping that `Checker.check` takes."""
    return questionnaire_form(questionnaire, words)(formdata).to_answers()
