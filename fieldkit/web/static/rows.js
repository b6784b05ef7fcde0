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
  let order = []; // [id, whether a row begins here, section]: items and beginnings of rows as they are asked
  const deeper = {}; // repeat id -> the repeats inside it; the outer one stands first
  Object.keys(repeats).forEach((name, i, all) => {
    deeper[name] = all.slice(i + 1).filter((other) => repeats[other].items.every((id) => repeats[name].items.indexOf(id) >= 0));
  });

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

  // the ids of a list of items, with every row of a repeat written out; `begun` gets where a row begins, at its first item
  const writtenOut = (items, prefix, inside, begun) => {
    const found = [];
    let done = [];
    items.forEach((id) => {
      if (done.indexOf(id) >= 0) return;
      const name = Object.keys(repeats).filter((r) => inside.indexOf(r) < 0 && repeats[r].items.indexOf(id) >= 0)
        .sort((a, b) => repeats[b].items.length - repeats[a].items.length)[0];
      if (name === undefined) {
        found.push(prefix + id);
        begun.push([prefix + id, false]);
        rules.items[prefix + id] = rules.items[id];
        return;
      }
      done = done.concat(repeats[name].items);
      const own = items.filter((item) => repeats[name].items.indexOf(item) >= 0);
      for (let number = 1; number <= (counts[prefix + name] || 0); number += 1) {
        const row = prefix + name + "[" + number + "].";
        begun.push([row + own[0], true]);
        found.push(...writtenOut(own, row, inside.concat(name), begun));
      }
    });
    return found;
  };

  const build = (wanted) => {
    counts = Object.assign({}, wanted);
    Array.from(document.querySelectorAll("#answers [data-repeat]")).forEach((block) => {
      if (block.isConnected && !block.parentNode.closest("[data-repeat]")) fillBlock(block, "");
    });
    order = rules.opening.map((id) => [id, false, null]);
    rules.sections.forEach((section, i) => {
      const begun = [];
      section.items = writtenOut(written[i], "", [], begun);
      begun.forEach(([id, row]) => order.push([id, row, section]));
    });
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

  let live = {};
  let rows = {}; // a row's path -> {own answers}; only rows that are asked
  let tables = {}; // "" or a row's path -> the repeats that stand in it, each with its rows

  const table = (path) => (tables[path] = tables[path] || {});

  // what an expression sees in this row: the answers around it, and of the repeats inside it only this row's
  const contextOf = (steps) => {
    const row = {};
    const seen = Object.assign({}, table(""));
    steps.forEach(([name, , path]) => {
      Object.assign(row, rows[path]);
      deeper[name].forEach((inner) => { delete seen[inner]; });
      Object.assign(seen, table(path));
    });
    return steps.length ? { row, repeats: seen, position: steps[steps.length - 1][1] } : { repeats: seen };
  };

  // all rows of a repeat are there before the first is asked, so that each can count them
  const enter = (steps) => {
    const [name, , path] = steps[steps.length - 1];
    const start = path.slice(0, path.lastIndexOf("["));
    for (let each = 1; each <= counts[start]; each += 1) {
      const row = (rows[start + "[" + each + "]"] = {});
      // every place outside sees all rows, the row around it only its own
      [""].concat(steps.slice(0, -1).map((step) => step[2])).forEach((place) => {
        (table(place)[name] = table(place)[name] || []).push(row);
      });
    }
  };

  // as fieldkit/core/flow.py walks: row by row, an inner row sees the rows around it
  const asked = (ids, sectionOf, value) => {
    const shown = {};
    live = {};
    rows = {};
    tables = {};
    order.forEach(([id, begins, section]) => {
      const steps = way(id);
      const name = bare(id);
      const outer = begins ? steps.slice(0, -1) : steps; // where it must hold: around the row that begins
      const holds = (tree) => tree === undefined || truth(tree, Object.assign({ answers: live }, contextOf(outer)));
      const last = steps.length ? steps[steps.length - 1] : null;
      if (begins && last[1] > 1) return; // all rows are entered with the first
      if (outer.length ? !rows[outer[outer.length - 1][2]] : section && !holds(section.if)) return;
      const around = (section && section.groups) || [];
      if (!around.every((group) => group[2] !== outer.length || group[1].indexOf(name) < 0 || holds(group[0]))) return;
      if (begins) {
        enter(steps);
        return;
      }
      if (!holds(rules.items[id].if)) return;
      shown[id] = true;
      const now = rules.items[id].kind === "computed"
        ? kinds.computed.compute(rules.items[id], Object.assign({ answers: live }, contextOf(steps)), answers.fields(id)) : value(id);
      if (now === null) return;
      live[id] = now;
      if (last) rows[last[2]][name] = now;
    });
    return { shown, live };
  };

  return {
    asked,
    build,
    counts: () => Object.assign({}, counts),
    context: (id) => contextOf(way(id)),
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
      // a row of which nothing is sent keeps its place
      Object.keys(rows).forEach((path) => {
        let home = nested;
        way(path + ".").forEach(([name, , each]) => { home = rowAt(each, home, name); });
      });
      Object.keys(sent).forEach((id) => {
        let home = nested;
        way(id).forEach(([name, , path]) => { home = rowAt(path, home, name); });
        home[bare(id)] = sent[id];
      });
      return nested;
    },
  };
};
