// One question and what was said to it, as it stands on the page. Text is only ever set as text.

import { close, form } from "./form.js";
import { fromTemplate, say } from "./page.js";
import { openSource } from "./source.js";

const MARK = /\[(\d{1,2})\]/;

export class TurnView {
  // onPut is told what the person does: as it is shown, and as it is sent ({question}, {tap}, {form} or {file, field, draft}).
  // kind is "file" where shown is a file's name, "told" where nobody asked, empty elsewhere.
  constructor(shown, kind, contact, onRetry, onPut) {
    this.element = fromTemplate("turn");
    this.contact = contact;
    this.onPut = onPut;
    this.streamed = "";
    this.draft = null; // of the form that stands here, while it is open
    this.part("question").textContent = shown;
    this.show("ask", kind !== "told");
    this.show("told", kind === "told");
    this.show("clip", kind === "file");
    if (kind === "file") this.part("asked").textContent = say("you_sent");
    this.part("retry").addEventListener("click", onRetry);
    this.begin();
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  show(name, on) {
    this.part(name).hidden = !on;
  }

  begin() {
    this.streamed = "";
    this.part("text").replaceChildren();
    this.element.className = "turn waiting";
    for (const name of ["refused", "contact", "fault", "notice", "tables", "form", "cards", "choices", "sources", "retry", "next"]) this.show(name, false);
    this.looking("looking");
    this.show("looking", true);
  }

  looking(key) {
    this.part("looking").textContent = say(key);
  }

  addPart(text) {
    this.show("looking", false);
    this.streamed += text;
    this.part("text").append(marked(text));
  }

  finish(reply) {
    this.element.className = reply.refused ? "turn refused" : "turn answered";
    this.show("looking", false);
    if (reply.text !== this.streamed) this.part("text").replaceChildren(marked(reply.text));
    this.link(reply.sources);
    this.show("refused", reply.refused);
    this.show("contact", reply.refused && this.contact);
    this.part("contact-who").textContent = this.contact;
    this.show("notice", Boolean(reply.notice));
    this.part("notice").textContent = reply.notice ?? "";
    this.list("tables", reply.tables.map(table));
    this.show("tables", reply.tables.length > 0);
    this.draft = reply.form?.draft || null; // a form shown before drafts were named stays open
    this.list("form", reply.form ? [form(reply.form, this.onPut)] : []);
    this.show("form", Boolean(reply.form));
    this.list("cards", reply.cards.map((one) => card(one, this.onPut)));
    this.show("cards", reply.cards.length > 0);
    this.list("choices", reply.choices.map((one) => choice(one, this.onPut)));
    this.show("choices", reply.choices.length > 0);
    this.list("source-list", reply.sources.map(sourceCard));
    this.show("sources", reply.sources.length > 0);
    this.list("next-list", reply.suggestions.map((text) => suggestion(text, (question) => this.onPut(question, { question }))));
  }

  get hasOpenForm() {
    return this.draft !== null;
  }

  // Close the form if it is over. What is told has to be younger than the form.
  formsAre({ open, handed_in: handedIn }) {
    if (!this.hasOpenForm || open.includes(this.draft)) return;
    close(this.part("form").firstElementChild, handedIn[this.draft]);
    this.show("choices", false); // to cancel it, to begin it anew
    this.draft = null;
  }

  fail(message) {
    this.element.className = "turn failed";
    this.show("looking", false);
    this.part("fault").textContent = message;
    this.show("fault", true);
    this.show("retry", true);
  }

  // Only the newest turn offers what to ask next.
  offerNext(on) {
    this.show("next", on && this.part("next-list").childElementCount > 0);
  }

  list(name, items) {
    this.part(name).replaceChildren(...items);
  }

  link(sources) {
    for (const mark of this.part("text").querySelectorAll(".mark")) {
      const source = sources.find((one) => one.number === Number(mark.dataset.number));
      if (source) enable(mark, source);
      else mark.replaceWith(mark.textContent);
    }
  }
}

export function suggestion(text, onAsk) {
  const item = fromTemplate("suggestion");
  item.firstElementChild.textContent = text;
  item.firstElementChild.addEventListener("click", () => onAsk(text));
  return item;
}

// Something to tap: it asks, is sent back, or opens a page. The server lets through addresses of pages only. A date is
// picked in the box to write in: people write it.
function choice(one, onPut) {
  const item = fromTemplate(one.url ? "link" : "suggestion");
  const target = item.firstElementChild;
  target.textContent = one.label;
  if (one.style) target.classList.add(one.style);
  if (one.url) target.href = one.url;
  else if (one.picker) item.hidden = true;
  else target.addEventListener("click", () => onPut(one.label, one.data ? { tap: { label: one.label, data: one.data } } : { question: one.say }));
  return item;
}

function table({ columns, rows }) {
  const made = fromTemplate("table");
  made.querySelector("thead tr").replaceChildren(...columns.map((text) => cell("th", text)));
  made.querySelector("tbody").replaceChildren(
    ...rows.map((row) => {
      const line = document.createElement("tr");
      line.replaceChildren(...row.map((text, index) => cell(index ? "td" : "th", text, columns[index])));
      return line;
    }),
  );
  return made;
}

function cell(kind, text, column) {
  const made = document.createElement(kind);
  made.textContent = text;
  if (column) made.dataset.column = column;
  if (kind === "th") made.scope = column ? "row" : "col";
  return made;
}

function card({ title, text, choices, attachments }, onPut) {
  const made = fromTemplate("card");
  made.querySelector("h3").textContent = title;
  made.querySelector("p").textContent = text;
  made.querySelector(".attachments").replaceChildren(...attachments.map(attachment));
  made.querySelector(".attachments").hidden = attachments.length === 0;
  made.querySelector(".suggestions").replaceChildren(...choices.map((one) => choice(one, onPut)));
  return made;
}

// A file to open; where it cannot be opened it has no address, and is only named.
function attachment({ name, size, url }) {
  const item = fromTemplate("attached-file");
  item.querySelector(".attachment-name").textContent = name;
  item.querySelector(".attachment-size").textContent = size;
  if (url) item.firstElementChild.href = url;
  return item;
}

function marked(text) {
  const sentence = document.createElement("span");
  sentence.className = "sentence";
  for (const [index, piece] of text.split(MARK).entries()) {
    sentence.append(index % 2 ? mark(piece) : piece); // split puts the numbers at odd places
  }
  return sentence;
}

function mark(number) {
  const button = fromTemplate("mark");
  button.dataset.number = number;
  button.textContent = `[${number}]`;
  return button;
}

function enable(button, source) {
  button.disabled = false;
  button.setAttribute("aria-label", say("open_source", source));
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", () => openSource(source));
}

function sourceCard(source) {
  const item = fromTemplate("source-card");
  const place = [source.page === null ? "" : say("page", source), source.heading].filter(Boolean);
  item.querySelector(".number").textContent = source.number;
  item.querySelector(".source-name").textContent = source.title;
  item.querySelector(".source-place").textContent = place.join(" · ");
  const button = item.querySelector("button");
  button.setAttribute("aria-label", [say("open_source", source), ...place].join(" · "));
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", () => openSource(source));
  return item;
}
