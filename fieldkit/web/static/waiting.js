// On every page of the respondents' side: what still waits on this phone is sent, and what is too old goes, without a word
// on the page.

import { sweep } from "./aging.js";
import { openBook } from "./book.js";
import { keepEmptying, openOutbox } from "./outbox.js";
import { plainStore } from "./plain-store.js";

openBook().then((book) => {
  const outbox = openOutbox(book, plainStore);
  sweep(book, plainStore);
  return outbox.adopt().then(() => keepEmptying(outbox)(true));
});
