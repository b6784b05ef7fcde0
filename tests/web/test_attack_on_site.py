"""Everything that the site hands out about a wave beside the counties' own reports, read by an attacker.

The counties' reports are attacked in tests/stats and tests/services. Here: what else there is tells no number that
they do not tell, whatever is filtered and crossed, and what counts answers counts them in steps.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from html import unescape

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.services import batch
from fieldkit.services.export import write_responses_zip
from fieldkit.services.report import county_files
from fieldkit.services.team_reports import overview_file, technical_file
from fieldkit.store.engine import Session
from tests.attack import NUMBER, pdf_text
from tests.demo_site import TODAY, make_desk, more_answers

REPORTED = {
    "330122": "桐庐县", "330127": "淳安县", "330521": "德清县", "330523": "安吉县", "330824": "开化县",
    "430121": "长沙县", "430224": "茶陵县",
}  # fmt: skip
SMALL = {"430223": 12, "430225": 9}
GREW = "430224"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The demonstration, every county's report issued, one of them twice; then three answers that none counts."""
    desk = make_desk(tmp_path_factory.mktemp("attacked"))
    first = issued(desk, GREW)
    more_answers(desk.engine, GREW, 12)
    editions = {code: issued(desk, code) for code in REPORTED}
    assert (first.number, editions[GREW].number) == (1, 2)
    more_answers(desk.engine, GREW, 3, seed="late")
    return desk, editions


def issued(desk, county):
    with Session(desk.engine) as session:
        edition = county_files(session, LOCAL, "demo", county, dated=TODAY)
        session.commit()
    return edition


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def words_of(page: str) -> str:
    """What a reader sees of a page, without its frame, the forms and what stands in tags."""
    page = re.sub(r"<(head|style|nav|form|header|footer)\b.*?</\1>", " ", page, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", page))


def get(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("place", ["", "330000", "330500", "430000"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_county_in_an_overview_has_the_numbers_of_its_own_report_and_no_others(site, place, language):
    desk, editions = site
    with Session(desk.engine) as session:
        told = pdf_text(overview_file(session, LOCAL, "demo", place=place, dated=TODAY, language=language).pdf)
        session.commit()
    here = [code for code in REPORTED if not place or code.startswith(place.rstrip("0"))]
    rows = {code: [line for line in told.splitlines() if line.strip().startswith(REPORTED[code])] for code in here}
    if language == "en":  # the names of places stay as they are
        assert all(rows.values())
    for code, lines in rows.items():
        printed = numbers(pdf_text(editions[code].pdf)) | numbers(editions[code].csv.decode("utf-8-sig"))
        assert len(lines) > 5, code
        for line in lines:
            mine = line.replace(REPORTED[code], "").replace("不足", "").replace("fewer", "")
            assert numbers(mine) <= printed, line
    for code, count in SMALL.items():
        assert code not in told, f"{count} answers, and no report"


def test_filters_crossed_on_screen_show_no_number_that_the_whole_views_do_not_show(site):
    desk, _ = site
    client = desk.client("researcher")
    for county in ("330523", "430121", GREW):
        address = f"/desk/waves/demo/{county}/report"
        whole, both = (words_of(get(client, f"{address}{query}")) for query in ("", "?level=both"))
        known = numbers(whole) | numbers(both)
        for module in ("burden", "negotiation", "alliance"):
            assert numbers(words_of(get(client, f"{address}?module={module}"))) <= numbers(whole)
            for level in ("both", "upper", "lower"):
                crossed = words_of(get(client, f"{address}?module={module}&level={level}"))
                assert numbers(crossed) <= known, (county, module, level)


def test_a_county_reader_cannot_filter_what_the_team_can(site):
    client = site[0].client("anji")
    for query in ("level=upper", "module=burden", "module=burden&level=lower"):
        assert client.get(f"/desk/waves/demo/330523/report?{query}").status_code == 403
    for what in ("overview", "technical"):
        assert client.get(f"/desk/waves/demo/{what}.pdf").status_code == 403


def test_what_came_in_is_counted_in_steps_on_every_screen(site):
    """The wave and the list of waves: exact are only the invited, whom the counties themselves reported."""
    desk, _ = site
    client = desk.client("researcher")
    page = get(client, "/desk/waves/demo")
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)
    read = 0
    for row in rows:
        cells = re.findall(r'<td class="n"[^>]*data-label="[^"]*"[^>]*>(.*?)</td>', row, re.S)
        if len(cells) < 2:
            continue
        received = re.sub(r"[^\d]", "", words_of(cells[1]))
        read += 1
        assert not received or int(received) % 5 == 0, row
    assert read >= len(REPORTED) + len(SMALL)
    small = next(row for row in rows if "430225" in row)
    assert "9" not in numbers(words_of(small).replace("430225", "")), "nine answers are not counted out"


def test_the_technical_report_less_the_counties_leaves_nobody_counted(site):
    """One new answer moves no number by one; what is left of it less the counties' reports is known to five people."""
    desk, editions = site
    with Session(desk.engine) as session:
        before = pdf_text(technical_file(session, LOCAL, "demo", dated=TODAY).pdf)
        after = pdf_text(technical_file(session, LOCAL, "demo", dated=TODAY + TODAY.resolution).pdf)
        session.rollback()
    said = {}
    for text in (before, after):
        rows = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
        rows = [r for r in rows if r[0].startswith(("core_", "bur_", "neg_", "al_")) and len(r) > 3]
        assert len(rows) > 25
        counts = [[cell for cell in row[2:8] if cell.isdigit()] for row in rows]
        assert all(int(cell) % 5 == 0 for row in counts for cell in row)
        said[text] = counts
    submitted = [int(re.search(r"提交份数\s+([\d,]+)", text)[1].replace(",", "")) for text in (before, after)]
    assert all(n % 5 == 0 for n in submitted)
    issued_n = sum(edition.n_analysed for edition in editions.values())
    assert issued_n % 5, "else this test would see nothing"
    assert str(issued_n) not in numbers(after)


def test_manifests_and_the_public_check_tell_what_the_editions_tell(site):
    desk, editions = site
    with Session(desk.engine) as session:
        order = batch.order(session, LOCAL, "demo", dated=TODAY)
        session.commit()
    for _ in batch.work_off(desk.engine, order.id):
        pass
    out = io.BytesIO()
    with Session(desk.engine) as session:
        batch.write_zip(session, LOCAL, order.id, out)
        session.commit()
    with zipfile.ZipFile(out) as archive:
        listed = json.loads(archive.read("manifest.json"))["reports"]
        table = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        held = [name for name in archive.namelist() if name[:6] in SMALL]
    assert held == []
    for line, row in zip(listed, table, strict=True):
        edition = editions.get(line["county"])
        told = (line["n_analysed"], line["edition"], line["sha256"])
        assert told == ((edition.n_analysed, edition.number, edition.sha256) if edition else (None, None, ""))
        assert (row["n_analysed"], row["sha256"]) == (str(told[0] or ""), told[2])
        assert not numbers(line["problem"]) - {"10", "30"}  # the rule, and never how many there were
    client = desk.app.test_client()
    for code, edition in editions.items():
        page = words_of(get(client, f"/verify?sha256={edition.sha256}"))
        mine = numbers(page.replace(edition.sha256, "").replace(edition.snapshot_id, ""))
        day = {str(getattr(edition.issued_on, part)) for part in ("year", "month", "day")}
        known = {str(edition.n_analysed), str(edition.number), *day, *numbers(" ".join(edition.versions.values()))}
        assert mine <= known | {"256", "8"}, code
    assert client.get(f"/verify?sha256={'0' * 64}").status_code == 404


def test_the_manifest_of_an_export_counts_the_rows_that_are_in_it(site):
    desk, _ = site
    out = io.BytesIO()
    with Session(desk.engine) as session:
        manifest = write_responses_zip(session, LOCAL, "demo", out)
        session.commit()
    with zipfile.ZipFile(out) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("responses.csv").decode("utf-8-sig"))))
    by_county: dict[str, int] = {}
    for row in rows:
        by_county[row["county"]] = by_county.get(row["county"], 0) + 1
    assert manifest["rows_by_county"] == by_county
    assert manifest["rows"] == len(rows)


def test_nothing_counts_by_invitation(site):
    """No batch of invitations is kept beside an answer, so that none can be counted out (pitfalls 6 and 7)."""
    desk, _ = site
    with Session(desk.engine) as session:
        columns = {row[1] for row in session.connection().exec_driver_sql("PRAGMA table_info(response)")}
    assert not {name for name in columns if re.search("batch|token|invit|unit", name)}
