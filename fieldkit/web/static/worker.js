// The service worker: opens the questionnaire without a network and sends what waits. Scripts and styles are taken from
// the phone first, because their address changes with their content; pages come from the network first, and from the
// phone when it does not answer soon. Never kept: answers, receipts, the page for deleting, the desk.
// The server puts book.js and outbox.js above this and serves all as one classic script (fieldkit/web/phone/offline.py).

const PAGES = "fieldkit-pages";
const FILES = "fieldkit-files-"; // and the edition
const TAG = "fieldkit-outbox";
const SOON_MS = 3000;
const MOST_PAGES = 12;
const EDITIONS = 2; // kept beside those that a kept page needs

const KEPT_PAGE = /^\/(area|w\/[a-z0-9][a-z0-9-]*(\/\d+)?|w\/-\/mine)$/;
const KEPT_FILE = /^\/(static|w\/-\/words)\//;

const later = (time) => new Promise((resolve) => setTimeout(resolve, time));
const editionOf = (address) => (address.match(/\/static\/([^/]+)\//) || [])[1];

const keepFile = (edition, address) =>
  caches.open(FILES + edition).then((files) =>
    files.match(address, { ignoreVary: true }).then((found) =>
      found || fetch(address, { credentials: "omit" }).then((response) => {
        // an edition that the server no longer has comes without this word, and is not what was asked for
        if (!response.ok || !/immutable/.test(response.headers.get("Cache-Control") || "")) throw new Error("not kept");
        return files.put(address, response);
      })
    )
  );

// a page is kept only together with all that it needs
const keepPage = (address, response, more) =>
  response.clone().text().then((text) => {
    const named = (text.match(/="(\/(?:static|w\/-\/words)\/[^"]+)"/g) || []).map((one) => one.slice(2, -1));
    const edition = editionOf(named.filter(editionOf)[0] || "");
    if (!edition) return undefined;
    const parts = PARTS.map((name) => "/static/" + edition + "/" + name);
    const wanted = named.concat(parts, more || []).filter((one, i, all) => all.indexOf(one) === i && (!editionOf(one) || editionOf(one) === edition));
    return Promise.all(wanted.map((one) => keepFile(edition, one)))
      .then(() => caches.open(PAGES))
      .then((pages) => pages.delete(address).then(() => pages.put(address, response)))
      .then(tidy);
  }).catch(() => undefined);

// not more pages than one person opens, and no files that none of them needs
const tidy = () =>
  caches.open(PAGES).then((pages) =>
    pages.keys().then((kept) =>
      Promise.all(kept.slice(0, Math.max(0, kept.length - MOST_PAGES)).map((one) => pages.delete(one)))
        .then(() => pages.keys())
        .then((left) => Promise.all(left.map((one) => pages.match(one).then((page) => page.text()).then(editionOf))))
        .then((used) => caches.keys().then((names) => {
          const editions = names.filter((name) => name.indexOf(FILES) === 0);
          return Promise.all(editions.slice(0, -EDITIONS).filter((name) => used.indexOf(name.slice(FILES.length)) < 0).map((name) => caches.delete(name)));
        }))
    )
  );

const file = (request) =>
  caches.match(request, { ignoreVary: true }).then((found) => found || fetch(request));

const pageFor = (event) => {
  const url = new URL(event.request.url);
  const address = url.pathname + url.search;
  const kept = () =>
    caches.open(PAGES).then((pages) => pages.match(address, { ignoreVary: true }).then((found) => found || pages.match(address, { ignoreVary: true, ignoreSearch: true })));
  const network = fetch(event.request).then((response) => {
    if (response.status === 404 || response.status === 410) event.waitUntil(caches.open(PAGES).then((pages) => pages.delete(address)));
    else if (response.ok && !response.redirected) event.waitUntil(keepPage(address, response.clone()));
    return response;
  });
  event.waitUntil(network.catch(() => undefined));
  const orKept = (response) => (response.status < 500 ? response : kept().then((found) => found || response));
  return Promise.race([network.then(orKept), later(SOON_MS).then(kept).then((found) => found || network)]).catch((error) =>
    kept().then((found) => {
      if (found) return found;
      throw error;
    })
  );
};

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (KEPT_FILE.test(url.pathname)) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate" && KEPT_PAGE.test(url.pathname)) event.respondWith(pageFor(event));
});

self.addEventListener("message", (event) => {
  const { keep, files } = event.data;
  const more = files.map((name) => new URL(name).pathname);
  const one = (address) => fetch(address, { credentials: "omit" }).then((response) => (response.ok ? keepPage(address, response, more) : undefined)).catch(() => undefined);
  // the questionnaire last: more pages than find room make the oldest go
  const mine = "/w/-/mine" + (keep.match(/\?lang=\w+/) || [""])[0];
  event.waitUntil(["/area", mine, keep].reduce((done, address) => done.then(() => one(address)), Promise.resolve()));
});

self.addEventListener("sync", (event) => {
  if (event.tag !== TAG) return;
  // what could not be sent fails the event, so that the browser tries again later
  event.waitUntil(openBook().then((book) => openOutbox(book, null).flush(true)).then((found) => { if (found.left) throw new Error("still waiting"); }));
});
