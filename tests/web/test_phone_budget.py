"""The page is small enough for a slow network, and its script runs on the phones that are in use."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.formats.instrument_yaml import load_library
from fieldkit.services.publish import publish_library
from fieldkit.settings import resource
from fieldkit.store.engine import Session
from fieldkit.web.delivery import STATIC, read_assets
from fieldkit.web.phone.assets import PARTS, joined
from tests.phone_site import COUNTY, a_wave, make_site
from tests.tiny import NAMES, all_tiny

SHORT, LONGEST = 30_000, 60_000  # bytes, compressed: everything before the first question
REQUESTS = 5  # at most
LIBRARY = load_library(resource("instruments"))
FULL = sorted(q.id for q in LIBRARY.questionnaires.values() if q.id != "short")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("budget"))
    with Session(site.engine) as session:
        publish_library(session, LOCAL, all_tiny())
        session.commit()
    for name in (*FULL, *NAMES):
        site.open(a_wave(name.replace("_", "-"), name, site.today))
    yield site.app.test_client()
    site.app.extensions["fieldkit"].collector.close()
    site.app.extensions["fieldkit"].engine.dispose()
    site.engine.dispose()


def fetched_with(client, wave):
    """The page and everything that it and its script ask for before it can be answered: bytes on the wire by address.

    tests/journeys/test_phone_load.py sees a browser ask for exactly this.
    """
    address = f"/w/{wave}/{COUNTY}"
    page = client.get(address).text
    rules = json.loads(re.search(r'id="rules">(.*?)</script>', page, re.S).group(1))
    waiting = [address, *re.findall(r'<(?:link|script)[^>]*(?:href|src)="(/[^"]+)"', page)]
    folder = next(one for one in waiting if one.endswith("/phone.js")).rsplit("/", 1)[0]
    waiting += [f"{folder}/{file}" for name, file in LATER.items() if name in rules]
    if "kinds" in rules and "more" in rules:
        waiting.remove(f"{folder}/expression-more.js")  # it comes with the kinds
    sizes = {}
    while waiting:
        one = waiting.pop()
        if one in sizes:
            continue
        body = client.get(one, headers={"Accept-Encoding": "gzip"}).data
        sizes[one] = len(body)
        if one.endswith(".js"):
            imported = re.findall(r'\bfrom"\./([\w-]+\.js)"', gzip.decompress(body).decode())
            waiting += [f"{folder}/{name}" for name in imported]
    return sizes


# what the script waits for before it begins
LATER = {"more": "expression-more.js", "kinds": "phone-kinds.js", "files": "phone-files.js"}


def test_everything_before_the_first_question_of_the_short_form_is_below_thirty_kilobytes(client):
    sizes = fetched_with(client, "short")
    assert sum(sizes.values()) < SHORT, sizes


@pytest.mark.parametrize("name", [*FULL, *NAMES])
def test_no_questionnaire_needs_sixty_kilobytes_or_more_than_five_requests(client, name):
    sizes = fetched_with(client, name.replace("_", "-"))
    assert sum(sizes.values()) < LONGEST, sizes
    assert len(sizes) <= REQUESTS, sizes


def test_every_file_of_the_page_travels_compressed_and_is_kept_for_ever(client):
    for address in fetched_with(client, "short"):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        if address.startswith("/static/"):
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_all_parts_of_the_script_and_the_style_are_joined():
    for kind in ("css", "js"):
        lying_there = {p.relative_to(STATIC).as_posix() for p in (STATIC / "phone").glob(f"*.{kind}")}
        assert lying_there == {name for name in PARTS[f"phone.{kind}"] if name.startswith("phone/")}


@pytest.mark.parametrize("name", [n for n in PARTS if n.endswith(".js")])
def test_a_joined_script_is_one_module_that_other_phones_read_as_written(client, name, tmp_path):
    served = client.get(f"/static/any/{name}").text
    assert not re.search(r"^\s*//", served, re.M), "comments stay at home"
    assert not re.search(r'from"\./(answers|expression|rows|kinds)\.js"', served), "one copy of what is shared"
    (tmp_path / "served.mjs").write_text(served, "utf-8")
    (tmp_path / "written.mjs").write_bytes(joined(name))
    node = shutil.which("node")
    if node:  # where there is one it reads both; the journeys run the served script in a browser in any case
        for file in ("served.mjs", "written.mjs"):
            done = subprocess.run([node, "--check", file], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


def test_the_address_changes_with_what_travels():
    _, as_it_is = read_assets(STATIC, {"phone.js": b"const a = 1;"})
    _, other_words = read_assets(STATIC, {"phone.js": b"// why\nconst a = 1;"})
    _, other_script = read_assets(STATIC, {"phone.js": b"const a = 2;"})
    assert as_it_is == other_words != other_script


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
    css = re.sub(r"/\*.*?\*/", "", joined("phone-kinds.css").decode(), flags=re.S)
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
