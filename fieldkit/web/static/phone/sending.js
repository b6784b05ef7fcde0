// Sending: kept on the phone until it arrives, the same id every time, so that nothing is stored twice.

const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

const randomBytes = (n) => crypto.getRandomValues(new Uint8Array(n));

const makeIdentity = () => {
  let code = "";
  while (code.length < 12) {
    const byte = randomBytes(1)[0];
    if (byte < 240) code += ALPHABET[byte % 30]; // 240 = 8 × 30: every letter is equally likely
  }
  const id = Array.from(randomBytes(16), (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
  return { id, code };
};

const unsent = () => store.get(UNSENT) || [];

const keepUnsent = (submission) => {
  if (shared) return false;
  const others = unsent().filter((one) => one.id !== submission.id);
  return store.set(UNSENT, others.concat([submission]));
};

const dropUnsent = (submission) => {
  const others = unsent().filter((one) => one.id !== submission.id);
  if (others.length) store.set(UNSENT, others);
  else store.drop(UNSENT);
};

const WAIT_MS = 30000;

// hand in one submission; resolves to {received}, {lost: true} or {problem}
const deliver = (submission) => {
  const stop = window.AbortController ? new AbortController() : null;
  const timer = stop && setTimeout(() => stop.abort(), WAIT_MS);
  return fetch(shortPath + "/responses?lang=" + rules.language, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(submission),
    credentials: "omit",
    signal: stop ? stop.signal : undefined,
  })
    .then((response) => {
      if (response.ok) {
        files.deliver(submission);
        return response.json().then((received) => ({ received }));
      }
      if (response.status >= 500 || response.status === 429 || response.status === 408) return { lost: true };
      return response.json().then((problem) => ({ problem }));
    })
    .catch(() => ({ lost: true }))
    .then((outcome) => {
      clearTimeout(timer);
      return outcome;
    });
};

let current = null; // the submission on its way, or the one just received

const send = () => {
  if (sending) return undefined;
  const { shown, live, sections } = refresh();
  const every = rules.opening.filter((id) => shown[id] && answers.card(id)).concat(...sections.map((s) => s.items));
  const wrong = every.filter((id) => answers.wrong(id, live));
  if (wrong.length) return backTo(wrong.map((id) => Object.assign({ where: id }, answers.wrong(id, live))));
  identity = identity || makeIdentity();
  current = {
    id: identity.id,
    receipt_code: identity.code,
    questionnaire: rules.questionnaire,
    version: rules.version,
    language: rules.language,
    active_seconds: Math.round(seconds),
    paradata: paradata(),
    answers: answers.wire(),
  };
  save();
  return attempt(current);
};

const attempt = (submission) => {
  if (sending) return undefined;
  sending = true;
  current = submission;
  const held = keepUnsent(submission);
  $("next").disabled = true;
  setState(words.sending);
  return deliver(submission).then((outcome) => {
    sending = false;
    $("next").disabled = false;
    if (outcome.received) return received(submission, outcome.received);
    if (outcome.lost) return kept(submission, held);
    return declined(submission, outcome.problem);
  });
};

// somebody else has this very code (one chance in 10^17): make another one and send again
const anotherCode = (submission) => {
  dropUnsent(submission);
  identity = { id: submission.id, code: makeIdentity().code };
  save();
  return attempt(Object.assign({}, submission, { receipt_code: identity.code }));
};

// the server understood and said no: show it where it belongs; nothing goes out by itself any more
const declined = (submission, problem) => {
  if (problem.code === "receipt.taken") return anotherCode(submission);
  dropUnsent(submission);
  const draft = store.get(DRAFT);
  if (at === "receipt" && draft && draft.identity && draft.identity.id === submission.id) refill(draft);
  const findings = (problem.findings || [problem]).filter((f) => rules.items[f.where] && answers.card(f.where));
  if (findings.length) return backTo(findings);
  if (at !== "review") open("review");
  const box = $("refused-by-server");
  box.textContent = "";
  [problem.message, problem.remedy].forEach((sentence) => sentence && box.appendChild(make("span", "", sentence)));
  show(box, true);
  setState("");
  scrollTo(0, 0);
  return undefined;
};

const backTo = (findings) => {
  const first = findings[0].where;
  const section = answers.sectionOf(first);
  open(section ? section.id : "opening", true);
  findings.forEach((found) => showWrong(found.where, found));
  setState(say("wrong", { count: findings.length }), "bad");
  goTo(first);
};
