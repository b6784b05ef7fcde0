// How old the drafts on this phone are, by the server's date: this phone's clock may be wrong, and a clock that jumps must
// lose nothing. Each draft knows for how long the respondent wants it kept. Written for Chrome 70.

import { eraseRecords, inBook } from "./book.js";
import { serverTime } from "./outbox.js";

const DAY_MS = 864e5;
const BEIJING_MS = 288e5; // a day begins where the fieldwork is
const UNSAID = 14; // days for a draft that does not say

// resolves to the number of the day at the server, or NaN when it cannot be asked
export const serverDay = (address) =>
  fetch(address, { method: "HEAD", cache: "no-store", credentials: "omit" })
    .then((response) => Math.floor((serverTime(response) + BEIJING_MS) / DAY_MS))
    .catch(() => NaN);

export const isOld = (draft, day, most) => {
  const days = Math.min(most, (draft.care && draft.care.days) || UNSAID);
  return Boolean(draft.since) && day - draft.since >= days;
};

// photos and recordings lie in a database of their own
const dropFiles = (ids) =>
  import("./files-kept.js")
    .then(({ drop, everything }) => everything().then((all) => all.filter((one) => ids.indexOf(one.response) >= 0).forEach((one) => drop(one.response, one.name))))
    .catch(() => undefined);

// delete the drafts that have outlived their time, whichever questionnaire they belong to, but not the one called `spare`
export const sweep = (book, store, spare) => {
  const plain = {};
  store.keys().filter((key) => key.indexOf("draft:") === 0 && key !== spare).forEach((key) => { plain[key] = store.get(key) || {}; });
  const read = !book
    ? Promise.resolve([])
    : inBook(book, ["journal"], "readonly", (journal, give) => {
        journal.getAll().onsuccess = (event) => give(event.target.result);
      }).catch(() => []);
  return read.then((records) => {
    const drafts = Object.assign({}, plain);
    records.filter((one) => one.draft !== spare && one.draft.indexOf("draft:") === 0).forEach((one) => {
      drafts[one.draft] = Object.assign({}, drafts[one.draft], one.item === "*" ? one.value : { [one.item]: one.value });
    });
    const names = Object.keys(drafts).filter((name) => drafts[name].since);
    if (!names.length) return undefined;
    return serverDay("/area").then((day) => {
      const old = isNaN(day) ? [] : names.filter((name) => isOld(drafts[name], day, Infinity));
      old.forEach(store.drop);
      const ids = old.map((name) => (drafts[name].identity || {}).id).filter(Boolean);
      if (ids.length) dropFiles(ids);
      if (!old.length || !book) return undefined;
      return inBook(book, ["journal"], "readwrite", (journal) => old.forEach((name) => eraseRecords(journal, name))).catch(() => undefined);
    });
  });
};
