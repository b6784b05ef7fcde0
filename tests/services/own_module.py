"""A researcher's own module and questionnaire, in two versions, written without code: fielded, exported, reported."""

from __future__ import annotations

import datetime
import random
import shutil
from pathlib import Path

from sqlalchemy import Engine

from fieldkit.core.access import LOCAL
from fieldkit.core.submission import ALPHABET, Submission
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.collect import Collector
from fieldkit.services.publish import publish_library
from fieldkit.services.waves import open_wave
from fieldkit.settings import resource
from fieldkit.store.engine import Session
from tests.demo_site import TODAY

COUNTY = "330523"
MODULE = """
id: meetings
version: {version}
title: {{zh: 会议研究, en: Meeting study}}
options:
  AGREE5:
    1: {{zh: 非常不同意, en: Strongly disagree}}
    2: {{zh: 不太同意, en: Disagree}}
    3: {{zh: 一般, en: Neither}}
    4: {{zh: 比较同意, en: Agree}}
    5: {{zh: 非常同意, en: Strongly agree}}
constructs:
  - id: burden_of_meetings
    title: {{zh: 会议负担}}
    definition: 会议占去多少时间和精力
    items:
      - {{id: mt_hard, text: {{zh: 会议让我没有时间做别的事。}}, type: likert5, options: AGREE5}}
      - {{id: mt_tired, text: {{zh: 开完会我常常觉得累。}}, type: likert5, options: AGREE5}}
      - {{id: mt_useful, text: {{zh: 大多数会议是有用的。}}, type: likert5, options: AGREE5, reverse: true}}
  - id: number_of_meetings
    title: {{zh: 会议次数}}
    definition: 开了多少会
    items:
      - {{id: mt_all, text: {{zh: 上个月您一共开了多少次会？}}, type: count, range: [0, 200], unit: {{zh: 次}}}}
      - {{id: mt_night, text: {{zh: 其中晚上开的有多少次？}}, type: count, range: [0, 200], unit: {{zh: 次}}}}
      - id: mt_last
        text: {{zh: 最近一次会议是为了什么？}}
        type: single
        options: {{1: {{zh: 布置任务}}, 2: {{zh: 汇报进展}}, 3: {{zh: 传达文件}}}}
      - id: mt_kind
        text: {{zh: 上个月开过哪些会？}}
        type: multi
        options: {{1: {{zh: 视频会}}, 2: {{zh: 现场会}}, 3: {{zh: 协调会}}}}
      - id: mt_false
        text: {{zh: 像本单位这样的单位，会议记录常常是事后补的。}}
        type: likert5
        options: AGREE5
        sensitive: true
      - {{id: mt_why, text: {{zh: 您还想说什么？}}, type: text, range: [0, 100]}}
{more}
indicators:
  - id: meeting_load
    title: {{zh: 会议负担感}}
    kind: scale
    items: [mt_hard, mt_tired, mt_useful]
    parameters: {{min_valid: {least}}}
    estimate: mean
    high_means: {{zh: 负担越重}}
  - id: meetings_n
    title: {{zh: 会议次数}}
    kind: value
    items: [mt_all]
    estimate: median
    range: [0, 200]
    unit: {{zh: 次}}
  - id: night_share
    title: {{zh: 晚上会议的比例}}
    kind: ratio
    parameters: {{numerator: mt_night, denominator: mt_all}}
    estimate: ratio
    range: [0, 100]
  - id: for_tasks
    title: {{zh: 会议是为了布置任务}}
    kind: share
    items: [mt_last]
    parameters: {{true: [1], false: [2, 3]}}
    statement: {{zh: 最近一次会议是为了布置任务}}
    estimate: share
  - id: per_week
    title: {{zh: 排名第一的周会议次数}}
    kind: formula
    parameters: {{expression: "${{mt_all}} * 7 div 30"}}
    estimate: mean
    unit: {{zh: 次/周}}
    high_means: {{zh: 会越多}}
  - {{id: last_purpose, title: {{zh: 最近一次会议的目的}}, kind: categories, items: [mt_last], estimate: categories}}
  - {{id: kinds, title: {{zh: 会议种类}}, kind: options, items: [mt_kind], estimate: categories}}
  - id: kinds_n
    title: {{zh: 会议种类数}}
    kind: count_codes
    items: [mt_kind]
    parameters: {{codes: [1, 2, 3]}}
    estimate: median
  - id: made_up
    title: {{zh: 记录事后补的看法}}
    kind: scale
    items: [mt_false]
    parameters: {{min_valid: 1}}
    sensitive: true
    estimate: mean
    high_means: {{zh: 认为越常见}}
  - id: hidden_score
    title: {{zh: 只供研究的分数}}
    kind: sum
    items: [mt_all, mt_night]
    parameters: {{private: true}}
    estimate: median
  - {{id: upper, title: {{zh: 是否乡镇}}, kind: share, items: [core_level], parameters: {{true: [1], false: [2, 3, 4]}},
     statement: {{zh: 在乡镇工作}}, estimate: share}}
"""
QUESTIONNAIRE = """
id: meeting_survey
version: {version}
title: {{zh: 会议调查, en: Meeting survey}}
modules: {{core: 1.0.0, meetings: {module}}}
opening: [core_consent, core_county]
sections:
  - id: one
    title: {{zh: 会议}}
    items:
      [core_level, mt_hard, mt_tired, mt_useful, mt_all, mt_night, mt_last, mt_kind, mt_false, mt_why{more}]
"""
ADDED = "      - {id: mt_online, text: {zh: 有几次是线上开的？}, type: count, range: [0, 200], unit: {zh: 次}}"


def folder_of(folder: Path) -> Path:
    """Version 1.0.0; 1.1.0 with one more item; 2.0.0, in which the scale is scored otherwise."""
    core = folder / "modules" / "core"
    core.mkdir(parents=True)
    shutil.copy(resource("instruments") / "modules" / "core" / "1.0.0.yaml", core)
    for version, more, least, items in (
        ("1.0.0", "", 2, ""),
        ("1.1.0", ADDED, 2, ", mt_online"),
        ("2.0.0", ADDED, 3, ", mt_online"),
    ):
        for shelf, name, text in (
            ("modules", "meetings", MODULE.format(version=version, more=more, least=least)),
            ("questionnaires", "meeting_survey", QUESTIONNAIRE.format(version=version, module=version, more=items)),
        ):
            path = folder / shelf / name / f"{version}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return folder


def field(engine: Engine, folder: Path, waves: dict[str, str], people: int = 40) -> None:
    """Publish the files and field these waves (id to version), each with as many answers."""
    day = datetime.timedelta(days=1)
    with Session(engine) as session:
        publish_library(session, LOCAL, load_library(folder))
        for number, (wave, version) in enumerate(waves.items(), 1):
            open_wave(
                session,
                LOCAL,
                Wave(
                    id=wave,
                    study=Study("meetings", "会议研究", "某大学课题组", "team@example.org", "2026-07", "已备案"),
                    number=number,
                    questionnaire="meeting_survey",
                    version=version,
                    counties=(WaveCounty(COUNTY, 120),),
                    opens_on=TODAY - day,
                    closes_on=TODAY + day,
                    withdraw_until=TODAY + 30 * day,
                    keep_until=TODAY + 900 * day,
                ),
            )
        session.commit()
    collector = Collector(engine)
    for wave, version in waves.items():
        for at in range(people):
            collector.submit(_sheet(wave, version, at))
    collector.close()


def _sheet(wave: str, version: str, at: int) -> Submission:
    chance = random.Random(f"{wave} {at}")
    answers: dict[str, object] = {"core_consent": 1, "core_county": None, "core_level": chance.choice([1, 2, 3, 4])}
    answers |= {name: chance.randint(1, 5) for name in ("mt_hard", "mt_tired", "mt_useful", "mt_false")}
    answers |= {"mt_all": chance.randint(4, 30), "mt_night": chance.randint(0, 4), "mt_last": chance.randint(1, 3)}
    answers |= {"mt_kind": sorted(chance.sample([1, 2, 3], 2)), "mt_why": "王镇长"}
    if at == 0:
        answers |= {"mt_hard": None, "mt_tired": None, "mt_all": 0, "mt_night": 0}
    if at == 1:
        answers["mt_hard"] = None
    if version != "1.0.0":
        answers["mt_online"] = chance.randint(0, 9)
    del answers["core_county"]
    return Submission(
        id=f"{chance.getrandbits(128):032x}",
        wave=wave,
        county=COUNTY,
        questionnaire="meeting_survey",
        version=version,
        receipt_code="".join(chance.choices(ALPHABET, k=12)),
        language="zh",
        answers=answers,
        active_seconds=300,
    )
