"""Every script that reaches a phone can be read by the oldest WebView that the apps still bring (Android 7, Chrome 70).

A real parser of ECMAScript 2018 reads them, inside the same small engine that runs the expression cases. The one newer
word that Chrome has known since 63 and that every page needs is import(...); it is put aside before reading.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import quickjs

from fieldkit.web.delivery import STATIC
from fieldkit.web.phone.assets import PARTS, joined
from fieldkit.web.phone.offline import worker_script

PARSER = Path(__file__).resolve().parents[1] / "vendor" / "acorn" / "acorn.js"
READ = """
var read = (code, sourceType) => {
  try {
    acorn.parse(code, { ecmaVersion: 2018, sourceType });
    return "";
  } catch (error) {
    return String(error);
  }
};
"""
BRING = re.compile(r"(?<![\w.])import\(")
NEWER = {
    "optional chaining": "const a = b?.c;",
    "nullish": "const a = b ?? c;",
    "class fields": "class A { a = 1; }",
    "catch without a name": "try { a(); } catch { b(); }",
    "big numbers": "const a = 1n;",
    "numeric separators": "const a = 1_000;",
    "logical assignment": "a ||= b;",
    "waiting at the top": "await a();",
    "all of a module under one name": 'export * as a from "./a.js";',
    "where the module lies": "const a = import.meta.url;",
    "a hash of a private name": "class A { #a() {} }",
}


@pytest.fixture(scope="module")
def read():
    engine = quickjs.Context()
    engine.set_max_stack_size(8 * 1024 * 1024)
    engine.eval(PARSER.read_text("utf-8"))
    engine.eval(READ)
    return lambda code, kind="module": engine.eval(f"read({json.dumps(BRING.sub('bring(', code))}, {json.dumps(kind)})")


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda p: p.relative_to(STATIC).as_posix())
def test_every_script_is_written_in_a_language_that_old_phones_read(read, path):
    assert read(path.read_text("utf-8")) == ""


@pytest.mark.parametrize("kind", [kind for kind in PARTS if kind.endswith(".js")])
def test_what_is_joined_for_the_phone_is_too(read, kind):
    assert read(joined(kind).decode()) == ""


def test_the_service_worker_is_too_and_is_no_module(read):
    assert read(worker_script().decode(), "script") == ""


@pytest.mark.parametrize("what", NEWER)
def test_what_is_newer_would_be_noticed(read, what):
    assert "SyntaxError" in read(NEWER[what])


def test_what_old_phones_know_is_let_through(read):
    old = 'import { a } from "./a.js"; const b = { ...a }; async () => { for await (const c of b) import("./c.js"); };'
    assert read(old) == ""
