// The answers on one phone page: what stands in the fields, which items are asked, what is wrong with an answer.
// The fields of the page hold the state; hidden items keep theirs, so that a change of mind brings them back, but they
// are never sent. The same rules stand in fieldkit/core/flow.py and response.py; the server has the last word.
// Written for Chrome 70: no ?. and ?? and class fields.

const REASONS = ["dont_know", "refused", "not_applicable"];

// full-width digits, signs and spaces as an input method may type them, made half-width; a comma stands between
// thousands, or where a point was meant (6，5). The same rule stands in fieldkit/core/response.py.
export const plainDigits = (text) => {
  const plain = text.normalize("NFKC").trim().split("。").join(".").replace("\u2212", "-");
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)) return plain.split(",").join("");
  return plain.replace(/^([+-]?\d+),(\d\d?)$/, "$1.$2");
};

// put facts into {places}; `{low:g}` is read as `{low}`
export const fill = (sentence, facts) =>
  sentence.replace(/\{(\w+)[^}]*\}/g, (whole, name) => (facts[name] === undefined || facts[name] === null ? "" : String(facts[name])));

// what answers of seldom kinds do, by kind: value, wrong, and for computed ones compute; kinds.js fills it
export const kinds = {};

const count = (text) => Array.from(text).length; // characters as a reader counts them

export const openAnswers = (rules, truth) => {
  const inputs = {}; // item id -> its own fields; id + "__miss" -> its missing buttons
  const ids = [];
  const sectionOf = {};
  // look at the page anew; rows of a repeat come and go
  const index = () => {
    Object.keys(inputs).forEach((name) => { delete inputs[name]; });
    const all = document.querySelectorAll("#answers [name]");
    for (let i = 0; i < all.length; i += 1) (inputs[all[i].name] = inputs[all[i].name] || []).push(all[i]);
    ids.splice(0, ids.length, ...rules.opening);
    rules.sections.forEach((section) => {
      section.items.forEach((id) => {
        ids.push(id);
        sectionOf[id] = section;
      });
    });
  };
  index();
  const confirmed = {}; // item id -> the value of which the respondent said: not a slip

  const card = (id) => document.getElementById(id);
  const fields = (id) => inputs[id] || [];
  const buttons = (id) => fields(id + "__miss").concat(fields(id).filter((i) => i.type === "radio" && REASONS.indexOf(i.value) >= 0));

  const reason = (id) => {
    const pressed = buttons(id).filter((i) => i.checked)[0];
    return pressed ? pressed.value : null;
  };

  // the answer, or null for none; a number that cannot be read stays a text
  const value = (id) => {
    const kind = rules.items[id].kind;
    const own = fields(id);
    if (!own.length || reason(id)) return null;
    if (kinds[kind]) return kinds[kind].value(own, id, fields);
    if (kind === "code") {
      const chosen = own.filter((i) => i.checked)[0];
      return chosen ? Number(chosen.value) : null;
    }
    if (kind === "codes") {
      const chosen = own.filter((i) => i.checked).map((i) => Number(i.value));
      return chosen.length ? chosen.sort((a, b) => a - b) : null;
    }
    const typed = own[0].value;
    if (kind === "text") return typed.trim() || null;
    const plain = plainDigits(typed);
    if (!plain) return null;
    return kind === "number" && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : plain;
  };

  // the ids of the items asked, and the answers that count: what is hidden is blank for all that follow
  const asked = () => {
    if (kinds.rows) return kinds.rows.asked(ids, sectionOf, value);
    const live = {};
    const shown = {};
    const holds = (tree) => tree === undefined || truth(tree, { answers: live });
    ids.forEach((id) => {
      const section = sectionOf[id];
      if ((section && !holds(section.if)) || !holds(rules.items[id].if)) return;
      if (section && section.groups && !section.groups.every((group) => group[1].indexOf(id) < 0 || holds(group[0]))) return;
      shown[id] = true;
      const now = rules.items[id].kind === "computed" ? kinds.computed.compute(rules.items[id], { answers: live }, fields(id)) : value(id);
      if (now !== null) live[id] = now;
    });
    return { shown, live };
  };

  // what an expression at this item may look at
  const at = (id, live, current) => Object.assign({ answers: live, current }, kinds.rows ? kinds.rows.context(id) : {});

  const problem = (code, facts) => ({ code, sentences: fill(rules.wrong[code], facts).split("\n") });

  // what is wrong with the answer to an item, or null; the same rule stands in fieldkit/web/phone/page.py
  const wrong = (id, live) => {
    const rule = rules.items[id];
    const now = live[id];
    if (now === undefined) return rule.need === "hard" && !rule.given ? problem(id === "core_consent" ? "consent" : "required", {}) : null;
    const facts = { value: now, low: rule.low, high: rule.high, most: rule.most };
    if (rule.kind === "date" && !/^\d{4}-\d\d-\d\d$/.test(now)) return problem("wrong_date", facts);
    const own = kinds[rule.kind] && kinds[rule.kind].wrong && kinds[rule.kind].wrong(now, rule);
    if (own) return problem(own[0], Object.assign(facts, own[1]));
    if (rule.kind === "number") {
      if (typeof now !== "number") return problem("wrong_type", facts);
      if ((rule.low !== undefined && now < rule.low) || (rule.high !== undefined && now > rule.high)) {
        if (rule.low === undefined || rule.high === undefined) return problem(rule.low === undefined ? "too_large" : "too_small", facts);
        return problem(rule.whole ? "out_of_range_whole" : "out_of_range", facts);
      }
      if (rule.whole && now !== Math.round(now)) return problem("not_whole", facts);
      if (!rule.whole || rule.step) {
        facts.step = rule.step || Math.pow(10, -(rule.places || 0));
        const scaled = rule.step ? (now - (rule.start || 0)) / rule.step : now * Math.pow(10, rule.places || 0);
        const slack = Math.max(1e-6, 1e-12 * Math.abs(scaled));
        if (Math.abs(scaled - Math.round(scaled)) > slack) return problem("too_precise", facts);
      }
    }
    if (rule.kind === "text" && rule.high !== undefined && count(now) > rule.high) return problem("too_long", { length: count(now), limit: rule.high });
    if (rule.kind === "text" && rule.low && count(now) < rule.low) return problem("too_short", { length: count(now), limit: rule.low });
    if (rule.kind === "codes" && rule.most && now.length > rule.most) return problem("too_many", facts);
    if (rule.must && !truth(rule.must[0], at(id, live, now))) return problem("constraint", { message: refer(rule.must[1], live) });
    return null;
  };

  // ${item} in a message is what was answered there
  const refer = (message, live) => message.replace(/\$\{(\w+)\}/g, (whole, id) => (live[id] === undefined ? "" : String(live[id])));

  // a sentence that asks to look again, or null; once confirmed it stays quiet for this value
  const doubt = (id, live) => {
    const rule = rules.items[id];
    const now = live[id];
    if (now === undefined || confirmed[id] === JSON.stringify(now)) return null;
    if (rule.ask && truth(rule.ask[0], at(id, live, now))) return refer(rule.ask[1], live) || rules.words.doubt;
    if (typeof now === "number" && rule.above !== undefined && now > rule.above) {
      const unit = card(id).querySelector(".unit");
      return fill(rules.words.above, { value: now, unit: unit ? unit.textContent : "" });
    }
    return null;
  };

  // after a touch: choices that exclude each other
  const settle = (input) => {
    const miss = input.name.slice(-6) === "__miss";
    const id = miss ? input.name.slice(0, -6) : input.name;
    const rule = rules.items[id];
    if (!rule) return null;
    if (miss && input.checked) {
      fields(id).forEach((i) => {
        if (i.type === "checkbox" || i.type === "radio") i.checked = false;
        else i.value = "";
      });
    } else if (!miss && (input.type === "checkbox" ? input.checked : rule.kind !== "code" && input.value.trim())) {
      fields(id + "__miss").forEach((i) => { i.checked = false; });
      if (input.type === "checkbox") {
        const only = (i) => (rule.only || []).indexOf(Number(i.value)) >= 0;
        fields(id).forEach((i) => {
          if (i !== input && (only(input) || only(i))) i.checked = false;
        });
      }
    }
    return id;
  };

  return {
    ids,
    card,
    fields,
    buttons,
    reason,
    value,
    asked,
    wrong,
    doubt,
    settle,
    count,
    sectionOf: (id) => sectionOf[id] || null,
    // numbers that belong together, once all of them are there: [[label, value], ...], else null
    echo: (id, live) => {
      const together = rules.items[id].echo || [];
      return together.length && together.every((pair) => live[pair[0]] !== undefined) ? together.map((pair) => [pair[1], live[pair[0]]]) : null;
    },
    confirm: (id) => { confirmed[id] = JSON.stringify(value(id)); },
    answered: (id) => value(id) !== null || reason(id) !== null,
    index,
    context: at,
    // what stands in the fields of an untouched page
    presets: () => {
      const found = {};
      ids.forEach((id) => { if (rules.items[id].preset !== undefined) found[id] = rules.items[id].preset; });
      return { fields: found };
    },

    // what goes to the server: every item asked, as a value, {"missing": reason}, or null
    wire: () => {
      const { shown, live } = asked();
      const sent = {};
      ids.forEach((id) => {
        if (!shown[id] || rules.items[id].given || !fields(id).length) return;
        const why = reason(id);
        sent[id] = why ? { missing: why } : live[id] === undefined ? null : live[id];
      });
      return kinds.rows ? kinds.rows.wire(sent, shown) : sent;
    },

    // everything that stands in the fields, hidden items too, for the draft
    snapshot: () => {
      const kept = {};
      Object.keys(inputs).forEach((name) => {
        if (name.charAt(0) === "_") return;
        const own = inputs[name];
        const ticks = own[0].type === "radio" || own[0].type === "checkbox";
        const state = ticks ? own.filter((i) => i.checked).map((i) => i.value) : own.length > 1 ? own.map((i) => i.value) : own[0].value;
        if (state.length && (ticks || own.length === 1 || state.some(Boolean))) kept[name] = state;
      });
      return Object.assign({ fields: kept, confirmed: Object.assign({}, confirmed) }, kinds.rows ? { rows: kinds.rows.counts() } : {});
    },

    restore: (kept) => {
      if (kinds.rows) kinds.rows.build(kept.rows || {});
      Object.keys(inputs).forEach((name) => {
        if (name.charAt(0) === "_") return;
        const state = kept.fields[name];
        inputs[name].forEach((i, place) => {
          if (i.type === "radio" || i.type === "checkbox") i.checked = Array.isArray(state) && state.indexOf(i.value) >= 0;
          else i.value = typeof state === "string" ? state : (Array.isArray(state) && state[place]) || "";
        });
      });
      Object.keys(confirmed).forEach((id) => { delete confirmed[id]; });
      Object.assign(confirmed, kept.confirmed || {});
    },
  };
};
