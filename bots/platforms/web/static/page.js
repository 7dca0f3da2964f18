// What the server told this page: sentences, windows, addresses, limits.

export const page = JSON.parse(document.getElementById("page-data").textContent);

export function at(id) {
  return document.getElementById(id);
}

export function say(key, values = {}) {
  return page.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export function fromTemplate(id) {
  return at(id).content.firstElementChild.cloneNode(true);
}

// Characters as people and the server count them, not UTF-16 units.
export function length(text) {
  return [...text].length;
}

// The sentence that says why we do not send this file, nothing if we do. The server looks again.
export function faultOfFile(file) {
  if (file.size === 0) return say("fault_file_empty");
  if (file.size > page.limits.file) return say("fault_file_large");
  const known = page.kinds.split(",").some((ending) => file.name.toLowerCase().endsWith(ending));
  return known ? "" : say("fault_file_kind");
}

// A UUID of version 4. crypto.randomUUID is missing where a company serves this page without TLS.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
