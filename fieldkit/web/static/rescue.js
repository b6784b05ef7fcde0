// The way out when a response cannot be sent for long: its content as a file or as text, which the research team takes
// in at its desk. It holds the answers in plain, so that is said first.

export const FILE_NAME = "data.json"; // says nothing about a survey

export const copy = (text) => {
  const old = () => {
    const box = document.createElement("textarea");
    box.className = "vh";
    box.value = text;
    document.body.appendChild(box);
    box.select();
    box.setSelectionRange(0, text.length); // select() alone is not enough on older iPhones
    let well = false;
    try {
      well = document.execCommand("copy");
    } catch (error) {
      well = false;
    }
    document.body.removeChild(box);
    return well;
  };
  if (navigator.clipboard && navigator.clipboard.writeText) return navigator.clipboard.writeText(text).then(() => true, old);
  return Promise.resolve(old());
};

// what the desk reads: fieldkit/web/desk/rescue.py
export const rescueText = (record) => JSON.stringify({ rescue: 1, path: record.path, submission: record.submission });

// `files` tells whether this browser saves files at all
export const rescueBox = (record, words, make, files) => {
  const details = make("details", "more rescue");
  details.setAttribute("aria-label", words.rescue);
  details.appendChild(make("summary", "", words.rescue));
  details.appendChild(make("p", "", words.rescue_how));
  details.appendChild(make("p", "warn", words.rescue_warning));
  const row = make("div", "pair");
  const said = make("p", "hint");
  said.setAttribute("role", "status");
  const button = (text, press) => {
    const made = make("button", "second", text);
    made.type = "button";
    made.addEventListener("click", press);
    row.appendChild(made);
  };
  if (files) button(words.rescue_file, () => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([rescueText(record)], { type: "application/json" }));
    link.download = FILE_NAME;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    said.textContent = words.rescue_saved;
  });
  button(words.rescue_copy, () => {
    copy(rescueText(record)).then((well) => {
      said.textContent = well ? words.rescue_copied : words.rescue_by_hand;
      if (well || details.querySelector("textarea")) return;
      const box = make("textarea", "token");
      box.readOnly = true;
      box.rows = 6;
      box.value = rescueText(record);
      box.setAttribute("aria-label", words.rescue_copy);
      details.appendChild(box);
    });
  });
  details.appendChild(row);
  details.appendChild(said);
  return details;
};
