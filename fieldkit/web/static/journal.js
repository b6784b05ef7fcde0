// What was typed, kept change by change: one record for each, never written over, so that a tab that is killed in the
// middle loses at most the change that was being written. Reading is putting the records on each other in their order;
// now and then they are replaced by one that holds them all. Where there is no database the draft lies whole in
// localStorage; what lies there is always the newest, because it is written only when the database could not be.

import { eraseRecords, inBook } from "./book.js";

const MANY = 300; // records; then they are put together

const PARTS = ["questionnaire", "version", "since", "at", "seconds", "identity", "care"];

// what goes on by itself while nothing is touched, and is no change
const PASSING = ["seconds", "~paradata"];

// a draft as single facts: {"at": ..., "=bur_af1": "4", "~confirmed": {}, ...}: a field, and whatever else answers keep
const flat = (draft) => {
  const facts = {};
  PARTS.forEach((name) => { facts[name] = draft[name] === undefined ? null : draft[name]; });
  Object.keys(draft.answers).forEach((name) => { if (name !== "fields") facts["~" + name] = draft.answers[name]; });
  Object.keys(draft.answers.fields).forEach((name) => { facts["=" + name] = draft.answers.fields[name]; });
  return facts;
};

const whole = (facts) => {
  const draft = { answers: { fields: {} } };
  PARTS.forEach((name) => { draft[name] = facts[name] === undefined ? null : facts[name]; });
  Object.keys(facts).forEach((name) => {
    if (facts[name] === null) return;
    if (name.charAt(0) === "=") draft.answers.fields[name.slice(1)] = facts[name];
    if (name.charAt(0) === "~") draft.answers[name.slice(1)] = facts[name];
  });
  return draft;
};

// `book` may be null; `store` is localStorage with get, set, drop; `name` is the draft's name in both
export const openJournal = (book, store, name) => {
  let last = null; // what the records say; null when the next writing has to say everything
  let count = 0;
  let tail = Promise.resolve(); // one writing after the other

  const next = (work) => {
    tail = tail.then(work, work);
    return tail;
  };

  const read = () =>
    !book
      ? Promise.resolve([])
      : inBook(book, ["journal"], "readonly", (journal, give) => {
          const asked = journal.index("draft").getAll(name);
          asked.onsuccess = () => give(asked.result);
        }).catch(() => []);

  const replace = (facts) =>
    inBook(book, ["journal"], "readwrite", (journal) => {
      eraseRecords(journal, name, "", () => journal.add({ draft: name, item: "*", value: facts }));
    });

  // one change; resolves once it is on the disk
  const append = (item, value) =>
    next(() =>
      inBook(book, ["journal"], "readwrite", (journal) => journal.add({ draft: name, item, value })).then(() => {
        count += 1;
        if (last) last[item] = value;
      })
    );

  // everything that changed since the last writing; resolves to whether it is kept
  const keep = (draft) =>
    next(() => {
      const facts = flat(draft);
      if (!book) return store.set(name, draft);
      const before = last;
      const changed = before && Object.keys(Object.assign({}, before, facts)).filter((key) => JSON.stringify(before[key] === undefined ? null : before[key]) !== JSON.stringify(facts[key] === undefined ? null : facts[key]));
      if (changed && !changed.some((key) => PASSING.indexOf(key) < 0)) return true;
      const writing = !changed || count + changed.length > MANY
        ? replace(facts).then(() => { count = 1; })
        : inBook(book, ["journal"], "readwrite", (journal) => {
            const first = journal.index("draft").getKey(name);
            changed.forEach((item) => journal.add({ draft: name, item, value: facts[item] === undefined ? null : facts[item] }));
            // where all that was there has been cleared away, the change alone would be a draft full of holes
            first.onsuccess = () => { if (first.result === undefined) journal.add({ draft: name, item: "*", value: facts }); };
          }).then(() => { count += changed.length; });
      return writing.then(
        () => {
          if (!last) store.drop(name);
          last = facts;
          return true;
        },
        () => {
          last = null; // full, or taken away by the browser: say everything again next time
          return store.set(name, draft);
        }
      );
    });

  // the draft as it was kept, or null
  const snapshot = () =>
    next(() => {
      const newest = store.get(name);
      if (newest && newest.answers) {
        last = null;
        return newest;
      }
      return read().then((records) => {
        if (!records.length) return null;
        const facts = {};
        records.forEach((one) => Object.assign(facts, one.item === "*" ? one.value : { [one.item]: one.value }));
        last = facts;
        count = records.length;
        return whole(facts);
      });
    });

  const erase = () =>
    next(() => {
      last = null;
      count = 0;
      store.drop(name);
      return book ? inBook(book, ["journal"], "readwrite", (journal) => eraseRecords(journal, name)).catch(() => undefined) : undefined;
    });

  // whether this browser keeps anything at all
  const works = () =>
    next(() => {
      const plain = () => {
        const kept = store.set("probe", 1);
        store.drop("probe");
        return kept;
      };
      if (!book) return plain();
      return inBook(book, ["journal"], "readwrite", (journal) => {
        journal.add({ draft: "probe", item: "", value: null });
        eraseRecords(journal, "probe");
      }).then(() => true, plain);
    });

  return { append, keep, snapshot, erase, works };
};
