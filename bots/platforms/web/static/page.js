// What the server told this page: sentences, windows, limits.

export const page = JSON.parse(document.getElementById("page-data").textContent);

export function say(key, values = {}) {
  return page.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

// Characters as people and the server count them, not UTF-16 units.
export function length(text) {
  return [...text].length;
}

export function cut(text, limit) {
  return [...text].slice(0, limit).join("");
}
