// What seldom kinds of answers need: an order tapped together, a slider without a preset, a counted list drawn by chance,
// calculated values, options that depend on earlier answers, a field to search in long lists, an order drawn by chance.
// Loaded only by pages that ask such things. Written for Chrome 70: no ?. and ?? and class fields.

import { fill, kinds } from "./answers.js";
import { evaluate, truth } from "./expression.js";
import { openRows } from "./rows.js";

const LONG_LIST = 20; // options; a longer list gets a field to search in
const AT_ONCE = 60; // rows of a long list that are shown before one has typed

// FNV-1a and mulberry32, as in fieldkit/core/order.py; ids and names are ASCII
export const shuffled = (seed, name, size) => {
  let state = 2166136261;
  const text = seed + ":" + name;
  for (let i = 0; i < text.length; i += 1) state = Math.imul(state ^ text.charCodeAt(i), 16777619);
  const places = [];
  for (let i = 0; i < size; i += 1) places.push(i);
  for (let last = size - 1; last > 0; last -= 1) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const other = Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * (last + 1));
    const held = places[last];
    places[last] = places[other];
    places[other] = held;
  }
  return places;
};

const computed = (tree, context) => {
  let found = evaluate(tree, context);
  if (Array.isArray(found)) found = found.length ? found[0] : "";
  if (typeof found === "boolean") return found ? 1 : 0;
  if (typeof found === "number") return isFinite(found) ? found : null;
  return found === "" ? null : found;
};

kinds.order = {
  value: (own) => {
    const codes = own.map((i) => i.value).filter(Boolean).map(Number);
    return codes.length ? codes : null;
  },
  wrong: (now, rule) => (now.length < rule.most ? ["too_few_ranked", { given: now.length }] : null),
};
kinds.mark = { value: (own) => (own[0].checked ? 1 : null) };
kinds.time = { value: (own) => own[0].value || null };
kinds.none = { value: () => null };
kinds.computed = {
  value: () => null,
  // what was drawn by chance is drawn once: its field keeps it, also in the draft
  compute: (rule, context, own) => {
    if (rule.calc === undefined) return null;
    if (!rule.drawn || !own.length) return computed(rule.calc, context);
    if (own[0].value === "") {
      const found = computed(rule.calc, context);
      own[0].value = found === null ? "" : String(found);
    }
    const kept = own[0].value;
    return kept === "" ? null : String(Number(kept)) === kept ? Number(kept) : kept;
  },
};
kinds.arm_count = {
  value: (own, id, fields) => {
    const chosen = own.filter((i) => i.checked)[0];
    const arm = fields(id + "__arm")[0].value;
    return chosen && arm !== "" ? [Number(arm), Number(chosen.value)] : null;
  },
};

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

// the first letter of each character's pinyin, by its place among the first characters of every letter in the order of
// a Chinese dictionary; a browser without that order finds nothing by letters, and all by characters
const LETTERS = "abcdefghjklmnopqrstwxyz";
const FIRSTS = "阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥扨它穵夕丫帀";
const sounds = {};
const letter = (character) => {
  if (!/[\u4e00-\u9fff]/.test(character)) return character;
  let place = FIRSTS.length - 1;
  while (place > 0 && character.localeCompare(FIRSTS[place], "zh-CN") < 0) place -= 1;
  return LETTERS[place];
};
const initials = (words) => (sounds[words] = sounds[words] || Array.from(words, letter).join(""));

const changed = (field, type) => field.dispatchEvent(new Event(type || "change", { bubbles: true }));

// put elements that stand among others into another order, each staying in the place of one of them
const rearrange = (elements, places) => {
  const marks = elements.map((element) => element.parentNode.insertBefore(document.createComment(""), element));
  places.forEach((from, to) => marks[to].parentNode.insertBefore(elements[from], marks[to]));
  marks.forEach((mark) => mark.parentNode.removeChild(mark));
};

export const open = (rules, answers, seed, redraw) => {
  const words = rules.kinds;
  const say = (name, facts) => fill(words[name], facts || {});
  const rowsOf = (id) => answers.fields(id).filter((i) => i.type === "radio" || i.type === "checkbox").map((i) => i.closest(".row")).filter(Boolean);

  // ---- an order: tap first what comes first; tap again to take it out
  const order = (box, id) => {
    const selects = answers.fields(id);
    let list = box.nextElementSibling;
    if (!list || !list.classList.contains("ranks")) {
      box.hidden = true;
      list = make("div", "ranks rows");
      list.setAttribute("role", "group");
      list.setAttribute("aria-labelledby", id + "-q");
      Array.from(selects[0].options).filter((o) => o.value).forEach((option) => {
        const button = make("button", "rank");
        button.type = "button";
        button.value = option.value;
        button.appendChild(make("span", "place"));
        button.appendChild(make("span", "", option.textContent));
        button.addEventListener("click", () => {
          const now = selects.map((s) => s.value).filter(Boolean);
          const place = now.indexOf(button.value);
          if (place >= 0) now.splice(place, 1);
          else if (now.length < selects.length) now.push(button.value);
          selects.forEach((s, i) => { s.value = now[i] || ""; });
          changed(selects[0]);
        });
        list.appendChild(button);
      });
      box.parentNode.insertBefore(list, box.nextSibling);
      const how = make("p", "hint rank-how");
      how.setAttribute("role", "status");
      list.parentNode.insertBefore(how, list.nextSibling);
    }
    const now = selects.map((s) => s.value).filter(Boolean);
    const full = now.length >= selects.length;
    Array.from(list.children).forEach((button) => {
      const place = now.indexOf(button.value);
      button.firstChild.textContent = place >= 0 ? String(place + 1) : "";
      button.classList.toggle("placed", place >= 0);
      button.setAttribute("aria-label", place >= 0 ? say("rank_place", { place: place + 1, label: button.lastChild.textContent }) : button.lastChild.textContent);
      button.disabled = full && place < 0;
    });
    list.nextSibling.textContent = full ? words.rank_done : now.length ? say("rank_next", { place: now.length + 1 }) : say("rank_first", { most: selects.length });
  };

  // ---- a slider: no thumb before the first touch, the value in large digits, steps by button
  const slider = (box, id) => {
    const field = answers.fields(id)[0];
    const [low, high, step] = ["low", "high", "step"].map((name) => Number(box.getAttribute("data-" + name)));
    let drawn = box.querySelector(".slider");
    const put = (value) => {
      const places = (String(step).split(".")[1] || "").length;
      field.value = String(Number(Math.min(high, Math.max(low, value)).toFixed(places)));
      changed(field, "input");
      changed(field);
    };
    if (!drawn) {
      box.querySelector(".number").hidden = true;
      drawn = make("div", "slider");
      const said = make("output", "said-value");
      const line = make("div", "track");
      const range = make("input");
      range.type = "range";
      range.min = low;
      range.max = high;
      range.step = step;
      range.setAttribute("aria-labelledby", id + "-q");
      range.addEventListener("input", () => put(Number(range.value)));
      // a tap on the middle changes no value and fires no event, but it is an answer
      range.addEventListener("click", () => { if (field.value === "") put(Number(range.value)); });
      [["less", -step, "−"], ["more", step, "+"]].forEach(([name, by, sign], i) => {
        const button = make("button", "nudge", sign);
        button.type = "button";
        button.setAttribute("aria-label", words[name]);
        button.addEventListener("click", () => put(field.value === "" ? Number(range.value) : Number(field.value) + by));
        if (i) line.appendChild(range);
        line.appendChild(button);
      });
      drawn.appendChild(said);
      drawn.appendChild(line);
      const ends = make("div", "ticks");
      const ticks = box.getAttribute("data-ticks") ? box.getAttribute("data-ticks").split(";").map((t) => t.split("=")) : [[low, String(low)], [high, String(high)]];
      ticks.forEach((tick) => ends.appendChild(make("span", "", tick[1])));
      drawn.appendChild(ends);
      box.appendChild(drawn);
    }
    const range = drawn.querySelector("input");
    const unit = box.querySelector(".unit");
    const has = field.value !== "" && isFinite(Number(field.value));
    if (has) range.value = field.value;
    else range.value = (low + high) / 2;
    drawn.classList.toggle("unset", !has);
    drawn.querySelector("output").textContent = has ? field.value + (unit ? " " + unit.textContent : "") : words.slide;
  };

  // ---- a list experiment: half of the people, drawn by the response's id, read one statement more
  const counted = (box, id) => {
    const arm = answers.fields(id + "__arm")[0];
    const now = shuffled(seed(), id, 2)[0];
    const size = rules.items[id].lists[now];
    arm.value = String(now);
    Array.from(box.querySelectorAll("li")).forEach((line) => { line.hidden = now === 0 && line.hasAttribute("data-sensitive"); });
    answers.fields(id).forEach((button) => {
      const over = Number(button.value) > size;
      button.parentNode.hidden = over;
      if (over) button.checked = false;
    });
  };

  const widgets = { order, slider, counted };
  const draw = (id) => {
    const box = answers.card(id).querySelector("[data-widget]");
    if (box) widgets[box.getAttribute("data-widget")](box, id);
  };

  // ---- options that depend on earlier answers; a chosen one that is no longer offered is taken back
  const pick = (id, live) => {
    const [tree, columns] = rules.items[id].pick;
    let taken = false;
    let left = 0;
    answers.fields(id).forEach((input) => {
      const row = input.closest(".row");
      if (!row) return;
      const offered = truth(tree, answers.context(id, Object.assign({}, live, columns[input.value], { "@name": input.value })));
      if (offered) left += 1;
      else if (input.checked) {
        input.checked = false;
        taken = true;
      }
      row.classList.toggle("not-offered", !offered);
    });
    const card = answers.card(id);
    let none = card.querySelector(".none-offered");
    if (!none) {
      none = make("p", "hint none-offered", words.none_offered);
      card.insertBefore(none, card.querySelector(".rows"));
    }
    none.hidden = left > 0;
    return taken;
  };

  // ---- a field to search in a long list: some of its characters, or the first letters of their pinyin (bsw: 白水湾)
  const sift = (id) => {
    const box = answers.card(id).querySelector(".find");
    const wanted = box.firstChild.value.trim().toLowerCase();
    let seen = 0;
    let more = 0;
    rowsOf(id).forEach((row) => {
      const words = row.textContent.trim().toLowerCase();
      const named = !wanted || words.indexOf(wanted) >= 0 || (/^[a-z]+$/.test(wanted) && initials(words).indexOf(wanted) >= 0);
      const fits = named && !row.classList.contains("not-offered");
      const chosen = row.querySelector("input").checked;
      if (fits) seen += 1;
      if (fits && seen > AT_ONCE) more += 1;
      row.hidden = !(chosen || (fits && seen <= AT_ONCE));
    });
    box.lastChild.textContent = !seen && wanted ? words.found_none : more ? say("found_more", { count: more }) : "";
  };
  let searches = [];
  const findField = (id) => {
    if (answers.card(id).querySelector(".find")) return;
    const box = make("div", "find");
    const field = make("input");
    field.type = "search";
    field.placeholder = words.find;
    field.setAttribute("aria-label", words.find);
    field.autocomplete = "off";
    field.addEventListener("input", (event) => {
      event.stopPropagation();
      sift(id);
    });
    box.appendChild(field);
    const told = make("p", "hint");
    told.setAttribute("role", "status");
    box.appendChild(told);
    const card = answers.card(id);
    card.insertBefore(box, card.querySelector(".rows"));
  };

  // ---- an order drawn by chance, of options and of questions
  let asWritten = {};
  const first = (name, elements) => (asWritten[name] = asWritten[name] || elements());
  let mixedFor = "";
  const mix = (drawn) => {
    mixedFor = drawn;
    answers.ids.forEach((id) => {
      const codes = rules.items[id].mix;
      if (!codes || !answers.card(id)) return;
      const elements = first(id, () => (rules.items[id].kind === "arm_count" ? Array.from(answers.card(id).querySelectorAll("li"))
        : rules.items[id].kind === "order" ? Array.from(answers.card(id).querySelectorAll(".rank")).filter((b) => codes.indexOf(Number(b.value)) >= 0)
          : rowsOf(id).filter((row) => codes.indexOf(Number(row.querySelector("input").value)) >= 0)));
      settle(id, elements, drawn);
    });
    rules.sections.forEach((section) => (section.mixes || []).forEach(([name, units]) => {
      const kept = units.filter((unit) => answers.card(unit[0]));
      settle(name, first(name, () => kept.map((unit) => answers.card(unit[0]))), drawn);
      kept.forEach((unit) => unit.slice(1).forEach((follower) => {
        const card = answers.card(follower);
        if (card) answers.card(unit[0]).parentNode.insertBefore(card, answers.card(unit[0]).nextSibling);
      }));
    }));
  };
  // as written first, so that the drawn order depends on the id alone
  const settle = (name, elements, drawn) => {
    const places = shuffled(drawn, name, elements.length);
    const now = Array.from(elements).sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : 1));
    rearrange(now, places.map((place) => now.indexOf(elements[place])));
  };

  const chance = answers.ids.some((id) => rules.items[id].mix || rules.items[id].lists) || rules.sections.some((s) => s.mixes);
  let picks = [];
  // which items have something of the kind; rows of a repeat come and go
  const survey = () => {
    picks = answers.ids.filter((id) => rules.items[id].pick && answers.card(id));
    searches = answers.ids.filter((id) => answers.card(id) && rowsOf(id).length > LONG_LIST);
    searches.forEach(findField);
    asWritten = {};
    mixedFor = "";
  };

  // after every change; true when an answer was taken back
  const refresh = (shown, live) => {
    if (chance && mixedFor !== seed()) {
      mix(seed());
      answers.ids.filter((id) => rules.items[id].lists && answers.card(id)).forEach(draw);
    }
    const taken = picks.filter((id) => shown[id] && pick(id, live)).length > 0;
    searches.forEach(sift);
    return taken;
  };
  answers.ids.filter((id) => rules.items[id].drawn).forEach((id) => {
    const field = make("input");
    field.type = "hidden";
    field.name = id;
    document.getElementById("answers").appendChild(field);
  });
  answers.index();
  if (rules.rows) {
    kinds.rows = openRows(rules, answers, say, redraw, survey);
    kinds.rows.build({});
  }
  survey();
  return { draw, refresh };
};
