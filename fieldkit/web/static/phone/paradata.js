// How it was filled in, beside the answers: seconds by section, corrections, whether without a network, which kind of
// device. Nothing here says who, where or at what time of day; the opening page names all of it.

const COARSE = 5; // seconds; finer would only be noise
let spent = {}; // section id -> seconds in view
let corrections = 0; // answers that were given and then changed
let offline = false; // some of it was filled in without a network
const before = {}; // item id -> what was answered there before this touch
let touchedLast = "";

const spend = (span) => {
  seconds += span;
  if (rules.sections.some((s) => s.id === at)) spent[at] = (spent[at] || 0) + span;
  if (navigator.onLine === false && at !== "opening") offline = true;
};

const rememberAnswer = (id) => { before[id] = answers.reason(id) || answers.value(id); };

// a further tick or place is no correction, one taken back is; a slider on its way corrects nothing
const noteCorrection = (id) => {
  const was = before[id];
  const now = answers.reason(id) || answers.value(id);
  const again = touchedLast === id && answers.card(id).querySelector("[data-widget='slider']");
  const grew = Array.isArray(was) && Array.isArray(now) && was.every((one) => now.indexOf(one) >= 0);
  if (was !== undefined && was !== null && !grew && !again && JSON.stringify(was) !== JSON.stringify(now)) corrections += 1;
  touchedLast = id;
  rememberAnswer(id);
};

const device = () => {
  if (!window.matchMedia || !matchMedia("(pointer: coarse)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
};

// what goes to the server with the answers; `paradata` in fieldkit/core/paradata.py reads it
const paradata = () => {
  const sections = {};
  Object.keys(spent).forEach((id) => { sections[id] = COARSE * Math.round(spent[id] / COARSE); });
  return { sections, corrections, offline, device: device() };
};

// it lies in the draft with the answers, and begins anew with them
const { snapshot, restore } = answers;
answers.snapshot = () => Object.assign(snapshot(), { paradata: { spent, corrections, offline } });
answers.restore = (kept) => {
  restore(kept);
  Object.keys(before).forEach((id) => { delete before[id]; });
  if (kept.paradata) ({ spent, corrections, offline } = JSON.parse(JSON.stringify(kept.paradata)));
  else {
    [spent, corrections, offline] = [{}, 0, false];
    seconds = 0;
  }
};
