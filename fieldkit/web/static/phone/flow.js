// From page to page: which sections there are, what stands in the bar and the foot, when one may go on.

const pageOf = (name) => $(rules.sections.some((s) => s.id === name) ? "s-" + name : "page-" + name);

// the sections that have something to ask, in order, with the items asked in them
const sectionsNow = (shown) =>
  rules.sections
    .map((s) => ({ id: s.id, items: s.items.filter((id) => shown[id] && answers.card(id)) }))
    .filter((s) => s.items.length)
    .map((s) => ({ id: s.id, items: s.items.filter((id) => rules.items[id].kind !== "none") }));

const isOpen = (id) => rules.items[id].need !== undefined && !answers.answered(id);

// show and hide what the answers so far ask for, and how far one has come
const refresh = () => {
  let { shown, live } = answers.asked();
  while (more.refresh(shown, live)) ({ shown, live } = answers.asked());
  answers.ids.forEach((id) => {
    const card = answers.card(id);
    if (card) show(card, !!shown[id]);
  });
  document.querySelectorAll("[data-of]").forEach((stem) => {
    show(stem, stem.getAttribute("data-of").split(" ").some((id) => shown[id]));
  });
  readBack(live);
  const sections = sectionsNow(shown);
  const asked = sections.reduce((all, s) => all.concat(s.items), []);
  $("progress").value = asked.length ? Math.round((100 * asked.filter(answers.answered).length) / asked.length) : 0;
  const place = sections.map((s) => s.id).indexOf(at);
  const where = $("where");
  if (place >= 0) {
    const recall = pageOf(at).getAttribute("data-recall");
    const text = say("where", { at: place + 1 }) + say("of", { of: sections.length }) + recall;
    if (where.textContent !== text) {
      where.textContent = "";
      where.appendChild(make("b", "", say("where", { at: place + 1 })));
      where.appendChild(document.createTextNode(say("of", { of: sections.length })));
      if (recall) where.appendChild(make("span", "recall", recall));
    }
    $("next").textContent = words.next;
  }
  return { shown, live, sections };
};

const simulated = $("where").textContent;

const open = (name, quietly) => {
  giveBack();
  at = name;
  document.querySelectorAll(".page").forEach((page) => show(page, page === pageOf(name)));
  const inSections = rules.sections.some((s) => s.id === name);
  const { sections } = refresh();
  const page = pageOf(name);
  const place = sections.map((s) => s.id).indexOf(name);
  const title = page.getAttribute("data-title");
  if (title) setTitle((place >= 0 ? say("where", { at: place + 1 }) + " " : "") + title);
  if (!inSections) {
    $("where").textContent = "";
    if (name === "review") $("where").appendChild(make("b", "", page.getAttribute("data-title")));
    else $("where").textContent = simulated;
  }
  show($("progress"), inSections || name === "review");
  show($("back"), inSections || name === "review");
  $("back").textContent = backWords;
  $("next").classList.toggle("all", name === "receipt");
  show(document.querySelector(".foot"), name !== "exit" && name !== "closed");
  if (name === "review") {
    $("next").textContent = words.send;
    drawReview();
  }
  if (name === "opening") openingFoot();
  else if (inSections || name === "review") setState(savedWords());
  if (later) later.opened(name);
  if (!quietly) {
    scrollTo(0, 0);
    const heading = page.querySelector("[tabindex='-1']");
    if (heading) heading.focus({ preventScroll: true });
  }
};

const backWords = $("back").textContent;

// the foot of the opening page: read on until the choice is in view, then start or leave
let choiceInView = false;
const openingFoot = () => {
  if (gate || offered) {
    $("next").textContent = gate ? gate.label : words.continue;
    setState("");
  } else if (consent() === null && !choiceInView) {
    $("next").textContent = words.read_on;
    setState(words.read_first);
  } else {
    $("next").textContent = consent() === 2 ? words.leave : words.start;
    setState("");
  }
};

// errors first, then one polite reminder for what is open or doubtful; true when one may go on
const mayLeave = (name, items, live) => {
  const wrong = items.filter((id) => answers.wrong(id, live));
  if (wrong.length) {
    wrong.forEach((id) => showWrong(id, answers.wrong(id, live)));
    setState(say("wrong", { count: wrong.length }), "bad");
    goTo(wrong[0]);
    return false;
  }
  if (reminded[name]) return true;
  const doubtful = items.filter((id) => answers.doubt(id, live));
  const unanswered = items.filter(isOpen);
  if (!doubtful.length && !unanswered.length) return true;
  reminded[name] = true;
  doubtful.forEach((id) => showDoubt(id, answers.doubt(id, live)));
  unanswered.forEach(showUnanswered);
  setState(unanswered.length ? say("open", { count: unanswered.length }) : say("look", { count: doubtful.length }), "asking");
  goTo(items.filter((id) => doubtful.indexOf(id) >= 0 || unanswered.indexOf(id) >= 0)[0]);
  return false;
};

const forward = () => {
  const { shown, live, sections } = refresh();
  if (at === "opening") return leaveOpening(shown, live, sections);
  if (at === "review") return send();
  const place = sections.map((s) => s.id).indexOf(at);
  if (place < 0 || !mayLeave(at, sections[place].items, live)) return undefined;
  return open(place + 1 < sections.length ? sections[place + 1].id : "review");
};

const backward = () => {
  if (at === "receipt") return later.another();
  const { sections } = refresh();
  const place = at === "review" ? sections.length : sections.map((s) => s.id).indexOf(at);
  return open(place > 0 ? sections[place - 1].id : "opening");
};

const leaveOpening = (shown, live, sections) => {
  if (!ready) return whenReady(forward);
  if (gate) return gate.go();
  if (offered) return resume();
  if (consent() === null && !choiceInView) {
    const step = innerHeight - $("next").parentNode.offsetHeight - document.querySelector(".top").offsetHeight - 24;
    return scrollBy({ top: step, behavior: motion() });
  }
  if (consent() === 2) return refuse();
  const asked = rules.opening.filter((id) => shown[id] && answers.card(id));
  if (!mayLeave("opening", asked, live)) return undefined;
  open(sections[0].id);
  if (later) later.begun();
  return save();
};

const refuse = () => {
  eraseDraft();
  open("exit");
  setState("");
  // a tally only; if it does not arrive, nothing is kept back for it
  fetch(shortPath + "/refusal", { method: "POST", headers: { Accept: "application/json" }, credentials: "omit" }).catch(() => {});
};
