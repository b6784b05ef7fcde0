// The one database on this phone: what was typed, and what waits to be sent or was received. The service worker opens
// the same one. Nothing in it leaves the phone but a submission. Written for Chrome 70: no ?. and ?? and class fields.

const BOOK = "fieldkit";
const SILENT_MS = 4000; // twice as long without a word, and the database is taken for one that never answers

// Some browsers neither open the database nor refuse it. Two timers, because a page that was frozen meanwhile finds the
// first one due before its own news. Gives a function that calls it off.
const lest = (late) => {
  let timer = setTimeout(() => { timer = setTimeout(late, SILENT_MS); }, SILENT_MS);
  return () => clearTimeout(timer);
};

// what a promise gives, or `instead` when that takes too long
export const soon = (promise, limit, instead) =>
  new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    setTimeout(() => resolve(instead), limit);
  });

// resolves to the database, or to null where this browser has none to give
export const openBook = () =>
  new Promise((resolve) => {
    lest(() => resolve(null));
    try {
      const asked = indexedDB.open(BOOK, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("journal", { autoIncrement: true }).createIndex("draft", "draft");
        asked.result.createObjectStore("outbox", { keyPath: "id" });
      };
      asked.onsuccess = () => {
        const book = asked.result;
        book.onversionchange = () => book.close();
        resolve(book);
      };
      asked.onerror = () => resolve(null);
      asked.onblocked = () => resolve(null);
    } catch (error) {
      resolve(null);
    }
  });

// do some work in one transaction; resolves to what the work gave, once everything is on the disk. A database that fell
// silent is not asked again by this page.
export const inBook = (book, stores, mode, work, strict) =>
  new Promise((resolve, reject) => {
    if (book.silent) throw new Error("silent");
    const deal = book.transaction(stores, mode, strict ? { durability: "strict" } : undefined);
    const found = {};
    const answered = lest(() => {
      book.silent = true;
      reject(new Error("silent"));
      try {
        deal.abort(); // what was not written yet must not be written later, over something newer
      } catch (error) {
        // it had been written, and only the word of it is missing
      }
    });
    deal.oncomplete = () => {
      answered();
      resolve(found.value);
    };
    deal.onerror = deal.onabort = () => {
      answered();
      reject(deal.error || new Error("aborted"));
    };
    work(...stores.map((name) => deal.objectStore(name)), (value) => { found.value = value; });
  });

// take the records of one draft out of the journal, then go on; with an id only if the draft was sent under that id
export const eraseRecords = (journal, draft, id, after) => {
  const index = journal.index("draft");
  index.getAll(draft).onsuccess = (read) => {
    const ids = read.target.result.map((one) => (one.item === "*" ? one.value.identity : one.item === "identity" ? one.value : undefined));
    const named = ids.filter((one) => one !== undefined).pop();
    if (id && !(named && named.id === id)) return;
    index.getAllKeys(draft).onsuccess = (found) => {
      found.target.result.forEach((key) => journal.delete(key));
      if (after) after();
    };
  };
};
