// One window: its conversation, which the server keeps, and the reply that is being followed.

import { conversation, Fault, forget } from "./call.js";
import { composer } from "./composer.js";
import { follow } from "./follow.js";
import { at, newId, page, say } from "./page.js";
import { suggestion, TurnView } from "./turn.js";

const scroll = at("scroll");
const talk = at("talk");
const roomy = matchMedia("(min-width: 60rem) and (pointer: fine)");

let open = null; // the window the visitor stands at
let turns = []; // {id, question, stored, over, view}, oldest first; over: nothing more is to be waited for
let stop = null; // the AbortController of the reply that is followed

// --- coming and going ---

export function enter(window) {
  leave();
  open = window;
  at("desk-title").textContent = open.title;
  document.querySelector(".room-contact").textContent = open.contact ? say("contact_window", { who: open.contact }) : "";
  at("questions").replaceChildren(...open.questions.map((text) => suggestion(text, put)));
  composer.clear();
  show([]);
  (roomy.matches || page.compact ? composer : at("desk-title")).focus();
  load();
}

export function leave() {
  halt();
  open = null;
}

// Take up the conversation where the server has it; what was asked in the meantime stands below.
async function load() {
  const here = open;
  try {
    const asked = await conversation(here.name);
    if (open !== here) return;
    const known = new Set(asked.map((one) => one.id));
    show([...asked.map(takenUp), ...turns.filter((turn) => !known.has(turn.id))]);
  } catch (error) {
    if (open === here) composer.complain(error instanceof Fault ? error.message : say("not_loaded"));
    return;
  }
  catchUp();
}

// Follow what is still being answered, one after the other.
function catchUp() {
  const turn = turns.find((one) => !one.over);
  if (open && !stop && turn) answer(turn);
}

function takenUp({ id, question, reply }) {
  const turn = turns.find((one) => one.id === id);
  if (turn) return turn; // asked while we were loading: it is being followed already
  const fresh = newTurn(id, question, true);
  if (reply) fresh.view.finish(reply);
  fresh.over = Boolean(reply);
  return fresh;
}

function show(these) {
  talk.setAttribute("aria-live", "off"); // what was said before is not news
  turns = these;
  talk.replaceChildren(...turns.map((turn) => turn.view.element));
  tidy();
  scroll.scrollTop = scroll.scrollHeight;
  requestAnimationFrame(() => talk.setAttribute("aria-live", "polite"));
}

function tidy() {
  at("begin").hidden = turns.length > 0;
  at("begin").classList.toggle("bare", !open || open.questions.length === 0);
  at("new-conversation").disabled = turns.length === 0;
  turns.forEach((turn, index) => turn.view.offerNext(index === turns.length - 1 && !stop));
}

// --- asking ---

function newTurn(id, question, stored) {
  const turn = { id, question, stored, over: false };
  turn.view = new TurnView(question, open.contact, () => retry(turn), put);
  return turn;
}

function put(question) {
  if (stop || !composer.valid(question)) return;
  const turn = newTurn(newId(), question, false);
  turns.push(turn);
  talk.append(turn.view.element);
  if (document.activeElement?.closest(".suggestions")) at("desk-title").focus({ preventScroll: true });
  if (roomy.matches) composer.focus();
  answer(turn);
}

function retry(turn) {
  if (stop) return;
  composer.focus({ preventScroll: true });
  answer(turn);
}

async function answer(turn) {
  const controller = (stop = new AbortController());
  turn.view.begin();
  busy(true);
  turn.view.element.scrollIntoView({ block: "start" });
  try {
    for await (const event of follow(turn, open.name, controller.signal)) keepInView(() => apply(turn, event));
  } catch (error) {
    at("status").textContent = "";
    keepInView(() => turn.view.fail(error.message));
  }
  turn.over = true;
  if (stop !== controller) return;
  busy(false);
  catchUp();
}

function apply(turn, event) {
  if (event.name === "part") turn.view.addPart(event.data.text);
  else if (event.name === "restart") turn.view.begin();
  else finish(turn, event.data);
}

function finish(turn, reply) {
  turn.view.finish(reply);
  at("status").textContent = say(reply.refused ? "refused" : "answered");
}

function busy(on) {
  if (!on) stop = null;
  composer.follow(on);
  if (on) at("status").textContent = say("looking");
  tidy();
}

function halt() {
  stop?.abort();
  busy(false);
}

// Keep the newest words in view, unless the reader has scrolled away or the question would leave at the top.
function keepInView(change) {
  const end = () => scroll.scrollHeight - scroll.clientHeight;
  const atEnd = end() - scroll.scrollTop < 80;
  change();
  const question = (turns.at(-1)?.view.element.offsetTop ?? 0) - 12;
  if (atEnd) scroll.scrollTop = Math.max(scroll.scrollTop, Math.min(end(), question));
}

async function startOver() {
  const here = open;
  halt();
  try {
    await forget(here.name);
  } catch (error) {
    if (open === here) composer.complain(error.message);
    return;
  }
  if (open !== here) return;
  show([]);
  composer.focus();
}

composer.submit = put;
at("stop").addEventListener("click", () => stop?.abort());
at("new-conversation").addEventListener("click", startOver);
