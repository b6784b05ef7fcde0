"""A county's edition in English: frozen with the Chinese one, the same tables and numbers, checked and made again."""

from __future__ import annotations

import pytest
import yaml
from sqlalchemy import text

from fieldkit.core.access import LOCAL
from fieldkit.core.problem import Problem
from fieldkit.formats.report_json import load_report
from fieldkit.services import layouts
from fieldkit.services.again import made_again
from fieldkit.services.report import correct, county_files, edition_in_english, issued_english
from fieldkit.services.verify import fingerprint, verify
from fieldkit.services.withdraw import withdraw
from fieldkit.stats.report import Figure, Table
from fieldkit.store import editions
from fieldkit.store.engine import Session
from tests.attack import pdf_text
from tests.demo_site import TODAY, demo_database, more_answers

COUNTY = "330521"


@pytest.fixture
def engine(tmp_path):
    return demo_database(tmp_path)


def issue(engine):
    with Session(engine) as session:
        edition = county_files(session, LOCAL, "demo", COUNTY, dated=TODAY)
        session.commit()
    return edition


def english(engine, **more):
    with Session(engine) as session:
        found = edition_in_english(session, LOCAL, "demo", COUNTY, dated=TODAY, **more)
        session.commit()
    return found


def take_back(engine, code):
    with Session(engine) as session:
        withdraw(session, "demo", code, TODAY)
        session.commit()


def in_chinese_only(engine):
    """As an edition was that was frozen before English was frozen with it."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM edition_english"))


def shapes(snapshot):
    """What kind of thing stands where, with the names of figures and tables and how many rows and columns they have."""
    found = []
    for block in load_report(snapshot).blocks:
        rows = (len(block.rows), len(block.columns)) if isinstance(block, Table) else ()
        found.append((type(block).__name__, getattr(block, "key", ""), rows))
    return found


def test_whoever_holds_the_english_pdf_can_check_it_too(engine):
    first, spoken = issue(engine), english(engine)
    assert spoken.sha256 == fingerprint(spoken.pdf)
    with Session(engine) as session:
        found = verify(session, spoken.sha256)
        assert (found.language, found.issue.number, found.current) == ("en", 1, True)
        assert verify(session, first.sha256).language == "zh"


def test_nobody_can_check_an_english_pdf_that_was_not_handed_out(engine):
    issue(engine)
    assert english(engine, pdf=False).sha256 == ""
    with Session(engine) as session:
        assert editions.issued(session, "demo", COUNTY)[0].sha256_en == ""


def test_both_languages_have_the_same_tables_and_figures_the_one_without_exclusions_among_them(engine):
    edition, spoken = issue(engine), english(engine, pdf=False)
    assert shapes(spoken.snapshot) == shapes(edition.snapshot)
    blocks = load_report(edition.snapshot).blocks
    assert any(isinstance(b, Table) and b.title == "不作剔除的主要结果" for b in blocks)
    assert any(isinstance(b, Figure) for b in blocks)


def test_the_english_edition_stays_as_it_was_frozen_whoever_comes_and_goes(engine):
    codes = more_answers(engine, COUNTY, 3)
    issue(engine)
    take_back(engine, codes[0])
    more_answers(engine, COUNTY, 5, seed="later")
    spoken = english(engine)
    assert "Main results" in pdf_text(spoken.pdf)
    assert english(engine) == spoken


def test_made_again_it_is_the_same_to_the_byte(engine):
    issue(engine)
    spoken = english(engine)
    more_answers(engine, COUNTY, 25)
    assert issue(engine).number == 2
    with Session(engine) as session:
        again = made_again(session, LOCAL, "demo", COUNTY, 1, "en")
        assert (again.same, again.pdf) == (True, spoken.pdf)
        assert issued_english(session, LOCAL, "demo", COUNTY, 1, dated=TODAY).pdf == spoken.pdf
        with pytest.raises(Problem) as caught:
            made_again(session, LOCAL, "demo", COUNTY, 2, "en")
    assert caught.value.code == "edition.no_english"


def test_a_correction_says_in_english_what_was_wrong(engine):
    issue(engine)
    with Session(engine) as session:
        correct(session, LOCAL, "demo", COUNTY, "图3的标题写错了。", dated=TODAY)
        session.commit()
    assert "This edition corrects edition 1" in pdf_text(english(engine).pdf).replace("\n", " ")


def test_an_edition_frozen_in_chinese_only_is_written_in_english_while_all_its_answers_are_there(engine):
    codes = more_answers(engine, COUNTY, 3)
    issue(engine)
    in_chinese_only(engine)
    spoken = english(engine)
    with Session(engine) as session:
        assert verify(session, spoken.sha256).language == "en"
    in_chinese_only(engine)
    take_back(engine, codes[0])
    with pytest.raises(Problem) as caught:
        english(engine)
    assert caught.value.code == "report.taken_back"
    with Session(engine) as session, pytest.raises(Problem) as caught:
        issued_english(session, LOCAL, "demo", COUNTY, 1, dated=TODAY)
    assert caught.value.code == "edition.no_english"


def test_a_layout_that_lacks_english_words_still_freezes_the_chinese_edition(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDKIT_REPORTS", str(tmp_path / "own"))
    folder = layouts.copy("county", "county")
    words = folder / "wording.en.yaml"
    kept = yaml.safe_load(words.read_text("utf-8"))
    del kept["fixed"]["annex_versions"]
    words.write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")
    assert issue(engine).number == 1
    with Session(engine) as session:
        assert editions.english(session, "demo", COUNTY, 1) is None


def test_below_the_thresholds_of_the_day_no_language_of_an_old_edition_is_handed_out(engine, monkeypatch):
    issue(engine)
    monkeypatch.setenv("FIELDKIT_N_MIN", "50")
    with Session(engine) as session, pytest.raises(Problem) as caught:
        issued_english(session, LOCAL, "demo", COUNTY, 1, dated=TODAY)
    assert caught.value.code == "report.suppressed"
