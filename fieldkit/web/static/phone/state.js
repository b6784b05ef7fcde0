// The respondent's page: one section at a time, a draft on this phone, sending, the receipt, and a quick way to hide.
// The page works without this script as one long form; the script takes it over once it has loaded.
// The parts share one scope and reach the phone as one file, phone.js (fieldkit/web/phone/assets.py joins them):
// state, paradata, messages, flow, tongue, draft, review, sending, hiding, start. Written for Chrome 70: no ?.
// and ?? and class fields.

import { fill, openAnswers, plainDigits } from "./answers.js";
import * as expression from "./expression.js";
import { plainStore } from "./plain-store.js";

const $ = (id) => document.getElementById(id);
const rules = JSON.parse($("rules").textContent);
const words = rules.words;
const say = (name, facts) => fill(words[name], facts || {});
const form = $("answers");
const path = form.getAttribute("action");
const shortPath = path.split("?")[0];
const home = location.pathname + location.search;
const answers = openAnswers(rules, expression.truth);

// What the page knows while it is open.

const DRAFT = "draft:" + shortPath;

let at = "opening"; // opening, a section's id, review, receipt, exit, closed
let identity = null; // {id, code}: made once, so that sending again is never a second response
let seconds = 0; // how long the page was in view
let since = null; // the day by the server's clock on which this draft was first seen; the phone's clock may be wrong
let shared = false; // nothing is kept on this phone
let care = { days: Number(form.getAttribute("data-days")), cover: false }; // how long the draft is kept; leaving covers it
let keeps = true; // this browser keeps what we save
let offered = null; // a draft waiting for the respondent's word
let sending = false;
let composing = false;
let asking = false; // the foot says what to look at
let hidden = null; // while the table of units is shown: what to come back to
let arrivedNow = false; // the receipt on the page is one of the server
let leaving = false; // on the way to the same page in another language
const reminded = {}; // section id -> asked once already
const lastReason = {}; // item id -> the quiet button that was pressed before this touch
let more = { draw: () => {}, refresh: () => false }; // what kinds.js brings, where a page needs it
let files = { draw: () => {}, deliver: () => {}, forget: () => {}, share: () => {}, hush: () => {} }; // what files.js brings, where needed
let borrowed = []; // cards shown on the review page, with the place they came from

const store = plainStore;

// the words in the foot; a reminder or an error stays until the next touch
const setState = (text, kind) => {
  const state = $("state");
  asking = kind === "asking";
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("bad", kind === "bad");
};

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

const show = (element, visible) => {
  element.hidden = !visible;
};

// the title stays neutral while the page is hidden
const setTitle = (text) => {
  if (hidden) hidden.title = text;
  else document.title = text;
};

const consent = () => (rules.items.core_consent ? answers.value("core_consent") : 1);
