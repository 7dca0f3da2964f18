// What was told without anybody asking: told apart by window, and shown where the visitor stands. One short request
// every so often, and none while the page is in the background: an open stream would hold a seat all day.

import { call } from "./call.js";
import { at, page, say } from "./page.js";

export const news = {
  window: () => "", // where the visitor stands; set by the room
  expected: () => false, // whether anything can be told here; set by the room
  bring: () => {}, // shows it; set by the room

  async look() {
    if (looking) again = true;
    if (looking || document.hidden || !(page.person || this.expected())) return;
    looking = true;
    again = false;
    try {
      await this.ask(this.window());
    } catch {
      // nobody asked for it: the next time will do
    }
    looking = false;
    if (again) this.look();
  },

  async ask(here) {
    const response = await call(`${page.paths.news}?${new URLSearchParams({ window: here })}`);
    if (!response.ok || here !== this.window()) return;
    const { waiting, newest } = await response.json();
    if (newest) await this.bring(newest);
    mark(waiting, here);
  },
};

let looking = false;
let again = false; // somebody came to another window meanwhile

function mark(waiting, here) {
  for (const one of document.querySelectorAll("[data-news]")) {
    const name = one.dataset.news;
    show(one, name === here ? 0 : (waiting[name] ?? 0));
  }
  if (at("news-elsewhere")) at("news-elsewhere").hidden = !Object.keys(waiting).some((name) => name !== here);
}

function show(one, count) {
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = say("news", { count });
  const number = document.createElement("span");
  number.setAttribute("aria-hidden", "true");
  number.textContent = count > 99 ? "99+" : String(count);
  one.replaceChildren(...(count ? [number, words] : []));
  one.hidden = !count;
}

setInterval(() => news.look(), page.news_every * 1000);
document.addEventListener("visibilitychange", () => news.look());
