// The box to write in.

import { at, faultOfFile, length, page, say } from "./page.js";

const box = at("question");
const attachment = at("attachment");

export const composer = {
  busy: false, // a reply is being followed
  submit: () => {}, // set by the room
  attach: () => {}, // set by the room

  focus(options) {
    box.focus(options);
  },

  clear() {
    box.value = "";
    measure();
  },

  // Whether a file may be attached now.
  takesFiles(on) {
    if (!on && document.activeElement === at("attach")) box.focus();
    at("attach").hidden = !on;
  },

  complain(sentence) {
    at("composer-fault").textContent = sentence;
  },

  valid(question) {
    const used = length(question);
    const fault = used === 0 ? "fault_empty" : used > page.limits.question ? "fault_too_long" : null;
    this.complain(fault ? say(fault) : "");
    box.setAttribute("aria-invalid", String(Boolean(fault)));
    return !fault;
  },

  follow(on) {
    this.busy = on;
    const atButton = [at("send"), at("stop"), at("attach")].includes(document.activeElement);
    at("send").hidden = on;
    at("stop").hidden = !on;
    at("attach").disabled = on;
    if (atButton) box.focus();
  },
};

function measure() {
  const used = length(box.value.trim());
  const limit = page.limits.question;
  at("composer-count").textContent = used > limit * 0.8 ? say("characters", { used, limit }) : "";
  if (used > limit) composer.valid(box.value.trim());
  else composer.complain("");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

function submit() {
  const question = box.value.trim();
  if (composer.busy || !composer.valid(question)) return;
  composer.clear();
  composer.submit(question);
}

function attach() {
  const [file] = attachment.files;
  attachment.value = ""; // so that the same file may be chosen again
  if (!file || composer.busy) return;
  const fault = faultOfFile(file);
  composer.complain(fault);
  if (!fault) composer.attach(file);
}

at("attach").addEventListener("click", () => attachment.click());
attachment.addEventListener("change", attach);
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
