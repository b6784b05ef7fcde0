// The draft on this phone: kept after every answer, offered once, gone when the answers have arrived.

const savedWords = () => (shared ? words.shared : keeps ? words.saved : words.unsaved);

let waiting = 0;
const save = () => {
  clearTimeout(waiting);
  waiting = 0;
  if (offered || at === "opening" || at === "receipt" || at === "exit" || at === "closed" || consent() !== 1) return;
  if (!shared) {
    keeps = store.set(DRAFT, {
      version: rules.version,
      day: Math.floor(Date.now() / 864e5),
      at,
      seconds,
      identity,
      answers: answers.snapshot(),
    });
  }
  if (!asking && !$("state").classList.contains("bad")) setState(savedWords());
};
const saveSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(save, 300);
};

const offer = () => {
  const draft = store.get(DRAFT);
  if (!draft) return;
  const today = Math.floor(Date.now() / 864e5);
  if (draft.version !== rules.version || !(today - draft.day < DRAFT_DAYS)) {
    store.drop(DRAFT);
    return;
  }
  offered = draft;
  const done = Object.keys(draft.answers.fields).filter((name) => name !== "core_consent").length;
  $("offer-words").textContent = say("offer", { count: done });
  show($("offer"), true);
  rules.opening.forEach((id) => answers.card(id) && (answers.card(id).disabled = true));
};

const endOffer = () => {
  offered = null;
  show($("offer"), false);
  rules.opening.forEach((id) => answers.card(id) && (answers.card(id).disabled = false));
};

const refill = (draft) => {
  answers.restore(draft.answers);
  identity = draft.identity;
  seconds += draft.seconds || 0;
  drawAll();
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
  refill(draft);
  const { sections } = refresh();
  const known = draft.at === "review" || sections.some((s) => s.id === draft.at);
  open(known ? draft.at : sections[0].id);
};

const startAnew = () => {
  const old = offered && offered.identity;
  if (old) files.forget(old.id);
  store.drop(DRAFT);
  endOffer();
  identity = null;
  answers.restore(answers.presets());
  drawAll();
  open("opening");
};

// a browser that keeps nothing: say so once, at the first section
const drawVolatile = (page) => {
  const old = $("volatile");
  if (old) old.parentNode.removeChild(old);
  if (keeps || shared || known) return;
  const box = make("div", "note");
  box.id = "volatile";
  box.appendChild(make("b", "", words.volatile_title));
  box.appendChild(make("p", "", words.volatile));
  const button = make("button", "do", words.known);
  button.type = "button";
  button.addEventListener("click", () => {
    known = true;
    box.parentNode.removeChild(box);
  });
  box.appendChild(button);
  page.querySelector(".section").appendChild(box);
};
