// What keeps answers from being seen: two fingers hide the page, leaving it covers it, and the draft goes when its owner
// wants it gone. The page lends its own functions (phone/start.js). Written for Chrome 70.

const TAP_MS = 350; // from the second finger to the last one lifted
const STILL_PX = 16; // more than this is a pinch or a scroll

// two fingers tap anywhere: no button to aim at. `done` is called at most once per tap.
const onTwoFingers = (done) => {
  let begun = null;
  const points = (event) => Array.from(event.touches, (touch) => [touch.clientX, touch.clientY]);
  const quiet = { passive: true };
  addEventListener("touchstart", (event) => {
    begun = event.touches.length === 2 ? { at: event.timeStamp, points: points(event) } : null;
  }, quiet);
  addEventListener("touchmove", (event) => {
    const moved = begun && points(event).some(([x, y], i) => begun.points[i] && Math.abs(x - begun.points[i][0]) + Math.abs(y - begun.points[i][1]) > STILL_PX);
    if (moved) begun = null;
  }, quiet);
  addEventListener("touchcancel", () => { begun = null; }, quiet);
  addEventListener("touchend", (event) => {
    if (!begun || event.touches.length) return;
    const quick = event.timeStamp - begun.at < TAP_MS;
    begun = null;
    if (quick) done();
  }, quiet);
};

export const keepUnseen = (page, words) => {
  const { $, make, show } = page;
  const say = (name, facts) => page.fill(words[name], facts || {});
  const longest = page.care.days;

  // ---- the respondent's choices, at the end of the opening page

  const sharedRow = $("shared").parentNode;
  const cover = make("input");
  cover.type = "checkbox";
  cover.id = "cover";
  const coverRow = make("label", "switch");
  coverRow.appendChild(cover);
  coverRow.appendChild(make("span", "", words.cover));
  const time = make("select");
  time.id = "keep-for";
  const choices = [1, 3].filter((days) => days < longest).concat(longest, 0);
  choices.forEach((days) => {
    const option = make("option", "", days === 0 ? words.keep_never : days === 1 ? words.keep_today : say("keep_days", { days }));
    option.value = String(days);
    time.appendChild(option);
  });
  const timeRow = make("label", "switch");
  timeRow.appendChild(make("span", "", words.keep_for));
  timeRow.appendChild(time);
  const sharedHow = make("p", "", words.shared_how);
  sharedHow.id = "shared-how";
  const place = sharedRow.parentNode;
  [timeRow, make("p", "", words.keep_how), coverRow, make("p", "", words.cover_how)].reverse().forEach((row) => place.insertBefore(row, sharedRow.nextSibling));
  place.insertBefore(sharedHow, sharedRow.nextSibling);

  const draw = () => {
    const days = Math.min(longest, page.care.days);
    time.value = page.shared ? "0" : String(choices.indexOf(days) >= 0 ? days : longest);
    cover.checked = page.shared || page.care.cover;
    cover.disabled = page.shared;
    show(sharedHow, page.shared);
  };
  $("shared").addEventListener("change", draw);
  cover.addEventListener("change", () => { page.care = { days: page.care.days, cover: cover.checked }; });
  time.addEventListener("change", () => {
    const days = Number(time.value);
    if (days) page.care = { days, cover: page.care.cover };
    if ($("shared").checked !== !days) $("shared").click();
    else draw();
  });

  // ---- hiding

  onTwoFingers(() => page.hide(true));
  let choosing = false; // a photo: the camera is an app of its own
  document.addEventListener("click", (event) => { choosing = event.target.type === "file"; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") choosing = false;
    else if ((page.shared || page.care.cover) && page.at !== "opening" && !choosing) page.hide(false);
  });
  // whoever comes back to this page of a shared phone by the browser's buttons finds it empty; answers that have not
  // arrived are nowhere else
  addEventListener("pagehide", () => {
    if (page.shared && (page.at !== "receipt" || page.arrived)) page.forgetAll();
  });

  draw();
  return { draw };
};
