// A wave is over: what was never sent cannot be sent any more and does not stay on this phone.

const wave = document.querySelector("[data-wave]").getAttribute("data-wave");
try {
  // files of answers that have arrived are still taken; what belongs to answers never sent goes
  const asked = indexedDB.open("fieldkit-files");
  asked.onupgradeneeded = () => asked.transaction.abort(); // there never were any
  asked.onerror = (event) => event.preventDefault();
  asked.onsuccess = () => {
    asked.result.close();
    import("./files-sending.js").then((rest) => rest.open(document.documentElement.lang, () => "", () => {}, wave).flush());
  };
} catch (error) {
  // no such storage in this browser
}
try {
  Object.keys(localStorage)
    .filter((key) => key.indexOf("draft:" + wave) === 0 || key.indexOf("unsent:" + wave) === 0)
    .forEach((key) => {
      localStorage.removeItem(key);
      document.getElementById("cleared").hidden = false;
    });
} catch (error) {
  // a browser that keeps nothing has nothing to clear
}
