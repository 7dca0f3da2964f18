// Calls the server: in the page's language and, in the widget, in the name of its visitor. Trouble is a Fault.

import { page, say } from "./page.js";

const KEY = "transom visitor";

export class Fault extends Error {} // its message is a sentence for people

// In the widget no cookie says who we are; a signed token does. The page brings a fresh one; an older one wins, as its
// conversation goes on, until the server does not know it any more.
let visitor = page.visitor ? (recall() ?? keep(page.visitor)) : null;

export async function call(address, options = {}) {
  const response = await fetch(address, withHeaders(options));
  if (response.status !== 401 || !visitor || visitor === page.visitor) return response;
  visitor = keep(page.visitor);
  return fetch(address, withHeaders(options));
}

export async function post(address, body, options = {}) {
  const headers = { "Content-Type": "application/json", ...options.headers };
  return call(address, { ...options, method: "POST", headers, body: JSON.stringify(body) });
}

// Returns the answer if it is a good one. What we refuse is a Fault; what is not ours (a proxy's page) any other error.
export async function good(response) {
  if (response.ok) return response;
  const told = await response.json();
  throw typeof told.message === "string" ? new Fault(told.message) : new Error("not ours");
}

// Sends a file as a form does; the browser writes the header with the boundary.
export async function upload(address, fields, options = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return call(address, { ...options, method: "POST", body });
}

// Returns {asked, files}: what was said so far, and whether a file may be attached.
export async function conversation(window) {
  const response = await good(await call(`${page.paths.asked}?${new URLSearchParams({ window })}`));
  return response.json();
}

export async function forget(window) {
  try {
    await good(await post(page.paths.forget, { window }));
  } catch (error) {
    throw error instanceof Fault ? error : new Fault(say("offline"));
  }
}

function withHeaders(options) {
  const headers = { "Accept-Language": page.language, ...options.headers };
  if (visitor) headers["X-Transom-Visitor"] = visitor;
  return { ...options, headers };
}

// Where a browser forbids a frame its storage (with third-party cookies blocked), the page around us keeps the token for
// its tab and hands it back behind the #. Only pages of the named origins can frame us and hear it.
function recall() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return location.hash.slice(1) || null;
  }
}

function keep(token) {
  try {
    localStorage.setItem(KEY, token);
  } catch {
    parent.postMessage({ transom: "visitor", token }, "*");
  }
  return token;
}
