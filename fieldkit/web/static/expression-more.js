// The seldom used functions of the expression language; loaded only where a questionnaire uses one of them.
//   import * as expression from "./expression.js"; import { install } from "./expression-more.js"; install(expression);
// No import in here, so that both files can be served under names with their hash.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const WEEKDAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");

export const install = ({ register, number, text, isTrue, whole, zone, timeOfDay, localMs, isoDate }) => {
  const pad = (n, width) => String(n).padStart(width, "0");
  const own = (object, key) => (object && Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined);
  // processors disagree about the sixteenth digit of a sine; phone and server may not
  const careful = (f) => (...all) => +f(...all).toPrecision(15);
  const within = (low, high, total) => (low < 0 || total >= low) && (high < 0 || total <= high);
  const isDay = (day) => day >= -683003 && day < 2932897;
  const ms = (day) => (isDay(day) ? Math.floor(day * 864e5 + 0.5) : NaN);
  const chance = (context) => (context.random || Math.random)();

  const isoMoment = (at) => {
    if (at !== at) return "";
    const ahead = Math.abs(zone());
    const offset = (zone() < 0 ? "-" : "+") + pad(Math.floor(ahead / 60), 2) + ":" + pad(ahead % 60, 2);
    return isoDate(Math.floor(at / 864e5)) + new Date(at).toISOString().slice(-14, -1) + offset;
  };

  const formatDate = (day, pattern) => {
    if (!isDay(day)) return "";
    const date = new Date(ms(day));
    const year = pad(date.getUTCFullYear(), 4);
    const parts = {
      "%": "%",
      Y: year,
      y: year.slice(2),
      m: pad(date.getUTCMonth() + 1, 2),
      n: date.getUTCMonth() + 1,
      b: MONTHS[date.getUTCMonth()],
      d: pad(date.getUTCDate(), 2),
      e: date.getUTCDate(),
      H: pad(date.getUTCHours(), 2),
      h: date.getUTCHours(),
      M: pad(date.getUTCMinutes(), 2),
      S: pad(date.getUTCSeconds(), 2),
      3: pad(date.getUTCMilliseconds(), 3),
      a: WEEKDAYS[date.getUTCDay()],
    };
    return pattern.replace(/%([%YymnbdeHhMS3a])/g, (_, letter) => parts[letter]);
  };

  const root = (x) => (x >= 0 ? Math.sqrt(x) : NaN);
  const power = (base, exponent) => {
    if (exponent === 0.5) return root(base);
    if (exponent === 0) return 1;
    if (exponent !== exponent || base !== base) return NaN;
    if (exponent === whole(exponent) && Math.abs(exponent) <= 1024) {
      // multiplied out, so that both languages make the same roundings in the same order
      let result = 1;
      let factor = base;
      for (let left = Math.abs(exponent); left; left = Math.floor(left / 2)) {
        if (left % 2) result *= factor;
        factor *= factor;
      }
      return exponent > 0 ? result : 1 / result;
    }
    return +Math.pow(base, exponent).toPrecision(15);
  };

  const halfUp = (x) => {
    const floor = Math.floor(x);
    return x - floor >= 0.5 ? floor + 1 : floor;
  };
  const substring = (value, start, length) => {
    const first = halfUp(start);
    const after =
      length === undefined || (length === Infinity && first === -Infinity) ? Infinity : first + halfUp(length);
    return Array.from(value)
      .filter((_, i) => i + 1 >= first && i + 1 < after)
      .join("");
  };
  const translate = (value, letters, into) => {
    const from = Array.from(letters);
    const to = Array.from(into);
    return Array.from(value)
      .map((letter) => {
        const at = from.indexOf(letter);
        return at < 0 ? letter : at < to.length ? to[at] : "";
      })
      .join("");
  };

  const open = (value) => (Array.isArray(value) ? value : [value]);
  const weighted = (low, high, ...pairs) => {
    const values = [];
    const weights = [];
    pairs.forEach((value, i) => (i % 2 ? weights : values).push(...open(value)));
    const total = values.reduce((sum, value, i) => sum + ((isTrue(value) && number(weights[i])) || 0), 0);
    return within(number(low), number(high), total);
  };

  const format = ["ns", formatDate];
  register({
    "boolean-from-string": ["s", (a) => a === "1" || a === "true"],
    checklist: ["nnB", (low, high, ...all) => within(low, high, all.filter((a) => a).length)],
    "weighted-checklist": ["v", weighted],
    "selected-at": [
      "sn",
      (a, place) => {
        const parts = a.split(" ");
        return place > -1 && place < parts.length ? parts[whole(place)] : "";
      },
    ],
    "jr:choice-name": [
      "s",
      function (code, item) {
        return own(own(this.choiceNames, item), code) || "";
      },
    ],
    join: ["sS", (between, ...all) => all.join(between)],
    "ends-with": ["s", (a, b) => a.endsWith(b)],
    substr: [
      "sn",
      (a, start, end) =>
        Array.from(a)
          .slice(start, end)
          .join(""),
    ],
    substring: ["sn", substring],
    "substring-before": ["s", (a, b) => (b && a.indexOf(b) > 0 ? a.slice(0, a.indexOf(b)) : "")],
    "substring-after": ["s", (a, b) => (a.indexOf(b) < 0 ? "" : a.slice(a.indexOf(b) + b.length))],
    translate: ["s", translate],
    "normalize-space": ["s", (a) => a.replace(/\s+/g, " ").trim()],
    floor: ["n", Math.floor],
    ceiling: ["n", Math.ceil],
    abs: ["n", Math.abs],
    pow: ["n", power],
    sqrt: ["n", root],
    exp: ["n", careful(Math.exp)],
    exp10: ["n", (x) => power(10, x)],
    log: ["n", careful(Math.log)],
    log10: ["n", careful(Math.log10)],
    pi: ["", () => Math.PI],
    sin: ["n", careful(Math.sin)],
    cos: ["n", careful(Math.cos)],
    tan: ["n", careful(Math.tan)],
    asin: ["n", careful(Math.asin)],
    acos: ["n", careful(Math.acos)],
    atan: ["n", careful(Math.atan)],
    atan2: ["n", careful(Math.atan2)],
    random: [
      "",
      function () {
        return chance(this);
      },
    ],
    "count-non-empty": ["v", (a) => open(a).filter((one) => text(one) !== "").length],
    "indexed-repeat": [
      "v",
      (column, rows, place) => {
        const index = whole(number(place));
        return index >= 1 && index <= column.length ? column[index - 1] : "";
      },
    ],
    now: ["", () => isoMoment(localMs())],
    date: ["n", isoDate],
    "date-time": ["n", (day) => isoMoment(ms(day))],
    "decimal-date-time": ["n", (day) => day],
    "decimal-time": ["s", timeOfDay],
    "format-date": format,
    "format-date-time": format,
    uuid: [
      "",
      function () {
        return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (letter) => {
          const nibble = Math.floor(chance(this) * 16);
          return (letter === "x" ? nibble : (nibble & 3) | 8).toString(16);
        });
      },
    ],
  });
};
