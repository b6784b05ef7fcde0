// One questionnaire is written in one page at a time. A second page of the same browser is told and may take over; the
// first then stops and writes down what it has. Web Locks where there are any (https), else the pages ask each other.
// Words may come late or never: that two pages do not write is seen to by the journal, which refuses the one that was
// overtaken; the words here are what lets a page know before it is refused.

import { soon } from "./book.js";

const ANSWER_MS = 600; // how long a page may take to say that it is there
const YIELD_MS = 3000; // how long a page may take to write down what it has
const KEY = "fieldkit:tabs";

// a line between the pages of this browser
const openLine = (heard) => {
  if (typeof BroadcastChannel !== "undefined") {
    const line = new BroadcastChannel(KEY);
    line.onmessage = (event) => heard(event.data);
    return (said) => line.postMessage(said);
  }
  addEventListener("storage", (event) => {
    if (event.key === KEY && event.newValue) heard(JSON.parse(event.newValue));
  });
  return (said) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(said));
      localStorage.removeItem(KEY);
    } catch (error) {
      // a browser without storage keeps no draft that two pages could share
    }
  };
};

// `finish` stops this page and resolves once what it has is written down; it is called when another page takes over
export const openTurn = (name, finish) => {
  const me = Math.random().toString(36).slice(2);
  let locks = navigator.locks;
  let doing = ""; // asking, taking, mine
  let since = 0; // when that began
  let release = () => {};
  let waiting = null; // what another page's word is waited for, and what to do then

  const begin = (what) => {
    doing = what;
    since = Date.now();
  };
  // two pages that do the same at once must agree on which of them was first
  const before = (said) => since < said.at || (since === said.at && me < said.from);

  const yielded = () => {
    doing = "";
    // a page that cannot write any more has to let go all the same
    return Promise.resolve().then(finish).catch(() => undefined).then(() => release());
  };

  const say = (what, to) => tell({ name, from: me, what, at: since, to });
  const answer = (what, well) => { if (waiting && waiting.what === what) waiting.heard(well); };
  const heard = {
    who: (said) => {
      if (doing === "mine" || doing === "taking" || (doing === "asking" && before(said))) say("here", said.from);
      else if (doing === "asking") answer("here", true);
    },
    here: (said) => {
      // whoever was too slow to answer when we asked: both believe that they write, and the later one goes on
      if (doing === "mine" && !before(said)) say("take");
      if (said.to === me) answer("here", true);
    },
    take: (said) => {
      if (doing === "mine") yielded().then(() => say("yours"));
      else if (doing === "asking") answer("here", true);
      else if (doing === "taking" && before(said)) answer("yours", null);
    },
    yours: () => answer("yours", true),
  };
  const tell = openLine((said) => {
    if (said.name === name && said.from !== me && heard[said.what]) heard[said.what](said);
  });

  // wait for a word of another page; false when none comes
  const hear = (what, limit) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limit);
      waiting = { what, heard: (found) => { clearTimeout(timer); resolve(found); } };
    }).then((found) => {
      waiting = null;
      return found;
    });

  // the lock, for as long as the page lives or until it lets go
  const lock = (options) =>
    new Promise((resolve, reject) => {
      let held = false;
      locks
        .request("fieldkit:" + name, options, (given) => {
          if (!given) return resolve(false);
          held = true;
          begin("mine");
          resolve(true);
          return new Promise((free) => { release = free; });
        })
        .catch((error) => {
          if (!held) reject(error);
          else if (doing === "mine") yielded();
        });
    }).catch(() => {
      locks = null; // it has them, and does not give any
      begin("mine");
      return true;
    });

  // resolves to whether this page may write
  const ask = () => {
    if (locks) return lock({ ifAvailable: true });
    begin("asking");
    const there = hear("here", ANSWER_MS);
    say("who");
    return there.then((found) => {
      if (doing === "asking") doing = found ? "" : "mine";
      return doing === "mine";
    });
  };

  // the respondent wants to go on here; resolves to whether this page may write, which only a page that takes over at the
  // same moment can prevent
  const take = () => {
    begin("taking");
    const given = hear("yours", YIELD_MS);
    say("take");
    return given.then((found) => {
      if (found === null) {
        doing = "";
        return false;
      }
      return (locks ? soon(lock({ steal: true }), YIELD_MS) : Promise.resolve()).then(() => {
        doing = "mine"; // also where the browser does not answer
        return true;
      });
    });
  };

  // another page writes: this one has let go without a word
  const lose = () => {
    doing = "";
    release();
  };

  return { ask, take, lose, mine: () => doing === "mine" };
};
