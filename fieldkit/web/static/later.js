// What a respondent does not need to read the opening page and is there before the first answer: the journal, the queue,
// the receipt, the turn between two pages, the service worker. The page lends it its own functions (phone/start.js).
// Written for Chrome 70: no ?. and ?? and class fields.

import { isOld, serverDay, sweep } from "./aging.js";
import { appNow, saidOf } from "./apps.js";
import { openBook, soon } from "./book.js";
import { openCarry } from "./carry.js";
import { openJournal } from "./journal.js";
import { hooks, keepEmptying, openOutbox } from "./outbox.js";
import { plainStore } from "./plain-store.js";
import { copy, rescueBox } from "./rescue.js";
import { openTurn } from "./tabs.js";
import { keepUnseen } from "./unseen.js";
import { keepForOffline, spokenIn, wakeWorker } from "./worker-link.js";

const LITTLE = 5e6; // bytes; less than this and a draft may not find room
const FEW = 2; // failures; from then on the file for the research team is offered
const WORDS_MS = 20000; // for the words; then the next touch that needs them asks again
const ROOM_MS = 2000; // for a browser to say how much room it has
const TURN_MS = 5000; // for a browser to say whether another page is open
const LOOK_MS = 12000; // for looking at what lies on this phone; whatever keeps that up, one can send

const groups = (code) => [code.slice(0, 4), code.slice(4, 8), code.slice(8)];

export const begin = (page) =>
  Promise.all([openBook(), soon(fetch(page.form.getAttribute("data-words")).then((response) => response.json()), WORDS_MS)]).then(([book, words]) => {
    if (!words) throw new Error("no words");
    const { $, make, show, setState, setTitle } = page;
    const say = (name, facts) => page.fill(words[name], facts || {});
    const journal = openJournal(book, plainStore, page.draft, () => overtaken());
    const outbox = openOutbox(book, plainStore);
    hooks.afterReceived = page.delivered;
    const app = appNow(navigator.userAgent);
    const unseen = keepUnseen(page, words);
    let carry = null; // what carry.js brings, where the browser can seal a draft
    let current = null; // the record on its way, or just received
    let held = true; // it is kept on this phone
    let signed = ""; // what the server signed for it
    let arrived = false;

    // ---- the receipt: the code in large groups, as a picture, as text; nothing else

    const today = () => {
      const now = new Date(Date.now() + 480 * 60000); // the day in Beijing, where the fieldwork is
      return say("day", { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() });
    };
    const offline = () => navigator.onLine === false;
    const codeNow = () => current.code || current.submission.receipt_code;

    const drawReceipt = () => {
      page.open("receipt", true);
      $("receipt-h").textContent = arrived ? words.received : held ? words.kept : words.held;
      $("receipt-h").classList.toggle("kept", !arrived);
      setTitle($("receipt-h").textContent);
      $("receipt-words").textContent = arrived
        ? say("received_on", { day: today() })
        : !held ? words.held_words : offline() ? words.kept_offline : words.kept_failed;
      const codes = $("codes");
      const parts = groups(codeNow());
      codes.textContent = "";
      codes.setAttribute("aria-label", parts.join(" "));
      parts.forEach((group, i) => {
        if (i) codes.appendChild(make("i", "", "-"));
        codes.appendChild(make("span", "", group));
      });
      $("saved-as").textContent = "";
      show($("when-received"), arrived);
      show($("when-kept"), !arrived);
      show($("cache"), held && !arrived);
      $("next").classList.toggle("all", arrived);
      $("next").textContent = arrived ? words.close : words.retry;
      $("back").textContent = words.another;
      show($("back"), held && !arrived);
      setState(arrived ? "" : offline() ? words.waiting : words.not_sent);
      drawMore();
      scrollTo(0, 0);
      $("receipt-h").focus({ preventScroll: true });
    };

    // below the receipt: what the server signed, or, after some failures, another way to hand the answers in
    const drawMore = () => {
      const box = $("receipt-more");
      box.textContent = "";
      if (arrived && signed) {
        const details = make("details", "more");
        details.setAttribute("aria-label", words.signed);
        details.appendChild(make("summary", "", words.signed));
        details.appendChild(make("p", "", words.signed_how));
        details.appendChild(make("p", "token", signed));
        const check = make("a", "", words.signed_check);
        check.href = "/receipt" + spokenIn(page.home);
        details.appendChild(make("p", "hint")).appendChild(check);
        const row = make("div", "pair");
        const said = make("p", "hint");
        said.setAttribute("role", "status");
        const take = make("button", "second", words.signed_copy);
        take.type = "button";
        take.addEventListener("click", () => copy(signed).then((well) => { said.textContent = well ? words.copied : words.signed_by_hand; }));
        row.appendChild(take);
        if (!page.shared) {
          const keep = make("button", "second", words.stay);
          keep.type = "button";
          keep.id = "stay";
          keep.addEventListener("click", () =>
            outbox.put({ id: current.id, path: page.path, place: current.place || 1, state: "received", stays: true, code: codeNow(), signed }).then((well) => {
              said.textContent = well ? words.stays : words.stays_not;
              keep.disabled = well;
              drawMine();
            })
          );
          row.appendChild(keep);
        }
        details.appendChild(row);
        details.appendChild(said);
        box.appendChild(details);
      }
      if (!arrived && current.submission && (current.tries || 0) >= FEW) box.appendChild(rescueBox(current, words, make, !app.inside));
    };

    const shown = (record, server) => {
      current = record;
      arrived = Boolean(server);
      signed = (server && server.signed) || "";
      page.arrived = arrived;
      drawReceipt();
    };

    const received = (record, server) => {
      // seen: nothing of it stays on this phone but what the respondent asks for
      const done = Promise.all([outbox.drop(record.id), page.eraseDraft(), journal.erase()]);
      page.identity = null;
      page.since = null;
      if (carry) carry.sent();
      shown(record, server);
      page.answers.restore(page.answers.presets());
      return done.then(() => run(true));
    };

    // the server understood and said no: show it where it belongs; nothing goes out by itself any more
    const declined = (record, problem) => {
      outbox.drop(record.id);
      const findings = (problem.findings || [problem]).filter((found) => page.rules.items[found.where] && page.answers.card(found.where));
      const point = () => {
        if (findings.length) return page.backTo(findings);
        if (page.at !== "review") page.open("review");
        const box = $("refused-by-server");
        box.textContent = "";
        [problem.message, problem.remedy].forEach((sentence) => sentence && box.appendChild(make("span", "", sentence)));
        show(box, true);
        setState("");
        scrollTo(0, 0);
        return undefined;
      };
      if (page.at === "review") return point();
      return journal.snapshot().then((draft) => {
        if (idOf(draft) === record.id) page.refill(draft);
        point();
      });
    };

    const outcomeOf = (record, outcome) => {
      if (outcome.submission) {
        record.submission = outcome.submission;
        page.identity = { id: record.id, code: outcome.submission.receipt_code };
      }
      if (outcome.received) return received(record, outcome.received);
      if (outcome.problem) return declined(record, outcome.problem);
      shown(record, null);
      wakeWorker();
      return plan(outcome.wait);
    };

    // send one submission now; resolves to what is to be done with the page
    const attempt = (submission) =>
      (page.shared ? Promise.resolve({ record: { id: submission.id, path: page.path, to: page.path + "/responses?lang=" + submission.language, submission, tries: 0 }, kept: false }) : outbox.add(page.path, submission)).then((added) => {
        held = added.kept;
        return outbox.attempt(added.record, held).then((outcome) => () => outcomeOf(added.record, outcome));
      });

    // ---- again and again until it has arrived

    let busy = false;
    let timer = 0;
    const plan = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(() => retry(false), wait || 30000);
    };
    const retry = (asked) => {
      if (busy || page.at !== "receipt" || arrived || !current || !current.submission) return undefined;
      // the server asked to be left alone
      if (!asked && current.asked && current.asked > Date.now() && current.asked - Date.now() < 36e5) return plan(current.asked - Date.now());
      busy = true;
      clearTimeout(timer);
      setState(words.sending);
      $("next").disabled = true;
      const record = current;
      return seen(record).then((already) => already || outbox.attempt(record, held).then((outcome) => () => outcomeOf(record, outcome))).then((after) => {
        busy = false;
        $("next").disabled = false;
        return after();
      });
    };
    // another page or the worker may have been faster
    const seen = (record) =>
      !held ? Promise.resolve(null) : outbox.all().then((all) => {
        const now = all.filter((one) => one.id === record.id)[0];
        return now && now.state === "received" ? () => received(now, now) : null;
      });

    const others = (record) => !current || record.id !== current.id;
    const run = keepEmptying({ flush: (now) => outbox.flush(now, page.at === "receipt" && !arrived ? others : null) }, () => { drawMine(); });
    addEventListener("online", () => {
      if (current) current.tries = 0; // a network that is just back often fails once more: the pauses begin anew
      retry(false);
    });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") retry(false); });

    const another = () => {
      current = null;
      page.startAnew();
    };

    const close = () => {
      if (window.WeixinJSBridge) window.WeixinJSBridge.call("closeWindow");
      window.close();
      page.open("closed");
      setState("");
    };

    // the picture holds the code and nothing else: no survey, no answers
    const codeImage = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 960;
      canvas.height = 420;
      const pen = canvas.getContext("2d");
      const box = $("saved-as");
      box.textContent = "";
      if (!pen) {
        box.textContent = words.image_failed;
        return;
      }
      pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, 960, 420);
      pen.fillStyle = "#52606d";
      pen.font = "36px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillText(words.code, 480, 130);
      pen.fillStyle = "#1f2a37";
      pen.font = "600 92px ui-monospace, Consolas, monospace";
      pen.fillText(groups(codeNow()).join("-"), 480, 260, 900);
      const picture = make("img", "code-image");
      picture.alt = words.code + " " + groups(codeNow()).join(" ");
      picture.src = canvas.toDataURL("image/png");
      box.appendChild(picture);
      box.appendChild(make("span", "", words.image_here));
      const link = make("a");
      link.href = picture.src;
      link.download = words.code + ".png";
      if (!app.inside) link.click(); // apps save by a long press only
    };
    $("copy").addEventListener("click", () =>
      copy(groups(codeNow()).join("-")).then((well) => { $("saved-as").textContent = well ? words.copied : words.copy_by_hand; })
    );
    $("as-image").addEventListener("click", codeImage);

    // ---- a browser that may forget: said before the first answer, calmly

    const note = (id, title, text, after) => {
      const old = $(id);
      if (old) old.parentNode.removeChild(old);
      const box = make("div", "note");
      box.id = id;
      if (title) box.appendChild(make("b", "", title));
      box.appendChild(make("p", "", text));
      const button = make("button", "do", words.known);
      button.type = "button";
      button.addEventListener("click", () => box.parentNode.removeChild(box));
      box.appendChild(button);
      after(box);
    };
    const onOpening = (box) => $("offer").parentNode.insertBefore(box, $("offer").nextSibling);
    const forgets = (now) => {
      if (now && !page.shared) {
        show($("kept-fact"), false);
        const section = page.pageOf(page.at).querySelector(".section, .opening");
        note("volatile", words.volatile_title, words.volatile, page.at === "opening" || !section ? onOpening : (box) => section.appendChild(box));
      } else if ($("volatile")) $("volatile").parentNode.removeChild($("volatile"));
    };
    const room = () =>
      navigator.storage && navigator.storage.estimate
        ? soon(navigator.storage.estimate(), ROOM_MS, {}).then((found) => !found.quota || found.quota - (found.usage || 0) > LITTLE, () => true)
        : Promise.resolve(true);

    // content of a draft that this version of the page has no place for
    const named = (without, where) => {
      const told = without
        .map((name) => document.getElementById(name.replace(/__\w+$/, "").replace(/\[.*$/, "")))
        .map((card) => card && card.querySelector(".question"))
        .filter(Boolean)
        .map((question) => say("carried_one", { question: question.textContent.trim() }));
      const gone = without.length - told.length;
      note("carried", words.carried, told.join("") + (gone ? say("carried_gone", { count: gone }) : ""), (box) => where.querySelector(".section").appendChild(box));
    };

    // ---- how old a draft is, by the server's clock: this phone's may be wrong, and a clock that jumps must lose nothing

    const age = (draft) =>
      serverDay(page.home).then((day) => {
        if (isNaN(day)) return undefined;
        if (draft && isOld(draft, day, Number(page.form.getAttribute("data-days")))) return page.offered === draft ? page.startAnew() : undefined;
        const since = (draft && draft.since) || day;
        page.since = since;
        if (!draft || draft.since) return undefined;
        draft.since = since;
        return journal.append("since", since).catch(() => undefined);
      });

    // ---- one page at a time

    const elsewhere = (text) => {
      page.gate = { label: words.take, go: takeOver };
      page.showOffer(text, false);
    };
    const stop = (text) => {
      page.journal = null;
      page.open("opening");
      elsewhere(text);
    };
    // a page that keeps nothing on this phone can go on beside another
    const turn = openTurn(page.draft, () => {
      if (page.shared) return undefined;
      const written = page.save();
      stop(words.taken); // at once: what is typed from here on would be lost
      return written;
    });
    // another page has written without our having heard of it
    const overtaken = () => {
      turn.lose();
      if (!page.shared) stop(words.overtaken);
    };
    let going = null; // a second press changes nothing
    const takeOver = () => {
      setState(words.opening);
      going = going || turn.take().then((mine) => {
        going = null;
        page.gate = null;
        return mine ? look() : elsewhere(words.taken);
      });
      return going;
    };
    const filling = () => !page.shared && !page.sending && (page.at === "review" || page.rules.sections.some((one) => one.id === page.at));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && turn.mine() && filling()) journal.wake();
    });

    // ---- what lies on this phone

    // a way to the list of what was sent from this phone, where there is something in it
    const drawMine = () =>
      outbox.all().then((all) => {
        show($("mine"), all.length > 0);
      });

    const idOf = (draft) => (draft && draft.identity ? draft.identity.id : "");
    const look = () =>
      Promise.all([outbox.all(), journal.claim()]).then(([all, draft]) => {
        // what was declined is mended in its draft; without one it stays in the list
        const here = all.filter((one) => one.path === page.path && !one.stays && (one.state !== "declined" || one.id === idOf(draft)));
        const last = here.filter((one) => one.state === "received").concat(here.filter((one) => one.state !== "received")).pop();
        if (page.at !== "opening") return underWay(true);
        page.journal = journal;
        if (last && page.at === "opening") {
          if (last.state === "received") return received(last, last);
          if (last.state === "declined") return declined(last, last.problem);
          shown(last, null);
          retry(true);
          return undefined;
        }
        page.endOffer();
        page.offer(draft);
        if (draft) {
          age(draft);
          return undefined;
        }
        page.openingFoot();
        return opened(page.at);
      });

    const begun = () => {
      if (page.shared) return;
      age(null);
      Promise.resolve().then(() => navigator.storage.persist()).catch(() => undefined); // not every browser has it
    };

    // going on on another phone is offered only where a draft can be sealed: over https
    if (window.isSecureContext && crypto.subtle && window.TextEncoder) {
      carry = openCarry(page, words);
    }
    const opened = (name) => {
      if (carry) carry.opened(name);
      unseen.draw();
    };
    if (carry) carry.opened(page.at);

    const found = { attempt, forward: () => (arrived ? close() : retry(true)), another, begun, forgets, named, opened };
    // whoever is further than the opening page began without us, or came from the page in another language. Where another
    // page has gone on with the draft meanwhile, it has everything that was typed here.
    const underWay = (mine) => {
      if (!mine && !page.shared) {
        return journal.begun().then((written) => (written ? stop(words.overtaken) : turn.take().then((well) => (well ? underWay(true) : stop(words.overtaken)))));
      }
      if (mine) {
        if (!page.carried) journal.setAside();
        page.journal = journal;
      }
      if (!page.draftNow().since) begun();
      return page.save();
    };
    const looked = Promise.all([journal.works(), room(), outbox.adopt()])
      .then(([works, spacious]) => {
        page.keeps = works;
        if (!works || !spacious) forgets(true);
        else if (saidOf(app, words, page.fill)) note("in-app", "", saidOf(app, words, page.fill), onOpening);
        return soon(turn.ask(), TURN_MS, true);
      })
      .then((mine) => {
        if (page.at !== "opening") return underWay(mine);
        if (mine) return look();
        // a page that was only opened, here or there, is nothing to ask about
        return journal.snapshot().then((draft) => {
          if (page.at !== "opening") return underWay(false);
          return draft ? elsewhere(words.elsewhere) : takeOver();
        });
      })
      .then(() => {
        drawMine();
        run(true);
        opened(page.at);
        sweep(book, plainStore, page.draft);
        keepForOffline(page.home);
        return found;
      });
    return soon(looked, LOOK_MS, found);
  });
