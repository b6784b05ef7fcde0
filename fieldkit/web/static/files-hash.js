// The name of a file: the SHA-256 of its bytes (FIPS 180-4), as 64 hexadecimal digits. A page that came without https
// has no crypto.subtle, and intranets do without. Written for Chrome 70: no ?. and ?? and class fields.

const K = [];
const START = [];
for (let candidate = 2; K.length < 64; candidate += 1) {
  let prime = true;
  for (let i = 2; i * i <= candidate; i += 1) if (candidate % i === 0) prime = false;
  const fraction = (root) => ((root - Math.floor(root)) * 4294967296) | 0;
  if (prime) {
    if (START.length < 8) START.push(fraction(Math.sqrt(candidate)));
    K.push(fraction(Math.cbrt(candidate)));
  }
}

const turn = (word, by) => (word >>> by) | (word << (32 - by));
const hex = (words) => words.map((word) => ("0000000" + (word >>> 0).toString(16)).slice(-8)).join("");

// by hand; a second or so for ten megabytes
export const sha256 = (bytes) => {
  const state = START.slice();
  const w = new Int32Array(64);
  const rest = bytes.length % 64;
  const tail = new Uint8Array(rest < 56 ? 64 : 128);
  tail.set(bytes.subarray(bytes.length - rest));
  tail[rest] = 128;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 536870912));
  view.setUint32(tail.length - 4, (bytes.length * 8) >>> 0);
  const block = (from, at) => {
    for (let i = 0; i < 16; i += 1) w[i] = (from[at + 4 * i] << 24) | (from[at + 4 * i + 1] << 16) | (from[at + 4 * i + 2] << 8) | from[at + 4 * i + 3];
    for (let i = 16; i < 64; i += 1) {
      const a = w[i - 15];
      const b = w[i - 2];
      w[i] = (w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
  };
  for (let at = 0; at + 64 <= bytes.length; at += 64) block(bytes, at);
  for (let at = 0; at < tail.length; at += 64) block(tail, at);
  return hex(state);
};

export const nameOf = (buffer) => {
  if (!window.crypto || !crypto.subtle) return Promise.resolve(sha256(new Uint8Array(buffer)));
  return crypto.subtle.digest("SHA-256", buffer).then((digest) => {
    const view = new DataView(digest);
    return hex([0, 4, 8, 12, 16, 20, 24, 28].map((at) => view.getUint32(at)));
  });
};
