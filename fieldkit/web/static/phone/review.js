// The last look: how much is filled in, no answers, and the open questions themselves.

const MOST_IN_PLACE = 5; // more open questions than that are answered in their sections

const giveBack = () => {
  borrowed.forEach((loan) => {
    clearMessage(loan.id, ".note");
    loan.mark.parentNode.replaceChild(answers.card(loan.id), loan.mark);
  });
  borrowed = [];
};

const drawReview = () => {
  const { shown, live, sections } = refresh();
  const unanswered = sections.reduce((all, s) => all.concat(s.items.filter(isOpen)), []);
  unanswered.slice(0, MOST_IN_PLACE).forEach((id) => {
    const card = answers.card(id);
    const mark = document.createComment(id);
    card.parentNode.replaceChild(mark, card);
    borrowed.push({ id, mark });
    $("review-open").appendChild(card);
    showUnanswered(id);
  });
  countReview(shown, live, sections);
};

const countReview = (shown, live, sections) => {
  const total = sections.reduce((n, s) => n + s.items.filter(isOpen).length, 0);
  $("review-h").textContent = total ? say("some_open", { count: total }) : words.none_open;
  const list = $("review-list");
  list.textContent = "";
  sections.forEach((section) => {
    const count = section.items.length;
    const openHere = section.items.filter(isOpen).length;
    const filled = section.items.filter(answers.answered).length;
    const free = section.items.every((id) => rules.items[id].need === undefined);
    const row = make("li", openHere ? "open" : "");
    const button = make("button", "line");
    button.type = "button";
    button.appendChild(make("span", "name", pageOf(section.id).getAttribute("data-title")));
    const counted = openHere
      ? say("row_open", { count, open: openHere })
      : free && filled < count
        ? words.row_free
        : filled < count
          ? say("row_open", { count, open: count - filled })
          : say("row_done", { count });
    button.appendChild(make("span", "count", counted));
    button.appendChild(make("span", "go", openHere ? words.go_fill : words.go_see));
    button.addEventListener("click", () => open(section.id));
    row.appendChild(button);
    list.appendChild(row);
  });
};
