// What the page listens to, and how it begins.

const enlarge = (large) => {
  if (large) document.documentElement.setAttribute("data-size", "large");
  else document.documentElement.removeAttribute("data-size");
  $("large").setAttribute("aria-pressed", String(large));
};

const touched = (event) => {
  if (event.target.id === "shared") return undefined;
  const id = answers.settle(event.target);
  if (!id) return undefined;
  const quick = event.type === "input" && event.target.type !== "radio" && event.target.type !== "checkbox";
  if (composing) return undefined;
  if (!quick && rules.items[id].kind === "number" && event.target.type !== "radio") {
    const plain = plainDigits(event.target.value);
    if (plain !== event.target.value) event.target.value = plain;
  }
  lastReason[id] = answers.reason(id);
  if (event.type === "change") noteCorrection(id);
  writeOut(id);
  const { shown, live, sections } = refresh();
  if (!quick) judge(id, live);
  else if (answers.card(id).querySelector(".wrong") && !answers.wrong(id, live)) clearMessage(id);
  // a doubt may hang on several items: look again at those that show one
  answers.ids.forEach((other) => {
    if (other !== id && shown[other] && answers.card(other) && answers.card(other).querySelector(".note .do") && !answers.doubt(other, live)) clearMessage(other);
  });
  asking = false;
  if ($("state").classList.contains("bad") && !document.querySelector(".page:not([hidden]) .card.bad")) setState(savedWords());
  if (at === "opening") openingFoot();
  if (at === "review") countReview(shown, live, sections);
  return quick ? saveSoon() : save();
};

const start = () => {
  document.documentElement.classList.add("js");
  document.querySelectorAll(".live").forEach((element) => show(element, true));
  show($("large"), true);
  show($("hide"), true);
  enlarge(store.get("size") === "large");
  drawAll();

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (at === "receipt") return later.forward();
    return forward();
  });
  // Enter in a field ends the entry, it does not turn the page
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      if (!event.isComposing) event.target.blur();
    }
  });
  form.addEventListener("compositionstart", () => { composing = true; });
  form.addEventListener("compositionend", (event) => {
    composing = false;
    touched(event);
  });
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  // a quiet button pressed again lets go
  form.addEventListener("click", (event) => {
    const button = event.target;
    if (button.type !== "radio" || !button.closest(".quiet")) return;
    if (lastReason[button.name.replace(/__miss$/, "")] === button.value) {
      button.checked = false;
      button.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  $("back").addEventListener("click", backward);
  $("anew").addEventListener("click", startAnew);
  $("hide").addEventListener("click", () => hide(true));
  $("large").addEventListener("click", () => {
    const large = $("large").getAttribute("aria-pressed") !== "true";
    enlarge(large);
    store.set("size", large ? "large" : "normal");
  });
  $("shared").addEventListener("change", () => {
    shared = $("shared").checked;
    show($("kept-fact"), keeps && !shared);
    if (shared) files.share();
    if (shared) eraseDraft();
    else save();
  });

  let seen = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (document.visibilityState === "visible" && at !== "receipt") spend(Math.max(0, Math.min(2, (now - seen) / 1000)));
    seen = now;
  }, 1000);
  // also what an input method has not handed over yet
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
  // leaving is a loss only where nothing was kept
  addEventListener("beforeunload", (event) => {
    const busy = at !== "opening" && at !== "exit" && at !== "closed" && !(at === "receipt" && arrivedNow);
    if (busy && !hidden && !leaving && (shared || !keeps)) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
  const choice = answers.card("core_consent");
  if (choice && window.IntersectionObserver) {
    new IntersectionObserver((entries) => {
      choiceInView = entries[entries.length - 1].isIntersecting;
      if (at === "opening") openingFoot();
    }, { rootMargin: "0px 0px -140px 0px" }).observe(choice);
  } else {
    choiceInView = true;
  }

  document.querySelectorAll("[data-tongue]").forEach((link) => link.addEventListener("click", speak));
  const carried = unpack();
  cameAlong = !!carried;
  if (carried) arrive(carried);
  else open("opening", true);
  looked = neverHere().then((fresh) => (fresh ? isReady() : fetchLater()));
  inQuiet(fetchCalculator);
  inQuiet(fetchLater);
};

// ---- what is not needed to read the opening page

let later = null; // what later.js brings
let cameAlong = false; // the answers came from this page in another language
let ready = false; // whether it is known if a draft, a queue or another page waits
let coming = null;
const LONGEST_MS = 15000; // then one begins without it; the draft lies in localStorage meanwhile

const page = {
  $, rules, form, home, path: shortPath, draft: DRAFT, store, answers, fill, make, show, setState, setTitle, open, pageOf, goTo, hide,
  draftNow, refill, eraseDraft, offer, showOffer, endOffer, startAnew, forgetAll, backTo, save, resume, openingFoot, words,
  delivered: (submission) => files.deliver(submission),
  get at() { return at; },
  get shared() { return shared; },
  get offered() { return offered; },
  get sending() { return sending; },
  get kept() { return keeps; },
  get arrived() { return arrivedNow; },
  get carried() { return cameAlong; },
  get care() { return care; },
  set care(wanted) {
    care = wanted;
    save();
  },
  identify: () => { identity = identity || makeIdentity(); },
  get identity() { return identity; },
  set identity(made) { identity = made; },
  set since(day) { since = day; },
  set arrived(yes) { arrivedNow = yes; },
  set gate(wanted) { gate = wanted; },
  set journal(found) { journal = found; },
  set keeps(yes) {
    keeps = yes;
    show($("kept-fact"), keeps && !shared);
  },
};

const isReady = () => {
  if (ready) return;
  ready = true;
  if (at === "opening") openingFoot();
};
let looked = null; // resolves when it is known
const whenReady = (go) => {
  setState(words.opening);
  return looked.then(go);
};
const inQuiet = (work) => (window.requestIdleCallback ? requestIdleCallback(work, { timeout: 1000 }) : setTimeout(work));

// a phone that was never here has nothing that waits, and begins without later.js; no database is left by asking
const neverHere = () =>
  new Promise((resolve) => {
    if (["unsent", "unsent:" + shortPath, DRAFT].some(store.get)) return resolve(false);
    setTimeout(() => resolve(false), 3000); // a database that does not answer is left to later.js
    const asked = indexedDB.open("fieldkit");
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onsuccess = () => {
      asked.result.close();
      resolve(false);
    };
    asked.onerror = (event) => {
      event.preventDefault();
      resolve(true);
    };
    return undefined;
  }).catch(() => true);

// once: fetch it and let it look at what lies on this phone; after a failure the next call tries again
const fetchLater = () => {
  if (later) return Promise.resolve();
  if (!coming) {
    const late = new Promise((resolve) => setTimeout(resolve, LONGEST_MS));
    const found = import("./later.js").then((module) => module.begin(page)).then((begun) => { later = begun; }).catch(() => {
      coming = null;
      if (!ready) offer(store.get(DRAFT));
    });
    coming = Promise.race([found, late]).then(isReady);
  }
  return coming;
};

// conditions that use seldom functions need the second half of the evaluator, seldom kinds of answers their widgets;
// the file of the widgets brings the second half along
const parts = [];
if (rules.more && !rules.kinds) parts.push(import("./expression-more.js").then((rest) => rest.install(expression)));
const seed = () => (identity = identity || makeIdentity()).id;
if (rules.kinds) parts.push(import("./kinds.js").then((rest) => { rest.install(expression); more = rest.open(rules, answers, seed, () => { drawAll(); refresh(); saveSoon(); }); }));
const lent = { path: shortPath, identity: seed, current: () => (identity || {}).id, shared: () => shared };
if (rules.files) parts.push(import("./files.js").then((rest) => { files = rest.open(rules, answers, lent); }));
if (parts.length) Promise.all(parts).then(start);
else start();
