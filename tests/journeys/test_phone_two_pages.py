"""One questionnaire in two pages of the same browser: only one of them writes, whatever is late, lost or in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import (
    agree,
    choose,
    come,
    enter,
    fill_counts,
    forward,
    front,
    holder,
    in_section,
    kept_on_phone,
    received,
    settled,
    stored,
    to_review,
    until_written,
    wait_for,
    written,
)

NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });"
WITHOUT = {
    "with locks": "",
    "without locks": NO_LOCKS,
    "with nothing": NO_LOCKS + "delete window.BroadcastChannel;",
}
DEAF = NO_LOCKS + "BroadcastChannel.prototype.postMessage = () => {};"

GONE = """() => {
  IDBDatabase.prototype.transaction = () => { throw new Error("gone"); };
  Storage.prototype.setItem = () => { throw new Error("gone"); };
}"""

ELSEWHERE = "已经在另一个页面里打开"
TAKEN = "已经转到另一个页面里填"
OVERTAKEN = "后来在另一个页面里填过"
DRAFT_HERE = "这部手机上有一份没有填完的答卷"


def begun(page: Page, address: str) -> None:
    """The first section answered, and everything of it in the journal: the page has its turn."""
    come(page, address)
    agree(page)
    fill_counts(page)
    until_written(page, "bur_meet_n", "8")


def stopped(page: Page, words: str) -> None:
    """The page says that another one has the questionnaire, and takes nothing more."""
    expect(page.locator("#offer")).to_contain_text(words)
    expect(page.locator("#page-opening")).to_be_visible()
    expect(page.locator("#core_consent input").first).to_be_disabled()


@pytest.mark.parametrize("lacking", WITHOUT)
def test_a_second_page_is_told_and_takes_over_everything_typed_in_the_first(phone, page, address, lacking, site):
    phone.add_init_script(WITHOUT[lacking])
    before = stored(site)
    begun(page, address)
    second = phone.new_page()
    come(second, address)
    stopped(second, ELSEWHERE)
    expect(second.locator("#anew")).to_be_hidden()
    page.locator("[name=bur_af1]").fill("37")  # still unwritten when the other takes over
    expect(second.locator("#next")).to_have_text("在这里接着填")
    forward(second)
    expect(second.locator("#offer")).to_contain_text(DRAFT_HERE)
    stopped(page, TAKEN)
    forward(second)
    expect(second.locator("[name=bur_af1]")).to_have_value("37")
    enter(second, "bur_af2", "9")
    until_written(second, "bur_af2", "9")
    # and back again: nothing of either is lost
    forward(front(page))
    expect(page.locator("#offer")).to_contain_text(DRAFT_HERE)
    stopped(second, TAKEN)
    forward(page)
    expect(page.locator("[name=bur_af2]")).to_have_value("9")
    to_review(page)
    forward(page)
    received(page)
    (new,) = [answers for key, answers in stored(site).items() if key not in before]
    assert (new["bur_af1"], new["bur_af2"]) == (37, 9)
    second.close()


@pytest.mark.parametrize("lacking", ["with locks", "without locks"])
def test_a_page_whose_script_comes_after_another_page_went_on_stops(phone, page, address, lacking):
    """On a slow network the first page is begun before the script that knows of other pages has arrived."""
    phone.add_init_script(WITHOUT[lacking])
    late = []
    page.route("**/phone-later.js", lambda route: late.append(route))
    come(page, address)
    agree(page)
    fill_counts(page)
    expect(page.locator("#state")).to_have_text("已保存在本机")
    second = phone.new_page()
    come(second, address)
    expect(second.locator("#offer")).to_contain_text(DRAFT_HERE)
    wait_for(lambda: bool(late), page)
    late[0].continue_()
    stopped(page, OVERTAKEN)
    forward(second)
    expect(second.locator("[name=bur_tr_hours]")).to_have_value("6.5")
    enter(second, "bur_af1", "9")
    until_written(second, "bur_af1", "9")
    second.close()


def test_a_page_that_heard_nothing_is_stopped_by_the_journal_and_spoils_nothing(phone, page, address):
    phone.add_init_script(DEAF)
    begun(page, address)
    second = phone.new_page()
    come(second, address)
    expect(second.locator("#offer")).to_contain_text(DRAFT_HERE)
    forward(second)
    enter(second, "bur_af1", "9")
    until_written(second, "bur_af1", "9")
    enter(front(page), "bur_af1", "50")
    stopped(page, OVERTAKEN)
    assert written(page, "bur_af1") == "9"
    forward(page)
    expect(page.locator("#offer")).to_contain_text(DRAFT_HERE)
    forward(page)
    expect(page.locator("[name=bur_af1]")).to_have_value("9")
    # the second one was asleep meanwhile and notices when it is looked at again
    front(second).evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    stopped(second, OVERTAKEN)
    second.close()


def test_a_page_that_cannot_write_any_more_stops_all_the_same(phone, page, address):
    phone.add_init_script(NO_LOCKS)
    begun(page, address)
    page.evaluate(GONE)
    second = phone.new_page()
    come(second, address)
    stopped(second, ELSEWHERE)
    forward(second)
    stopped(page, TAKEN)
    expect(second.locator("#offer")).to_contain_text(DRAFT_HERE)
    second.close()


# Several pages in one: each a turn of its own, with a line between them that is as slow as we like.
TURNS = """
async ([folder, story]) => {
  const lines = [];
  let slow = () => 0;
  const Own = window.BroadcastChannel; // the page that we are in has a turn as well, perhaps only later
  let ours = false;
  window.BroadcastChannel = class {
    constructor(key) {
      if (!ours) return new Own(key);
      lines.push(this);
      this.number = lines.length - 1;
    }
    postMessage(said) {
      lines.forEach((other) => {
        if (other !== this) setTimeout(() => other.onmessage({ data: said }), slow(this.number, other.number));
      });
    }
  };
  const { openTurn } = await import(folder + "tabs.js");
  const finished = [];
  const page = (fails) => {
    const number = lines.length;
    ours = true;
    const turn = openTurn("draft:x", () => {
      finished.push(number);
      return fails ? Promise.reject(new Error("no")) : undefined;
    });
    ours = false;
    return turn;
  };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const writing = (...pages) => pages.filter((one) => one.mine()).length;
  const told = {};
  if (story === "asking at once") {
    const [a, b, c] = [page(), page(), page()];
    await Promise.all([a.ask(), b.ask(), c.ask()]);
    told.writing = writing(a, b, c);
  }
  if (story === "asking at once, heard late") {
    slow = () => 300;
    const [a, b] = [page(), page()];
    await Promise.all([a.ask(), b.ask()]);
    told.writing = writing(a, b);
  }
  if (story === "answering too late") {
    const [a, b] = [page(), page()];
    await a.ask();
    slow = (from, to) => (to === 0 ? 1500 : 0);
    await wait(5);
    await b.ask();
    told.both = writing(a, b);
    while (writing(a, b) !== 1) await wait(20);
    told.writing = writing(a, b);
    told.finished = finished;
    told.later = b.mine();
  }
  if (story === "taking at once") {
    const [a, b, c] = [page(), page(), page()];
    await a.ask();
    told.got = (await Promise.all([b.take(), c.take()])).filter(Boolean).length;
    told.writing = writing(a, b, c);
    told.finished = finished;
  }
  if (story === "failing to write") {
    const [a, b] = [page(true), page()];
    await a.ask();
    told.got = await b.take();
    told.writing = writing(a, b);
  }
  return told;
}
"""


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("asking at once", {"writing": 1}),
        ("asking at once, heard late", {"writing": 1}),
        ("answering too late", {"both": 2, "writing": 1, "finished": [0], "later": True}),
        ("taking at once", {"got": 1, "writing": 1, "finished": [0]}),
        ("failing to write", {"got": True, "writing": 1}),
    ],
)
def test_of_pages_that_speak_at_cross_purposes_one_writes_in_the_end(page, address, story, told):
    page.add_init_script(NO_LOCKS)
    come(page, address)
    folder = page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    assert page.evaluate(TURNS, [folder, story]) == told


# Two pages' journals of the same draft, in the database or, where there is none, in localStorage.
JOURNALS = """
async ([folder, withBook]) => {
  const { openBook } = await import(folder + "book.js");
  const { openJournal } = await import(folder + "journal.js");
  const { plainStore } = await import(folder + "plain-store.js");
  const book = withBook ? await openBook() : null;
  const outrun = [];
  const journal = (who) => openJournal(book, plainStore, "draft:x", () => outrun.push(who));
  const draft = (value) => ({ at: "a", answers: { fields: { one: value } } });
  const now = async () => { const found = await journal("").snapshot(); return found && found.answers.fields.one; };
  const [a, b] = [journal("a"), journal("b")];
  await a.claim();
  await a.keep(draft("1"));
  await a.keep(draft("2"));
  const told = { first: await now() };
  told.claimed = (await b.claim()).answers.fields.one;
  await a.keep(draft("3"));
  told.overtaken = [await now(), outrun.join("")];
  await b.keep(draft("4"));
  told.second = [await now(), outrun.join("")];
  await a.wake();
  await b.wake();
  told.woken = outrun.join("");
  await a.claim();
  await a.keep(draft("5"));
  await b.keep(draft("6"));
  told.back = [await now(), outrun.join("")];
  await a.erase();
  await b.keep(draft("7"));
  told.cleared = [await now(), outrun.join("")];
  await a.keep(draft("8"));
  told.anew = [await now(), outrun.join("")];
  await a.erase();
  return told;
}
"""


@pytest.mark.parametrize("with_book", [True, False], ids=["database", "localStorage"])
def test_the_journal_refuses_the_page_that_was_overtaken(page, address, with_book):
    come(page, address)
    folder = page.evaluate("document.querySelector('script[type=module]').src.replace(/[^/]*$/, '')")
    assert page.evaluate(JOURNALS, [folder, with_book]) == {
        "first": "2",
        "claimed": "2",
        "overtaken": ["2", "a"],
        "second": ["4", "a"],
        "woken": "aa",
        "back": ["5", "aab"],
        "cleared": ["7", "aab"],
        "anew": ["7", "aaba"],
    }


def test_when_the_first_page_is_closed_the_next_one_is_told_nothing_of_it(phone, page, address):
    begun(page, address)
    second = phone.new_page()
    come(second, address)
    expect(second.locator("#offer")).to_contain_text(ELSEWHERE)
    front(page).goto("about:blank")
    come(front(second), address)
    expect(second.locator("#offer")).to_contain_text(DRAFT_HERE)
    second.close()


def test_a_page_that_was_only_opened_gives_way_without_a_question_and_takes_it_back(phone, page, address):
    come(page, address)
    settled(page)
    second = phone.new_page()
    come(second, address)
    stopped(page, TAKEN)
    expect(second.locator("#offer")).to_be_hidden()
    forward(front(page))
    stopped(second, TAKEN)
    expect(page.locator("#offer")).to_be_hidden()
    agree(page)
    enter(page, "bur_af1", "3")
    until_written(page, "bur_af1", "3")
    second.close()


def test_on_a_shared_phone_a_second_page_does_not_throw_the_first_one_out(phone, page, address):
    come(page, address)
    page.locator("#shared").check()
    agree(page)
    enter(page, "bur_af1", "8")
    settled(page)
    first = holder(page)
    second = phone.new_page()
    come(second, address)
    wait_for(lambda: holder(second) not in ("", first), second)
    expect(second.locator("#offer")).to_be_hidden()
    in_section(page, "考核、会议与留痕")
    choose(front(page), "core_level", "村")
    expect(page.locator("[name=bur_af1]")).to_have_value("8")
    assert kept_on_phone(page) == {}
    second.close()
