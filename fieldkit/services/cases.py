"""Case timelines of one wave for research: what fieldworkers coded, as indicators of each case.

Never in a county's report and never beside survey answers (pitfalls 10): a wave of cases is a wave of its own.
"""

from __future__ import annotations

from collections import defaultdict

from fieldkit.core.access import Actor, require
from fieldkit.core.problem import Problem
from fieldkit.store import audit, instruments, responses, review, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

CODE, CODER = "ct_case_code", "ct_coder"


def case_files(session: Session, actor: Actor | None, wave_id: str) -> dict[str, bytes]:
    """cases.csv, agreement.csv and together.csv by name; the audit log notes how many cases went out.

    Cases without consent for their material stay where they are. Problems `access.denied`, `wave.unknown`,
    `wave.test`, `cases.none` when the wave does not code cases.
    """
    from fieldkit.formats.cases_csv import agreement_csv, cases_csv, together_csv
    from fieldkit.stats.cases import case_of, together

    who = require(actor, "export.responses")
    with snapshot(session) as reading:
        wave = waves.counted(reading, wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        if CODE not in questionnaire.items or "ev_stage" not in questionnaire.items:
            raise Problem("cases.none", where=wave_id, wave=wave_id)
        words: dict[str, dict[str, str]] = defaultdict(dict)  # codes that the team made up; they name nobody
        for written in review.comments(reading, wave_id):
            if written.item in (CODE, CODER):
                words[written.response][written.item] = written.text
        found = []
        for response in responses.iterate(reading, wave):
            told = words[response.id]
            case = case_of(response, code=told.get(CODE, ""), coder=told.get(CODER, ""))
            if case is not None and case.consent:
                found.append(case)
    found.sort(key=lambda c: (c.county, c.code, c.coder, c.id))
    files = {
        "cases.csv": cases_csv(found),
        "agreement.csv": agreement_csv(found),
        "together.csv": together_csv(together(found)),
    }
    audit.write(writing(session), who, "export.cases", {"wave": wave_id, "cases": len(found)})
    return files
