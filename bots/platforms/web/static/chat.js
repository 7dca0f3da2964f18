// The page: choosing a window.

import { news } from "./news.js";
import { at, page } from "./page.js";
import { enter, leave } from "./room.js";

const companyName = document.title;
let open = null; // the window the visitor stands at

function windowOfAddress() {
  const door = [...document.querySelectorAll(".door")].find((one) => one.hash === location.hash);
  return page.windows.find((one) => one.name === door?.dataset.window) ?? null;
}

function route() {
  const left = open;
  const wanted = windowOfAddress();
  at("language").action = at("language").getAttribute("action").split("#")[0] + location.hash;
  if (wanted && wanted === left) return;
  open = wanted;
  at("hall").hidden = Boolean(open);
  at("desk").hidden = !open;
  document.body.className = open ? "in-desk" : "in-hall";
  document.title = open ? `${open.title} · ${companyName}` : companyName;
  if (open) goIn();
  else if (left) comeOut(left);
}

function goIn() {
  for (const link of document.querySelectorAll(".rail a")) {
    if (link.dataset.window === open.name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  enter(open);
}

function comeOut(left) {
  leave();
  news.look();
  document.querySelector(`.door[data-window="${CSS.escape(left.name)}"]`)?.focus();
}

addEventListener("hashchange", route);
route();
if (!open) news.look();
