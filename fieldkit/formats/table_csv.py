"""A county's aggregate numbers as a CSV file for spreadsheet programs.

One row for each number of the report, after suppression and no finer than the report prints it: more digits would
let somebody work out counts that the report hides. Row-level data never passes here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from fieldkit.stats.disclose import Disclosed
from fieldkit.stats.report import CountyReport
from fieldkit.stats.wording import rounded

COLUMNS = (
    "county_code",
    "wave",
    "form_version",
    "indicator_id",
    "statistic",
    "value",
    "lo",
    "hi",
    "q1",
    "q3",
    "n_valid",
    "status",
    "peer_value",
    "diff",
    "diff_lo",
    "diff_hi",
    "wording_class",
    "bound",  # of a masked number: '<8', '>92'
    "group",  # '' the county, 'upper' townships and streets, 'lower' villages and communities
    "codes",  # of one step of a distribution: '1', or '2+3' where steps were joined
    "data_note",  # 模拟数据 when nobody was asked
)
FACTS = {  # column -> the facts of the report that fill it, the first that it has
    "county_code": ("county_code", "county"),
    "wave": ("wave_number", "wave"),
    "form_version": ("form_version", "version"),
}
DECIMALS = {"mean": 1, "median": 1}  # at least; all others are whole percent
WITH_N = ("ok", "masked_extreme", "masked_tail")  # in all other cases the report prints no number of respondents


def county_csv(report: CountyReport) -> bytes:
    """The aggregate CSV of one county report: UTF-8 with a byte order mark, CRLF, one line of column names.

    Scores and medians have one decimal (more where the report prints more); shares, ratios and differences of shares
    are whole percent; all rounded half up as in the report. A value that may not be shown is empty and `status` says
    why; a masked share has its `bound`. Medians have their quartiles and no interval, whose ends would be two
    people's answers. A distribution takes one row for each printed step.
    """
    facts = dict(report.facts)
    fixed = {column: next((facts[name] for name in names if name in facts), "") for column, names in FACTS.items()}
    fixed["data_note"] = report.simulated
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    further = dict(report.decimals)
    for number in report.results:
        places = DECIMALS.get(number.statistic, 0)
        for row in _rows(number, max(places, further.get(number.indicator, 0)) if places else 0):
            writer.writerow({**fixed, **row})
    return out.getvalue().encode("utf-8-sig")


def _printed(value: float | None, decimals: int) -> str:
    return "" if value is None or value != value else str(rounded(value, decimals))


def _rows(number: Disclosed, decimals: int) -> Iterator[dict[str, str]]:
    row = {
        "indicator_id": number.indicator,
        "statistic": number.statistic,
        "status": number.status,
        "bound": number.bound,
        "group": number.group,
        "n_valid": str(number.n) if number.n is not None and number.status in WITH_N else "",
    }
    if not number.shown:
        yield row
        return
    if number.parts:
        for part in number.parts:
            codes = "+".join(map(str, part.codes))
            if part.bound:
                yield {**row, "codes": codes, "status": "masked_extreme", "bound": part.bound}
            else:
                yield {**row, "codes": codes, "value": _printed(part.percent, decimals)}
        return
    spread = ("q1", "q3") if number.statistic == "median" else ("lo", "hi")  # the pair that the report prints
    row |= {name: _printed(getattr(number, name), decimals) for name in ("value", *spread)}
    if number.peer is not None:
        peer = number.peer
        row |= {"peer_value": _printed(peer.value, decimals), "wording_class": peer.wording}
        row |= {name: _printed(getattr(peer, name), decimals) for name in ("diff", "diff_lo", "diff_hi")}
    yield row
