// One question and what was said to it, as it stands on the page. Text is only ever set as text.

import { fromTemplate, say } from "./page.js";
import { openSource } from "./source.js";

const MARK = /\[(\d{1,2})\]/;

export class TurnView {
  constructor(question, contact, onRetry, onAsk) {
    this.element = fromTemplate("turn");
    this.contact = contact;
    this.onAsk = onAsk;
    this.streamed = "";
    this.part("question").textContent = question;
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
    for (const name of ["refused", "contact", "fault", "notice", "cards", "choices", "sources", "retry", "next"]) this.show(name, false);
    this.show("looking", true);
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
    this.list("cards", reply.cards.map((one) => card(one, this.onAsk)));
    this.show("cards", reply.cards.length > 0);
    this.list("choices", reply.choices.map((one) => choice(one, this.onAsk)));
    this.show("choices", reply.choices.length > 0);
    this.list("source-list", reply.sources.map(sourceCard));
    this.show("sources", reply.sources.length > 0);
    this.list("next-list", reply.suggestions.map((text) => suggestion(text, this.onAsk)));
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
  return choice({ label: text, say: text }, onAsk);
}

// Something to tap: it asks, or opens a page. The server lets through addresses of pages only.
function choice(one, onAsk) {
  const item = fromTemplate(one.url ? "link" : "suggestion");
  const target = item.firstElementChild;
  target.textContent = one.label;
  if (one.url) target.href = one.url;
  else target.addEventListener("click", () => onAsk(one.say));
  return item;
}

function card({ title, text, choices }, onAsk) {
  const made = fromTemplate("card");
  made.querySelector("h3").textContent = title;
  made.querySelector("p").textContent = text;
  made.querySelector("ul").replaceChildren(...choices.map((one) => choice(one, onAsk)));
  return made;
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
