// A wave is over: what was never sent cannot be sent any more and does not stay on this phone.

import { eraseRecords, inBook, openBook } from "./book.js";
import { plainStore } from "./plain-store.js";

const wave = document.querySelector("[data-wave]").getAttribute("data-wave");
try {
  // files of answers that have arrived are still taken; what belongs to answers never sent goes
  const asked = indexedDB.open("fieldkit-files");
  asked.onupgradeneeded = () => asked.transaction.abort(); // there never were any
  asked.onerror = (event) => event.preventDefault();
  asked.onsuccess = () => {
    asked.result.close();
    import("./files-sending.js").then((rest) => rest.openSending(document.documentElement.lang, () => "", () => {}, wave).flush());
  };
} catch (error) {
  // no such storage in this browser
}
const said = () => { document.getElementById("cleared").hidden = false; };

plainStore.keys()
  .filter((key) => key.indexOf("draft:" + wave) === 0 || key.indexOf("unsent:" + wave) === 0)
  .forEach((key) => {
    plainStore.drop(key);
    said();
  });
const left = plainStore.get("unsent") || [];
const others = left.filter((one) => one.path.indexOf(wave) !== 0 || one.state === "received");
if (others.length < left.length) {
  if (others.length) plainStore.set("unsent", others);
  else plainStore.drop("unsent");
  said();
}
openBook().then((book) => book && inBook(book, ["journal", "outbox"], "readwrite", (journal, outbox) => {
  journal.getAll().onsuccess = (event) => {
    event.target.result.map((one) => one.draft).filter((draft, i, all) => draft.indexOf("draft:" + wave) === 0 && all.indexOf(draft) === i).forEach((draft) => {
      eraseRecords(journal, draft);
      said();
    });
  };
  outbox.getAll().onsuccess = (event) => {
    event.target.result.filter((one) => one.path.indexOf(wave) === 0 && one.state !== "received").forEach((one) => {
      outbox.delete(one.id);
      said();
    });
  };
}));
