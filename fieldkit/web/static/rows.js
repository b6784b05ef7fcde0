// Repeats: the same questions once for every row, and rows inside rows. A question of a row has the id
// repeat[number].item, numbers from 1, on the card, on its fields and in what the server finds; all else on the page
// treats it like any other. Written for Chrome 70: no ?. and ?? and class fields.

import { truth } from "./expression.js";
import { kinds } from "./answers.js";

const NAMES = ["id", "name", "aria-labelledby", "aria-describedby", "data-of", "for"];

export const openRows = (rules, answers, say, redraw, survey) => {
  const repeats = rules.rows;
  const written = rules.sections.map((section) => section.items.slice()); // as the questionnaire says it
  const blocks = {}; // repeat id -> {home, parts}: where its rows stand, and what one row looks like
  let counts = {}; // "visits" or "visits[2].homes" -> how many rows

  // take the rows' cards out of the page, inner repeats first
  Array.from(document.querySelectorAll("[data-repeat]")).reverse().forEach((block) => {
    const parts = document.createDocumentFragment();
    Array.from(block.childNodes).forEach((node) => parts.appendChild(node));
    const head = parts.querySelector(".group");
    blocks[block.getAttribute("data-repeat")] = { parts, head: head && head.parentNode === parts ? parts.removeChild(head) : null };
  });

  const rename = (node, prefix) => {
    NAMES.forEach((name) => {
      const now = node.getAttribute(name);
      if (now) node.setAttribute(name, now.split(" ").map((word) => prefix + word).join(" "));
    });
  };

  const button = (className, text, act) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = className;
    element.textContent = text;
    element.addEventListener("click", act);
    return element;
  };

  // whether anything is answered in a row: then it takes a second press to remove it
  const filled = (path, number) => {
    const start = path + "[" + number + "].";
    return Object.keys(answers.snapshot().fields).some((name) => name.indexOf(start) === 0);
  };

  const fillBlock = (block, prefix) => {
    const name = block.getAttribute("data-repeat");
    const path = prefix + name;
    const rule = repeats[name];
    const size = Math.min(rule.high, Math.max(rule.low, counts[path] || 0));
    counts[path] = size;
    block.textContent = "";
    if (blocks[name].head) {
      const head = blocks[name].head.cloneNode(true);
      head.removeAttribute("data-of");
      block.appendChild(head);
    }
    for (let number = 1; number <= size; number += 1) {
      const inner = path + "[" + number + "].";
      const row = document.createElement("div");
      row.className = "repeat-row";
      row.setAttribute("data-row", path + "[" + number + "]");
      const bar = document.createElement("div");
      bar.className = "section";
      const title = document.createElement("h4");
      title.textContent = say("row", { title: rule.title, number });
      title.tabIndex = -1;
      bar.appendChild(title);
      if (size > rule.low) {
        const drop = button("drop-row", say("row_drop"), () => {
          if (!filled(path, number) || drop.classList.contains("sure")) return dropRow(path, number);
          drop.classList.add("sure");
          drop.textContent = say("row_drop_sure");
          drop.removeAttribute("aria-label");
          return undefined;
        });
        // looking elsewhere takes the first press back
        drop.addEventListener("blur", () => {
          drop.classList.remove("sure");
          drop.textContent = say("row_drop");
          drop.setAttribute("aria-label", say("row_drop_which", { title: rule.title, number }));
        });
        drop.setAttribute("aria-label", say("row_drop_which", { title: rule.title, number }));
        bar.appendChild(drop);
      }
      row.appendChild(bar);
      const copy = blocks[name].parts.cloneNode(true);
      Array.from(copy.querySelectorAll("*")).forEach((node) => rename(node, inner));
      row.appendChild(copy);
      Array.from(row.querySelectorAll("[data-repeat]")).forEach((deeper) => {
        if (deeper.parentNode.closest("[data-repeat]") === null) fillBlock(deeper, inner);
      });
      block.appendChild(row);
    }
    if (size < rule.high) block.appendChild(button("add-row", say("row_add", { title: rule.title }), () => addRow(path)));
  };

  // the ids of a list of items, with every row of a repeat written out
  const writtenOut = (items, prefix, inside) => {
    const found = [];
    let done = [];
    items.forEach((id) => {
      if (done.indexOf(id) >= 0) return;
      const name = Object.keys(repeats).filter((r) => inside.indexOf(r) < 0 && repeats[r].items.indexOf(id) >= 0)
        .sort((a, b) => repeats[b].items.length - repeats[a].items.length)[0];
      if (name === undefined) {
        found.push(prefix + id);
        rules.items[prefix + id] = rules.items[id];
        return;
      }
      done = done.concat(repeats[name].items);
      const own = items.filter((item) => repeats[name].items.indexOf(item) >= 0);
      for (let number = 1; number <= (counts[prefix + name] || 0); number += 1) {
        found.push(...writtenOut(own, prefix + name + "[" + number + "].", inside.concat(name)));
      }
    });
    return found;
  };

  const build = (wanted) => {
    counts = Object.assign({}, wanted);
    Array.from(document.querySelectorAll("#answers [data-repeat]")).forEach((block) => {
      if (block.isConnected && !block.parentNode.closest("[data-repeat]")) fillBlock(block, "");
    });
    rules.sections.forEach((section, i) => { section.items = writtenOut(written[i], "", []); });
    answers.index();
    survey();
  };

  const focusRow = (path, number) => {
    const rows = Array.from(document.querySelectorAll("[data-row]"));
    const row = rows.filter((r) => r.getAttribute("data-row") === path + "[" + number + "]")[0];
    if (!row) return;
    row.scrollIntoView({ block: "start" });
    row.querySelector("h4").focus({ preventScroll: true });
  };

  const addRow = (path) => {
    const kept = answers.snapshot();
    kept.rows[path] = (kept.rows[path] || 0) + 1;
    answers.restore(kept);
    const start = path + "[" + kept.rows[path] + "].";
    const preset = answers.presets().fields;
    Object.keys(preset).filter((name) => name.indexOf(start) === 0).forEach((name) => { kept.fields[name] = preset[name]; });
    answers.restore(kept);
    redraw();
    focusRow(path, kept.rows[path]);
  };

  // the rows after the one that goes move up by one
  const dropRow = (path, gone) => {
    const kept = answers.snapshot();
    const moved = (from) => {
      const to = {};
      Object.keys(from).forEach((name) => {
        const start = path + "[";
        if (name.indexOf(start) !== 0) {
          to[name] = from[name];
          return;
        }
        const end = name.indexOf("]", start.length);
        const number = Number(name.slice(start.length, end));
        if (number !== gone) to[start + (number > gone ? number - 1 : number) + name.slice(end)] = from[name];
      });
      return to;
    };
    const rows = moved(kept.rows);
    rows[path] = kept.rows[path] - 1;
    answers.restore({ fields: moved(kept.fields), confirmed: moved(kept.confirmed), rows });
    redraw();
    focusRow(path, Math.min(gone, rows[path]));
  };

  // "visits[2].homes[1].talked" -> [["visits", 2, "visits[2]"], ["homes", 1, "visits[2].homes[1]"]]
  const way = (id) => {
    const parts = id.split(".").slice(0, -1);
    return parts.map((part, i) => [part.slice(0, part.indexOf("[")), Number(part.slice(part.indexOf("[") + 1, -1)), parts.slice(0, i + 1).join(".")]);
  };
  const bare = (id) => id.slice(id.lastIndexOf(".") + 1);

  let contexts = {};

  // as fieldkit/core/flow.py walks: row by row, an inner row sees the rows around it
  const asked = (ids, sectionOf, value) => {
    const live = {};
    const shown = {};
    const tables = {}; // "" or a row's path -> the repeats that stand in it, each with its rows
    const rows = {}; // a row's path -> {own answers}
    contexts = {};
    const table = (path) => (tables[path] = tables[path] || {});
    const contextOf = (steps) => {
      let row = {};
      let seen = Object.assign({}, table(""));
      steps.forEach(([, , path]) => {
        row = Object.assign(row, rows[path]);
        seen = Object.assign(seen, table(path));
      });
      return steps.length ? { row, repeats: seen, position: steps[steps.length - 1][1] } : { repeats: seen };
    };
    const enter = (steps) => steps.forEach(([name, , path], i) => {
      if (rows[path]) return;
      rows[path] = {};
      // every place outside sees all rows, the row around it only its own
      [""].concat(steps.slice(0, i).map((step) => step[2])).forEach((place) => {
        (table(place)[name] = table(place)[name] || []).push(rows[path]);
      });
    });
    ids.forEach((id) => {
      const steps = way(id);
      const name = bare(id);
      const section = sectionOf[id];
      const holds = (tree, depth) => tree === undefined || truth(tree, Object.assign({ answers: live }, contextOf(steps.slice(0, depth))));
      if (section && !holds(section.if, 0)) return;
      if (section && section.groups && !section.groups.every((group) => group[1].indexOf(name) < 0 || holds(group[0], group[2]))) return;
      enter(steps);
      if (!holds(rules.items[id].if, steps.length)) return;
      shown[id] = true;
      contexts[id] = contextOf(steps);
      const now = rules.items[id].kind === "computed"
        ? kinds.computed.compute(rules.items[id], Object.assign({ answers: live }, contexts[id]), answers.fields(id)) : value(id);
      if (now === null) return;
      live[id] = now;
      if (steps.length) rows[steps[steps.length - 1][2]][name] = now;
    });
    return { shown, live };
  };

  return {
    asked,
    build,
    counts: () => Object.assign({}, counts),
    context: (id) => contexts[id] || {},
    // questions of rows go into the list of their repeat
    wire: (sent) => {
      const nested = {};
      const into = {};
      const rowAt = (path, home, name) => {
        if (!into[path]) {
          into[path] = {};
          (home[name] = home[name] || []).push(into[path]);
        }
        return into[path];
      };
      Object.keys(sent).forEach((id) => {
        let home = nested;
        way(id).forEach(([name, , path]) => { home = rowAt(path, home, name); });
        home[bare(id)] = sent[id];
      });
      return nested;
    },
  };
};
