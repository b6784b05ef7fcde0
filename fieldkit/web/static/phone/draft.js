// The draft on this phone: kept after every answer, offered once, gone when the answers have arrived. What is needed for
// that beside these few functions (the journal, the queue, the receipt) is in later.js, which is fetched while the
// opening page is being read; should it not come, the draft lies whole in localStorage.

const savedWords = () => (shared ? words.shared : keeps ? words.saved : words.unsaved);

let journal = null; // where the draft is kept: what later.js brings
let gate = null; // {label, go}: what the button of the opening page does before anything else

// everything typed so far, as it is kept and as refill() takes it back
const draftNow = () => ({
  questionnaire: rules.questionnaire,
  version: rules.version,
  since,
  at,
  seconds,
  identity,
  care,
  answers: answers.snapshot(),
});

const eraseDraft = () => {
  store.drop(DRAFT);
  return journal ? journal.erase() : Promise.resolve();
};

const idle = () => offered || gate || at === "opening" || at === "receipt" || at === "exit" || at === "closed" || consent() !== 1;

let waiting = 0;
const save = () => {
  clearTimeout(waiting);
  waiting = 0;
  if (idle()) return Promise.resolve();
  const writing = shared ? Promise.resolve(keeps) : journal ? journal.keep(draftNow()) : Promise.resolve(store.set(DRAFT, draftNow()));
  return writing.then((kept) => {
    if (kept !== keeps && later) later.forgets(!kept);
    keeps = kept;
    if (!idle() && !asking && !$("state").classList.contains("bad")) setState(savedWords());
  });
};
const saveSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(save, 300);
};

const lockOpening = (locked) => rules.opening.forEach((id) => answers.card(id) && (answers.card(id).disabled = locked));

// what waits for the respondent's word: a draft, or a page that is open elsewhere
const showOffer = (text, anew) => {
  $("offer-words").textContent = text;
  show($("anew"), anew);
  show($("offer"), true);
  lockOpening(true);
  openingFoot();
};

const offer = (draft) => {
  if (!draft || at !== "opening") return;
  offered = draft;
  const done = Object.keys(draft.answers.fields).filter((name) => name !== "core_consent").length;
  showOffer(say("offer", { count: done }), true);
};

const endOffer = () => {
  offered = null;
  show($("offer"), false);
  lockOpening(false);
};

// put a draft into the fields; gives the names of fields whose content has no place in this version of the page
const refill = (draft) => {
  answers.restore(draft.answers);
  identity = draft.identity;
  since = draft.since || null;
  care = draft.care || care;
  seconds += draft.seconds || 0;
  drawAll();
  if (draft.version === rules.version) return [];
  const now = answers.snapshot().fields;
  return Object.keys(draft.answers.fields).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(draft.answers.fields[name]));
};

const drawAll = () =>
  answers.ids.forEach((id) => {
    if (!answers.card(id)) return;
    lastReason[id] = answers.reason(id);
    clearMessage(id);
    writeOut(id);
  });

const resume = () => {
  const draft = offered;
  endOffer();
  const without = refill(draft);
  const { sections } = refresh();
  const known = draft.at === "review" || sections.some((s) => s.id === draft.at);
  open(known ? draft.at : sections[0].id);
  if (without.length && later) later.named(without, pageOf(at));
  return save();
};

const startAnew = () => {
  const old = offered && offered.identity;
  if (old) files.forget(old.id);
  eraseDraft();
  endOffer();
  identity = null;
  since = null;
  answers.restore(answers.presets());
  drawAll();
  open("opening");
};
