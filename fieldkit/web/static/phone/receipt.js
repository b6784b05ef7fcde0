// The receipt: the code in large groups, as a picture, as text; nothing else.

const groups = (code) => [code.slice(0, 4), code.slice(4, 8), code.slice(8)];

const today = () => {
  const now = new Date(Date.now() + 480 * 60000); // the day in Beijing, where the fieldwork is
  return say("day", { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() });
};

const drawReceipt = (submission, state) => {
  const arrived = state === "received";
  open("receipt", true);
  $("receipt-h").textContent = arrived ? words.received : state === "held" ? words.held : words.kept;
  $("receipt-h").classList.toggle("kept", !arrived);
  setTitle($("receipt-h").textContent);
  $("receipt-words").textContent = arrived
    ? say("received_on", { day: today() })
    : state === "held" ? words.held_words : navigator.onLine === false ? words.kept_offline : words.kept_failed;
  const codes = $("codes");
  codes.textContent = "";
  codes.setAttribute("aria-label", groups(submission.receipt_code).join(" "));
  groups(submission.receipt_code).forEach((group, i) => {
    if (i) codes.appendChild(make("i", "", "-"));
    codes.appendChild(make("span", "", group));
  });
  $("saved-as").textContent = "";
  show($("when-received"), arrived);
  show($("when-kept"), !arrived);
  show($("cache"), state === "kept");
  $("next").classList.toggle("all", arrived);
  $("next").textContent = arrived ? words.close : words.retry;
  $("back").textContent = words.another;
  show($("back"), state === "kept");
  setState(arrived ? "" : navigator.onLine === false ? words.waiting : words.not_sent);
  scrollTo(0, 0);
  $("receipt-h").focus({ preventScroll: true });
};

let arrivedNow = false;
const received = (submission) => {
  dropUnsent(submission);
  store.drop(DRAFT);
  arrivedNow = true;
  identity = null;
  drawReceipt(submission, "received");
  answers.restore(answers.presets());
  const rest = unsent();
  if (rest.length) deliver(rest[0]).then((outcome) => outcome.received && dropUnsent(rest[0]));
};

const kept = (submission, held) => {
  arrivedNow = false;
  drawReceipt(submission, held ? "kept" : "held");
};

const retry = () => {
  if (at === "receipt" && !arrivedNow && current && !sending) attempt(current);
};

const another = () => {
  current = null;
  startAnew();
};

const close = () => {
  if (window.WeixinJSBridge) window.WeixinJSBridge.call("closeWindow");
  window.close();
  open("closed");
  setState("");
};

const copyCode = () => {
  const code = groups(current.receipt_code).join("-");
  const done = (well) => { $("saved-as").textContent = well ? words.copied : words.copy_by_hand; };
  const old = () => {
    const box = make("textarea", "vh");
    box.value = code;
    document.body.appendChild(box);
    box.select();
    let well = false;
    try {
      well = document.execCommand("copy");
    } catch (error) {
      well = false;
    }
    document.body.removeChild(box);
    done(well);
  };
  if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(code).then(() => done(true), old);
  else old();
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
  pen.fillText(groups(current.receipt_code).join("-"), 480, 260, 900);
  const picture = make("img", "code-image");
  picture.alt = words.code + " " + groups(current.receipt_code).join(" ");
  picture.src = canvas.toDataURL("image/png");
  box.appendChild(picture);
  box.appendChild(make("span", "", words.image_here));
  const link = make("a");
  link.href = picture.src;
  link.download = words.code + ".png";
  if (!/MicroMessenger/i.test(navigator.userAgent)) link.click(); // WeChat saves by a long press only
};
