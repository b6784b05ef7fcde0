// On every page of the respondents' side: what still waits on this phone is sent, without a word on the page.

import { openBook } from "./book.js";
import { keepEmptying, openOutbox } from "./outbox.js";
import { plainStore } from "./plain-store.js";

openBook().then((book) => {
  const outbox = openOutbox(book, plainStore);
  return outbox.adopt().then(() => keepEmptying(outbox)(true));
});
