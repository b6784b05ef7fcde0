"""DDI-Codebook 2.5: the study, its data files and every column with question, codes and missing reasons, as XML.

Archives and catalogues read it. It describes the CSV files as they are, so that each column there is one `var` here.
Valid against the schema of DDI-Codebook 2.5 (DDI Alliance), namespace ddi:codebook:2_5.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Tree

from fieldkit import __version__
from fieldkit.core.dataset import NUMBERS, Dataset, Table, Variable
from fieldkit.core.text import Text

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MISSING = "__miss"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no document can hold these
NATURE = {"nominal": "nominal", "ordinal": "ordinal", "scale": "ratio"}
REPRESENTATION = {
    "text": "text",
    "point": "text",
    "date": "datetime",
    "time": "datetime",
    "number": "numeric",
    "whole": "numeric",
}


def ddi_codebook(dataset: Dataset) -> bytes:
    """The whole description, UTF-8, Chinese and English side by side where both are there."""
    Tree.register_namespace("xsi", XSI)
    root = Tree.Element(
        "codeBook",
        {"xmlns": NAMESPACE, "version": "2.5", f"{{{XSI}}}schemaLocation": f"{NAMESPACE} {SCHEMA}", LANG: "zh"},
    )
    _study(root, dataset)
    for number, table in enumerate(dataset.tables, 1):
        _file(root, table, f"F{number}")
    described = Tree.SubElement(root, "dataDscr")
    at = 0
    for number, table in enumerate(dataset.tables, 1):
        for variable in table.variables:
            at += 1
            _variable(described, variable, f"V{at}", f"F{number}")
            if variable.reasons:
                at += 1
                _reasons(described, dataset, variable, f"V{at}", f"F{number}")
    for element in root.iter():
        element.text = element.text and NOT_XML.sub("", element.text)
        element.attrib.update({name: NOT_XML.sub("", words) for name, words in element.attrib.items()})
    Tree.indent(root, " ")
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _study(root: Tree.Element, dataset: Dataset) -> None:
    study = Tree.SubElement(root, "stdyDscr")
    citation = Tree.SubElement(study, "citation")
    titles = Tree.SubElement(citation, "titlStmt")
    Tree.SubElement(titles, "titl").text = dataset.title.say("zh")
    if dataset.title.get("en"):
        Tree.SubElement(titles, "parTitl", {LANG: "en"}).text = dataset.title["en"]
    Tree.SubElement(titles, "IDNo").text = dataset.name
    if dataset.producer:
        Tree.SubElement(Tree.SubElement(citation, "rspStmt"), "AuthEnty").text = dataset.producer
    made = Tree.SubElement(citation, "prodStmt")
    if dataset.made_on:
        Tree.SubElement(made, "prodDate", date=dataset.made_on).text = dataset.made_on
    Tree.SubElement(made, "software", version=__version__).text = "FieldKit"
    if dataset.versions:
        Tree.SubElement(Tree.SubElement(citation, "verStmt"), "version").text = "; ".join(dataset.versions)
    summary = Tree.SubElement(Tree.SubElement(study, "stdyInfo"), "sumDscr")
    for day, event in zip(dataset.collected, ("start", "end"), strict=True):
        if day:
            Tree.SubElement(summary, "collDate", date=day, event=event).text = day
    Tree.SubElement(summary, "nation", abbr="CN").text = "中国"
    for note in dataset.notes:
        _each(study, "notes", note)


def _file(root: Tree.Element, table: Table, number: str) -> None:
    text = Tree.SubElement(Tree.SubElement(root, "fileDscr", ID=number), "fileTxt")
    Tree.SubElement(text, "fileName").text = f"{table.name}.csv"
    size = Tree.SubElement(text, "dimensns")
    Tree.SubElement(size, "caseQnty").text = str(table.count)
    Tree.SubElement(size, "varQnty").text = str(sum(2 if v.reasons else 1 for v in table.variables))
    Tree.SubElement(text, "fileType").text = "text/csv"


def _variable(home: Tree.Element, variable: Variable, number: str, file: str) -> None:
    more = {"measUnit": variable.unit.say("zh")} if variable.unit else {}
    several = variable.kind in ("codes", "order", "pair")
    var = Tree.SubElement(
        home,
        "var",
        {
            "ID": number,
            "name": variable.name,
            "files": file,
            **({"dcml": str(variable.decimals)} if variable.kind in ("number", "whole") else {}),
            "intrvl": "contin" if variable.measure == "scale" else "discrete",
            **more,
            "nature": NATURE[variable.measure],
            "representationType": "text" if several else REPRESENTATION.get(variable.kind, "code"),
        },
    )
    _each(var, "labl", variable.label)
    if variable.question:
        question = Tree.SubElement(var, "qstn", ID=f"Q{number}")
        _each(question, "qstnLit", variable.question)
    if variable.low is not None or variable.high is not None:
        limits = {"min": variable.low, "max": variable.high}
        found = {name: f"{limit:.12g}" for name, limit in limits.items() if limit is not None}
        units = "REAL" if variable.kind == "number" and variable.decimals else "INT"
        Tree.SubElement(Tree.SubElement(var, "valrng"), "range", {"UNITS": units, **found})
    if variable.asked_if:
        Tree.SubElement(var, "universe").text = variable.asked_if
    for code, words in variable.options:
        category = Tree.SubElement(var, "catgry")
        Tree.SubElement(category, "catValu").text = str(code)
        _each(category, "labl", words)
    if variable.versions:
        version = Tree.SubElement(var, "verStmt")
        Tree.SubElement(version, "version").text = "; ".join(variable.versions)
    if variable.construct:
        _each(var, "concept", variable.construct_title or Text(zh=variable.construct))
    _format(var, variable.kind)


def _reasons(home: Tree.Element, dataset: Dataset, variable: Variable, number: str, file: str) -> None:
    """The column beside it that says why there is no value."""
    var = Tree.SubElement(
        home,
        "var",
        {"ID": number, "name": variable.name + MISSING, "files": file, "intrvl": "discrete", "nature": "nominal",
         "representationType": "code"},
    )  # fmt: skip
    _each(var, "labl", variable.label)
    for reason in variable.reasons:
        category = Tree.SubElement(var, "catgry", missing="Y")
        Tree.SubElement(category, "catValu").text = reason
        _each(category, "labl", dataset.reasons[reason])
    _format(var, "text")


def _format(var: Tree.Element, kind: str) -> None:
    """How the cells of the CSV are written: days and times of day as ISO 8601 has them."""
    category = {"category": kind} if kind in ("date", "time") else {}
    Tree.SubElement(var, "varFormat", {"type": "numeric" if kind in NUMBERS else "character", **category})


def _each(home: Tree.Element, tag: str, words: Text) -> None:
    """One element for every language."""
    for language, text in words.items():
        Tree.SubElement(home, tag, {LANG: language.replace("_", "-")}).text = text
