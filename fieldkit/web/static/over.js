// A wave is over: what was never sent cannot be sent any more and does not stay on this phone.

const wave = document.querySelector("[data-wave]").getAttribute("data-wave");
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
