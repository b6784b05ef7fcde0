// Another language, the same answers: what stands in the fields goes with the reader to the page in that language.

const BAGGAGE = "fieldkit:"; // in window.name: it lives in this tab only and is taken out at once

const speak = (event) => {
  const link = event.currentTarget;
  event.preventDefault();
  // the page is fetched before this one is left: without a network one stays here
  fetch(link.href, { credentials: "omit" })
    .then((page) => {
      if (!page.ok) throw new Error("away");
      const carried = { version: rules.version, path: shortPath, at, seconds, identity, shared, care, answers: answers.snapshot() };
      window.name = BAGGAGE + JSON.stringify(carried);
      leaving = true;
      location.replace(link.href);
    })
    .catch(() => setState(words.no_language, "bad"));
};

// what came along from the page in the other language, or null
const unpack = () => {
  const name = window.name;
  if (name.indexOf(BAGGAGE) !== 0) return null;
  window.name = "";
  try {
    const carried = JSON.parse(name.slice(BAGGAGE.length));
    return carried.version === rules.version && carried.path === shortPath ? carried : null;
  } catch (error) {
    return null;
  }
};

const arrive = (carried) => {
  shared = carried.shared;
  $("shared").checked = shared;
  show($("kept-fact"), keeps && !shared);
  refill(carried);
  const { sections } = refresh();
  open(carried.at === "review" || sections.some((s) => s.id === carried.at) ? carried.at : "opening");
  save();
};
