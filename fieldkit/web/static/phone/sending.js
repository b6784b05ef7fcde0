// Sending: the same id every time, so that nothing is stored twice. What carries the answers is in later.js.

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

const send = () => {
  if (sending) return undefined;
  const { shown, live, sections } = refresh();
  const every = rules.opening.filter((id) => shown[id] && answers.card(id)).concat(...sections.map((s) => s.items));
  const wrong = every.filter((id) => answers.wrong(id, live));
  if (wrong.length) return backTo(wrong.map((id) => Object.assign({ where: id }, answers.wrong(id, live))));
  identity = identity || makeIdentity();
  const submission = {
    id: identity.id,
    receipt_code: identity.code,
    questionnaire: rules.questionnaire,
    version: rules.version,
    language: rules.language,
    active_seconds: Math.round(seconds),
    paradata: paradata(),
    answers: answers.wire(),
  };
  sending = true;
  $("next").disabled = true;
  setState(words.sending);
  const done = () => {
    sending = false;
    $("next").disabled = false;
  };
  return save()
    .then(fetchLater)
    .then(() => {
      if (!later) {
        done();
        return setState(words.not_loaded, "bad");
      }
      return later.attempt(submission).then((after) => {
        done();
        return after();
      });
    });
};

const backTo = (findings) => {
  const first = findings[0].where;
  const section = answers.sectionOf(first);
  open(section ? section.id : "opening", true);
  findings.forEach((found) => showWrong(found.where, found));
  setState(say("wrong", { count: findings.length }), "bad");
  goTo(first);
};
