"""What a page must offer everyone: axe's findings, names by role, focus, the size of what is tapped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# switched on although axe leaves it off; and one habit that does not fit: a section is a part of one page, so its head
# is of the second level
RULES = {"target-size": {"enabled": True}, "page-has-heading-one": {"enabled": False}}
NAMED = {
    "textbox", "searchbox", "spinbutton", "slider", "radio", "checkbox", "combobox", "button", "link", "group",
}  # fmt: skip


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def breaches(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands: rule, and where."""
    if not page.evaluate("!!window.axe"):
        page.evaluate(_axe())
    options = {"runOnly": {"type": "tag", "values": list(LEVELS)}, "rules": RULES, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    assert found["passes"], "axe looked at nothing"
    return [f"{v['id']}: {node['html'][:120]}" for v in found["violations"] for node in v["nodes"]]


def unnamed(page: Page) -> list[str]:
    """Roles of what a screen reader meets without a name, or with none but a placeholder."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    tree: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    met = [node for node in tree if not node.get("ignored") and node.get("role", {}).get("value") in NAMED]
    assert any(node.get("name", {}).get("value") for node in tree), "the screen reader met nothing"
    found = []
    for node in met:
        name = node.get("name", {})
        used = [s for s in name.get("sources", []) if s.get("value") and not s.get("superseded")]
        if not str(name.get("value", "")).strip() or (used and all(s["type"] == "placeholder" for s in used)):
            found.append(node["role"]["value"])
    return found


WHERE = """() => {
  const one = document.activeElement;
  const face = one.matches("input[type=radio], input[type=checkbox]") && one.nextElementSibling || one;
  const box = face.getBoundingClientRect();
  const look = getComputedStyle(face);
  const side = (name) => { const bar = document.querySelector(name); return bar ? bar.getBoundingClientRect() : null; };
  const top = side(".top"), foot = side(".foot");
  const fixed = one.closest(".top, .foot");
  return {
    tag: one.tagName, name: one.name || one.id, type: one.type || "", group: one.name || "",
    top: box.top + scrollY, above: box.top, below: box.bottom,
    ring: parseFloat(look.outlineWidth) * (look.outlineStyle !== "none"),
    covered: !fixed && box.height < innerHeight / 2
      && ((top && box.top < top.bottom - 1) || (foot && box.bottom > foot.top + 1)) || false,
    fixed: !!fixed,
  };
}"""


def walk(page: Page, steps: int = 80) -> list[dict[str, Any]]:
    """Every stop of the Tab key from the head of the section to its button at the lower right."""
    found = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        stop = page.evaluate(WHERE)
        found.append(stop)
        if stop["name"] == "next":
            return found
    raise AssertionError("the Tab key never came to the button at the lower right")


SMALL = """least => Array.from(document.querySelectorAll("a[href], button, input, select, textarea")).filter((one) => {
  if (one.type === "hidden" || !one.getClientRects().length || one.closest("p:not(.where) a")) return false;
  const label = one.closest("label");
  const box = (label || one).getBoundingClientRect();
  return box.width > 0 && (box.height < least - 0.5 || box.width < least - 0.5);
}).map((one) => `${one.tagName} ${one.name || one.id || one.className}`)"""


def small(page: Page, least: int) -> list[str]:
    """What is tapped and is smaller than so many CSS pixels one way or the other."""
    return list(page.evaluate(SMALL, least))


WIDE = "document.documentElement.scrollWidth > innerWidth"
