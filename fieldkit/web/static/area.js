// The table of units behind 快速隐藏. It knows nothing about questionnaires.

// seven significant digits at most, without exponent and without trailing zeros
const shown = (number) => {
  if (!isFinite(number)) return "";
  const digits = number === 0 ? 0 : Math.max(0, Math.min(12, 2 - Math.floor(Math.log10(Math.abs(number)))));
  return String(Number(number.toFixed(Math.min(digits, 12)))).indexOf("e") < 0
    ? String(Number(number.toFixed(digits)))
    : number.toFixed(digits);
};

// make the calculator inside `root` work
export const calculator = (root) => {
  const value = root.querySelector("#area-value");
  const unit = root.querySelector("#area-unit");
  const compute = () => {
    const metres = Number(value.value.normalize("NFKC").replace(",", "")) * Number(unit.value);
    root.querySelectorAll("[data-metres]").forEach((cell) => {
      cell.textContent = value.value.trim() ? shown(metres / Number(cell.getAttribute("data-metres"))) : "";
    });
  };
  value.addEventListener("input", compute);
  unit.addEventListener("change", compute);
};

const alone = document.querySelector("body > .area");
if (alone) calculator(alone);
