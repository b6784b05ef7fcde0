"""DDI-Codebook 2.5: what is written is valid against the schema, and says what the data hold.

The published schema (codebook.xsd of 2012-01-17, DDI Alliance) is under a licence of its own and is not part of this
repository. CONTENT is what it says about every element that we write, taken from it type by type: the children in their
order, how often each may come, every attribute that is its own with its type, use and words. To compare anew, read the
complexType that the schema names for an element and the types that it extends; GLOBALS are the attributes of its
baseElementType. When this table was made, the same documents were also validated with libxml2 against the schema's own
types: all were valid.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest

from fieldkit.core.columns import Columns
from fieldkit.core.dataset import REASONS, Dataset, Table
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.text import Text
from fieldkit.formats.ddi import LANG, NAMESPACE, XSI, ddi_codebook
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.formats.microdata_csv import header
from fieldkit.formats.xlsform import read_xlsform
from fieldkit.settings import resource
from tests.formats.small_dataset import dataset, list_table

WORDS = re.compile(r"\(.+\)")
TYPES = {  # of attributes, as XML Schema writes their values; IDREF and IDREFS must also lead somewhere
    "string": ".*",
    "anyURI": r"\S*",
    "ID": r"[^\W\d][\w.-]*",
    "IDREF": r"[^\W\d][\w.-]*",
    "IDREFS": r"[^\W\d][\w.-]*( [^\W\d][\w.-]*)*",
    "NCName": r"[^\W\d][\w.-]*",
    "NMTOKEN": r"[\w.:-]+",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "date": r"\d{4}(-\d\d(-\d\d(T.+)?)?)?(Z|[+-]\d\d:\d\d)?",
}
GLOBALS = (
    "ID:ID xml-lang:NMTOKEN source:(archive|producer) elementVersion:string elementVersionDate:date "
    "ddiLifecycleUrn:anyURI ddiCodebookUrn:anyURI"
)
REFS = "sdatrefs:IDREFS methrefs:IDREFS pubrefs:IDREFS access:IDREFS"
DATED = "date:string"
TEXT = "#text"  # words only: the schema also lets links, lists and XHTML in, which we never write
# element -> children ('' exactly once, ? at most once, + at least once, * any number; [a b] any of these in any order,
# at least one, [a b]? also none), attributes of its own ('!' must be there, (a|b) one of these words, =x no other)
CONTENT: dict[str, tuple[str, str]] = {
    "codeBook": (
        "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
        "version:=2.5 codeBookAgency:NCName",
    ),
    "stdyDscr": (
        "citation+ studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* notes*",
        "access:IDREFS",
    ),
    "citation": (
        "titlStmt rspStmt? prodStmt? distStmt? serStmt* verStmt* biblCit? holdings* notes*",
        "MARCURI:string",
    ),
    "titlStmt": ("titl subTitl* altTitl* parTitl* IDNo*", ""),
    "titl": (TEXT, ""),
    "parTitl": (TEXT, ""),
    "IDNo": (TEXT, "agency:string level:(study|file|project)"),
    "rspStmt": ("AuthEnty* othId*", ""),
    "AuthEnty": (TEXT, "affiliation:string"),
    "prodStmt": ("producer* copyright? prodDate* prodPlac* software* fundAg* grantNo*", ""),
    "prodDate": (TEXT, DATED),
    "software": (TEXT, f"{DATED} version:string"),
    "verStmt": ("version? verResp? notes*", ""),
    "version": (TEXT, f"{DATED} type:string"),
    "stdyInfo": ("studyBudget* subject* abstract* sumDscr* qualityStatement? notes* exPostEvaluation*", ""),
    "sumDscr": (
        "timePrd* collDate* nation* geogCover* geogUnit* geoBndBox? boundPoly? anlyUnit* universe* dataKind*",
        "",
    ),
    "collDate": (TEXT, f"{DATED} event:(start|end|single) cycle:string"),
    "nation": (TEXT, "abbr:string"),
    "notes": (
        TEXT,
        "type:string subject:string level:string resp:string sdatrefs:IDREFS parent:IDREFS sameNote:IDREF",
    ),
    "fileDscr": ("fileTxt* locMap? notes*", f"URI:string {REFS}"),
    "fileTxt": (
        "fileName? fileCitation? fileCont? fileStrc? dimensns? fileType? format? filePlac? dataChck* ProcStat? "
        "dataMsng? software* verStmt?",
        "",
    ),
    "fileName": (TEXT, ""),
    "dimensns": ("caseQnty* varQnty* logRecL* recPrCas* recNumTot*", ""),
    "caseQnty": (TEXT, ""),
    "varQnty": (TEXT, ""),
    "fileType": (TEXT, "charset:string"),
    "dataDscr": ("varGrp* nCubeGrp* var* nCube* notes*", ""),
    "var": (
        "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* undocCod* "
        "universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation? "
        "varFormat? geoMap* catLevel* notes*",
        "name:string! wgt:(wgt|not-wgt) wgt-var:IDREFS weight:IDREFS qstn:IDREFS files:IDREFS vendor:string "
        f"dcml:string intrvl:(contin|discrete) rectype:string {REFS} "
        "aggrMeth:(sum|average|count|mode|median|maximum|minimum|percent|other) otherAggrMeth:NMTOKEN "
        "measUnit:string scale:string origin:string nature:(nominal|ordinal|interval|ratio|percent|other) "
        "additivity:(stock|flow|non-additive|other) otherAdditivity:NMTOKEN temporal:(Y|N) geog:(Y|N) "
        "geoVocab:string catQnty:string representationType:(text|numeric|code|datetime|other) "
        "otherRepresentationType:NMTOKEN",
    ),
    "labl": (TEXT, "level:string vendor:string country:string sdatrefs:IDREFS"),
    "qstn": (
        "[preQTxt qstnLit postQTxt forward backward ivuInstr]?",
        "qstn:IDREF var:IDREFS seqNo:string sdatrefs:IDREFS "
        "responseDomainType:(text|numeric|code|category|datetime|geographic|multiple|other) "
        "otherResponseDomainType:NMTOKEN",
    ),
    "qstnLit": (TEXT, "sdatrefs:IDREFS"),
    "valrng": ("[item range] key? notes*", ""),
    "range": ("", "UNITS:(INT|REAL) min:string minExclusive:string max:string maxExclusive:string"),
    "universe": (TEXT, "level:string clusion:(I|E)"),
    "catgry": (
        "catValu? labl* txt* catStat* mrow?",
        "missing:(Y|N) missType:string country:string sdatrefs:IDREFS excls:(true|false) catgry:IDREFS level:IDREF "
        "access:IDREF",
    ),
    "catValu": (TEXT, ""),
    "concept": (TEXT, "vocab:string vocabURI:string"),
    "varFormat": (
        "#nothing",  # may hold words; we write none
        "type:(character|numeric) formatname:string schema:(SAS|SPSS|IBM|ANSI|ISO|XML-Data|other) otherSchema:NMTOKEN "
        "category:(date|time|currency|other) otherCategory:NMTOKEN URI:string",
    ),
}


def tag(element: Tree.Element) -> str:
    """The name of an element of the schema; with its namespace where that is another one."""
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def pattern(children: str) -> re.Pattern[str]:
    """The content of an element as a regular expression over the names of its children, each followed by a blank.

    >>> bool(pattern("a b? [c d] e*").fullmatch("a d c d ")), bool(pattern("a b?").fullmatch("b a "))
    (True, False)
    """
    found = []
    for several, optional, name, often in re.findall(r"\[(.+?)\](\??)|(\w+)([?*+]?)", children):
        if several:
            found.append(f"(?:(?:{'|'.join(several.split())}) ){'*' if optional else '+'}")
        else:
            found.append(f"(?:{name} ){often}")
    return re.compile("".join(found))


def fits(kind: str, value: str) -> bool:
    """Whether an attribute may have this value."""
    if kind.startswith("="):
        return value == kind[1:]
    return re.fullmatch(kind if WORDS.fullmatch(kind) else TYPES[kind], value, re.S) is not None


def faults(root: Tree.Element) -> Iterator[str]:
    """Everything in a document that the schema does not allow."""
    ids = [element.attrib["ID"] for element in root.iter() if "ID" in element.attrib]
    yield from (f"ID {one} twice" for one, other in pairwise(sorted(ids)) if one == other)
    for element in root.iter():
        name = tag(element)
        if name not in CONTENT:
            yield f"{name}: not an element that we know"
            continue
        children, own = CONTENT[name]
        words = (element.text or "").strip()
        if children.startswith("#"):
            if len(element) or (children == TEXT) != bool(words):
                yield f"{name}: words and nothing else" if children == TEXT else f"{name}: nothing inside"
        elif words or any((child.tail or "").strip() for child in element):
            yield f"{name}: words between its children"
        elif not pattern(children).fullmatch("".join(f"{tag(child)} " for child in element)):
            yield f"{name}: {[tag(child) for child in element]}"
        allowed = dict(one.split(":", 1) for one in f"{GLOBALS} {own}".split())
        for attribute, kind in allowed.items():
            if kind.endswith("!") and attribute not in element.attrib:
                yield f"{name}: no {attribute}"
        for attribute, value in element.attrib.items():
            kind = "language" if attribute == LANG else allowed.get(attribute, "").rstrip("!")
            if attribute == f"{{{XSI}}}schemaLocation":
                continue
            if not kind or not fits(kind, value):
                yield f"{name}: {attribute}={value!r}"
            elif kind.startswith("IDREF"):
                yield from (f"{name}: {attribute} leads to no {one}" for one in value.split() if one not in ids)


def described(*versions: Questionnaire) -> Dataset:
    """An export of no answers to these versions of a questionnaire, with its tables of rows and of files."""
    words = defaultdict(lambda: Text(zh="列", en="column"))
    columns = Columns.of(versions, ("attention_fail",))
    profile = [name for name in ("core_age", "core_gender") if any(name in q.items for q in versions)]
    tables = [Table("responses", columns.variables(words, coarsened=profile, module_of={}), lambda: iter(()), 0)]
    tables += [Table(t.table, columns.row_variables(t, words, {}), lambda: iter(()), 0) for t in columns.rows]
    if columns.files:
        tables.append(Table("attachments", columns.file_variables(words), lambda: iter(()), 0))
    small = dataset(1)
    return replace(
        small,
        title=versions[0].title,
        tables=tuple(tables),
        reasons={reason: Text(zh=f"{reason} 的意思", en=reason) for reason in REASONS},
        versions=tuple(f"{q.id} {q.version}" for q in versions),
    )


SHIPPED = load_library(resource("instruments")).questionnaires
CASES = sorted((Path(__file__).parent.parent / "cases" / "xlsform").glob("*.md"))


def of(*versions: Questionnaire) -> Tree.Element:
    return Tree.fromstring(ddi_codebook(described(*versions)))


@pytest.fixture(scope="module")
def root():
    return Tree.fromstring(ddi_codebook(dataset(40, list_table())))


def test_a_dataset_of_every_kind_of_variable_is_valid(root):
    assert list(faults(root)) == []
    told = {tag(element) for document in (root, of(SHIPPED["short", "1.0.0"])) for element in document.iter()}
    assert told == set(CONTENT)  # the table holds nothing that is not written


@pytest.mark.parametrize("key", sorted(SHIPPED), ids=" ".join)
def test_every_questionnaire_that_we_ship_is_described_validly(key):
    assert list(faults(of(SHIPPED[key]))) == []


def test_lists_of_rows_files_several_languages_and_several_versions_are_described_validly():
    """One workbook for each feature of a questionnaire, alone and beside a later version of itself."""
    tables = set()
    for path in CASES:
        asked = read_xlsform(path).questionnaire
        both = of(asked, replace(asked, version="1.1.0"))
        assert list(faults(of(asked))) == [], path.stem
        assert list(faults(both)) == [], path.stem
        tables |= {name.text.partition(".")[0].partition("_")[0] for name in both.iter(f"{{{NAMESPACE}}}fileName")}
    assert tables == {"responses", "rows", "attachments"}


def test_words_that_no_xml_document_can_hold_do_not_spoil_it():
    odd = replace(
        dataset(1), title=Text(zh="基层\x0b调查\x00\ufffe<&>"), producer="组\x1b", notes=(Text(zh_CN="说明"),)
    )
    root = Tree.fromstring(ddi_codebook(odd))
    assert list(faults(root)) == []
    assert next(root.iter(f"{{{NAMESPACE}}}titl")).text == "基层调查<&>"


SPOILED = {
    "an element in a wrong place": lambda var, home: home.insert(0, home[-1]),
    "a title twice": lambda var, home: home.append(copy.deepcopy(home[0])),
    "a column without a name": lambda var, home: var.attrib.pop("name"),
    "a word that is not one of the list": lambda var, home: var.set("nature", "numeric"),
    "a column of a file that is not there": lambda var, home: var.set("files", "F9"),
    "the same name for two": lambda var, home: home.set("ID", var.attrib["ID"]),
    "a name that is a number": lambda var, home: home.set("ID", "1"),
    "an attribute that nobody knows": lambda var, home: var.set("decimals", "1"),
    "an element that nobody knows": lambda var, home: Tree.SubElement(var, f"{{{NAMESPACE}}}label"),
    "words where elements stand": lambda var, home: setattr(var, "text", "words"),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_document_that_the_schema_forbids_is_found_out(root, spoil):
    bad = copy.deepcopy(root)
    SPOILED[spoil](next(bad.iter(f"{{{NAMESPACE}}}var")), next(bad.iter(f"{{{NAMESPACE}}}titlStmt")))
    assert list(faults(bad))


def test_every_file_is_one_that_columns_belong_to(root):
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
    assert limits.attrib == {"min": "0", "max": "100", "UNITS": "REAL"}
    assert names["hours"].attrib["measUnit"] == "小时"
    kinds = {name: found.find("d:varFormat", space).attrib for name, found in names.items()}
    assert kinds["day"] == {"type": "character", "category": "date"}
    assert kinds["hours"] == {"type": "numeric"}
