// One questionnaire is written in one page at a time. A second page of the same browser is told and may take over; the
// first then writes down what it has and stops. Web Locks where there are any (https), else the pages ask each other.

const ANSWER_MS = 600; // how long a page may take to say that it is there
const YIELD_MS = 1500; // how long a page may take to write down what it has
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

// `finish` writes down what this page has and stops it; it is called when another page takes over
export const openTurn = (name, finish) => {
  const me = Math.random().toString(36).slice(2);
  const locks = navigator.locks;
  let mine = false;
  let asking = false; // we came first and are still waiting for a word: whoever asks now comes after us
  let release = () => {};
  let waiting = null; // what to do when another page answers
  let stopping = null;

  const yielded = () => {
    mine = false;
    stopping = stopping || Promise.resolve(finish()).then(() => { stopping = null; });
    return stopping;
  };

  const tell = openLine((said) => {
    if (said.name !== name || said.from === me) return;
    if (said.what === "who" && (mine || asking)) tell({ name, from: me, what: "here" });
    if (said.what === "take" && mine) {
      yielded().then(() => {
        release();
        tell({ name, from: me, what: "yours" });
      });
    }
    if (waiting && said.what === waiting.what) waiting.heard(true);
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
    new Promise((resolve) => {
      locks
        .request("fieldkit:" + name, options, (held) => {
          if (!held) return resolve(false);
          mine = true;
          resolve(true);
          return new Promise((free) => { release = free; });
        })
        .catch(() => { if (mine) yielded(); else resolve(false); });
    });

  // resolves to whether this page may write
  const ask = () => {
    if (locks) return lock({ ifAvailable: true });
    const heard = hear("here", ANSWER_MS);
    tell({ name, from: me, what: "who" });
    asking = true;
    return heard.then((there) => {
      asking = false;
      mine = !there;
      return mine;
    });
  };

  // the respondent wants to go on here
  const take = () => {
    const heard = hear("yours", YIELD_MS);
    tell({ name, from: me, what: "take" });
    return heard.then((given) => {
      if (!locks) {
        mine = true;
        return true;
      }
      return given ? lock({}) : lock({ steal: true });
    });
  };

  return { ask, take };
};
