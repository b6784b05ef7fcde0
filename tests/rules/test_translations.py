"""Everything that is said is said in Chinese and in English, with the same facts."""

import ast
import re
import string
from pathlib import Path

import pytest
import yaml

from fieldkit.core.problem import STATUS
from fieldkit.translations import FOLDERS, HERE, catalogue

PACKAGE = Path(HERE).parent


def facts_in(entry: object) -> set[str]:
    texts = entry.values() if isinstance(entry, dict) else [entry]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(str(text)) if name}


def repeated(node: yaml.Node, at: str = "") -> list[str]:
    """Keys that stand twice in one mapping; the YAML reader would silently take the second."""
    found = []
    for child in node.value if isinstance(node, yaml.SequenceNode) else []:
        found += repeated(child, at)
    if isinstance(node, yaml.MappingNode):
        keys = [str(key.value) for key, _ in node.value]
        found += [f"{at}{key}" for key in dict.fromkeys(keys) if keys.count(key) > 1]
        for key, child in node.value:
            found += repeated(child, f"{at}{key.value}.")
    return found


def test_no_key_stands_twice():
    assert repeated(yaml.compose("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2")) == ["a", "b.c"]
    for folder in (HERE, PACKAGE.parent / "reports", PACKAGE.parent / "instruments"):
        for path in sorted(folder.rglob("*.yaml")):
            assert repeated(yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)) == [], path.name


def test_both_languages_have_the_same_keys():
    assert set(catalogue("zh")) == set(catalogue("en"))


@pytest.mark.parametrize("key", sorted(catalogue("zh")))
def test_both_languages_mention_the_same_facts(key):
    assert facts_in(catalogue("zh")[key]) == facts_in(catalogue("en")[key])


@pytest.mark.parametrize("language", FOLDERS)
def test_no_entry_is_empty_and_chinese_is_chinese(language):
    for key, entry in catalogue(language).items():
        for text in entry.values() if isinstance(entry, dict) else [entry]:
            assert str(text).strip(), key
            assert "！" not in str(text), f"{key}: no exclamation marks"
            if language == "en":
                assert not re.search(r"[，。；：？]", str(text)), f"{key}: Chinese punctuation in English"


def test_every_problem_has_a_message_and_a_remedy():
    for language in FOLDERS:
        for code in STATUS:
            entry = catalogue(language).get(f"problem.{code}")
            assert isinstance(entry, dict), f"{language}: {code}"
            assert set(entry) - {"team_message", "team_remedy"} == {"message", "remedy"}, f"{language}: {code}"


def test_nobody_describes_a_problem_that_cannot_happen():
    described = {key.removeprefix("problem.") for key in catalogue("zh") if key.startswith("problem.")}
    assert described == set(STATUS)


def test_every_problem_is_raised_somewhere():
    source = "\n".join(p.read_text("utf-8") for p in PACKAGE.rglob("*.py") if p.name != "problem.py")
    missing = [code for code in STATUS if f'"{code}"' not in source and not code.startswith("wave.broken_")]
    assert missing == []


def test_no_chinese_wording_stands_in_code():
    """Docstrings and comments may speak Chinese; strings that a user could see may not."""
    # Rules of setting type and of reading words, which no user sees.
    typesetting = {"formats/xlsform/columns.py", "render/text.py", "core/differences.py", "core/marks.py"}
    offenders = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
            and isinstance(node.body[0].value, ast.Constant)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docstrings
                and len(re.findall(r"[\u4e00-\u9fff]", node.value)) >= 3
                and path.relative_to(PACKAGE).as_posix() not in typesetting
            ):
                offenders.append(f"{path.relative_to(PACKAGE)}:{node.lineno} {node.value[:30]}")
    assert offenders == []
