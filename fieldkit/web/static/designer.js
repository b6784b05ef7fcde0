// The designer without leaving the page: sends the same forms, takes the parts of the page that come back, checks
// conditions while they are typed and completes them, keeps the preview's answers. All of it works without this file.

const $ = (id) => document.getElementById(id);
document.documentElement.classList.add("script");
window.designerPreview = {}; // the preview's memory: what was answered there, while this page is open

const place = $("designer");
const fetchPage = (address, options) =>
  fetch(address, Object.assign({ credentials: "same-origin", headers: { Accept: "text/html" } }, options));

// ---------------------------------------------------------------- parts of the page

// what was focused after the last step: the preview, which opens at a section by itself, must not take the keys away
let held = null;

const show = (page, address, focus) => {
  const scrolls = ["bank", "sheet", "lint"].map((id) => [id, $(id).scrollTop]);
  const opened = new Set(Array.from(document.querySelectorAll("#bank details[open]"), (d) => d.querySelector("summary").textContent));
  document.querySelectorAll("[data-part]").forEach((old) => {
    const now = page.getElementById(old.id);
    if (now) old.replaceWith(document.adoptNode(now));
  });
  document.querySelectorAll("#bank details").forEach((d) => { if (opened.has(d.querySelector("summary").textContent)) d.open = true; });
  scrolls.forEach(([id, top]) => { $(id).scrollTop = top; });
  seek();
  history.replaceState(null, "", address);
  const again = focus && Array.from(document.querySelectorAll("[data-key]")).find((e) => e.dataset.key === focus && !e.disabled);
  const open = document.querySelector("li.open .condition input, .edit input.field");
  held = again || (/[?&]open=/.test(address) && open) || null;
  if (held) held.focus({ preventScroll: true });
  if (held) held.scrollIntoView({ block: "nearest" });
  const mark = decodeURIComponent(new URL(address, location.href).hash.slice(1));
  if (mark && $(mark)) $(mark).scrollIntoView({ block: "nearest" });
  const problem = document.querySelector("#designer-problem .wrong");
  if (problem) { problem.tabIndex = -1; problem.focus(); }
  draw();
};

// the open item is brought into view in the preview, where it is asked
const look = () => {
  const inside = $("frame").contentDocument;
  const card = inside && $("lint").dataset.item && inside.getElementById($("lint").dataset.item);
  if (card) card.scrollIntoView({ block: "center" });
};

// the preview of the draft as it is now, at the section being worked at
let drawn = "";
const draw = () => {
  const { revision, at } = $("lint").dataset;
  const wanted = `${revision} ${at}`;
  if (wanted === drawn) {
    look();
    return;
  }
  const first = drawn === "";
  drawn = wanted;
  if (first) return;
  const address = $("frame").getAttribute("src").split(/[?#]/)[0];
  $("frame").setAttribute("src", `${address}?r=${revision}.${encodeURIComponent(at)}#${encodeURIComponent(at)}`);
};

const MARKS = { change_way: "i-", change_group: "g-", change_section: "s-" };
let busy = Promise.resolve();
let steps = 0; // on their way; what is drawn will change yet
const go = (address, options, focus) => {
  steps += 1;
  place.setAttribute("aria-busy", "true");
  busy = busy.then(() => {
    if (options && $("saved")) $("saved").textContent = place.dataset.saving;
    if (options && options.body.has("revision")) options.body.set("revision", $("steps").elements.revision.value);
    return fetchPage(address, options).then((answer) => {
      const back = new URL(answer.url);
      if (back.pathname.indexOf("/login") === 0 || !(answer.headers.get("Content-Type") || "").startsWith("text/html")) {
        location.assign(answer.url);
        return undefined;
      }
      return answer.text().then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        if (!page.getElementById("designer")) {
          if (answer.ok) { location.assign(answer.url); return; }
          document.open(); // the draft cannot be shown any more: the page says why, and holds what was typed
          document.write(text);
          document.close();
          return;
        }
        // an answer does not say to which place on the page it leads: that of what was changed
        const [verb, about] = options ? options.body.get("step").split(" ") : [];
        const hash = options ? (MARKS[verb] ? `#${MARKS[verb]}${about}` : "") : new URL(address, location.href).hash;
        const stayed = back.pathname.endsWith("/steps") ? new URL(place.dataset.address, location.href) : back;
        show(page, stayed.pathname + stayed.search + hash, focus);
      });
    }).catch(() => { if ($("saved")) $("saved").textContent = place.dataset.lost; });
  }).then(() => {
    steps -= 1;
    if (!steps) place.removeAttribute("aria-busy");
  });
  return busy;
};

const take = (step, focus) => {
  const body = new FormData($("steps"));
  const into = document.querySelector("select[name=into]");
  if (into) body.set("into", into.value);
  body.set("step", step);
  return go($("steps").action, { method: "POST", body }, focus);
};

if (place) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.classList.contains("seek")) { event.preventDefault(); return; }
    if (form.id !== "steps" && form.action.indexOf($("steps").action) !== 0) return;
    event.preventDefault();
    const button = event.submitter;
    if (form.id === "steps") {
      if (button.classList.contains("sure") && !confirm(button.getAttribute("aria-label") + place.dataset.sure)) return;
      take(button.value, button.dataset.key);
      return;
    }
    go(form.action, { method: "POST", body: new FormData(form) }, button && button.dataset.key);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href, undefined, link.dataset.key && link.getAttribute("aria-expanded") === "true" ? link.dataset.key : "");
  });
  // Alt+↑ and Alt+↓ move the item in focus
  document.addEventListener("keydown", (event) => {
    const item = event.target.closest && event.target.closest("li.asked, li.group");
    if (!item || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    if (item.matches(".group")) {
      take(`group_${event.key === "ArrowUp" ? "up" : "down"} ${item.dataset.group}`, `g ${item.dataset.group}`);
      return;
    }
    take(`${event.key === "ArrowUp" ? "up" : "down"} ${item.dataset.item}`, `o ${item.dataset.item}`);
  });
  drawn = `${$("lint").dataset.revision} ${$("lint").dataset.at}`;
  document.querySelector(".view .live").hidden = false;
  const frame = $("frame");
  const inside = () => frame.contentDocument && frame.contentDocument.documentElement;
  const dress = () => {
    const root = inside();
    if (!root) return;
    if ($("frame-dark").getAttribute("aria-pressed") === "true") root.setAttribute("data-theme", "dark");
    else root.setAttribute("data-theme", "light");
    const large = frame.contentDocument.getElementById("large");
    if (large && large.getAttribute("aria-pressed") !== $("frame-large").getAttribute("aria-pressed")) large.click();
  };
  [$("frame-dark"), $("frame-large")].forEach((button) => button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    dress();
  }));
  frame.addEventListener("load", () => {
    dress();
    setTimeout(look, 60);
  });
  frame.addEventListener("mouseenter", () => { held = null; });
  document.addEventListener("keydown", (event) => { if (event.key === "Tab") held = null; });
  window.addEventListener("blur", () => setTimeout(() => {
    if (held && held.isConnected && document.activeElement === frame) held.focus({ preventScroll: true });
  }, 0));
  frame.setAttribute("src", frame.getAttribute("src")); // again, now that its memory is here
}

// ---------------------------------------------------------------- the bank: find while typing

const seek = () => {
  const field = $("seek");
  if (!field) return;
  const wanted = field.value.trim().toLowerCase();
  document.querySelectorAll("#bank .module").forEach((module) => {
    let any = false;
    module.querySelectorAll("li[data-words]").forEach((line) => {
      line.hidden = !!wanted && line.dataset.words.indexOf(wanted) < 0;
      any = any || !line.hidden;
    });
    module.hidden = !any;
  });
};
document.addEventListener("input", (event) => { if (event.target.id === "seek") seek(); });

// ---------------------------------------------------------------- dragging, beside the buttons

let dragged = null;
if (place) {
  document.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("li.asked");
    if (item) item.draggable = event.pointerType === "mouse" && !event.target.closest("input, select, textarea, button, code");
  });
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest && event.target.closest("li.asked");
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.item);
  });
  document.addEventListener("dragend", () => {
    document.querySelectorAll(".dragged, li.over").forEach((e) => e.classList.remove("dragged", "over"));
    dragged = null;
  });
  const under = (event) => dragged && event.target.closest && (event.target.closest("li.asked") || event.target.closest("li.group") || event.target.closest(".sheet-section"));
  document.addEventListener("dragover", (event) => {
    const target = under(event);
    document.querySelectorAll("li.over").forEach((e) => e.classList.remove("over"));
    if (!target) return;
    event.preventDefault();
    if (target !== dragged && target.matches("li.asked")) target.classList.add("over");
    if (target.matches("li.group")) target.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const target = under(event);
    if (!target) return;
    event.preventDefault();
    if (target.matches("li.group")) { // onto the head of a group: into it
      take(`join ${dragged.dataset.item} ${target.dataset.group}`, `o ${dragged.dataset.item}`);
      return;
    }
    const section = target.closest(".sheet-section");
    const others = Array.from(section.querySelectorAll("li.asked")).filter((li) => li !== dragged);
    const at = target.matches("li.asked") ? others.indexOf(target) : others.length;
    if (target !== dragged) take(`place ${dragged.dataset.item} ${section.dataset.section} ${at}`, `o ${dragged.dataset.item}`);
  });
}

// ---------------------------------------------------------------- conditions: completed and checked as they are typed

const form = place || $("item-form");
const token = () => document.querySelector("input[name=csrf_token]").value;
const toldAt = (field) => field.parentNode.querySelector(".told");

// a form that is checked as a whole: what is wrong stands above its button
const checkWhole = () => {
  const whole = $("item-form");
  return fetch(whole.dataset.check, { method: "POST", body: new FormData(whole), credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((said) => {
      if (!said) return;
      const lines = said.findings.map((finding) => {
        const line = document.createElement("p");
        line.className = `sign ${finding.severity === "error" ? "stop" : finding.severity === "warning" ? "warn" : "fine"}`;
        const words = document.createElement("span");
        words.textContent = finding.said;
        line.append(words);
        return line;
      });
      $("whole-told").replaceChildren(...lines);
      if (!lines.length) $("whole-told").textContent = whole.dataset.fine;
    })
    .catch(() => {});
};

const checkNow = (field) => {
  if (form.dataset.whole) return checkWhole();
  const body = new FormData();
  const own = $("item-form") && $("item-form").elements.id;
  body.set("csrf_token", token());
  body.set("block", field.dataset.block);
  body.set("where", own && field.dataset.block === "item" ? own.value : field.dataset.where);
  body.set("part", field.dataset.part);
  body.set("section", field.dataset.section || "");
  body.set("source", field.value);
  const asked = field.value;
  return fetch(form.dataset.check, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((said) => {
      if (!said || field.value !== asked) return;
      const told = toldAt(field);
      const first = said.findings[0];
      field.classList.toggle("bad", !!first);
      if (first) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      told.classList.toggle("bad", !!first);
      told.textContent = said.findings.map((f) => f.said).join(" ") || (field.value.trim() ? form.dataset.fine : "");
    })
    .catch(() => {});
};

let waiting = 0;
const checkSoon = (field) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => checkNow(field), 250);
};

const names = () => JSON.parse($("names").textContent);
const LOOKS_BACK = ["relevance", "calculation", "choice_filter"]; // may only name what is asked before
let list = null;
let chosen = 0;

const closeList = () => {
  if (list) list.remove();
  list = null;
};

// the beginning of a name before the caret: ${bur_  or  sel
const begun = (field) => {
  const before = field.value.slice(0, field.selectionStart);
  const inBraces = /\$\{?([a-z0-9_]*)$/i.exec(before);
  if (inBraces) return { start: before.length - inBraces[0].length, text: inBraces[1].toLowerCase(), braces: true };
  const word = /([a-z][a-z0-9_-]*)$/i.exec(before);
  return word && (before.split("'").length % 2 === 1) ? { start: before.length - word[0].length, text: word[1].toLowerCase(), braces: false } : null;
};

const offers = (field) => {
  const at = begun(field);
  if (!at) return [];
  const known = names();
  const { block, where, part } = field.dataset;
  const own = block === "item" && LOOKS_BACK.indexOf(part) >= 0 ? known.items.findIndex(([id]) => id === where) : -1;
  const items = known.items
    .slice(0, own < 0 ? undefined : own)
    .filter(([id, words]) => id.indexOf(at.text) >= 0 || words.indexOf(at.text) >= 0)
    .map(([id, words, options]) => ({ put: "${" + id + "}", show: id, words: options ? `${words}  ${options}` : words, exact: id.indexOf(at.text) === 0 }));
  const functions = at.braces ? [] : known.functions.filter(([name]) => name.indexOf(at.text) === 0).map(([name]) => ({ put: name + "(", show: name + "()", words: "", exact: true }));
  return functions.concat(items.filter((i) => i.exact), items.filter((i) => !i.exact)).slice(0, 12).map((offer) => Object.assign(offer, { at }));
};

const put = (field, offer) => {
  const after = field.value.slice(field.selectionStart).replace(offer.at.braces ? /^[a-z0-9_]*\}?/i : /^[a-z0-9_-]*/i, "");
  field.value = field.value.slice(0, offer.at.start) + offer.put + after;
  const caret = offer.at.start + offer.put.length;
  field.setSelectionRange(caret, caret);
  closeList();
  checkSoon(field);
};

const drawList = (field) => {
  closeList();
  const found = offers(field);
  if (!found.length) return;
  chosen = 0;
  list = document.createElement("ul");
  list.className = "complete";
  list.setAttribute("role", "listbox");
  found.forEach((offer, n) => {
    const line = document.createElement("li");
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(n === 0));
    const name = document.createElement("b");
    name.className = "code";
    name.textContent = offer.show;
    const words = document.createElement("span");
    words.textContent = offer.words;
    line.append(name, words);
    line.addEventListener("mousedown", (event) => {
      event.preventDefault();
      put(field, offer);
    });
    list.append(line);
  });
  list.offers = found;
  field.after(list);
};

const pick = (by) => {
  const lines = list.querySelectorAll("li");
  lines[chosen].setAttribute("aria-selected", "false");
  chosen = (chosen + by + lines.length) % lines.length;
  lines[chosen].setAttribute("aria-selected", "true");
  lines[chosen].scrollIntoView({ block: "nearest" });
};

if ($("item-form") && $("item-form").dataset.whole) {
  $("item-form").addEventListener("input", (event) => {
    if (event.target.id !== "type" && !event.target.closest(".condition")) checkSoon(event.target);
  });
}
document.addEventListener("input", (event) => {
  if (!event.target.dataset.part || !event.target.closest(".condition")) return;
  drawList(event.target);
  checkSoon(event.target);
});
document.addEventListener("keydown", (event) => {
  if (!list || !event.target.closest(".condition")) return;
  const keys = { ArrowDown: () => pick(1), ArrowUp: () => pick(-1), Escape: closeList };
  if (event.key === "Enter" || event.key === "Tab") keys[event.key] = () => put(event.target, list.offers[chosen]);
  if (!keys[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
}, true);
document.addEventListener("focusout", (event) => { if (event.target.closest(".condition")) closeList(); });
document.addEventListener("focusin", (event) => {
  const field = event.target;
  if (field.closest && field.closest(".condition") && field.value && !toldAt(field).textContent) checkNow(field);
});

// choosing another type shows that type's parts
const type = $("type");
if (type) type.addEventListener("change", () => $("retype").click());
