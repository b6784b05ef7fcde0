"""When a question is asked, said in words: 'only if you answered “yes” to question 12', for paper and codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.core.expression import ExpressionError, Tree, parse
from fieldkit.core.item import Item
from fieldkit.stats.wording import Wording

INNER = str.maketrans("“”", "‘’")  # quotation marks inside quotation marks
Named = Callable[[str], str]  # an item's id -> what people call it: 第12题


def skip_words(source: str, items: Mapping[str, Item], named: Named, wording: Wording) -> str:
    """The condition in words, or as it is written where there are no simple words for it; '' for no condition.

    The guards that keep a missing answer from counting (`${x} != ''`) are left out where more is asked of x.
    """
    if not source.strip():
        return ""
    try:
        tree = parse(source).tree
    except ExpressionError:
        return wording.say("skip.written", condition=source)
    said = _Sayer(items, named, wording).say(tree)
    return said if said is not None else wording.say("skip.written", condition=_with_names(source, named))


def _with_names(source: str, named: Named) -> str:
    import re

    return re.sub(r"\$\{([a-z0-9_]+)\}", lambda m: named(m[1]), source)


class _Sayer:
    def __init__(self, items: Mapping[str, Item], named: Named, wording: Wording) -> None:
        self.items, self.named, self.wording = items, named, wording

    def say(self, tree: Tree) -> str | None:
        """The words of a tree; None where there are none."""
        if not isinstance(tree, list):
            return None
        head = tree[0]
        if head in ("and", "or"):
            return self._joined(str(head), tree[1:])
        if head == "not" and isinstance(tree[1], list):
            inner = tree[1]
            if inner[0] == "selected":
                return self._choice(inner[1], [inner[2]], "not_chosen")
            said = self.say(inner)
            return None if said is None else self.wording.say("skip.not", condition=said)
        if head == "selected":
            return self._choice(tree[1], [tree[2]], "chosen")
        if head in ("=", "!=", "<", "<=", ">", ">="):
            return self._compared(str(head), tree[1], tree[2])
        return None

    def _joined(self, how: str, parts: list[Tree]) -> str | None:
        same = self._same_item(parts) if how == "or" else None
        if same is not None:
            return same
        if how == "and":
            asked = [p for p in parts if not self._guard(p)]
            parts = asked or parts[:1]
        said = [self.say(part) for part in parts]
        if any(one is None for one in said):
            return None
        return self.wording.say(f"skip.{how}").join(one for one in said if one)

    def _guard(self, part: Tree) -> bool:
        return isinstance(part, list) and part[0] == "!=" and part[2] == ""

    def _same_item(self, parts: list[Tree]) -> str | None:
        """${a} = 1 or ${a} = 2 as one choice between several."""
        names, codes = set(), []
        for part in parts:
            if not (isinstance(part, list) and part[0] in ("=", "selected") and isinstance(part[1], list)):
                return None
            names.add(str(part[1][1]))
            codes.append(part[2])
        if len(names) != 1:
            return None
        return self._choice(parts[0][1], codes, "chosen")  # type: ignore[index]

    def _choice(self, reference: Tree, codes: list[Tree], key: str) -> str | None:
        item = self._item(reference)
        if item is None:
            return None
        words = []
        for code in codes:
            try:
                option = item.option(int(str(code)))
            except ValueError:
                return None
            if option is None:
                return None
            inner = option.text.say(self.wording.language).translate(INNER)
            words.append(self.wording.say("skip.quoted", text=inner))
        return self.wording.say(
            f"skip.{key}", item=self.named(item.id), options=self.wording.say("skip.or_of").join(words)
        )

    def _compared(self, sign: str, left: Tree, right: Tree) -> str | None:
        item = self._item(left)
        if item is None or isinstance(right, list):
            return None
        if right == "":
            key = "answered" if sign == "!=" else "unanswered" if sign == "=" else ""
            return self.wording.say(f"skip.{key}", item=self.named(item.id)) if key else None
        if item.options and sign in ("=", "!="):
            return self._choice(left, [right], "chosen" if sign == "=" else "not_chosen")
        key = {"=": "equal", "!=": "unequal", "<": "below", "<=": "most", ">": "above", ">=": "least"}[sign]
        return self.wording.say(f"skip.{key}", item=self.named(item.id), number=right)

    def _item(self, reference: Tree) -> Item | None:
        if not (isinstance(reference, list) and reference[0] == "$" and len(reference) == 2):
            return None
        return self.items.get(str(reference[1]))
