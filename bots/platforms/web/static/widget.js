// Transom's widget: a round button on a shop's page, and the chat in a frame. Nothing of the shop's page is read.
//
//   <script src="https://transom.shop.example/widget.js" data-window="sales" async></script>

(() => {
  const script = document.currentScript;
  const ID = "transom-widget";
  if (!script || document.getElementById(ID)) return;

  const TEXTS = "TEXTS"; // filled in by the server
  const SVG = "http://www.w3.org/2000/svg";
  const origin = new URL(script.src).origin;
  const said = (script.dataset.lang || document.documentElement.lang || navigator.language).toLowerCase();
  const language = said.startsWith("zh") ? "zh-TW" : "en";
  const texts = TEXTS[language];

  const STYLE = `
    :host { all: initial; position: fixed; z-index: 2147483000; inset: auto 20px 20px auto; color-scheme: light dark; }
    [hidden] { display: none !important; }
    button { display: grid; place-items: center; width: 60px; height: 60px; padding: 0; border: 0; border-radius: 50%;
      background: #24493f; cursor: pointer; box-shadow: 0 2px 6px rgb(40 30 10 / 25%), 0 10px 30px rgb(40 30 10 / 25%);
      transition: transform .2s; }
    button:hover { transform: scale(1.05); }
    button:focus-visible { outline: 3px solid #b0640a; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg { width: 40px; height: 40px; } .cross { width: 30px; height: 30px; }
    .panel { position: fixed; inset: auto 20px 96px auto; width: min(400px, calc(100vw - 40px));
      height: min(640px, calc(100dvh - 120px)); overflow: hidden; border-radius: 18px; background: #f8f2e7;
      box-shadow: 0 2px 8px rgb(40 30 10 / 18%), 0 18px 60px rgb(40 30 10 / 30%); }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .open .shut, :not(.open) > .cross { display: none; }
    @media (max-width: 480px), (max-height: 480px) {
      .panel { inset: 0; width: 100%; height: 100%; border-radius: 0; }
      .panel:not([hidden]) + button { display: none; }
    }
    @media (prefers-color-scheme: dark) { .panel { background: #171411; } }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }
    @media (forced-colors: active) { button { border: 2px solid ButtonText; } }
    @media print { :host { display: none; } }`;

  const PANES = [
    "M21 32 4 32A28 28 0 0 1 9.35 15.54L23.1 25.53A11 11 0 0 0 21 32Z",
    "M23.1 25.53 9.35 15.54A28 28 0 0 1 23.35 5.37L28.6 21.54A11 11 0 0 0 23.1 25.53Z",
    "M28.6 21.54 23.35 5.37A28 28 0 0 1 40.65 5.37L35.4 21.54A11 11 0 0 0 28.6 21.54Z",
    "M35.4 21.54 40.65 5.37A28 28 0 0 1 54.65 15.54L40.9 25.53A11 11 0 0 0 35.4 21.54Z",
    "M40.9 25.53 54.65 15.54A28 28 0 0 1 60 32L43 32A11 11 0 0 0 40.9 25.53Z",
    "M21 32A11 11 0 0 1 43 32Z",
  ];

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function drawing(className, viewBox, paths, style) {
    const svg = document.createElementNS(SVG, "svg");
    const attributes = { class: className, viewBox, "aria-hidden": "true", focusable: "false", ...style };
    for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
    for (const d of paths) svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", d);
    return svg;
  }

  const light = { fill: "#f5c566", stroke: "#24493f", "stroke-width": "2.4", "stroke-linejoin": "round" };
  const line = { fill: "none", stroke: "#f8efdd", "stroke-width": "2", "stroke-linecap": "round" };
  const panel = element("div", { class: "panel", id: "panel", role: "dialog", "aria-label": texts.widget_title });
  const button = element(
    "button",
    { type: "button", "aria-controls": "panel" },
    drawing("shut", "0 -14 64 64", PANES, light),
    drawing("cross", "0 0 20 20", ["m5 5 10 10M15 5 5 15"], line),
  );
  let frame = null;

  function show(open) {
    if (open) frame ??= panel.appendChild(newFrame());
    panel.hidden = !open;
    button.className = open ? "open" : "";
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", open ? texts.widget_close : texts.widget_open);
    button.title = open ? texts.widget_close : texts.widget_open;
  }

  function newFrame() {
    const address = new URL("widget", script.src);
    if (script.dataset.window) address.searchParams.set("window", script.dataset.window);
    address.searchParams.set("lang", language);
    address.hash = kept();
    return element("iframe", { src: address.href, title: texts.widget_title, referrerpolicy: "origin" });
  }

  // Who the visitor is, for frames that may not remember it themselves.
  function kept() {
    try {
      return sessionStorage.getItem(ID) ?? "";
    } catch {
      return "";
    }
  }

  function keep(visitor) {
    try {
      sessionStorage.setItem(ID, visitor);
    } catch {
      // storage is forbidden here too: the conversation lasts as long as the page
    }
  }

  function open() {
    show(true);
    frame.focus();
  }

  function close() {
    show(false);
    button.focus();
  }

  function start() {
    const host = element("div", { id: ID, lang: language === "zh-TW" ? "zh-Hant-TW" : "en" });
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // a style element would ask for an exception in the shop's own policy
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(panel, button);
    show(false);
    button.addEventListener("click", () => (panel.hidden ? open() : close()));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) close();
    });
    addEventListener("message", (event) => {
      if (event.origin !== origin || event.source !== frame?.contentWindow) return;
      if (event.data?.transom === "close") close();
      if (event.data?.transom === "visitor") keep(String(event.data.token));
    });
    document.body.append(host);
  }

  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
