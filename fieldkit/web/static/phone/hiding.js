// One tap turns the page into a table of units; three taps on its heading bring the questionnaire back. On a shared phone
// whoever taps three times finds an empty form: what was typed goes for good.

const hide = (forGood) => {
  if (hidden) return;
  const area = document.importNode($("area").content, true).firstElementChild;
  hidden = { title: document.title, scroll: pageYOffset, focus: document.activeElement };
  save();
  files.hush();
  show($("app"), false);
  document.documentElement.classList.add("plain-page");
  document.body.appendChild(area);
  const heading = area.querySelector("#area-title");
  document.title = heading.textContent;
  history.replaceState(null, "", "/area");
  scrollTo(0, 0);
  let taps = [];
  heading.addEventListener("click", () => {
    taps = taps.concat(Date.now()).filter((tap) => Date.now() - tap < 2000);
    if (taps.length >= 3) reveal(area);
  });
  if (calculator) calculator(area);
  if (!forGood || !shared || at === "receipt") return;
  forgetAll();
  hidden.scroll = 0;
  hidden.focus = null;
};

// an empty form, and nothing of what was in it
const forgetAll = () => {
  if (identity) files.forget(identity.id);
  startAnew();
};

const reveal = (area) => {
  document.body.removeChild(area);
  document.documentElement.classList.remove("plain-page");
  show($("app"), true);
  document.title = hidden.title;
  history.replaceState(null, "", home);
  scrollTo(0, hidden.scroll);
  if (hidden.focus && hidden.focus.focus) hidden.focus.focus({ preventScroll: true });
  hidden = null;
};

let calculator = null; // fetched while the opening page is being read, so that hiding never waits for the network
const fetchCalculator = () => import("./area.js").then((module) => { calculator = module.calculator; }).catch(() => {});
