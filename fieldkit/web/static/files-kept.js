// Where files wait on this phone until they are delivered: the database fieldkit-files of this browser, or, on a shared
// phone and where a browser keeps nothing, the memory of this page. Written for Chrome 70: no ?. and ?? and class fields.

const SILENT_MS = 8000; // then the database is taken for one that never answers

const memory = {}; // response + name -> record
const keyOf = (record) => record.response + "/" + record.name;

let opening = null;
const database = () => {
  opening = opening || new Promise((found) => {
    setTimeout(() => found(null), SILENT_MS);
    try {
      const asked = indexedDB.open("fieldkit-files", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("attachments");
      asked.onsuccess = () => found(asked.result);
      asked.onerror = asked.onblocked = () => found(null);
    } catch (error) {
      found(null);
    }
  });
  return opening;
};

// one piece of work in the database; null where it did not work
const work = (mode, act) => database().then((base) => base && new Promise((done) => {
  setTimeout(() => done(null), SILENT_MS);
  try {
    const transaction = base.transaction("attachments", mode);
    const asked = act(transaction.objectStore("attachments"));
    transaction.oncomplete = () => done(asked.result === undefined ? true : asked.result);
    transaction.onerror = transaction.onabort = () => done(null);
  } catch (error) {
    done(null);
  }
}));

// true if it will still be there when the page was closed
export const keep = (record, shared) => {
  if (shared) {
    memory[keyOf(record)] = record;
    return Promise.resolve(false);
  }
  return work("readwrite", (all) => all.put(record, [record.response, record.name])).then((done) => {
    if (!done) memory[keyOf(record)] = record;
    return !!done;
  });
};

export const drop = (response, name) => {
  delete memory[response + "/" + name];
  return work("readwrite", (all) => all.delete([response, name]));
};

export const find = (response, name) => {
  const here = memory[response + "/" + name];
  if (here) return Promise.resolve(here);
  return work("readonly", (all) => all.get([response, name])).then((found) => (found && found.buffer ? found : null));
};

// the day from which its time counts; what has been dropped meanwhile stays dropped
export const begin = (record, day) => work("readwrite", (all) => {
  const asked = all.get([record.response, record.name]);
  asked.onsuccess = () => { if (asked.result) all.put(Object.assign(asked.result, { since: day }), [record.response, record.name]); };
  return asked;
});

// this phone turned out to be shared: nothing of these answers stays on it
export const intoMemory = (response) => everything().then((records) => {
  records.filter((record) => record.response === response && !inMemory(record)).forEach((record) => {
    drop(record.response, record.name);
    memory[keyOf(record)] = record;
  });
});

export const inMemory = (record) => !!memory[keyOf(record)];
export const anyInMemory = () => Object.keys(memory).length > 0;

// everything that waits
export const everything = () => work("readonly", (all) => all.getAll())
  .then((found) => (Array.isArray(found) ? found : []).concat(Object.keys(memory).map((key) => memory[key])));
