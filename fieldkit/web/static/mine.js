// The list of what lies on this phone: numbers, codes and states, no survey and no answers. Written for Chrome 70.

import { sweep } from "./aging.js";
import { appNow } from "./apps.js";
import { openBook } from "./book.js";
import { keepEmptying, openOutbox } from "./outbox.js";
import { plainStore } from "./plain-store.js";
import { rescueBox } from "./rescue.js";

const $ = (id) => document.getElementById(id);

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

const begin = ([book, words]) => {
  const outbox = openOutbox(book, plainStore);
  const said = $("mine-said");

  const line = (record, number) => {
    const row = make("li", "record");
    const code = record.code || record.submission.receipt_code;
    row.appendChild(make("p", "name", words.mine_number.replace("{number}", number)));
    row.appendChild(make("p", "state-now" + (record.state === "received" ? " well" : ""), words["state_" + record.state]));
    row.appendChild(make("p", "token", [code.slice(0, 4), code.slice(4, 8), code.slice(8)].join("-")));
    if (record.signed) row.appendChild(make("p", "token small", record.signed));
    const buttons = make("div", "pair");
    if (record.state === "kept") {
      const again = make("button", "second", words.mine_retry);
      again.type = "button";
      again.addEventListener("click", () => {
        again.disabled = true;
        row.querySelector(".state-now").textContent = words.sending;
        outbox.attempt(record).then(draw);
      });
      buttons.appendChild(again);
    }
    if (record.state === "declined") {
      const open = make("a", "second", words.mine_open);
      open.href = record.path;
      buttons.appendChild(open);
    }
    const gone = make("button", "second", words.mine_delete);
    gone.type = "button";
    let sure = false;
    gone.addEventListener("click", () => {
      if (!sure) {
        sure = true;
        gone.textContent = record.state === "received" ? words.mine_sure : words.mine_sure_unsent;
        return;
      }
      outbox.drop(record.id).then(draw).then(() => { said.textContent = words.mine_gone; });
    });
    buttons.appendChild(gone);
    row.appendChild(buttons);
    if (record.submission && record.tries >= (record.state === "kept" ? 2 : 0)) row.appendChild(rescueBox(record, words, make, !appNow(navigator.userAgent).inside));
    return row;
  };

  const draw = () =>
    outbox.all().then((all) => {
      $("mine-list").textContent = "";
      all.forEach((record, i) => $("mine-list").appendChild(line(record, i + 1)));
      said.textContent = all.length ? "" : words.mine_none;
    });

  draw();
  keepEmptying(outbox, draw)(true);
  sweep(book, plainStore);
};

Promise.all([openBook(), fetch($("mine-page").getAttribute("data-words")).then((response) => response.json())])
  .then(begin)
  .catch(() => { $("mine-said").textContent = $("mine-said").getAttribute("data-failed"); });
