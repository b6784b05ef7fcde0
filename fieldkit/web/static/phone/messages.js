// What is said at an item: an error, a doubt, a reminder, what was chosen in words.

// an error is read out with its field; aria-describedby is what phones' screen readers know
const describe = (field, message, on) => {
  const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== message);
  const said = on ? others.concat(message).join(" ") : others.join(" ");
  if (said) field.setAttribute("aria-describedby", said);
  else field.removeAttribute("aria-describedby");
};

const clearMessage = (id, which) => {
  answers.card(id).querySelectorAll(which || ".note, .wrong").forEach((old) => old.parentNode.removeChild(old));
  if (which === ".note") return;
  answers.card(id).classList.remove("bad");
  answers.fields(id).forEach((field) => {
    field.removeAttribute("aria-invalid");
    describe(field, id + "-err", false);
  });
};

const placeMessage = (id, message) => {
  const card = answers.card(id);
  card.insertBefore(message, card.querySelector(".aside"));
};

const showWrong = (id, found) => {
  clearMessage(id);
  const box = make("p", "wrong");
  box.id = id + "-err";
  box.setAttribute("role", "alert");
  (found.sentences || [found.message, found.remedy]).forEach((sentence) => sentence && box.appendChild(make("span", "", sentence)));
  placeMessage(id, box);
  answers.card(id).classList.add("bad");
  answers.fields(id).forEach((field) => {
    field.setAttribute("aria-invalid", "true");
    describe(field, box.id, true);
  });
};

const showDoubt = (id, sentence) => {
  const old = answers.card(id).querySelector(".note span");
  if (old && old.textContent === sentence) return;
  clearMessage(id);
  const box = make("div", "note");
  box.setAttribute("role", "status");
  box.appendChild(make("span", "", sentence));
  box.appendChild(make("br"));
  const sure = make("button", "do", words.sure);
  sure.type = "button";
  sure.addEventListener("click", () => {
    answers.confirm(id);
    clearMessage(id);
    save();
  });
  box.appendChild(sure);
  placeMessage(id, box);
};

const showUnanswered = (id) => {
  clearMessage(id);
  const choices = answers.buttons(id).map((b) => say("choice", { label: b.parentNode.textContent.trim() })).join(words.or);
  placeMessage(id, make("div", "note", choices ? say("unanswered", { choices }) : words.unanswered_short));
};

const motion = () => (window.matchMedia && matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

const goTo = (id) => {
  const card = answers.card(id);
  card.scrollIntoView({ block: "start", behavior: motion() });
  const field = answers.fields(id).filter((f) => f.checked)[0] || answers.fields(id)[0];
  if (field) field.focus({ preventScroll: true });
};

// look at one answer after it was changed: errors and doubts appear, or go away
const judge = (id, live) => {
  const found = answers.wrong(id, live);
  if (found && ["required", "consent", "too_few_ranked"].indexOf(found.code) < 0) return showWrong(id, found);
  const doubt = answers.doubt(id, live);
  if (doubt) return showDoubt(id, doubt);
  if (live[id] !== undefined || answers.reason(id)) clearMessage(id);
  else if (answers.card(id).querySelector(".wrong")) clearMessage(id);
  return undefined;
};

// numbers that belong together are read back under the last of them
const readBack = (live) =>
  answers.ids.forEach((id) => {
    if (!rules.items[id].echo || !answers.card(id)) return;
    const card = answers.card(id);
    const pairs = answers.echo(id, live);
    let box = card.querySelector(".echo");
    if (!pairs) {
      if (box) box.parentNode.removeChild(box);
      return;
    }
    if (!box) {
      box = make("p", "said echo");
      box.setAttribute("role", "status");
      card.insertBefore(box, card.querySelector(".number").nextSibling);
    }
    box.textContent = words.echo;
    pairs.forEach((pair, i) => {
      if (i) box.appendChild(document.createTextNode(words.echo_join));
      const said = say("echo_one", { label: pair[0], value: "\n" }).split("\n");
      box.appendChild(document.createTextNode(said[0]));
      box.appendChild(make("b", "", String(pair[1])));
      box.appendChild(document.createTextNode(said[1]));
    });
    box.appendChild(document.createTextNode(words.echo_end));
  });

// what is written out below a choice or a text: the chosen step between two poles, the number of characters
const writeOut = (id) => {
  const card = answers.card(id);
  if (!(id in before)) rememberAnswer(id);
  more.draw(id);
  files.draw(id);
  const said = card.querySelector(".said:not(.echo)");
  if (said) {
    const now = answers.value(id);
    const chosen = answers.fields(id).filter((f) => f.checked && now !== null)[0];
    show(said, !!chosen);
    if (chosen) {
      said.textContent = words.said;
      said.appendChild(make("b", "", chosen.getAttribute("aria-label")));
      if (now !== 0) {
        said.appendChild(make("br"));
        said.appendChild(document.createTextNode(card.querySelector(now < 0 ? ".poles p:first-child" : ".poles p:last-child").textContent));
      }
    }
  }
  const counter = card.querySelector(".counter");
  if (counter) {
    const most = Number(counter.getAttribute("data-most"));
    const length = answers.count(answers.fields(id)[0].value.trim());
    counter.textContent = say("counter", { count: length, most });
    counter.classList.toggle("over", length > most);
    show(counter, true);
  }
  const number = card.querySelector(".number");
  if (number) number.classList.toggle("off", answers.reason(id) !== null);
  const most = rules.items[id].most;
  if (most) {
    const full = (answers.value(id) || []).length >= most;
    answers.fields(id).forEach((box) => {
      box.disabled = full && !box.checked && (rules.items[id].only || []).indexOf(Number(box.value)) < 0;
    });
  }
};
