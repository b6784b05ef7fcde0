// While work goes on, the page is fetched again every few seconds, but not while somebody is reading it with the keyboard
// or has left it.

const EVERY_MS = 3000;

setInterval(() => {
  const busy = document.activeElement && document.activeElement !== document.body;
  if (document.visibilityState === "visible" && !busy) location.reload();
}, EVERY_MS);
