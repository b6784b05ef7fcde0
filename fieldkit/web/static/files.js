// A place that the phone finds at the press of a button, photos, recordings and files: chosen, looked at, removed,
// kept on the phone, and delivered after the answers. Loaded only by pages that ask for them.
// Reading order: files-kept (where they wait), files-picture (what becomes of a photo), files-hash (their names),
// files-sending (delivery), and here what one sees. Written for Chrome 70: no ?. and ?? and class fields.

import { fill, kinds, plainDigits } from "./answers.js";
import { nameOf } from "./files-hash.js";
import { anyInMemory, drop, find, inMemory, intoMemory, keep } from "./files-kept.js";
import { knowsPlace, made } from "./files-picture.js";
import { openSending } from "./files-sending.js";

const EXACT = 4; // decimal places from which altitude and accuracy are sent, as in fieldkit/core/point.py
const LOCATE_MS = 20000;
const SPEECH_BITS = 32000; // a second of recorded speech
const RECORDED = [["audio/webm", "webm"], ["audio/mp4", "m4a"], ["audio/ogg", "ogg"]];
const PICTURES = ["jpg", "jpeg", "png", "webp", "heic", "heif"];
const SAME = { jpeg: "jpg", text: "txt", mp4: "m4a", mpeg: "mp3", "x-m4a": "m4a", "x-wav": "wav", wave: "wav" };

const isNumber = (text) => /^-?(\d+\.?\d*|\.\d+)$/.test(text);

// as it will be sent: degrees rounded, altitude and accuracy in whole metres
kinds.point = {
  value: (own, id) => {
    const typed = own.map((field) => plainDigits(field.value));
    if (!typed[0] && !typed[1]) return null;
    const places = kinds.point.places[id.slice(id.lastIndexOf(".") + 1)];
    return typed.filter(Boolean).map((text, i) => (isNumber(text) ? String(Number(Number(text).toFixed(i < 2 ? places : 0))) : text)).join(" ");
  },
  wrong: (now) => {
    const parts = now.split(" ");
    const fits = parts.length >= 2 && parts.every(isNumber) && Math.abs(parts[0]) <= 90 && Math.abs(parts[1]) <= 180;
    return fits ? null : ["wrong_point", {}];
  },
  places: {},
};
kinds.media = { value: (own) => own[0].value || null };

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

const button = (className, text, act) => {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
};

const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

const sized = (bytes) => (bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB");

const read = (blob) => new Promise((found, failed) => {
  const reader = new FileReader();
  reader.onload = () => found(reader.result);
  reader.onerror = () => failed(new Error("unreadable"));
  reader.readAsArrayBuffer(blob);
});

// how a file ends, by its name, else by its type
const endingOf = (file) => {
  const named = /\.([a-z0-9]+)$/i.exec(file.name || "");
  const ending = (named ? named[1] : (file.type || "").split(";")[0].split("/")[1] || "").toLowerCase();
  return SAME[ending] || ending;
};

// `page` is what the questionnaire's own script lends: path, identity(), current(), shared()
export const open = (rules, answers, page) => {
  const words = rules.files;
  const say = (name, facts) => fill(words[name], facts || {});
  rules.wrong.wrong_point = words.wrong_point;
  rules.wrong.wrong_file = words.wrong_file;
  Object.keys(rules.items).forEach((id) => { if (rules.items[id].kind === "point") kinds.point.places[id] = rules.items[id].places; });

  // ---- a place
  const drawPoint = (box, id) => {
    if (box.querySelector(".locate")) return;
    const told = make("p", "hint");
    told.setAttribute("role", "status");
    const locate = button("second locate", words.locate, () => {
      if (!navigator.geolocation || !window.isSecureContext) {
        told.textContent = words.locate_missing;
        return;
      }
      told.textContent = words.locating;
      locate.disabled = true;
      const places = rules.items[id].places;
      navigator.geolocation.getCurrentPosition((found) => {
        locate.disabled = false;
        told.textContent = words.located;
        const at = found.coords;
        const fields = answers.fields(id);
        [at.latitude, at.longitude].forEach((degrees, i) => { fields[i].value = String(Number(degrees.toFixed(places))); });
        if (places >= EXACT) {
          const high = at.altitude === null || !isFinite(at.altitude) ? "" : String(Math.round(at.altitude));
          fields[2].value = high;
          fields[3].value = high === "" ? "" : String(Math.round(at.accuracy));
        }
        changed(fields[0]);
      }, (problem) => {
        locate.disabled = false;
        told.textContent = problem.code === 1 ? words.locate_denied : words.locate_failed;
      }, { enableHighAccuracy: places >= EXACT, timeout: LOCATE_MS, maximumAge: 60000 });
    });
    box.insertBefore(told, box.firstChild);
    box.insertBefore(locate, told);
    // what a person types is not what the phone measured
    answers.fields(id).slice(0, 2).forEach((field) => field.addEventListener("input", () => {
      answers.fields(id).slice(2).forEach((measured) => { measured.value = ""; });
    }));
  };

  // ---- a photo, a recording, a file
  const drawn = new WeakMap(); // box -> its parts
  let recording = null; // {stop}: one at a time

  const take = (id, file, ending, place) => {
    const rule = rules.items[id];
    const parts = drawn.get(answers.card(id).querySelector("[data-files]"));
    const [limit, endings] = rules.takes[rule.media];
    const tell = (text) => { parts.told.textContent = text; };
    if (!file.size) return tell(words.empty);
    const picture = rule.media === "image" || (rule.media === "file" && PICTURES.indexOf(ending) >= 0);
    if (!picture && endings.indexOf(ending) < 0) return tell(say("wrong_kind", { among: endings.join(" ") }));
    if (!picture && file.size > limit) return tell(say("too_large", { size: sized(file.size), limit: sized(limit) }));
    tell(words.working);
    let staying = false;
    return read(file)
      .then((buffer) => {
        if (!picture) return buffer;
        if (rule.stay && place === undefined && knowsPlace(buffer)) return askPlace(id, file, ending);
        staying = !!place;
        return made(file, buffer, limit, staying).then(read);
      })
      .then((buffer) => {
        if (!buffer) return undefined; // the respondent is being asked first
        if (buffer.byteLength > limit) return tell(say("too_large", { size: sized(buffer.byteLength), limit: sized(limit) }));
        return nameOf(buffer).then((digest) => {
          const name = digest + "." + (picture ? "jpg" : ending);
          const record = { response: page.identity(), name, path: page.path, media: rule.media, type: picture ? "image/jpeg" : file.type, staying, buffer };
          return keep(record, page.shared()).then(() => {
            const field = answers.fields(id)[0];
            const before = field.value;
            tell("");
            field.value = name;
            changed(field);
            if (before && before !== name) forgetUnused(before);
          });
        });
      })
      .catch(() => tell(picture ? words.broken : words.wrong_file.split("\n")[1]));
  };

  // a photo that two answers share stays for the other one
  const forgetUnused = (name) => {
    const used = answers.ids.some((id) => rules.items[id].kind === "media" && answers.fields(id).some((field) => field.value === name));
    if (!used) drop(page.identity(), name);
  };

  const askPlace = (id, file, ending) => {
    const parts = drawn.get(answers.card(id).querySelector("[data-files]"));
    parts.told.textContent = "";
    parts.told.appendChild(make("span", "", words.place_ask));
    const acts = make("span", "pair");
    [["place_drop", false], ["place_stay", true]].forEach(([name, stay]) => {
      acts.appendChild(button("second", words[name], () => take(id, file, ending, stay)));
    });
    parts.told.appendChild(acts);
    acts.firstChild.focus();
    return null;
  };

  const record = (id, parts) => {
    const [limit] = rules.takes.audio;
    const kind = RECORDED.filter(([type]) => MediaRecorder.isTypeSupported(type))[0];
    navigator.mediaDevices.getUserMedia({ audio: true }).then((stream) => {
      const recorder = new MediaRecorder(stream, { mimeType: kind[0], audioBitsPerSecond: SPEECH_BITS });
      const pieces = [];
      let size = 0;
      let wanted = true;
      const began = Date.now();
      const end = () => { if (recorder.state !== "inactive") recorder.stop(); };
      const clock = setInterval(() => {
        parts.record.textContent = say("stop", { seconds: Math.round((Date.now() - began) / 1000) });
      }, 500);
      recorder.ondataavailable = (event) => {
        pieces.push(event.data);
        size += event.data.size;
        if (size > limit - 65536) end();
      };
      recorder.onstop = () => {
        clearInterval(clock);
        stream.getTracks().forEach((track) => track.stop());
        recording = null;
        parts.record.textContent = words.record;
        parts.record.classList.remove("on");
        if (wanted) take(id, new Blob(pieces, { type: kind[0] }), kind[1]);
      };
      recording = { stop: (keeping) => { wanted = keeping; end(); } };
      parts.record.classList.add("on");
      parts.record.textContent = say("stop", { seconds: 0 });
      parts.told.textContent = "";
      recorder.start(1000);
    }).catch(() => { parts.told.textContent = words.no_microphone; });
  };

  const canRecord = () => !!(navigator.mediaDevices && navigator.mediaDevices.getUserMedia && window.MediaRecorder
    && RECORDED.some(([type]) => MediaRecorder.isTypeSupported(type)));

  const drawMedia = (box, id) => {
    const rule = rules.items[id];
    let parts = drawn.get(box);
    if (!parts) {
      parts = { name: "", held: make("div", "held"), acts: make("div", "acts"), told: make("div", "hint told-file"), picked: make("span", "second", words["pick_" + rule.media]) };
      parts.told.setAttribute("role", "status");
      const label = make("label", "pick");
      const input = make("input", "vh");
      input.type = "file";
      input.accept = rule.media === "image" ? "image/*" : rule.media === "audio" ? "audio/*" : rules.takes.file[1].map((ending) => "." + ending).join(",");
      parts.picked.id = id + "-pick";
      input.setAttribute("aria-labelledby", id + "-q " + parts.picked.id);
      if (rule.media === "audio" && !canRecord()) input.setAttribute("capture", "");
      input.addEventListener("change", (event) => {
        event.stopPropagation();
        const file = input.files[0];
        if (file) take(id, file, endingOf(file));
        input.value = "";
      });
      label.appendChild(input);
      label.appendChild(parts.picked);
      if (rule.media === "audio" && canRecord()) {
        parts.record = button("second record", words.record, () => (recording ? recording.stop(true) : record(id, parts)));
        parts.acts.appendChild(parts.record);
      }
      parts.acts.appendChild(label);
      [parts.held, parts.acts, parts.told].forEach((part) => box.appendChild(part));
      drawn.set(box, parts);
    }
    const name = answers.fields(id)[0].value;
    if (name === parts.name) return;
    parts.name = name;
    if (parts.address) URL.revokeObjectURL(parts.address);
    parts.address = "";
    parts.held.textContent = "";
    parts.picked.textContent = name ? words.another : words["pick_" + rule.media];
    if (!name) return;
    find(page.identity(), name).then((found) => {
      if (parts.name !== name) return;
      if (!found) { // another phone, or its storage was cleared
        answers.fields(id)[0].value = "";
        parts.name = "";
        parts.picked.textContent = words["pick_" + rule.media];
        parts.told.textContent = words.lost;
        changed(answers.fields(id)[0]);
        return;
      }
      const blob = new Blob([found.buffer], { type: found.type });
      parts.address = URL.createObjectURL(blob);
      const preview = make(found.type.indexOf("image/") === 0 ? "img" : rule.media === "audio" ? "audio" : "span");
      if (preview.tagName !== "SPAN") preview.src = parts.address;
      if (preview.tagName === "IMG") preview.alt = words.photo;
      if (preview.tagName === "AUDIO") preview.controls = true;
      parts.held.appendChild(preview);
      const said = make("p", "hint");
      said.textContent = say("size", { size: sized(found.buffer.byteLength) }) + " · " + (inMemory(found) ? words.memory : words.here);
      if (found.staying) said.appendChild(make("b", "", words.place_stays));
      parts.held.appendChild(said);
      parts.held.appendChild(button("drop-file", words.remove, () => {
        answers.fields(id)[0].value = "";
        changed(answers.fields(id)[0]);
        forgetUnused(name);
      }));
    });
  };

  // ---- what becomes of them after the answers were sent
  let list = null;
  const tellSending = (lines) => {
    if (!lines.length) return;
    if (!list) {
      list = make("div", "files-left");
      list.setAttribute("role", "status");
    }
    const receipt = document.getElementById("page-receipt");
    const opening = document.querySelector("#page-opening .opening");
    const home = receipt.hidden ? opening : document.getElementById("receipt");
    const before = receipt.hidden ? opening.querySelector(".facts") : home.querySelector(".ticket");
    if (list.parentNode !== home) home.insertBefore(list, before);
    list.textContent = "";
    const left = lines.filter((line) => line.state === "waiting" || line.state === "sending");
    list.appendChild(make("b", "", receipt.hidden && left.length ? say("left", { count: left.length }) : words.list));
    const rows = make("ul");
    lines.forEach((line) => {
      const row = make("li", line.state);
      const kind = line.record.media === "image" ? words.photo : words[line.record.media];
      row.appendChild(make("span", "", kind + " · " + sized(line.record.buffer.byteLength)));
      const state = line.state === "waiting" && inMemory(line.record) ? "waiting_memory" : line.state;
      row.appendChild(make("span", "how", say(state, { percent: line.percent, why: line.why })));
      rows.appendChild(row);
    });
    list.appendChild(rows);
    const stay = left.some((line) => inMemory(line.record)) ? words.keep_open_memory : words.keep_open;
    const refused = lines.some((line) => line.state === "refused");
    if (left.length || !refused) list.appendChild(make("p", "hint", left.length ? stay : words.all_arrived));
  };
  const sending = openSending(rules.language, page.current, tellSending);
  addEventListener("online", sending.flush);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") sending.flush(); });
  addEventListener("beforeunload", (event) => {
    if (!anyInMemory() || document.documentElement.classList.contains("plain-page")) return; // no question while hidden
    event.preventDefault();
    event.returnValue = "";
  });
  sending.flush();

  return {
    draw: (id) => {
      const kind = rules.items[id].kind;
      if (kind !== "point" && kind !== "media") return;
      const box = answers.card(id).querySelector("[data-files]");
      if (box) (kind === "point" ? drawPoint : drawMedia)(box, id);
    },
    deliver: sending.deliver,
    forget: sending.forget,
    share: () => { if (page.current()) intoMemory(page.current()); },
    // the page is hidden from view: nothing goes on listening
    hush: () => { if (recording) recording.stop(false); },
  };
};
