"""The questionnaire page: the sections are rendered once per version, the page once per wave and county.

Nothing in a page depends on who asks, so that everyone gets the same bytes under the same ETag.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from flask import current_app, g, render_template, url_for
from markupsafe import Markup, escape

from fieldkit.core.instrument import Questionnaire, stated_minutes
from fieldkit.core.item import CHOSEN_REASONS
from fieldkit.core.problem import Problem
from fieldkit.core.response import Checker, checker, item_at
from fieldkit.core.wave import Wave
from fieldkit.formats.phone_json import phone_json, seldom, with_files
from fieldkit.forms.build import QuestionnaireForm, questionnaire_form
from fieldkit.translations import catalogue, explain, say
from fieldkit.web.machine import machine
from fieldkit.web.phone.consent import consent, day

KEPT_PAGES = 256  # counties whose page stays in memory; another one is made anew in a few milliseconds
WHOLE = re.compile(r"(?<=\d)\.0\Z")  # 130.0 was typed as 130
ASIDE = re.compile(r"(（[^（）]*）)\s*\Z")
LIVE = "phone.live_"
AT = "phone.at_"
KINDS = "phone.kinds_"
FILES = "phone.files_"


def question(text: str) -> Markup:
    """A question with what stands in brackets at its end in lighter type; same words, same order.

    >>> question("本地目前有下列哪些机制？（可多选）")
    Markup('本地目前有下列哪些机制？<small class="nb">（可多选）</small>')
    """
    match = ASIDE.search(text)
    if not match:
        return escape(text)
    short = Markup(' class="nb"') if len(match.group(1)) <= 16 else ""
    return Markup("{}<small{}>{}</small>").format(text[: match.start()], short, match.group(1))


@dataclass(frozen=True)
class Version:
    """One questionnaire version in one language, ready to be shown and to be checked."""

    questionnaire: Questionnaire
    language: str
    form: type[QuestionnaireForm]
    checker: Checker
    sections: Markup
    rules: Markup
    seldom: bool = False  # whether the page needs kinds.css and kinds.js
    files: bool = False  # whether it needs phone-files.css and phone-files.js


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: its bytes, the same compressed, and its ETag."""

    body: bytes
    zipped: bytes
    etag: str


K = TypeVar("K")
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """The most recently used things of a kind; made at most once at a time."""

    def __init__(self, size: int) -> None:
        self.size, self.things, self.lock = size, OrderedDict[K, V](), Lock()

    def get(self, key: K) -> V | None:
        """What lies under the key, if it is still here."""
        with self.lock:
            if key in self.things:
                self.things.move_to_end(key)
            return self.things.get(key)

    def put(self, key: K, thing: V) -> V:
        """Lay it on the shelf; what was not asked for the longest goes."""
        with self.lock:
            self.things[key] = thing
            while len(self.things) > self.size:
                self.things.popitem(last=False)
        return thing


class Pages:
    """All pages of this process."""

    def __init__(self) -> None:
        self.versions: Shelf[tuple[str, str, str, str], Version] = Shelf(64)
        self.pages: Shelf[tuple[object, ...], Page] = Shelf(KEPT_PAGES)

    def version(self, questionnaire: Questionnaire, language: str) -> Version:
        """The questionnaire's form class, checker and rendered sections."""
        key = (questionnaire.id, questionnaire.version, questionnaire.hash, language)
        return self.versions.get(key) or self.versions.put(key, make_version(questionnaire, language))

    def page(self, wave: Wave, county: str, questionnaire: Questionnaire, language: str) -> Page:
        """The whole page as everyone of this county gets it."""
        # what a page says of its wave; hashing the wave itself would mean hashing all its counties
        said = (wave.id, wave.number, wave.study, wave.keep_until, wave.withdraw_until, wave.simulated)
        key = (*said, county, questionnaire.hash, questionnaire.version, language)
        return self.pages.get(key) or self.pages.put(key, self.make_page(wave, county, questionnaire, language))

    def make_page(self, wave: Wave, county: str, questionnaire: Questionnaire, language: str) -> Page:
        """Render a page that is not on the shelf."""
        version = self.version(questionnaire, language)
        body = render(version, wave, county, version.form(), script=True).encode()
        return Page(body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:20])


def pages() -> Pages:
    """The pages of the running app."""
    shelf = current_app.extensions
    found = shelf.get("fieldkit.pages") or shelf.setdefault("fieldkit.pages", Pages())
    assert isinstance(found, Pages)
    return found


def reason_words(language: str) -> dict[str, str]:
    """What the quiet buttons say."""
    return {reason: say(f"phone.{reason}", language) for reason in CHOSEN_REASONS}


def script_words(language: str) -> tuple[dict[str, str], ...]:
    """The sentences that the page's script speaks, what it says under a question, what kinds.js and files.js say."""
    words = catalogue(language)
    return tuple(
        {key.removeprefix(prefix): str(text) for key, text in words.items() if key.startswith(prefix)}
        for prefix in (LIVE, AT, KINDS, FILES)
    )


def at_item(problem: Problem, questionnaire: Questionnaire, language: str) -> list[str]:
    """What is said under a question: what is wrong, and what to do. The same rule stands in static/answers.js."""
    item, name = questionnaire.items.get(item_at(problem.where)), problem.code.removeprefix("answer.")
    if problem.code == "submission.no_consent":
        name = "consent"
    elif name == "wrong_type" and item and item.kind.value == "date":
        name = "wrong_date"
    elif name == "out_of_range" and item:
        if item.low is None or item.high is None:
            name = "too_large" if item.low is None else "too_small"
        elif item.kind.whole:
            name = "out_of_range_whole"
    if AT + name not in catalogue(language):
        return [sentence for sentence in explain(problem, language) if sentence]
    facts = {fact: WHOLE.sub("", str(value)) for fact, value in problem.facts.items()}
    return say(AT + name, language, **facts).split("\n")


def make_version(questionnaire: Questionnaire, language: str) -> Version:
    """Build everything about a questionnaire version that does not depend on wave or county."""
    form = questionnaire_form(questionnaire, reason_words(language), language)
    sections = draw_sections(questionnaire, form(), language)
    rules = Markup(phone_json(questionnaire, language, *script_words(language)))  # made safe there
    parts = seldom(questionnaire), with_files(questionnaire)
    return Version(questionnaire, language, form, checker(questionnaire), sections, rules, *parts)


def draw_sections(questionnaire: Questionnaire, form: QuestionnaireForm, language: str) -> Markup:
    """The sections' markup, with what stands in the form and what was found wrong in it."""
    g.language = language
    drawn = render_template("phone/sections.html", questionnaire=questionnaire, form=form, language=language)
    return Markup(drawn)  # our own template, everything in it is escaped


def facts(wave: Wave, county: str, version: Version) -> dict[str, object]:
    """What several pages of one wave and county say."""
    g.language = version.language
    places = machine().places
    place = places.get(county)
    return {
        "wave": wave,
        "questionnaire": version.questionnaire,
        "language": version.language,
        "languages": version.questionnaire.languages,
        "county_code": county,
        "county": place.name if place else county,
        "county_full": places.full_name(place) if place else county,
        "until": day(wave.withdraw_until, version.language),
        "draft_days": machine().settings.draft_days,
        "path": address("phone.questionnaire", version, wave_id=wave.id, county=county),
        "withdraw_path": address("phone.withdraw_page", version, wave_id=wave.id),
        "mine_path": address("phone.offline.mine", version),
        "proof_path": address("phone.offline.proof", version),
    }


def address(endpoint: str, version: Version, **values: Any) -> str:
    """A path of ours that keeps the language, where it is not the questionnaire's first."""
    if version.language != version.questionnaire.languages[0]:
        values["lang"] = version.language
    return url_for(endpoint, **values)


def render(
    version: Version,
    wave: Wave,
    county: str,
    form: QuestionnaireForm,
    *,
    script: bool,
    findings: Sequence[Problem] = (),
    sheet: str = "phone/page.html",
) -> str:
    """The questionnaire page; with findings, as the long form that a phone without script gets back.

    `sheet` is the template: the page itself, or one that puts a mark over it.
    """
    questionnaire, language = version.questionnaire, version.language
    listed = []
    for finding in findings:
        form.mark(item_at(finding.where), at_item(finding, questionnaire, language))
        item = questionnaire.items.get(item_at(finding.where))
        if item:
            listed.append({"where": item.id, "title": item.text.say(language)})
    as_posted = form.formdata_given
    g.language = language
    return render_template(
        sheet,
        **facts(wave, county, version),
        form=form,
        consent=consent(questionnaire, wave, language),
        minutes=stated_minutes(questionnaire),
        sections=draw_sections(questionnaire, form, language) if as_posted else version.sections,
        rules=version.rules,
        script=script,
        seldom=version.seldom,
        files=version.files,
        findings=listed,
    )
