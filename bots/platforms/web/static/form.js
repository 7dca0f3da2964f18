// A form to fill in, as it stands in a reply. The server checks it again, and says what is wrong. It stays open until
// the server says that it is over: handed in, here or elsewhere, cancelled, or replaced by another.

import { faultOfFile, fromTemplate, page, say } from "./page.js";

const PICKED = new Set(["date", "time", "datetime", "choice", "file"]); // nobody writes these
const INPUTS = { number: "text", money: "text", date: "date", time: "time", datetime: "datetime-local" };

export function form(view, onPut) {
  const made = fromTemplate("form");
  const button = made.querySelector(".button");
  made.querySelector("h3").textContent = view.title;
  made.querySelector(".fields").setAttribute("aria-label", view.title);
  made.querySelector(".fields").replaceChildren(...view.fields.map(field));
  button.textContent = view.submit;
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isOver(made) || onItsWay(button)) return;
    button.setAttribute("aria-disabled", "true"); // a button that is disabled loses the focus
    await handIn(made, view, onPut);
    button.removeAttribute("aria-disabled");
  });
  return made;
}

async function handIn(made, view, onPut) {
  if (!(await sendFiles(made, view, onPut))) return;
  const values = valuesOf(made, view.fields.filter((one) => one.kind !== "file"));
  await onPut(view.title, { form: { name: view.name, title: view.title, draft: view.draft, values } });
}

function onItsWay(button) {
  return button.getAttribute("aria-disabled") === "true";
}

function isOver(made) {
  return made.querySelector(".fields").disabled;
}

// Close the form: what was written stays to be read. `number` is what it was handed in as, if it was.
export function close(made, number) {
  const focused = made.contains(document.activeElement);
  const word = made.querySelector(".over");
  made.querySelector(".fields").disabled = true;
  made.classList.toggle("handed-in", Boolean(number));
  for (const one of made.querySelectorAll(".field")) one.hidden = isEmpty(one);
  made.querySelector(".button").hidden = true;
  word.textContent = number ? say("form_handed_in", { number }) : say("form_over");
  word.hidden = false;
  if (focused) word.focus({ preventScroll: true });
}

function isEmpty(made) {
  const controls = [...made.querySelectorAll("input, select, textarea")];
  const written = controls.some((one) => (one.type === "checkbox" ? one.checked : one.type !== "file" && one.value));
  return !written && !made.querySelector(".attached").textContent;
}

// Files go first, each as a message of its own. Returns whether all have been taken: if not, the reply says why.
async function sendFiles(made, view, onPut) {
  for (const control of made.querySelectorAll('input[type="file"]')) {
    const [file] = control.files;
    if (!file) continue;
    const reply = await onPut(file.name, { file, field: `${view.name}/${control.name}`, draft: view.draft });
    if (!reply?.took) return false;
    attached(control, file.name);
  }
  return true;
}

function attached(control, name) {
  control.value = "";
  control.closest(".field").querySelector(".attached").textContent = name ? say("attached", { name }) : "";
}

function files(one) {
  const control = document.createElement("input");
  Object.assign(control, { type: "file", name: one.name, accept: page.kinds });
  control.addEventListener("change", () => {
    const [file] = control.files;
    control.setCustomValidity(file ? faultOfFile(file) : "");
    control.reportValidity();
  });
  return control;
}

function field(one) {
  const made = fromTemplate("field");
  const control = one.kind === "choices" ? boxes(one) : input(one);
  const id = `f-${one.name}-${crypto.randomUUID().slice(0, 8)}`;
  const label = made.querySelector("label");
  label.textContent = one.optional ? say("optional_field", { label: one.label }) : one.label;
  if (one.kind === "choices") {
    control.setAttribute("role", "group");
    control.setAttribute("aria-label", one.label);
  } else {
    control.id = label.htmlFor = id;
    control.required = !one.optional && one.kind !== "file"; // it may have been sent before a reload: the server knows
  }
  const example = one.example && !PICKED.has(one.kind) ? say("example", { example: one.example }) : "";
  made.querySelector(".help").textContent = one.help || example;
  label.after(control);
  if (one.kind === "file" && one.value) attached(control, one.value);
  return made;
}

function input(one) {
  if (one.kind === "choice") return select(one);
  if (one.kind === "file") return files(one);
  const long = one.kind === "text" && one.longest > 200;
  const control = document.createElement(long ? "textarea" : "input");
  if (!long) control.type = INPUTS[one.kind] ?? "text";
  if (one.kind === "number" || one.kind === "money") control.inputMode = "decimal";
  if (one.kind === "text") control.maxLength = one.longest;
  control.name = one.name;
  control.value = one.value;
  return control;
}

function select(one) {
  const control = document.createElement("select");
  control.name = one.name;
  const options = [["", say("choose")], ...one.choices];
  control.replaceChildren(...options.map(([value, label]) => new Option(label, value, false, value === one.value)));
  return control;
}

function boxes(one) {
  const group = document.createElement("div");
  const ticked = new Set(one.value.split("、"));
  group.className = "boxes";
  for (const [value, label] of one.choices) {
    const box = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "checkbox", name: one.name, value, checked: ticked.has(value) });
    box.append(input, label);
    group.append(box);
  }
  return group;
}

function valuesOf(made, fields) {
  const given = new FormData(made);
  return Object.fromEntries(
    fields.map((one) => [one.name, one.kind === "choices" ? given.getAll(one.name) : (given.get(one.name) ?? "")]),
  );
}
