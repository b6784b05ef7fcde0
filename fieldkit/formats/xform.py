"""A questionnaire as an OpenRosa XForm, the file that ODK Collect, Enketo and Kobo show.

Follows the ODK XForms specification (https://getodk.github.io/xforms-spec/) and is laid out as pyxform lays out the
workbook of the same questionnaire; tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as Xml

from fieldkit.core.attachment import LONGEST_SIDE
from fieldkit.core.expression import number_text
from fieldkit.core.instrument import Group, Questionnaire, Section
from fieldkit.core.item import Item, Option
from fieldkit.core.openrosa import MEDIA, Question, accepted, asked_as
from fieldkit.core.text import Text

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
ODK = "http://www.opendatakit.org/xforms"
NAMESPACES = {"": XFORMS, "h": XHTML, "jr": JAVAROSA, "odk": ODK, "orx": "http://openrosa.org/xforms"}
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_NOTE = Question("note")


@dataclass
class _Node:
    """One element of the answer file: an item, a note, or a group with what it holds."""

    name: str
    label: Text
    question: Question | None = None  # None for groups
    item: Item | None = None
    part: Section | Group | None = None
    children: list[_Node] = field(default_factory=list)
    path: tuple[str, ...] = ()
    repeats: tuple[tuple[str, ...], ...] = ()  # the paths of the repeats around it

    @property
    def ref(self) -> str:
        return "/" + "/".join(self.path)

    @property
    def rows(self) -> tuple[int, int] | None:
        return self.part.repeat if self.part else None

    def walk(self) -> Iterator[_Node]:
        """This node and all under it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def write_xform(questionnaire: Questionnaire) -> str:
    """The questionnaire as XForm XML, in all its languages.

    Ranges, lengths and exclusive options become constraints; soft warnings, missing reasons and scoring have no
    counterpart in XForms and are not in the file.
    """
    root = _tree(questionnaire)
    return _Writer(questionnaire, root).text()


# ---------------------------------------------------------------------------------------------------- tree


def _tree(questionnaire: Questionnaire) -> _Node:
    root = _Node("data", questionnaire.title)
    taken = {*questionnaire.items, *(s.id for s in questionnaire.sections)}
    taken |= {group.id for section in questionnaire.sections for group in section.groups}

    def said(text: Text, name: str) -> list[_Node]:
        while name in taken:
            name += "_"
        taken.add(name)
        return [_Node(name, text, _NOTE)] if text else []

    root.children += said(questionnaire.consent, "consent_text")
    root.children += said(questionnaire.introduction, "definitions_text")
    root.children += [_Node(i.id, i.text, asked_as(i), i) for i in questionnaire.opening]
    for section in questionnaire.sections:
        page = _Node(section.id, section.title, part=section)
        page.children += said(section.introduction, f"{section.id}_introduction")
        root.children.append(page)
        nodes = {group.id: _Node(group.id, group.title, part=group) for group in section.groups}
        begun: set[str] = set()
        for item in section.items:
            home = page
            for group in section.around(item.id):
                node = nodes[group.id]
                if group.id not in begun:
                    begun.add(group.id)
                    node.children += said(group.introduction, f"{group.id}_introduction")
                    home.children.append(node)
                home = node
            home.children.append(_Node(item.id, item.text, asked_as(item), item))
    _place(root, (), ())
    return root


def _place(node: _Node, above: tuple[str, ...], repeats: tuple[tuple[str, ...], ...]) -> None:
    node.path = (*above, node.name)
    node.repeats = (*repeats, node.path) if node.rows else repeats
    for child in node.children:
        _place(child, node.path, node.repeats)


# --------------------------------------------------------------------------------------------------- writer


class _Writer:
    """The parts of one XForm, and the wording and choices they mention."""

    def __init__(self, questionnaire: Questionnaire, root: _Node) -> None:
        self.questionnaire = questionnaire
        self.root = root
        self.nodes = {node.name: node for node in reversed([*root.walk()])}
        self.nodes |= {node.name: node for node in root.walk() if node.item}
        self.texts: dict[str, Text] = {}
        self.lists: dict[str, tuple[Option, ...]] = {}
        self.list_of: dict[str, str] = {}
        for node in root.walk():
            item = node.item
            if item and item.options:
                shared = item.list_name
                own = not shared or self.lists.get(shared, item.options) != item.options
                name = f"{item.id}-options" if own else shared
                self.lists[name] = item.options
                self.list_of[item.id] = name

    def text(self) -> str:
        html = Xml.Element("h:html", {f"xmlns:{p}" if p else "xmlns": uri for p, uri in NAMESPACES.items()})
        head = Xml.SubElement(html, "h:head")
        Xml.SubElement(head, "h:title").text = self.questionnaire.title.say(self._languages()[0])
        model = Xml.SubElement(head, "model", {"odk:xforms-version": "1.0.0"})
        body = Xml.Element("h:body")
        for child in self.root.children:
            self._control(body, child)
        binds = [bind for node in self.root.walk() for bind in self._binds(node)]
        self._wording(model)
        self._instances(model)
        model.extend(binds)
        Xml.SubElement(
            model,
            "bind",
            {"nodeset": "/data/meta/instanceID", "type": "string", "readonly": "true()", "jr:preload": "uid"},
        )
        html.append(body)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(html, encoding="unicode")

    def _languages(self) -> list[str]:
        texts = [*self.texts.values(), *(o.text for options in self.lists.values() for o in options)]
        others = sorted({code for text in texts for code in text})
        return list(dict.fromkeys([*self.questionnaire.languages, *others])) or ["zh"]

    def _say(self, node: _Node, kind: str, text: Text) -> str:
        """The reference to a piece of wording, which is kept for the list of all wording."""
        name = f"{node.ref}:{kind}"
        self.texts[name] = text
        return f"jr:itext('{name}')"

    # ------------------------------------------------------------------------------------------ expressions

    def _expression(self, source: str, node: _Node, filters: bool = False) -> str:
        """An expression with paths for ${names}, as seen from one node."""
        return _REFERENCE.sub(lambda found: self._path(found[1], node, filters), source)

    def _path(self, name: str, node: _Node, filters: bool) -> str:
        target = self.nodes.get(name)
        if target is None:
            return f"${{{name}}}"  # lint has refused it; left readable
        shared = [path for path in target.repeats if path in node.repeats and path != target.path]
        if not shared:
            return f" {target.ref} "
        top = shared[-1]
        up = "/".join([".."] * (len(node.path) - len(top)))
        down = "/".join(target.path[len(top) :])
        return f" {'current()/' if filters else ''}{up}/{down} "

    # ------------------------------------------------------------------------------------------------ model

    def _wording(self, model: Xml.Element) -> None:
        itext = Xml.SubElement(model, "itext")
        for place, code in enumerate(self._languages()):
            title = f"{LANGUAGE_NAMES.get(code, code)} ({code.replace('_', '-')})"
            part = Xml.SubElement(itext, "translation", {"lang": title})
            if place == 0:
                part.set("default", "true()")
            for name, text in self.texts.items():
                self._words(part, name, text, code)
            for name, options in self.lists.items():
                for number, option in enumerate(options):
                    self._words(part, f"{name}-{number}", option.text, code)

    @staticmethod
    def _words(part: Xml.Element, name: str, text: Text, code: str) -> None:
        """One piece of wording; a language that lacks it falls back, so that nobody sees an empty question."""
        entry = Xml.SubElement(part, "text", {"id": name})
        Xml.SubElement(entry, "value").text = text.say(code)

    def _instances(self, model: Xml.Element) -> None:
        main = Xml.SubElement(model, "instance")
        data = Xml.SubElement(main, "data", {"id": self.questionnaire.id, "version": self.questionnaire.version})
        for child in self.root.children:
            self._answer(data, child)
        Xml.SubElement(Xml.SubElement(data, "meta"), "instanceID")
        for name, options in self.lists.items():
            rows = Xml.SubElement(Xml.SubElement(model, "instance", {"id": name}), "root")
            for number, option in enumerate(options):
                row = Xml.SubElement(rows, "item")
                Xml.SubElement(row, "itextId").text = f"{name}-{number}"
                Xml.SubElement(row, "name").text = str(option.code)
                for column, value in option.facts:
                    Xml.SubElement(row, column).text = value

    def _answer(self, above: Xml.Element, node: _Node, inside: str = "") -> None:
        """The empty answers of a node. A repeat stands there twice: as the template of further rows, and as its first
        row; a repeat `inside` one of these is of the same kind."""
        if node.rows and node.rows[0] == node.rows[1]:
            Xml.SubElement(above, f"{node.name}_count")
        for kind in ("template", "row") if node.rows and not inside else (inside,):
            element = Xml.SubElement(above, node.name, {"jr:template": ""} if node.rows and kind == "template" else {})
            if node.item and node.item.default:
                element.text = node.item.default
            for child in node.children:
                self._answer(element, child, kind)

    def _binds(self, node: _Node) -> Iterator[Xml.Element]:
        relevance = node.part.relevance if node.part else node.item.relevance if node.item else ""
        rows = node.rows
        if rows and rows[0] == rows[1]:
            yield Xml.Element(
                "bind",
                {"nodeset": f"{node.ref}_count", "type": "string", "readonly": "true()", "calculate": str(rows[0])},
            )
        attributes = {"nodeset": node.ref}
        if node.question:
            attributes["type"] = self._type(node)
        if node.question and node.question.type == "note":
            attributes["readonly"] = "true()"
        item = node.item
        if item and item.required == "hard" and item.kind.answered:
            attributes["required"] = "true()"
        if relevance:
            attributes["relevant"] = self._expression(relevance, node)
        if item and accepted(item):
            attributes["constraint"] = self._expression(accepted(item), node)
            if item.constraint and item.constraint.message:
                attributes["jr:constraintMsg"] = self._say(node, "jr:constraintMsg", item.constraint.message)
        if item and item.type == "image":
            attributes["orx:max-pixels"] = str(LONGEST_SIDE)
        if item and item.calculation:
            attributes["calculate"] = self._expression(item.calculation, node)
        if len(attributes) > 1:
            yield Xml.Element("bind", attributes)

    @staticmethod
    def _type(node: _Node) -> str:
        assert node.question is not None
        item = node.item
        if item and node.question.type == "range":
            numbers = (item.low or 0, item.high or 0, item.step or 1)
            return "int" if all(float(n).is_integer() for n in numbers) else "decimal"
        return node.question.bind

    # ------------------------------------------------------------------------------------------------- body

    def _control(self, above: Xml.Element, node: _Node) -> None:
        if node.question is None:
            self._part(above, node)
            return
        question, item = node.question, node.item
        if not question.control:  # nobody is asked; its name is kept for those who read the file
            if node.label:
                self._say(node, "label", node.label)
            return
        element = Xml.SubElement(above, question.control, {"ref": node.ref})
        if question.appearance:
            element.set("appearance", question.appearance)
        if question.control == "upload":
            element.set("mediatype", MEDIA[question.type])
        if item and question.type == "range":
            for name, value in (("start", item.low), ("end", item.high), ("step", item.step or 1)):
                if value is not None:
                    element.set(name, number_text(value))
        Xml.SubElement(element, "label", {"ref": self._say(node, "label", node.label)})
        if item and item.hint:
            Xml.SubElement(element, "hint", {"ref": self._say(node, "hint", item.hint)})
        if item and question.chooses:
            self._choices(element, node, item)

    def _choices(self, element: Xml.Element, node: _Node, item: Item) -> None:
        rows = f"instance('{self.list_of[item.id]}')" + "/root" + "/item"  # in pieces: no path of this machine
        if item.choice_filter:
            rows += f"[{self._expression(item.choice_filter, node, True)}]"
        if item.random_order:
            rows = f"randomize({rows})"
        itemset = Xml.SubElement(element, "itemset", {"nodeset": rows})
        Xml.SubElement(itemset, "value", {"ref": "name"})
        Xml.SubElement(itemset, "label", {"ref": "jr:itext(itextId)"})

    def _part(self, above: Xml.Element, node: _Node) -> None:
        group = Xml.SubElement(above, "group", {"ref": node.ref})
        rows = node.rows
        simple = not rows and not any(child.rows for child in node.walk())
        if isinstance(node.part, Section) and simple:
            group.set("appearance", "field-list")
        if node.label:
            Xml.SubElement(group, "label", {"ref": self._say(node, "label", node.label)})
        home = group
        if rows:
            home = Xml.SubElement(group, "repeat", {"nodeset": node.ref})
            if rows[0] == rows[1]:
                home.set("jr:count", f"{node.ref}_count")
        for child in node.children:
            self._control(home, child)
