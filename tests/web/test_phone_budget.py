"""The page is small enough for a slow network, and its script runs on the phones that are in use."""

import gzip
import re
from pathlib import Path

import pytest

from fieldkit.web.delivery import STATIC
from fieldkit.web.phone.assets import PARTS, joined
from tests.phone_site import COUNTY, make_site

BYTES = 40_000  # everything before the first question, compressed
REQUESTS = 6  # fewer than this


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("budget"))
    yield site.app.test_client()
    site.app.extensions["fieldkit"].collector.close()
    site.app.extensions["fieldkit"].engine.dispose()
    site.engine.dispose()


def fetched_with(client, address):
    """The page and everything that it and its script ask for before it can be answered, by address."""
    page = client.get(address).text
    found = {address: page.encode()}
    waiting = re.findall(r'<(?:link|script)[^>]*(?:href|src)="(/[^"]+)"', page)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = client.get(one).data
            folder = one.rsplit("/", 1)[0]
            if one.endswith(".js"):
                imported = re.findall(r'^import .*from "\./([\w-]+\.js)";', found[one].decode(), re.M)
                waiting += [f"{folder}/{name}" for name in imported]
    return found


def test_everything_before_the_first_question_of_the_short_form_is_below_forty_kilobytes(client):
    found = fetched_with(client, f"/w/short/{COUNTY}")
    sizes = {address: len(gzip.compress(body, 6)) for address, body in found.items()}
    assert sum(sizes.values()) < BYTES, sizes
    assert len(sizes) < REQUESTS, sizes


def test_every_file_of_the_page_travels_compressed_and_is_kept_for_ever(client):
    for address in fetched_with(client, f"/w/short/{COUNTY}"):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        if address.startswith("/static/"):
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_all_parts_of_the_script_and_the_style_are_joined(client):
    for kind in PARTS:
        lying_there = {p.relative_to(STATIC).as_posix() for p in (STATIC / "phone").glob(f"*.{kind}")}
        assert lying_there == {name for name in PARTS[kind] if name.startswith("phone/")}
        assert client.get(f"/static/any/phone.{kind}").data == joined(kind)


# what Chrome 70, the oldest WebView that WeChat still brings, cannot read or does not have
TOO_NEW = {
    "optional chaining": r"\w\?\.[\w(\[]",
    "nullish": r"\?\?",
    "replaceAll": r"\.replaceAll\(",
    "Array.at": r"\.at\(",
    "flat": r"\.flat(Map)?\(",
    "fromEntries": r"Object\.fromEntries",
    "allSettled": r"Promise\.(allSettled|any)",
    "classes (their fields are younger)": r"^\s*(export )?class\s",
    "catch without a name": r"catch \{",
    "top-level await": r"^await ",
    "logical assignment": r"(\|\||&&|\?\?)=",
    "big numbers": r"\b\d+n\b",
    "numeric separators": r"\b\d+_\d+\b",
}


@pytest.mark.parametrize("what", TOO_NEW)
@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda p: p.name)
def test_the_script_says_nothing_that_older_phones_cannot_read(path: Path, what):
    code = re.sub(r"//.*", "", path.read_text("utf-8"))
    code = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', code)
    assert not re.search(TOO_NEW[what], code, re.M)


def test_the_style_has_a_plain_rule_beside_everything_that_older_phones_lack():
    css = re.sub(r"/\*.*?\*/", "", joined("css").decode(), flags=re.S)
    assert "inset:" not in css
    assert "margin-inline" not in css
    assert ":is(" not in css
    flex = [rule for rule in re.findall(r"\{[^{}]*\}", css) if "display: flex" in rule or "inline-flex" in rule]
    assert not [rule for rule in flex if re.search(r"\bgap:", rule) and "flex-wrap" not in rule]
    for rule in re.findall(r"\{([^{}]*)\}", css):
        known = set()
        for declaration in filter(None, (part.strip() for part in rule.split(";"))):
            name, _, value = declaration.partition(":")
            if re.search(r"\b(max|min|clamp)\(", value):
                assert known & {name, name.split("-")[0]}, f"{declaration}: older phones know no value for it"
            known.add(name)
