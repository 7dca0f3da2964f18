// The page in the widget's frame: one window, closed by the page around it.

import { composer } from "./composer.js";
import { at, page } from "./page.js";
import { enter } from "./room.js";

function close() {
  parent.postMessage({ transom: "close" }, "*"); // it tells nothing; whoever frames us was allowed to
}

at("close").addEventListener("click", close);
addEventListener("keydown", (event) => {
  // Where a source is open, Escape closes that; where a character is being composed, it belongs to the input method.
  if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) close();
});
addEventListener("focus", () => {
  if (document.activeElement === document.body) composer.focus();
});
enter(page.windows[0]);
