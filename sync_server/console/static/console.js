// What every page needs: an act's panel closes by Escape or a click elsewhere, and opens on its first field;
// a form is sent once, and keeps what was typed when the session has ended.
"use strict";

// The menu is longer than most screens: where one is stays in sight.
const here = document.querySelector(".side a[aria-current]"), side = here?.closest(".side");
if (side && here.offsetTop + here.offsetHeight > side.clientHeight) side.scrollTop = here.offsetTop - side.clientHeight / 2;

document.addEventListener("toggle", (event) => {
  const panel = event.target;
  if (!(panel instanceof HTMLDetailsElement) || !panel.classList.contains("act") || !panel.open) return;
  for (const other of document.querySelectorAll("details.act[open]")) if (other !== panel) other.open = false;
  if (panel.querySelector(".panel")?.contains(document.activeElement)) return; // somebody types there already
  panel.querySelector(".panel input:not([type=hidden]), .panel select, .panel textarea")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const panel of document.querySelectorAll("details.act[open]")) {
    panel.open = false;
    panel.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#notice")) return; // what it says is about the panel
  for (const panel of document.querySelectorAll("details.act[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});

// Answers without a target of their own (an act's page) go where notices go.
document.addEventListener("htmx:beforeSwap", (event) => {
  const source = event.detail.requestConfig?.elt;
  if (source instanceof HTMLFormElement && !source.closest("[hx-target]") && !source.hasAttribute("hx-target")) {
    event.detail.target = document.getElementById("notice");
    event.detail.swapOverride = "innerHTML";
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "notice") event.detail.target.scrollIntoView({ block: "nearest" });
});

document.addEventListener("htmx:sendError", () => {
  const notice = document.getElementById("notice");
  const text = document.createElement("p");
  text.className = "notice danger";
  text.textContent = document.documentElement.lang.startsWith("zh") ? "没有连上服务器，请稍后再试。" : "The server did not answer; try again.";
  notice.replaceChildren(text);
});

// A second click is no second coupon lot: a form on its way waits for its answer, and for the page that follows.
const DOWNLOAD_MS = 3000; // a file comes without an event
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-trigger*=submit]")) return;
  if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.sent = "1";
  if (!form.hasAttribute("hx-post")) setTimeout(() => delete form.dataset.sent, DOWNLOAD_MS);
}, true);
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.xhr?.getResponseHeader("HX-Redirect")) delete event.detail.elt.dataset.sent;
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Signed in again, in another window: this page's forms get the new session's token and can be sent once more.
const ENDED = "[data-code=console_signed_out], [data-code=console_foreign_form]";
async function takeToken() {
  const told = document.getElementById("notice")?.querySelector(ENDED);
  if (!told || document.visibilityState !== "visible") return;
  const answer = await fetch("/console/");
  if (!answer.ok || answer.redirected) return;
  const headers = new DOMParser().parseFromString(await answer.text(), "text/html").body.getAttribute("hx-headers");
  document.body.setAttribute("hx-headers", headers);
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = JSON.parse(headers)["X-CSRF-Token"];
  told.className = "notice caution";
  told.removeAttribute("data-code");
  told.textContent = document.body.dataset.again;
}
document.addEventListener("visibilitychange", takeToken);
window.addEventListener("focus", takeToken);
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target.id === "notice") takeToken(); });
document.addEventListener("tidemark:refused", takeToken);
