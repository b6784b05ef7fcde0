// The preview's own memory: nothing is written in the browser, nothing is sent. Answers last as long as the designer's
// page, so that a change to the draft does not lose them. Runs before the respondent's script (phone.js).
(() => {
  const framed = parent !== window && parent.designerPreview;
  if (framed) document.documentElement.classList.add("framed");
  const kept = framed || {};
  Object.defineProperty(window, "localStorage", {
    value: {
      getItem: (key) => (key in kept ? kept[key] : null),
      setItem: (key, value) => { kept[key] = String(value); },
      removeItem: (key) => { delete kept[key]; },
    },
  });
  Object.defineProperty(window, "indexedDB", { value: undefined }); // the journal, too, is kept in the memory above
  window.fetch = () => Promise.resolve(new Response(JSON.stringify({ outcome: "stored", receipt_code: "", withdraw_until: "" })));

  const wanted = decodeURIComponent(location.hash.slice(1));
  if (!wanted) return;

  // the page is to open at a section: leave a draft there for the script to find, and take it up
  document.addEventListener("readystatechange", () => {
    if (document.readyState !== "interactive") return;
    const rules = JSON.parse(document.getElementById("rules").textContent);
    const key = "draft:" + document.getElementById("answers").getAttribute("action").split("?")[0];
    Object.keys(kept).filter((name) => name.indexOf("unsent:") === 0).forEach((name) => { delete kept[name]; });
    if (wanted === "opening" || !rules.sections.some((section) => section.id === wanted)) {
      delete kept[key];
      return;
    }
    const before = kept[key] ? JSON.parse(kept[key]) : null;
    const draft = before || { seconds: 0, identity: null, answers: { fields: { core_consent: ["1"] } } };
    draft.version = rules.version;
    draft.day = Math.floor(Date.now() / 864e5);
    draft.at = wanted;
    kept[key] = JSON.stringify(draft);
    const root = document.documentElement;
    const take = () => {
      if (!root.classList.contains("js")) return;
      watch.disconnect();
      setTimeout(() => document.getElementById("next").click(), 0);
    };
    const watch = new MutationObserver(take);
    watch.observe(root, { attributes: true, attributeFilter: ["class"] });
  });
})();
