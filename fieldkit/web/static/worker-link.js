// How a page speaks with the service worker. There is one only over https (or on the machine itself); everything else
// works without it, except opening the link with no network.

const ADDRESS = "/w/-/worker.js";
const SCOPES = ["/w/", "/area"];
const TAG = "fieldkit-outbox";

// what the address of a page says of its language, for the pages it leads to
export const spokenIn = (home) => (home.match(/\?lang=\w+/) || [""])[0];

const registered = () => {
  if (!navigator.serviceWorker) return Promise.resolve(null);
  return Promise.all(SCOPES.map((scope) => navigator.serviceWorker.register(ADDRESS, { scope })))
    .then(() => navigator.serviceWorker.getRegistration("/w/"))
    .catch(() => null);
};

// let the page be opened without a network from now on: itself and every file it has fetched
export const keepForOffline = (home) =>
  registered().then((registration) => {
    if (!registration) return;
    const files = performance.getEntriesByType("resource").map((one) => one.name).filter((name) => name.indexOf(location.origin + "/static/") === 0 || name.indexOf(location.origin + "/w/-/words/") === 0);
    const speak = (worker) => worker.postMessage({ keep: home, files });
    if (registration.active) speak(registration.active);
    else {
      const coming = registration.installing || registration.waiting;
      coming.addEventListener("statechange", () => { if (coming.state === "activated") speak(coming); });
    }
  });

// the worker sends what waits as soon as there is a network, also when this page is closed by then
export const wakeWorker = () => {
  if (!navigator.serviceWorker || !window.SyncManager) return;
  navigator.serviceWorker.getRegistration("/w/").then((registration) => registration && registration.sync.register(TAG)).catch(() => undefined);
};
