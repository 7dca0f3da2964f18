// The panel that shows one source: where it stands, the words, and the page.

import { at, page, say } from "./page.js";

const dialog = at("source");
const image = at("source-img");
const zoom = at("source-zoom");

export function openSource(source) {
  at("source-number").textContent = say("source", { number: source.number });
  at("source-title").textContent = source.title;
  at("source-document").textContent = source.document;
  row("page", source.page === null ? "" : String(source.page));
  row("heading", source.heading);
  at("source-quote").textContent = source.quote;
  showImage(source);
  // So that Back, the phone's natural gesture, closes the panel. In a frame the steps are those of the page around us.
  if (!page.compact) history.pushState({ source: true }, "");
  dialog.showModal();
  dialog.querySelector(".sheet-body").scrollTop = 0;
}

function row(name, text) {
  at(`source-${name}`).textContent = text;
  at(`source-${name}-row`).hidden = !text;
}

function showImage(source) {
  at("source-image").hidden = !source.image;
  enlarge(false);
  image.hidden = true;
  zoom.hidden = true;
  image.removeAttribute("src");
  if (!source.image) return;
  at("source-image-state").textContent = say("page_image_loading");
  image.alt = say("page_image_alt", { title: source.title });
  image.src = source.image;
}

function enlarge(on) {
  dialog.classList.toggle("enlarged", on);
  zoom.setAttribute("aria-pressed", String(on));
  zoom.textContent = say(on ? "zoom_out" : "zoom_in");
}

image.addEventListener("load", () => {
  at("source-image-state").textContent = "";
  image.hidden = false;
  zoom.hidden = false;
});
image.addEventListener("error", () => {
  at("source-image-state").textContent = say("page_image_gone");
});
zoom.addEventListener("click", () => enlarge(zoom.getAttribute("aria-pressed") === "false"));
at("source-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // the backdrop
});
window.addEventListener("popstate", () => dialog.close());
dialog.addEventListener("close", () => {
  if (history.state?.source) history.back(); // closed otherwise: leave no step behind
});
