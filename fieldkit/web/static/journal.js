// What was typed, kept change by change: one record for each, never written over, so that a tab that is killed in the
// middle loses at most the change that was being written. Reading is putting the records on each other in their order;
// now and then they are replaced by one that holds them all. Where there is no database the draft lies whole in
// localStorage; what lies there is always the newest, because it is written only when the database could not be.
// Only one page writes: each writing first looks whether the newest record is still the one that this page left or
// claimed. Where it is not, another page has the draft, and nothing is written.

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

// `book` may be null; `store` is localStorage with get, set, drop; `name` is the draft's name in both; `outrun` is called
// when another page has written
export const openJournal = (book, store, name, outrun = () => undefined) => {
  let last = null; // what the records say; null when the next writing has to say everything
  let count = 0;
  let known; // the key of the newest record as this page left it, null for none; undefined for a page that has not looked
  let mark; // the same for what lies in localStorage
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

  const together = (records) => Object.assign({}, ...records.map((one) => (one.item === "*" ? one.value : { [one.item]: one.value })));

  // another page has written: there is something newer than what this page left. Nothing there at all is no sign of one.
  const overtaken = (found, left) => left !== undefined && found !== null && found !== left;

  // the key of the newest record, or null
  const newest = (journal, then) => {
    journal.index("draft").openKeyCursor(IDBKeyRange.only(name), "prev").onsuccess = (event) => {
      then(event.target.result ? event.target.result.primaryKey : null);
    };
  };

  // one transaction; resolves to whether this page could still write. `work` is lent what adds a record.
  const write = (work) => {
    let key = null;
    let full = false;
    return inBook(book, ["journal"], "readwrite", (journal, give) => {
      const add = (item, value) => {
        if (full) return;
        try {
          journal.add({ draft: name, item, value }).onsuccess = (event) => { key = event.target.result; };
        } catch (error) {
          full = true;
          journal.transaction.abort();
        }
      };
      newest(journal, (found) => {
        if (overtaken(found, known)) give("outrun");
        else work(add, journal, found);
      });
    }).then((found) => {
      if (found === "outrun") {
        outrun();
        return false;
      }
      known = key;
      return true;
    });
  };

  const markNow = () => (store.get(name) || {}).mark || null;
  // resolves to whether it is kept
  const writePlain = (draft) => {
    if (overtaken(markNow(), mark)) {
      outrun();
      return true; // by the other page
    }
    const made = Math.random();
    const well = store.set(name, Object.assign({}, draft, { mark: made }));
    if (well) mark = made;
    return well;
  };

  const replace = (facts) => (add, journal) => eraseRecords(journal, name, "", () => add("*", facts));

  // one change; resolves once it is on the disk
  const append = (item, value) =>
    next(() =>
      write((add, journal, found) => {
        if (found === null && last) last = null; // cleared away: the next writing says everything
        else add(item, value);
      }).then((well) => {
        count += 1;
        if (well && last) last[item] = value;
      })
    );

  // everything that changed since the last writing; resolves to whether it is kept
  const keep = (draft) =>
    next(() => {
      const facts = flat(draft);
      if (!book) return writePlain(draft);
      const before = last;
      const changed = before && Object.keys(Object.assign({}, before, facts)).filter((key) => JSON.stringify(before[key] === undefined ? null : before[key]) !== JSON.stringify(facts[key] === undefined ? null : facts[key]));
      if (changed && !changed.some((key) => PASSING.indexOf(key) < 0)) return true;
      const all = !changed || count + changed.length > MANY;
      const few = (add) => changed.forEach((item) => add(item, facts[item] === undefined ? null : facts[item]));
      // where all that was there has been cleared away, the change alone would be a draft full of holes
      return write((add, journal, found) => (all || found === null ? replace(facts) : few)(add, journal)).then(
        (well) => {
          if (!well) return true; // by the other page
          count = all ? 1 : count + changed.length;
          store.drop(name);
          mark = null;
          last = facts;
          return true;
        },
        () => {
          last = null; // full, or taken away by the browser: say everything again next time
          return writePlain(draft);
        }
      );
    });

  const aside = name + "~";
  const rename = (from, to) =>
    inBook(book, ["journal"], "readwrite", (journal) => {
      journal.index("draft").openCursor(from).onsuccess = (event) => {
        const at = event.target.result;
        if (!at) return;
        at.update(Object.assign(at.value, { draft: to }));
        at.continue();
      };
    }).catch(() => undefined);

  // somebody began before it was known what lies here: an earlier draft is not written over, it is offered another time
  const setAside = () =>
    next(() => {
      last = null;
      count = 0;
      return book ? rename(name, aside) : undefined;
    });

  // the draft as it was kept, or null
  const snapshot = () =>
    next(() => {
      const newer = store.get(name);
      if (newer && newer.answers) {
        last = null;
        return newer;
      }
      return read().then((records) => (records.length || !book ? records : rename(aside, name).then(read))).then((records) => {
        if (!records.length) return null;
        last = together(records);
        count = records.length;
        return whole(last);
      });
    });

  // the same for a page that will write it from now on: it is put together as one new record, and a page that wrote
  // before is refused, though it may have heard nothing
  const claim = () =>
    snapshot().then((draft) =>
      next(() => {
        known = undefined;
        mark = markNow();
        if (!draft) {
          last = known = null;
          count = 0;
          return null;
        }
        if (!book) {
          writePlain(draft);
          return draft;
        }
        let facts = flat(draft);
        const plain = !last;
        return write((add, journal) => {
          journal.index("draft").getAll(name).onsuccess = (event) => {
            // another page may have written or erased while we read
            if (!plain) facts = event.target.result.length ? together(event.target.result) : null;
            if (facts) replace(facts)(add, journal);
          };
        }).then(
          () => {
            last = facts;
            count = facts ? 1 : 0;
            store.drop(name);
            mark = null;
            return plain || !facts ? facts && draft : whole(facts);
          },
          () => draft // no room for it; it can still be read
        );
      })
    );

  // whether the page that has the draft has written any of it
  const begun = () => next(() => (book ? read().then((records) => records.length > 0) : markNow() !== null));

  // a page that was asleep looks whether another one has written meanwhile
  const wake = () =>
    next(() => {
      if (!book) return overtaken(markNow(), mark) ? outrun() : undefined;
      return inBook(book, ["journal"], "readonly", (journal, give) => newest(journal, give)).then(
        (found) => { if (overtaken(found, known)) outrun(); },
        () => undefined
      );
    });

  const erase = () =>
    next(() => {
      last = null;
      count = 0;
      known = null;
      mark = null;
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

  return { append, keep, setAside, snapshot, claim, begun, wake, erase, works };
};
