// One window: its conversation, which the server keeps, and the reply that is being followed.

import { conversation, Fault, forget } from "./call.js";
import { composer } from "./composer.js";
import { follow } from "./follow.js";
import { news } from "./news.js";
import { at, newId, page, say } from "./page.js";
import { suggestion, TurnView } from "./turn.js";

const scroll = at("scroll");
const talk = at("talk");
const roomy = matchMedia("(min-width: 60rem) and (pointer: fine)");

let open = null; // the window the visitor stands at
let turns = []; // {id, said, stored, over, view}, oldest first; over: nothing more is to be waited for
let stop = null; // the AbortController of the reply that is followed

// --- coming and going ---

export function enter(window) {
  leave();
  open = window;
  at("desk-title").textContent = open.title;
  document.querySelector(".room-contact").textContent = open.contact ? say("contact_window", { who: open.contact }) : "";
  at("questions").replaceChildren(...open.questions.map((text) => suggestion(text, ask)));
  composer.clear();
  composer.takesFiles(false);
  show([]);
  (roomy.matches || page.compact ? composer : at("desk-title")).focus();
  load().then(() => news.look());
}

export function leave() {
  halt();
  open = null;
}

// Take up the conversation where the server has it; what was asked in the meantime stands below.
async function load() {
  const here = open;
  try {
    const { asked, files, forms } = await conversation(here.name);
    if (open !== here) return;
    composer.takesFiles(files);
    const known = new Set(asked.map((one) => one.id));
    show([...asked.map(takenUp), ...turns.filter((turn) => !known.has(turn.id))]);
    closeForms(asked, forms);
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

// Show what was told since.
async function bring(newest) {
  if (turns.some((turn) => turn.id === newest)) return;
  if (await update()) at("status").textContent = say("told_now");
}

// Whoever comes back to the page may have handed its form in elsewhere meanwhile.
async function lookAtForms() {
  if (document.hidden || !turns.some((turn) => turn.view.hasOpenForm)) return;
  await update().catch(() => {}); // nobody asked for it: a form that is over is not taken
}

// Show what came without us, in its place. While an answer is being followed it waits. Returns whether it was shown.
async function update() {
  const here = open;
  if (stop) return false;
  const { asked, forms } = await conversation(here.name);
  if (open !== here || stop) return false;
  keepInView(() => asked.reduce(insert, null));
  closeForms(asked, forms);
  tidy();
  catchUp();
  return true;
}

// What became of forms is as old as what came with it: nothing is said of those that have come since.
function closeForms(asked, forms) {
  const told = new Set(asked.filter((one) => one.reply?.form).map((one) => one.id));
  keepInView(() => turns.filter((turn) => told.has(turn.id)).forEach((turn) => turn.view.formsAre(forms)));
}

// Insert what is new behind what stands before it, and return it.
function insert(before, one) {
  const known = turns.find((turn) => turn.id === one.id);
  if (known) return known;
  const turn = takenUp(one);
  const place = before ? turns.indexOf(before) + 1 : 0;
  talk.insertBefore(turn.view.element, turns[place]?.view.element ?? null);
  turns.splice(place, 0, turn);
  return turn;
}

function takenUp({ id, question, file, told, reply }) {
  const turn = turns.find((one) => one.id === id);
  if (turn) return turn; // asked while we were loading: it is being followed already
  const fresh = newTurn(id, question, file ? { file: true } : told ? { told } : { question }, true);
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

function newTurn(id, shown, said, stored) {
  const turn = { id, said, stored, over: false };
  turn.view = new TurnView(shown, said.file ? "file" : said.told ? "told" : "", open.contact, () => retry(turn), put);
  return turn;
}

function ask(question) {
  if (!stop && composer.valid(question)) put(question, { question });
}

function attach(file) {
  put(file.name, { file, field: "", draft: "" });
}

// What a person does: writes, taps, fills in a form, or sends a file. `shown` is how it stands on the page. Resolves to
// the reply; to nothing if there is none.
async function put(shown, said) {
  if (stop) return null;
  const turn = newTurn(newId(), shown, said, false);
  turns.push(turn);
  talk.append(turn.view.element);
  if (document.activeElement?.closest(".suggestions, .form")) at("desk-title").focus({ preventScroll: true });
  if (roomy.matches) composer.focus();
  return answer(turn);
}

function retry(turn) {
  if (stop) return;
  composer.focus({ preventScroll: true });
  answer(turn);
}

async function answer(turn) {
  const controller = (stop = new AbortController());
  let reply = null;
  turn.view.begin();
  if (turn.said.file && !turn.stored) turn.view.looking("sending_file");
  busy(true);
  turn.view.element.scrollIntoView({ block: "start" });
  try {
    for await (const event of follow(turn, open.name, controller.signal)) {
      keepInView(() => apply(turn, event));
      if (event.name === "reply") reply = event.data;
    }
  } catch (error) {
    at("status").textContent = "";
    keepInView(() => turn.view.fail(error.message));
  }
  turn.over = true;
  if (stop !== controller) return null;
  busy(false);
  catchUp();
  return reply;
}

function apply(turn, event) {
  if (event.name === "part") turn.view.addPart(event.data.text);
  else if (event.name === "restart") turn.view.begin();
  else finish(turn, event.data);
}

function finish(turn, reply) {
  turn.view.finish(reply);
  turns.forEach((one) => one.view.formsAre(reply.forms));
  composer.takesFiles(reply.files);
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

composer.submit = ask;
composer.attach = attach;
news.window = () => open?.name ?? "";
news.expected = () => turns.length > 0;
news.bring = bring;
document.addEventListener("visibilitychange", lookAtForms);
window.addEventListener("focus", lookAtForms);
at("stop").addEventListener("click", () => stop?.abort());
at("new-conversation").addEventListener("click", startOver);
