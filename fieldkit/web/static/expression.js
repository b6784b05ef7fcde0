// What an expression says, on the phone: the same answer as fieldkit/core/expression/, where the tree is described.
// evaluate(tree, context) gives a number, a text, true/false, or an array of texts (a node-set).
// context: answers, and where needed current, row, position, repeats, now (ms), zone (minutes), choiceNames, random.
// Written for Chrome 70: no ?. and ?? and class fields.

let scope = {};

const own = (object, key) => (object && Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined);
const isRows = Array.isArray;
const answer = (value) => (value == null ? "" : isRows(value) ? value.join(" ") : String(value));

export const zone = () => (scope.zone == null ? 480 : scope.zone);
export const text = (value) => (isRows(value) ? (value.length ? value[0] : "") : String(value));
export const isTrue = (value) => (isRows(value) ? value.length > 0 : !!value);
export const whole = (x) => (x > 0 ? Math.floor(x) : Math.ceil(x));

const TIME = "(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d+))?)?(?:(Z)|([+-])(\\d\\d):?(\\d\\d)?)?";
const MOMENT = new RegExp("^(\\d{4})-(\\d{1,2})-(\\d{1,2})(?:T" + TIME + ")?$");

// milliseconds since midnight here; `at` is where the hour stands in the match
const clock = (found, at) => {
  const part = (i) => +(found[at + i] || 0);
  if (part(0) > 23 || part(1) > 59 || part(2) > 59) return NaN;
  const ahead = (found[at + 5] === "-" ? -1 : 1) * (part(6) * 60 + part(7));
  return (
    ((part(0) * 60 + part(1)) * 60 + part(2)) * 1000 +
    +((found[at + 3] || "") + "000").slice(0, 3) +
    (found[at + 4] || found[at + 5] ? (zone() - ahead) * 60000 : 0)
  );
};

// days since 1970 of a date text, NaN of any other
const days = (value) => {
  const found = MOMENT.exec(value);
  if (!found || found[1] < 100) return NaN;
  const start = Date.UTC(found[1], found[2] - 1, found[3]);
  const date = new Date(start);
  if (date.getUTCMonth() !== found[2] - 1 || date.getUTCDate() !== +found[3]) return NaN;
  return (start + (found[4] ? clock(found, 4) : 0)) / 864e5;
};

export const timeOfDay = (value) => {
  const found = RegExp("^" + TIME + "$").exec(value);
  const ms = found ? clock(found, 1) : NaN;
  return (((ms % 864e5) + 864e5) % 864e5) / 864e5;
};

export const number = (value) => {
  if (!isRows(value) && typeof value !== "string") return +value;
  const trimmed = text(value).trim();
  const date = days(trimmed);
  return date === date ? date : trimmed === "" || /^0[box]/i.test(trimmed) ? NaN : +trimmed;
};

export const localMs = () => (scope.now == null ? Date.now() : scope.now) + zone() * 60000;
export const isoDate = (day) =>
  day >= -683003 && day < 2932897 ? new Date(Math.floor(day) * 864e5).toISOString().slice(0, 10) : "";

export const halfAway = (x) => {
  const size = Math.abs(x);
  const floor = Math.floor(size);
  const round = size - floor >= 0.5 ? floor + 1 : floor;
  return x < 0 || 1 / x < 0 ? -round : round;
};

const some = (value, test) => (isRows(value) ? value.some(test) : test(value));
const same = (a, b) =>
  typeof a === "string" && typeof b === "string" && isNaN(days(a)) && isNaN(days(b)) ? a === b : number(a) === number(b);
const equal = (wanted) => (a, b) =>
  typeof a === "boolean" || typeof b === "boolean"
    ? (isTrue(a) === isTrue(b)) === wanted
    : some(a, (x) => some(b, (y) => same(x, y) === wanted));
const ordered = (test) => (a, b) => some(a, (x) => some(b, (y) => test(number(x), number(y))));
const least = (of) => (...all) => (all.length ? of(...all) : NaN);

// name: [how the arguments are read, function]. A letter per argument: n number, s text, b truth, v as it is; a capital
// opens a node-set into its rows; the last letter holds for all further arguments. `this` is the context.
// An entry without letters gets the branches unevaluated.
const table = {
  $: (id, repeat) =>
    repeat === undefined
      ? answer(own(scope.row, id) === undefined ? own(scope.answers, id) : scope.row[id])
      : (own(scope.repeats, repeat) || []).map((row) => answer(id === null ? "" : own(row, id))),
  ".": () => answer(scope.current),
  if: (test, yes, no) => run(isTrue(run(test)) ? yes : no),
  and: (...parts) => parts.every((part) => isTrue(run(part))),
  or: (...parts) => parts.some((part) => isTrue(run(part))),
  "=": ["v", equal(true)],
  "!=": ["v", equal(false)],
  "<": ["v", ordered((x, y) => x < y)],
  "<=": ["v", ordered((x, y) => x <= y)],
  ">": ["v", ordered((x, y) => x > y)],
  ">=": ["v", ordered((x, y) => x >= y)],
  "+": ["n", (...all) => all.reduce((x, y) => x + y)],
  "-": ["n", (x, y) => x - y],
  "*": ["n", (...all) => all.reduce((x, y) => x * y)],
  div: ["n", (x, y) => x / y],
  mod: ["n", (x, y) => x % y],
  neg: ["n", (x) => -x],
  not: ["b", (a) => !a],
  boolean: ["b", (a) => a],
  coalesce: ["s", (a, b) => a || b],
  once: ["s", (a) => answer(scope.current) || a],
  selected: ["s", (a, code) => a.split(" ").indexOf(code.trim()) >= 0],
  "count-selected": ["s", (a) => a.split(" ").filter((code) => code).length],
  string: ["s", (a) => a],
  "string-length": ["s", (a) => Array.from(a).length],
  concat: ["S", (...all) => all.join("")],
  contains: ["s", (a, b) => a.indexOf(b) >= 0],
  "starts-with": ["s", (a, b) => a.startsWith(b)],
  regex: ["s", (a, pattern) => new RegExp(pattern, "u").test(a)],
  number: ["n", (x) => x],
  int: ["n", whole],
  round: [
    "n",
    (x, digits) => {
      const places = whole(digits === undefined ? 0 : digits);
      const power = Math.abs(places) <= 308 ? +("1e" + Math.abs(places)) : NaN;
      return places > 0 ? halfAway(x * power) / power : power * halfAway(x / power);
    },
  ],
  sum: ["v", (a) => (isRows(a) ? a.reduceRight((total, x) => total + number(x), 0) : 0 + number(a))],
  count: ["v", (a) => (isRows(a) ? a.length : 1)],
  min: ["N", least(Math.min)],
  max: ["N", least(Math.max)],
  position: ["", () => (scope.position == null ? 1 : scope.position)],
  today: ["", () => isoDate(localMs() / 864e5)],
};

const readers = { n: number, s: text, b: isTrue, v: (value) => value };

const run = (tree) => {
  if (!isRows(tree)) return tree;
  const entry = own(table, tree[0]);
  const parts = tree.slice(1);
  if (typeof entry === "function") return entry(...parts);
  if (!entry) throw new Error("expression.js: " + tree[0]);
  const values = [];
  parts.forEach((part, i) => {
    const letter = entry[0][Math.min(i, entry[0].length - 1)];
    const read = readers[letter.toLowerCase()];
    const value = run(part);
    if (isRows(value) && !readers[letter]) value.forEach((one) => values.push(read(one)));
    else values.push(read(value));
  });
  return entry[1].apply(scope, values);
};

export const evaluate = (tree, context) => {
  scope = context || {};
  return run(tree);
};

// whether a condition holds
export const truth = (tree, context) => isTrue(evaluate(tree, context));

// take in further functions, in the form of the table above (see expression-more.js)
export const register = (functions) => Object.assign(table, functions);
