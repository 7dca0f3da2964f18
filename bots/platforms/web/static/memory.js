// Keeps this tab's conversations over a reload (a change of language, say), for this visitor only.

import { page } from "./page.js";

const KEY = "transom";

export function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    if (kept?.visitor === page.visitor) return kept.conversations;
  } catch {
    // storage is forbidden, or holds something else
  }
  forget();
  return {};
}

export function keep(conversations) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ visitor: page.visitor, conversations }));
  } catch {
    // storage is forbidden or full: the conversation lasts as long as the page
  }
}

function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // storage is forbidden
  }
}
