// Going on filling in on another phone. The draft is sealed here with a key made from a code that only the respondent
// has; the server lends it a place and can neither read it nor tell whose it is. Offered only where the browser has the
// tools for it, which is over https. Written for Chrome 70.

import { copy } from "./rescue.js";
import { makeCode } from "./outbox.js";

const ROUNDS = 200000; // of PBKDF2, beside the 59 bits of the code
const BLOCK = 4096; // a draft is filled up to a multiple of this, so that its size does not tell how much is answered
const IV_BYTES = 12;

const utf8 = window.TextEncoder ? new TextEncoder() : null; // where there is none, nothing is offered
const inGroups = (code) => [code.slice(0, 4), code.slice(4, 8), code.slice(8)];
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
const toText = (bytes) => {
  let text = "";
  new Uint8Array(bytes).forEach((byte) => { text += String.fromCharCode(byte); });
  return btoa(text);
};
const toBytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// a code as typed by a person, like fieldkit/core/submission.py; "" when it cannot be one
export const normalCode = (typed) => {
  const code = typed.normalize("NFKC").replace(/[\s\-—–·.]/g, "").toUpperCase();
  return /^[23456789ABCDEFGHJKMNPQRSTVWXYZ]{12}$/.test(code) ? code : "";
};

// from a code to what the server is asked with and the key, neither of which tells of the other; `place` is the link
export const derive = (code, place) => {
  const subtle = crypto.subtle;
  const from = (info) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8.encode(info) });
  return subtle.importKey("raw", utf8.encode(code), "PBKDF2", false, ["deriveBits"])
    .then((typed) => subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: utf8.encode("fieldkit resume " + place), iterations: ROUNDS }, typed, 256))
    .then((bits) => subtle.importKey("raw", bits, "HKDF", false, ["deriveBits", "deriveKey"]))
    .then((root) => Promise.all([
      subtle.deriveBits(from("find"), root, 256),
      subtle.deriveKey(from("seal"), root, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
    ]))
    .then(([find, key]) => ({ find: hex(find), key }));
};

export const seal = (key, draft) => {
  const said = utf8.encode(JSON.stringify(draft));
  const plain = new Uint8Array(Math.ceil(said.length / BLOCK) * BLOCK).fill(32); // blanks at the end of JSON say nothing
  plain.set(said);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  return crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain).then((closed) => {
    const both = new Uint8Array(IV_BYTES + closed.byteLength);
    both.set(iv);
    both.set(new Uint8Array(closed), IV_BYTES);
    return toText(both);
  });
};

export const unseal = (key, text) => {
  const both = toBytes(text);
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: both.slice(0, IV_BYTES) }, key, both.slice(IV_BYTES)).then((plain) => JSON.parse(new TextDecoder().decode(plain)));
};

export const openCarry = (page, words) => {
  const { $, make, show } = page;
  const say = (name, facts) => page.fill(words[name], facts || {});
  const address = page.path.split("/").slice(0, 3).join("/") + "/resume";
  let outstanding = ""; // what a draft of this page can be asked for with; it goes when the answers have arrived

  // resolves to what the server says, or rejects with words to show
  const ask = (what, sent) =>
    fetch(address + what, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(sent),
      credentials: "omit",
      cache: "no-store",
    }).then(
      (response) => response.json().then((said) => {
        if (response.ok) return said;
        throw said.message ? said.message + (said.remedy || "") : words.carry_lost;
      }, () => { throw words.carry_lost; }),
      () => { throw words.carry_lost; }
    );
  const inWords = (problem) => (typeof problem === "string" ? problem : words.carry_failed);
  const erase = (find) => ask("/erased", { find });

  const button = (text, press, row) => {
    const made = make("button", "second", text);
    made.type = "button";
    made.addEventListener("click", () => press(made));
    row.appendChild(made);
    return made;
  };
  const folded = (id, summary) => {
    const section = make("div", "section");
    section.id = id;
    const details = make("details", "more");
    details.setAttribute("aria-label", summary);
    details.appendChild(make("summary", "", summary));
    section.appendChild(details);
    return { section, details };
  };
  const status = () => {
    const said = make("p", "hint");
    said.setAttribute("role", "status");
    return said;
  };
  // one thing at a time; what it resolves to is said
  const doing = (pressed, said, work) => {
    pressed.disabled = true;
    said.textContent = words.opening;
    return work().catch(inWords).then((text) => {
      pressed.disabled = false;
      said.textContent = text || "";
    });
  };

  // ---- this phone: make a code

  const away = folded("carry", words.carry);
  away.details.appendChild(make("p", "", words.carry_how));
  const box = away.details.appendChild(make("div"));
  const makeRow = away.details.appendChild(make("div", "pair"));
  const said = away.details.appendChild(status());

  const drawCode = (code, until) => {
    const [year, month, day] = until.split("-").map(Number);
    box.textContent = "";
    const ticket = make("dl", "ticket");
    ticket.appendChild(make("dt", "", words.carry_code));
    const codes = ticket.appendChild(make("dd", "codes"));
    codes.setAttribute("aria-label", inGroups(code).join(" "));
    inGroups(code).forEach((group, i) => {
      if (i) codes.appendChild(make("i", "", "-"));
      codes.appendChild(make("span", "", group));
    });
    box.appendChild(ticket);
    box.appendChild(make("p", "", say("carry_until", { year, month, day })));
    const row = box.appendChild(make("div", "pair"));
    button(words.carry_copy, () => copy(inGroups(code).join("-")).then((well) => { said.textContent = well ? words.carry_copied : words.copy_by_hand; }), row);
    button(words.carry_erase, (pressed) =>
      doing(pressed, said, () => erase(outstanding).then(() => {
        outstanding = "";
        box.textContent = "";
        return words.carry_erased;
      })), row);
    show(clear, !page.shared);
    clear.textContent = words.carry_clear;
  };

  const sendAway = () => {
    const code = makeCode();
    const before = outstanding;
    page.identify(); // both phones send under one id, so that two deliveries are one response
    return derive(code, page.path)
      .then(({ find, key }) => seal(key, page.draftNow()).then((sealed) => ask("", { find, sealed })).then(({ until }) => {
        outstanding = find;
        drawCode(code, until);
        page.save();
        if (before) erase(before).catch(() => undefined);
        return words.carry_made;
      }));
  };
  button(words.carry_make, (pressed) => doing(pressed, said, sendAway).then(() => {
    if (outstanding) pressed.textContent = words.carry_again;
  }), makeRow);
  // what was typed after the code was made goes for good, so it is asked once more
  const clear = button(words.carry_clear, () => {
    if (clear.textContent === words.carry_sure) page.forgetAll();
    else clear.textContent = words.carry_sure;
  }, makeRow);
  show(clear, false);

  // ---- the other phone: type the code

  const back = folded("carried", words.carry_have);
  const label = make("label", "", words.carry_type);
  const field = make("input");
  field.id = "carry-code";
  label.htmlFor = field.id;
  field.setAttribute("autocomplete", "off");
  field.setAttribute("autocapitalize", "characters");
  field.spellcheck = false;
  field.maxLength = 40;
  back.details.appendChild(label);
  back.details.appendChild(make("div", "number wide code")).appendChild(field);
  back.details.appendChild(make("p", "hint", words.carry_hint));
  const row = back.details.appendChild(make("div", "pair"));
  const found = back.details.appendChild(status());
  found.id = "carry-said";
  field.setAttribute("aria-describedby", found.id);

  const withCode = (work) => () => {
    const code = normalCode(field.value);
    if (!code) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return Promise.resolve(words.carry_malformed);
    }
    field.removeAttribute("aria-invalid");
    return derive(code, page.path).then(work);
  };
  const bring = ({ find, key }) => {
    if (!$("offer").hidden || page.at !== "opening") return words.carry_first;
    return ask("/found", { find }).then(({ sealed }) => unseal(key, sealed)).then((draft) => {
      if (draft.questionnaire !== page.rules.questionnaire) return words.carry_failed;
      field.value = "";
      outstanding = find;
      page.offer(draft);
      return page.resume().then(() => {
        // kept here now, so it need not lie there any more
        if (page.shared || !page.kept) return told(words.carry_got_shared);
        return erase(find).then(() => {
          outstanding = "";
          return told(words.carry_got);
        }, () => told(words.carry_got_left));
      });
    });
  };
  // on the page that is open now, the opening page being left
  const told = (text) => {
    const old = $("carry-told");
    if (old) old.parentNode.removeChild(old);
    const note = make("div", "note info", text);
    note.id = "carry-told";
    note.setAttribute("role", "status");
    const head = page.pageOf(page.at).querySelector(".section");
    if (head) head.appendChild(note);
    return "";
  };
  button(words.carry_get, (pressed) => doing(pressed, found, withCode(bring)), row);
  button(words.carry_drop, (pressed) => doing(pressed, found, withCode(({ find }) => erase(find).then((answer) => (answer.erased ? words.carry_erased : words.carry_none)))), row);
  $("shared").parentNode.parentNode.appendChild(back.details);

  // the code was for the one who filled in until now, and so is its deletion
  const forget = () => {
    outstanding = "";
    box.textContent = "";
    said.textContent = "";
    field.value = "";
    makeRow.firstChild.textContent = words.carry_make;
    away.details.open = false;
    show(clear, false);
  };

  return {
    // the offer stands at the end of whichever section is open
    opened: (name) => {
      if (!page.identity) forget();
      const fits = page.rules.sections.some((one) => one.id === name) || name === "review";
      if (fits) page.pageOf(name).appendChild(away.section);
      show(away.section, fits);
      show(back.details, $("offer").hidden);
    },
    // what was sent needs no draft anywhere
    sent: () => {
      if (outstanding) erase(outstanding).catch(() => undefined);
      forget();
    },
  };
};
