"""Small questionnaires and waves for tests, each a few lines beside what it tests."""

from __future__ import annotations

import datetime
import itertools
import secrets
from typing import Any

from sqlalchemy import Engine

from fieldkit.core.access import LOCAL
from fieldkit.core.content import sealed
from fieldkit.core.instrument import Library, Questionnaire, Section
from fieldkit.core.item import Item, Option
from fieldkit.core.submission import ALPHABET, Submission
from fieldkit.core.text import Text
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.services.publish import publish_library
from fieldkit.services.waves import open_wave
from fieldkit.store.engine import Session

TODAY = datetime.date(2026, 11, 20)
ANJI, CHANGXING = "330523", "330522"
_numbers = itertools.count()


def item(id: str, type: str = "single", *codes: int, **more: Any) -> Item:
    """An item with these codes as options; anything else as in core.item.Item."""
    more.setdefault("options", tuple(Option(code, Text(zh=f"选项{code}")) for code in codes))
    return Item(id, Text(zh=f"题目{id}"), type, **more)


def questionnaire(*items: Item, **more: Any) -> Questionnaire:
    """A questionnaire of one section that begins with consent and county, as all of ours do."""
    opening = (
        item("core_consent", "single", 1, 2, required="hard", missing=()),
        item("core_county", "single", source="wave.counties", required="hard", missing=()),
    )
    more = {"sections": (Section("all", Text(zh="全部"), items),), "opening": opening, **more}
    return sealed(Questionnaire(id="small", version="1.0.0", title=Text(zh="小问卷"), modules={}, **more))


def wave(**more: Any) -> Wave:
    """The wave 'w' in two counties, open around TODAY."""
    plain: dict[str, Any] = {
        "id": "w",
        "study": Study("s", "基层调查", "课题组", "team@example.org", "2026-018", "已同意"),
        "number": 1,
        "questionnaire": "small",
        "version": "1.0.0",
        "counties": (WaveCounty(ANJI, 180), WaveCounty(CHANGXING)),
        "opens_on": TODAY - datetime.timedelta(days=10),
        "closes_on": TODAY + datetime.timedelta(days=10),
        "withdraw_until": TODAY + datetime.timedelta(days=40),
        "keep_until": TODAY + datetime.timedelta(days=200),
    }
    return Wave(**{**plain, **more})


def begin(engine: Engine, asked: Questionnaire, fieldwork: Wave | None = None) -> Wave:
    """Publish this questionnaire and open the wave."""
    with Session(engine) as session:
        publish_library(session, LOCAL, Library({}, {(asked.id, asked.version): asked}))
        opened = open_wave(session, LOCAL, fieldwork or wave())
        session.commit()
    return opened


def new_code() -> str:
    """A receipt code as a phone makes it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def sent(answers: dict[str, object] | None = None, **more: Any) -> Submission:
    """A submission to wave 'w' from Anji, with consent, a fresh id and a fresh receipt code."""
    plain: dict[str, Any] = {
        "id": f"{next(_numbers):08x}{secrets.token_hex(12)}",
        "wave": "w",
        "county": ANJI,
        "questionnaire": "small",
        "version": "1.0.0",
        "receipt_code": new_code(),
        "language": "zh",
        "active_seconds": 300,
    }
    return Submission(**{**plain, **more}, answers={"core_consent": 1, **(answers or {})})
