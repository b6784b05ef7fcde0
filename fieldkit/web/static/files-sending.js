// Delivering files after their answers: piece by piece, from where it stopped, again until the server has all of it.
// Written for Chrome 70: no ?. and ?? and class fields.

import { begin, drop, everything, find } from "./files-kept.js";

const PIECE = 128 * 1024;
const WAIT_MS = 60000; // for one piece on a slow network
const DAYS = 60; // as long as a draft may wait at most; the days are the server's, this phone's clock may be wrong
const PAUSES = [2000, 5000, 15000, 30000, 60000]; // between tries while the page stays open

// the number of the day at the server; a proxy may have put its own date beside the server's
const dayOf = (response) => Math.floor(Date.parse((response.headers.get("Date") || "").split(" GMT")[0] + " GMT") / 864e5);

const ask = (record, language, options) => {
  const stop = window.AbortController ? new AbortController() : null;
  const timer = stop && setTimeout(() => stop.abort(), WAIT_MS);
  const address = record.path + "/attachments/" + record.response + "/" + record.name + "?lang=" + language;
  const given = Object.assign({ credentials: "omit", cache: "no-store", signal: stop ? stop.signal : undefined }, options);
  given.headers = Object.assign({ Accept: "application/json" }, given.headers);
  return fetch(address, given)
    .then((response) => {
      if (response.ok) return response.json();
      if (response.status >= 500 || response.status === 429 || response.status === 408) return { lost: true };
      return response.json().then((problem) => ({ problem, day: dayOf(response) }));
    })
    .catch(() => ({ lost: true }))
    .then((answer) => {
      clearTimeout(timer);
      return answer;
    });
};

// hand in the rest of one file; resolves to {arrived}, {lost} or {problem}
const send = (record, language, told) => {
  const size = record.buffer.byteLength;
  let misplaced = 0;
  const step = (answer) => {
    if (answer.problem && answer.problem.code === "attachment.out_of_order" && misplaced < 3) {
      misplaced += 1; // another tab is at it as well
      return ask(record, language).then(step);
    }
    if (answer.lost || answer.problem || answer.arrived) return answer;
    told(Math.floor((100 * answer.offset) / size));
    return ask(record, language, {
      method: "PUT",
      headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(answer.offset), "Upload-Length": String(size) },
      body: record.buffer.slice(answer.offset, answer.offset + PIECE),
    }).then(step);
  };
  return ask(record, language).then(step);
};

// `told(lines)`: what is on its way, each with its state: waiting, sending, arrived, refused. `over` is the path of a
// wave that takes no more answers: files whose answers never arrived are not kept for them any longer.
export const openSending = (language, current, told, over) => {
  const shown = {}; // response/name -> {record, state, percent, why}
  const handedIn = {}; // responses that have arrived; the page may not have noticed yet
  let busy = false;
  let again = false;
  let tries = 0;
  let timer = 0;
  const report = () => told(Object.keys(shown).map((key) => shown[key]));

  const one = (record) => {
    const line = shown[record.response + "/" + record.name] || { record, state: "waiting", percent: 0 };
    const announced = (percent) => {
      shown[record.response + "/" + record.name] = line;
      line.state = "sending";
      line.percent = percent;
      report();
    };
    return send(record, language, announced).then((answer) => {
      if (answer.arrived) {
        line.state = "arrived";
        shown[record.response + "/" + record.name] = line;
        drop(record.response, record.name);
      } else if (answer.problem && answer.problem.code === "attachment.not_named") {
        // its answers have not arrived, and may never
        if ((over && record.path.indexOf(over) === 0) || answer.day - record.since >= DAYS) drop(record.response, record.name);
        else if (!record.since && answer.day) begin(record, answer.day);
      } else if (answer.problem) {
        line.state = "refused";
        line.why = answer.problem.message;
        shown[record.response + "/" + record.name] = line;
        drop(record.response, record.name);
      } else if (answer.lost && shown[record.response + "/" + record.name]) {
        line.state = "waiting";
      }
      report();
      return !!answer.lost;
    });
  };

  // everything but what belongs to the answers that are still being written
  const flush = () => {
    if (busy) {
      again = true;
      return undefined;
    }
    busy = true;
    clearTimeout(timer);
    return everything()
      .then((records) => records.filter((record) => handedIn[record.response] || record.response !== current()))
      .then((records) => records.reduce((before, record) => before.then((lost) => one(record).then((now) => lost || now)), Promise.resolve(false)))
      .then((lost) => {
        busy = false;
        if (again) {
          again = false;
          flush();
        } else if (lost) {
          timer = setTimeout(flush, PAUSES[Math.min(tries, PAUSES.length - 1)]);
          tries += 1;
        } else {
          tries = 0;
        }
      });
  };

  return {
    flush,
    // the answers have arrived: their files are next; what they no longer name goes
    deliver: (submission) => everything().then((records) => {
      handedIn[submission.id] = true;
      const named = JSON.stringify(submission.answers);
      const mine = records.filter((record) => record.response === submission.id);
      mine.filter((record) => named.indexOf(record.name) < 0).forEach((record) => drop(record.response, record.name));
      mine.filter((record) => named.indexOf(record.name) >= 0).forEach((record) => {
        shown[record.response + "/" + record.name] = { record, state: "waiting", percent: 0 };
      });
      report();
      return flush();
    }),
    forget: (response) => everything().then((records) => {
      records.filter((record) => record.response === response).forEach((record) => drop(record.response, record.name));
    }),
    find,
  };
};
