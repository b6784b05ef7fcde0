// What waits to be sent, and what was received but not yet seen. The page, every other page of the site and the service
// worker empty the same box; the server takes the same id any number of times and stores it once, so that sending twice
// is harmless and not sending is the only loss. Written for Chrome 70: no ?. and ?? and class fields.

import { eraseRecords, inBook } from "./book.js";

const WAIT_MS = 30000; // for one answer of the server
const FIRST_MS = 4000; // the first pause after a failure; each further one is about twice as long
const LONGEST_MS = 600000;
const OBEYED_MS = 3600000; // a server that asks for a longer pause than this is not believed
const OLD = "unsent:"; // where an earlier edition kept its queue, by address
const NAME = "unsent";
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

// who wants to do more once a response has arrived (attachments) puts a function here: afterReceived(submission)
export const hooks = { afterReceived: () => undefined };

const randomBytes = (n) => crypto.getRandomValues(new Uint8Array(n));

export const makeCode = () => {
  let code = "";
  while (code.length < 12) {
    const byte = randomBytes(1)[0];
    if (byte < 240) code += ALPHABET[byte % 30]; // 240 = 8 × 30: every letter is equally likely
  }
  return code;
};

export const pause = (tries, first) => Math.min(LONGEST_MS, (first || FIRST_MS) * Math.pow(2, Math.min(tries, 20) - 1)) * (0.5 + Math.random() / 2);

// the time by the server's clock; a proxy may have put its own date beside the server's
export const serverTime = (response) => Date.parse((response.headers.get("Date") || "").split(" GMT")[0] + " GMT");

// how long the server asks to be left alone, by its own clock: this phone's may be wrong
const askedPause = (response) => {
  const text = response.headers.get("Retry-After");
  if (!text) return 0;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - serverTime(response);
  return wait > 0 ? Math.min(wait, OBEYED_MS) : 0;
};

// hand in one record: {received}, {lost, wait} or {problem}. Only an answer in our own words counts as one: a login page
// of the network in between is not the server.
export const deliver = (record) => {
  const stop = typeof AbortController === "undefined" ? null : new AbortController();
  const timer = stop && setTimeout(() => stop.abort(), WAIT_MS);
  return fetch(record.to, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(record.submission),
    credentials: "omit",
    cache: "no-store",
    signal: stop ? stop.signal : undefined,
  })
    .then((response) => {
      const wait = askedPause(response);
      if (response.status >= 500 || response.status === 429 || response.status === 408) return { lost: true, wait };
      return response.json().then((said) => {
        if (response.ok) return said.receipt_code ? { received: said } : { lost: true, wait };
        return said.code ? { problem: said } : { lost: true, wait };
      });
    })
    .catch(() => ({ lost: true, wait: 0 }))
    .then((outcome) => {
      clearTimeout(timer);
      return outcome;
    });
};

// `store` is localStorage with get, set, drop and keys, or null in the worker, which has none
export const openOutbox = (book, store, first) => {
  const plain = () => (store && store.get(NAME)) || [];
  const writePlain = (records) => {
    if (!store) return false;
    if (records.length) return store.set(NAME, records);
    store.drop(NAME);
    return true;
  };

  // everything in the box, the oldest first
  const all = () => {
    const here = plain();
    if (!book) return Promise.resolve(here);
    return inBook(book, ["outbox"], "readonly", (outbox, give) => {
      outbox.getAll().onsuccess = (event) => give(event.target.result);
    }).then((found) => found.concat(here).sort((a, b) => a.place - b.place), () => here);
  };

  const putPlain = (record) => writePlain(plain().filter((one) => one.id !== record.id).concat([record]));
  // resolves to whether it is kept on this phone
  const put = (record) => {
    if (!book) return Promise.resolve(putPlain(record));
    return inBook(book, ["outbox"], "readwrite", (outbox) => outbox.put(record), true).then(
      () => {
        if (plain().some((one) => one.id === record.id)) writePlain(plain().filter((one) => one.id !== record.id));
        return true;
      },
      () => putPlain(record)
    );
  };

  const drop = (id) => {
    writePlain(plain().filter((one) => one.id !== id));
    return book ? inBook(book, ["outbox"], "readwrite", (outbox) => outbox.delete(id)).catch(() => undefined) : Promise.resolve();
  };

  // a submission that shall be sent; the place in the box does not depend on the clock
  const add = (path, submission) =>
    all().then((others) => {
      const known = others.filter((one) => one.id === submission.id)[0];
      const place = known ? known.place : others.reduce((most, one) => Math.max(most, one.place), 0) + 1;
      const record = { id: submission.id, path, to: path + "/responses?lang=" + submission.language, submission, state: "kept", tries: 0, due: 0, place };
      return put(record).then((kept) => ({ record, kept }));
    });

  // what an earlier edition of the page left in localStorage
  const adopt = () => {
    if (!store) return Promise.resolve();
    const old = store.keys().filter((key) => key.indexOf(OLD) === 0);
    return old.reduce(
      (done, key) =>
        done.then(() => {
          const path = key.slice(OLD.length);
          const left = store.get(key) || [];
          return left
            .reduce((before, submission) => before.then((well) => add(path, submission).then((added) => well && added.kept)), Promise.resolve(true))
            .then((well) => well && store.drop(key));
        }),
      Promise.resolve()
    );
  };

  // it has arrived: the answers go, what is left is the code and what the server signed, until somebody has seen it
  const settle = (record, received) => {
    const left = { id: record.id, path: record.path, place: record.place, state: "received", code: record.submission.receipt_code, signed: received.signed || "" };
    const draft = "draft:" + record.path;
    const old = store && store.get(draft);
    if (old && old.identity && old.identity.id === record.id) store.drop(draft);
    writePlain(plain().filter((one) => one.id !== record.id));
    if (!book) return Promise.resolve(putPlain(left)).then(() => left);
    return inBook(book, ["outbox", "journal"], "readwrite", (outbox, journal) => {
      outbox.put(left);
      eraseRecords(journal, draft, record.id);
    }).catch(() => undefined).then(() => left);
  };

  // try one record once, and write down what came of it; `held` is false where it could not be kept on this phone
  const attempt = (record, held) =>
    deliver(record).then((outcome) => {
      if (outcome.received) {
        return Promise.resolve(held === false ? null : settle(record, outcome.received))
          .then(() => {
            // what comes after may take long; the receipt does not wait for it
            Promise.resolve(record.submission).then(hooks.afterReceived).catch(() => undefined);
            return outcome;
          });
      }
      // somebody else has this very code (one chance in 10^17): make another one and send again
      if (outcome.problem && outcome.problem.code === "receipt.taken") {
        const again = Object.assign({}, record, { submission: Object.assign({}, record.submission, { receipt_code: makeCode() }) });
        return (held === false ? Promise.resolve() : put(again)).then(() => attempt(again, held)).then((later) => Object.assign({ submission: again.submission }, later));
      }
      const tries = record.tries + 1;
      const wait = outcome.lost ? Math.max(pause(tries, first), outcome.wait || 0) : 0;
      const changed = outcome.lost
        ? { tries, wait, due: Date.now() + wait, asked: outcome.wait ? Date.now() + outcome.wait : 0 }
        : { tries, state: "declined", problem: outcome.problem };
      Object.assign(record, changed);
      return (held === false ? Promise.resolve() : put(record)).then(() => Object.assign({}, outcome, { wait }));
    });

  // a time in the future that lies further off than any pause was written by a clock that has been wrong since
  const over = (time, longest) => !time || time <= Date.now() || time - Date.now() > longest;
  const isDue = (record, now) => record.state === "kept" && over(record.asked, OBEYED_MS) && (now || over(record.due, LONGEST_MS));

  // send what is due, one after the other; with `now` also what is pausing, but never against the server's word: there is
  // news of the network, and the pauses begin anew.
  // Resolves to what still waits: {left, wait}; wait is null when nothing does.
  const empty = (now, which) =>
    all()
      .then((records) =>
        records
          .filter((record) => isDue(record, now) && (!which || which(record)))
          .reduce((done, record) => done.then(() => attempt(now ? Object.assign(record, { tries: 0 }) : record)), Promise.resolve())
      )
      .then(all)
      .then((records) => {
        const left = records.filter((record) => record.state === "kept" && (!which || which(record)));
        const waits = left.map((record) => Math.max(0, Math.max(record.due, record.asked || 0) - Date.now()));
        return { left: left.length, wait: left.length ? Math.max(200, Math.min(LONGEST_MS, Math.min(...waits))) : null };
      });

  let running = null;
  const flush = (now, which) => {
    if (running) return running;
    const locks = typeof navigator === "undefined" ? null : navigator.locks;
    const one = locks
      ? new Promise((resolve, reject) => {
          locks.request("fieldkit:outbox", { ifAvailable: true }, (lock) => (lock ? empty(now, which) : { left: 1, wait: FIRST_MS })).then(resolve, reject);
        })
      : empty(now, which);
    running = one.then(
      (found) => {
        running = null;
        return found;
      },
      () => {
        running = null;
        return { left: 0, wait: null };
      }
    );
    return running;
  };

  return { all, add, put, drop, adopt, attempt, flush };
};

// keep emptying the box while the page is open: when it begins, when the network is back, when one looks at it again
export const keepEmptying = (outbox, told) => {
  let timer = 0;
  const run = (now) => {
    clearTimeout(timer);
    timer = 0;
    return outbox.flush(now).then((found) => {
      if (found.wait !== null) timer = setTimeout(() => run(false), found.wait);
      if (told) told(found);
      return found;
    });
  };
  addEventListener("online", () => run(true));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") run(true); });
  return run;
};
