"""Names as a researcher's own form has them, to names and codes as this house has them, also inside expressions.

XLSForm allows `Q1.a` and choices named `yes`; here an item's id is q1_a and a code a whole number, because codes are
what is stored, exported and averaged. Every name that changes is told in a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from fieldkit.core.expression import ExpressionError
from fieldkit.core.expression.tokens import read_tokens
from fieldkit.core.item import ID

_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_CODE = re.compile(r"(0|-?[1-9]\d{0,17})\Z")


def as_id(name: str, taken: Collection[str], spare: str) -> str:
    """A name as an id of this house; `spare` is used where nothing of it can be kept (Chinese names).

    >>> as_id("Q1.a", (), ""), as_id("a", (), ""), as_id("姓名", (), "row_3"), as_id("_2x", ("q_2x",), "")
    ('q1_a', 'q_a', 'row_3', 'q_2x_2')
    """
    if ID.match(name) and name not in taken:
        return name
    plain = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:55]
    if not re.search(r"[a-z0-9]", plain):
        plain = spare
    if not plain[0].isalpha() or len(plain) < 2:
        plain = f"q_{plain}"
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}_{number}"
    return found


def numbered(names: Iterable[str]) -> dict[str, int]:
    """The code of each choice name: whole numbers stay, others get the next free numbers.

    >>> numbered(["yes", "no"]), numbered(["1", "2", "other"])
    ({'yes': 1, 'no': 2}, {'1': 1, '2': 2, 'other': 3})
    """
    listed = list(dict.fromkeys(names))
    codes = {name: int(name) for name in listed if _CODE.match(name)}
    following = max([0, *codes.values()]) + 1
    for name in listed:
        if name not in codes:
            codes[name] = following
            following += 1
    return {name: codes[name] for name in listed}


def with_new_names(text: str, names: Mapping[str, str]) -> str:
    """A text or expression with ${references} to the new names."""
    return _REFERENCE.sub(lambda found: f"${{{names.get(found[1], found[1])}}}", text)


def references(text: str) -> tuple[str, ...]:
    """The names that a text refers to as ${name}."""
    return tuple(found[1] for found in _REFERENCE.finditer(text))


def with_codes(source: str, codes: Mapping[str, Mapping[str, int]], own: str) -> tuple[str, tuple[str, ...]]:
    """An expression with choice names replaced by codes, and the names for which that was not possible.

    `codes` has the codes of renamed choices for each item id; `own` is the item that carries the expression. Names
    stand in selected(${item}, 'name'), ${item} = 'name' and jr:choice-name('name', '${item}').

    >>> with_codes("selected(${way}, 'bus') or ${way} = 'car'", {"way": {"bus": 1, "car": 2}}, "")
    ("selected(${way}, '1') or ${way} = '2'", ())
    """
    if not codes or not source:
        return source, ()
    try:
        tokens = read_tokens(source)
    except ExpressionError:
        return source, ()
    mentioned = {token.text for token in tokens if token.kind == "ref"} | {own}
    mentioned |= {name for token in tokens if token.kind == "text" for name in references(token.text)}

    def item_at(place: int) -> str:
        """The item that the token at `place` stands for, '' if none."""
        if not 0 <= place < len(tokens):
            return ""
        token = tokens[place]
        if token.kind == "ref":
            return token.text
        if token.kind == "text":
            return next(iter(references(token.text)), "")
        return own if token.text == "." or (token.kind == "name" and token.text == "name") else ""

    def text_at(place: int) -> str:
        return tokens[place].text if 0 <= place < len(tokens) and tokens[place].kind != "text" else ""

    pieces: list[tuple[int, int, str]] = []
    left: list[str] = []
    for place, token in enumerate(tokens):
        if token.kind != "text":
            continue
        item = ""
        if text_at(place - 1) in ("=", "!="):
            item = item_at(place - 2)
        if not item and text_at(place + 1) in ("=", "!="):
            item = item_at(place + 2)
        if not item and text_at(place - 1) == "," and text_at(place - 3) == "(" and text_at(place - 4) == "selected":
            item = item_at(place - 2)
        if not item and text_at(place - 1) == "(" and text_at(place - 2) == "jr:choice-name":
            item = item_at(place + 2)
        if token.text in codes.get(item, {}):
            start = token.column  # just inside the quotation mark
            pieces.append((start, start + len(token.text), str(codes[item][token.text])))
        elif any(token.text in codes.get(name, {}) for name in mentioned if name != item):
            left.append(token.text)
    for start, end, code in reversed(pieces):
        source = source[:start] + code + source[end:]
    return source, tuple(left)
