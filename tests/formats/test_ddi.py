"""DDI-Codebook 2.5: every element is one that the schema knows, in its order, and says what the data hold.

The schema itself (codebook.xsd, 10 thousand lines) comes with no package that could be pinned; CONTENT is what it says
about the elements that we write: their children in order, their attributes and the words those may have.
"""

from __future__ import annotations

from xml.etree import ElementTree as Tree

import pytest

from fieldkit.formats.ddi import LANG, NAMESPACE, ddi_codebook
from fieldkit.formats.microdata_csv import header
from tests.formats.small_dataset import dataset, list_table

TEXT = "#text"
GLOBAL = {"ID", LANG}  # every element may have these
# element -> children in the order of the schema ('*' may come again, '!' must be there), attributes with their words
CONTENT: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "codeBook": ("docDscr* stdyDscr!* fileDscr* dataDscr* otherMat*", {"version": ("2.5",), "schemaLocation": ()}),
    "stdyDscr": (
        "citation!* studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* notes*",
        {},
    ),
    "citation": ("titlStmt! rspStmt prodStmt distStmt serStmt* verStmt* biblCit* holdings* notes*", {}),
    "titlStmt": ("titl! subTitl* altTitl* parTitl* IDNo*", {}),
    "rspStmt": ("AuthEnty* othId*", {}),
    "prodStmt": ("producer* copyright prodDate* prodPlac* software* fundAg* grantNo*", {}),
    "verStmt": ("version verResp notes*", {}),
    "stdyInfo": ("studyBudget* subject* abstract* sumDscr* qualityStatement* notes* exPostEvaluation*", {}),
    "sumDscr": (
        "timePrd* collDate* nation* geogCover* geogUnit* geoBndBox boundPoly* anlyUnit* universe* dataKind*",
        {},
    ),
    "fileDscr": ("fileTxt* locMap notes*", {}),
    "fileTxt": (
        "fileName* fileCitation dataFingerprint* fileCont* fileStrc dimensns fileType* format filePlac* dataChck* "
        "ProcStat dataMsng software* verStmt*",
        {},
    ),
    "dimensns": ("caseQnty* varQnty* logRecL* recPrCas* recNumTot*", {}),
    "dataDscr": ("varGrp* nCubeGrp* var* nCube* notes*", {}),
    "var": (
        "location* labl* imputation security embargo respUnit anlysUnit qstn* valrng* invalrng* undocCod* universe* "
        "TotlResp sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation varFormat geoMap* "
        "catLevel* notes*",
        {
            "name": (),
            "files": (),
            "dcml": (),
            "measUnit": (),
            "intrvl": ("contin", "discrete"),
            "nature": ("nominal", "ordinal", "interval", "ratio", "percent", "other"),
            "representationType": ("text", "numeric", "code", "datetime", "other"),
        },
    ),
    "qstn": ("preQTxt* qstnLit* postQTxt* forward* backward* ivuInstr*", {}),
    "valrng": ("item* range* key* notes*", {}),
    "range": ("", {"min": (), "max": (), "UNITS": ("INT", "REAL")}),
    "catgry": ("catValu labl* txt* catStat* mrow", {"missing": ("Y", "N")}),
    "varFormat": (
        "",
        {
            "type": ("character", "numeric"),
            "schema": ("SAS", "SPSS", "IBM", "ANSI", "ISO", "XML-Data", "other"),
        },
    ),
    **{
        tag: (TEXT, {"date": (), "event": ("start", "end", "single"), "abbr": (), "version": ()})
        for tag in (
            "titl parTitl IDNo AuthEnty prodDate software version collDate nation notes fileName fileType caseQnty "
            "varQnty labl qstnLit universe catValu concept"
        ).split()
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def root():
    return Tree.fromstring(ddi_codebook(dataset(40, list_table())))


def tag(element: Tree.Element) -> str:
    namespace, _, name = element.tag[1:].partition("}")
    assert namespace == NAMESPACE
    return name


def test_every_element_has_the_children_and_attributes_that_the_schema_gives_it_in_order(root):
    for element in root.iter():
        children, attributes = CONTENT[tag(element)]
        if children == TEXT:
            assert len(element) == 0
            assert (element.text or "").strip(), tag(element)
        else:
            order = [child.rstrip("!*") for child in children.split()]
            found = [tag(child) for child in element]
            assert found == sorted(found, key=order.index), tag(element)
            for child in children.split():
                name, count = child.rstrip("!*"), found.count(child.rstrip("!*"))
                assert count <= 1 or child.endswith("*"), (tag(element), name)
                assert count or "!" not in child, (tag(element), name)
        for name, value in element.attrib.items():
            short = name.rpartition("}")[2]
            assert name in GLOBAL or short in attributes, (tag(element), name)
            words = attributes.get(short, ())
            assert not words or value in words, (tag(element), name, value)


def test_every_id_is_used_once_and_every_reference_leads_to_a_file(root):
    ids = [element.attrib["ID"] for element in root.iter() if "ID" in element.attrib]
    assert len(ids) == len(set(ids))
    files = {e.attrib["ID"] for e in root.iter(f"{{{NAMESPACE}}}fileDscr")}
    assert {v.attrib["files"] for v in root.iter(f"{{{NAMESPACE}}}var")} == files == {"F1", "F2"}


def test_every_column_of_every_csv_is_described_once_in_order(root):
    found = dataset(40, list_table())
    for number, table in enumerate(found.tables, 1):
        names = [v.attrib["name"] for v in root.iter(f"{{{NAMESPACE}}}var") if v.attrib["files"] == f"F{number}"]
        assert names == header(table)
    sizes = (
        [e.text for e in root.iter(f"{{{NAMESPACE}}}caseQnty")],
        [e.text for e in root.iter(f"{{{NAMESPACE}}}varQnty")],
    )
    assert sizes == (["40", "2"], [str(len(header(t))) for t in found.tables])


def test_a_question_stands_with_its_words_its_codes_and_its_missing_reasons(root):
    names = {v.attrib["name"]: v for v in root.iter(f"{{{NAMESPACE}}}var")}
    space = {"d": NAMESPACE}
    level = names["level"]
    assert [q.text for q in level.findall("d:qstn/d:qstnLit", space)] == ["您在哪一级？", "level?"]
    codes = {
        c.findtext("d:catValu", None, space): c.findtext("d:labl", None, space)
        for c in level.findall("d:catgry", space)
    }
    assert codes == {"1": "乡镇", "2": "街道", "3": "村"}
    missing = names["level__miss"].findall("d:catgry", space)
    assert {c.attrib["missing"] for c in missing} == {"Y"}
    assert "refused" in {c.findtext("d:catValu", None, space) for c in missing}
    limits = names["hours"].find("d:valrng/d:range", space)
    assert limits is not None
    assert limits.attrib == {"min": "0", "max": "100"}
    assert names["hours"].attrib["measUnit"] == "小时"
