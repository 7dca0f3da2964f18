// The page: choosing a window, asking, and keeping each window's conversation.

import { ask } from "./ask.js";
import { keep, recall } from "./memory.js";
import { cut, length, page, say } from "./page.js";
import { suggestion, TurnView } from "./turn.js";

const at = (id) => document.getElementById(id);
const box = at("question");
const scroll = at("scroll");
const talk = at("talk");
const companyName = document.title;
const roomy = matchMedia("(min-width: 60rem) and (pointer: fine)");

const conversations = recall(); // by window: [{question, reply}], reply null where trouble came
let open = null; // the window the visitor stands at
let views = []; // of its conversation, in step with it
let stop = null; // the AbortController of the answer that is streaming

// --- choosing a window ---

function windowOfAddress() {
  const door = [...document.querySelectorAll(".door")].find((one) => one.hash === location.hash);
  return page.windows.find((one) => one.name === door?.dataset.window) ?? null;
}

function route() {
  const left = open;
  const wanted = windowOfAddress();
  at("language").action = at("language").getAttribute("action").split("#")[0] + location.hash;
  if (wanted && wanted === left) return;
  halt();
  open = wanted;
  at("hall").hidden = Boolean(open);
  at("desk").hidden = !open;
  document.body.className = open ? "in-desk" : "in-hall";
  if (open) enter();
  else if (left) leave(left);
}

function leave(left) {
  document.title = companyName;
  document.querySelector(`.door[data-window="${CSS.escape(left.name)}"]`)?.focus();
}

function enter() {
  document.title = `${open.title} · ${companyName}`;
  at("desk-title").textContent = open.title;
  document.querySelector(".room-contact").textContent = open.contact ? say("contact_window", { who: open.contact }) : "";
  for (const link of document.querySelectorAll(".rail a")) {
    if (link.dataset.window === open.name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  box.value = "";
  measure();
  drawConversation();
  (roomy.matches ? box : at("desk-title")).focus();
}

// --- the conversation ---

function conversation() {
  return (conversations[open.name] ??= []);
}

function drawConversation() {
  talk.setAttribute("aria-live", "off"); // what was said before is not news
  at("questions").replaceChildren(...open.questions.map((text) => suggestion(text, put)));
  views = conversation().map(drawTurn);
  talk.replaceChildren(...views.map((view) => view.element));
  tidy();
  scroll.scrollTop = scroll.scrollHeight;
  requestAnimationFrame(() => talk.setAttribute("aria-live", "polite"));
}

function drawTurn(turn) {
  const view = new TurnView(turn.question, open.contact, () => retry(turn), put);
  if (turn.reply) view.finish(turn.reply);
  else view.fail(turn.fault ?? say("stopped"));
  return view;
}

function tidy() {
  if (!open) return;
  at("begin").hidden = views.length > 0;
  at("begin").classList.toggle("bare", open.questions.length === 0);
  at("new-conversation").disabled = views.length === 0;
  views.forEach((view, index) => view.offerNext(index === views.length - 1 && !stop));
}

function put(question) {
  if (stop || !valid(question)) return;
  const turn = { question, reply: null };
  const view = new TurnView(question, open.contact, () => retry(turn), put);
  conversation().push(turn);
  keep(conversations); // a reload in the middle leaves the question, to be tried again
  views.push(view);
  talk.append(view.element);
  if (document.activeElement?.closest(".suggestions")) at("desk-title").focus({ preventScroll: true });
  if (roomy.matches) box.focus();
  answer(turn, view);
}

function retry(turn) {
  if (stop) return;
  const index = conversation().indexOf(turn);
  views[index].begin();
  box.focus({ preventScroll: true });
  answer(turn, views[index]);
}

async function answer(turn, view) {
  const earlier = conversation().slice(0, conversation().indexOf(turn));
  const controller = (stop = new AbortController());
  busy(true);
  view.element.scrollIntoView({ block: "start" });
  try {
    for await (const event of ask({ window: open.name, question: turn.question, history: history(earlier) }, stop.signal)) {
      follow(() => (event.name === "part" ? view.addPart(event.data.text) : finish(turn, view, event.data)));
    }
  } catch (error) {
    turn.fault = error.message;
    at("status").textContent = "";
    follow(() => view.fail(error.message));
  }
  keep(conversations);
  if (stop === controller) busy(false);
}

function finish(turn, view, reply) {
  turn.reply = reply;
  view.finish(reply);
  at("status").textContent = say(reply.refused ? "refused" : "answered");
}

function history(turns) {
  const told = turns.filter((turn) => turn.reply).slice(-page.limits.exchanges);
  return told.map((turn) => ({ question: turn.question, answer: cut(turn.reply.text, page.limits.answer) }));
}

function busy(on) {
  if (!on) stop = null;
  const atButton = [at("send"), at("stop")].includes(document.activeElement);
  at("send").hidden = on;
  at("stop").hidden = !on;
  if (atButton) box.focus();
  if (on) at("status").textContent = say("looking");
  tidy();
}

function halt() {
  stop?.abort();
  busy(false);
}

// Keep the newest words in view, unless the reader has scrolled away or the question would leave at the top.
function follow(change) {
  const end = () => scroll.scrollHeight - scroll.clientHeight;
  const atEnd = end() - scroll.scrollTop < 80;
  change();
  const question = (views.at(-1)?.element.offsetTop ?? 0) - 12;
  if (atEnd) scroll.scrollTop = Math.max(scroll.scrollTop, Math.min(end(), question));
}

// --- writing ---

function valid(question) {
  const used = length(question);
  const fault = used === 0 ? "fault_empty" : used > page.limits.question ? "fault_too_long" : null;
  at("composer-fault").textContent = fault ? say(fault) : "";
  box.setAttribute("aria-invalid", String(Boolean(fault)));
  return !fault;
}

function measure() {
  const used = length(box.value.trim());
  const limit = page.limits.question;
  at("composer-count").textContent = used > limit * 0.8 ? say("characters", { used, limit }) : "";
  if (used > limit) valid(box.value.trim());
  else at("composer-fault").textContent = "";
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

function submit() {
  const question = box.value.trim();
  if (stop || !valid(question)) return;
  box.value = "";
  measure();
  put(question);
}

box.addEventListener("input", measure);
box.addEventListener("keydown", (event) => {
  // Enter also confirms a character while it is being composed (Zhuyin, Pinyin); 229 is how Safari says so.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
at("stop").addEventListener("click", () => stop?.abort());
at("new-conversation").addEventListener("click", () => {
  halt();
  conversations[open.name] = [];
  keep(conversations);
  drawConversation();
  box.focus();
});
addEventListener("hashchange", route);
route();
