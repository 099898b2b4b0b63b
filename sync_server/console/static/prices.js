// The sheet of prices: 100,000 rows, of which those in sight are in the page and some pages around them in
// memory. Cells are typed into, pasted over or emptied; each lot of cells is one request.
"use strict";

(() => {
  const ROW = 28, PAGE = 100, KEPT = 60, AROUND = 8;
  const sheet = document.getElementById("grid");
  if (!sheet) return;
  const said = document.getElementById("grid-said");
  const body = sheet.querySelector(".sheet-body");
  const head = sheet.querySelector(".sheet-head");
  const lists = [...head.querySelectorAll("[data-list]")].map((e) => ({ id: e.dataset.list, exponent: Number(e.dataset.exponent) }));
  const count = Number(sheet.dataset.count), costs = sheet.dataset.costs === "1", english = sheet.dataset.language === "en";
  const columns = `120px minmax(200px, 1fr) ${costs ? "90px " : ""}${"150px ".repeat(lists.length)}`;
  // Read when it is needed: signing in again, in another window, makes a new one.
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
  const pages = new Map(), asked = new Set(), shown = new Map();
  let at = null, editor = null, waiting = false;

  head.style.gridTemplateColumns = columns;
  body.style.height = `${count * ROW}px`;

  const money = (minor, exponent) => {
    if (minor === null) return "–";
    const text = String(Math.abs(minor)).padStart(exponent + 1, "0");
    const whole = text.slice(0, text.length - exponent).replace(/\B(?=(\d{3})+$)/g, ",");
    return (minor < 0 ? "-" : "") + whole + (exponent ? "." + text.slice(-exponent) : "");
  };
  const typed = (minor, exponent) => (minor === null ? "" : money(minor, exponent).replaceAll(",", ""));
  const rowAt = (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE];

  async function load(page) {
    if (pages.has(page) || asked.has(page) || page < 0 || page * PAGE >= count) return;
    asked.add(page);
    try {
      const answer = await fetch(`${sheet.dataset.rows}&offset=${page * PAGE}`, { headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) { location.reload(); return; }
      pages.set(page, (await answer.json()).rows);
      if (pages.size > KEPT) pages.delete(pages.keys().next().value);
      draw();
    } finally {
      asked.delete(page);
    }
  }

  function cell(text, kind) {
    const span = document.createElement("span");
    span.textContent = text;
    if (kind) span.className = kind;
    return span;
  }

  function priceCell(value, exponent) {
    const [now, later, drafts] = value;
    const span = cell("", "num");
    if (later) { span.classList.add("later"); span.title = sheet.dataset.later; }
    if (!drafts.length) { span.append(money(now, exponent)); return span; }
    span.classList.add("draft");
    const before = document.createElement("s");
    before.textContent = money(now, exponent);
    span.append(before, drafts.map((draft) => money(draft[0], exponent)).join(" / "));
    return span;
  }

  function make(index) {
    const line = document.createElement("div");
    line.className = "sheet-row";
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", index + 1);
    line.style.gridTemplateColumns = columns;
    line.style.transform = `translateY(${index * ROW}px)`;
    const row = rowAt(index);
    if (!row) { line.append(cell("…", "quiet")); return line; }
    const name = (english && row.name_en) || row.name;
    line.append(cell(row.sku), cell(row.active ? name : `${name} (${sheet.dataset.inactive})`, row.active ? "" : "quiet"));
    if (costs) line.append(cell(money(row.cost, Number(sheet.dataset.exponent)), "num quiet"));
    row.cells.forEach((value, place) => {
      const span = priceCell(value, lists[place].exponent);
      span.dataset.place = place;
      if (at && at.row === index && at.place === place) span.classList.add("at");
      line.append(span);
    });
    return line;
  }

  function draw() {
    waiting = false;
    const first = Math.max(0, Math.floor(sheet.scrollTop / ROW) - AROUND);
    const last = Math.min(count - 1, Math.ceil((sheet.scrollTop + sheet.clientHeight) / ROW) + AROUND);
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) load(page);
    for (const [index, known] of shown) {
      if (index < first || index > last || known.row !== rowAt(index) || known.at !== mark(index)) {
        known.line.remove();
        shown.delete(index);
      }
    }
    const fresh = document.createDocumentFragment();
    for (let index = first; index <= last; index++) {
      if (shown.has(index)) continue;
      const line = make(index);
      line.dataset.index = index;
      shown.set(index, { line, row: rowAt(index), at: mark(index) });
      fresh.append(line);
    }
    body.append(fresh);
  }
  const mark = (index) => (at && at.row === index ? at.place : null);

  sheet.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  }, { passive: true });
  window.addEventListener("resize", draw);
  draw();
  if (!sheet.dataset.cells) return;

  // --- editing ---------------------------------------------------------------------------------------

  function go(row, place) {
    at = { row: Math.max(0, Math.min(count - 1, row)), place: Math.max(0, Math.min(lists.length - 1, place)) };
    const top = at.row * ROW, room = sheet.clientHeight - head.offsetHeight;
    if (top < sheet.scrollTop) sheet.scrollTop = top;
    if (top + ROW > sheet.scrollTop + room) sheet.scrollTop = top + ROW - room;
    draw();
  }

  async function send(cells) {
    const form = new URLSearchParams({ cells: JSON.stringify(cells.map((c) => [lists[c.place].id, rowAt(c.row)?.sku ?? c.sku, c.text])) });
    let answer = null;
    try {
      answer = await fetch(sheet.dataset.cells, { method: "POST", body: form, headers: { "X-CSRF-Token": token(), "HX-Request": "true" } });
    } catch { document.dispatchEvent(new Event("htmx:sendError")); }
    if (!answer?.ok) {
      if (answer) {
        document.getElementById("notice").innerHTML = await answer.text();
        document.dispatchEvent(new CustomEvent("tidemark:refused"));
      }
      // A price that was not taken stays to be sent once more; what was pasted is still with whoever copied it.
      if (cells.length === 1 && !editor) { go(cells[0].row, cells[0].place); edit(cells[0].text); }
      return;
    }
    const told = await answer.json();
    said.textContent = `${sheet.dataset.saved} ${told.taken}` + (told.refused.length
      ? ` · ${sheet.dataset.refused} ${told.refused.length}: ${told.refused.slice(0, 5).map((r) => `${r.sku} ${r.list} ${r.reason}`).join("; ")}` : "");
    for (const page of new Set(cells.map((c) => Math.floor(c.row / PAGE)))) { pages.delete(page); await load(page); }
  }

  function edit(text) {
    const place = shown.get(at.row)?.line.querySelector(`[data-place="${at.place}"]`);
    if (!place) return;
    editor = document.createElement("input");
    editor.value = text;
    editor.setAttribute("inputmode", "decimal");
    editor.style.left = `${place.offsetLeft}px`;
    editor.style.width = `${place.offsetWidth}px`;
    place.parentElement.append(editor);
    editor.focus();
    editor.addEventListener("blur", () => finish(true));
    editor.addEventListener("keydown", (event) => {
      if (event.key === "Escape") finish(false);
      else if (event.key === "Enter") { finish(true); go(at.row + 1, at.place); }
      else if (event.key === "Tab") { finish(true); go(at.row, at.place + (event.shiftKey ? -1 : 1)); }
      else return;
      event.preventDefault();
      event.stopPropagation();
      sheet.focus({ preventScroll: true });
    });
  }

  function finish(keep) {
    if (!editor) return;
    const text = editor.value.trim(), before = editor, where = { ...at };
    editor = null;
    before.remove();
    if (keep && text) send([{ ...where, text }]);
  }

  const current = () => {
    const value = rowAt(at.row)?.cells[at.place];
    return value ? typed(value[2].length ? value[2][0][0] : value[0], lists[at.place].exponent) : "";
  };

  body.addEventListener("mousedown", (event) => {
    const place = event.target.closest("[data-place]");
    if (!place || event.target === editor) return;
    go(Number(place.closest("[data-index]").dataset.index), Number(place.dataset.place));
  });
  body.addEventListener("dblclick", () => at && edit(current()));

  sheet.addEventListener("keydown", (event) => {
    if (editor || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Tab: [0, event.shiftKey ? -1 : 1] };
    if (!at) at = { row: Math.floor(sheet.scrollTop / ROW), place: 0 };
    if (event.key === "Tab" && (at.place + steps.Tab[1] < 0 || at.place + steps.Tab[1] >= lists.length)) return;
    if (steps[event.key]) go(at.row + steps[event.key][0], at.place + steps[event.key][1]);
    else if (event.key === "PageDown") go(at.row + 20, at.place);
    else if (event.key === "PageUp") go(at.row - 20, at.place);
    else if (event.key === "Home") go(0, at.place);
    else if (event.key === "End") go(count - 1, at.place);
    else if (event.key === "Enter" || event.key === "F2") edit(current());
    else if (event.key === "Delete" || event.key === "Backspace") send([{ ...at, text: "" }]);
    else if (/^[\d.]$/.test(event.key)) edit(event.key);
    else return;
    event.preventDefault();
  });

  sheet.addEventListener("paste", async (event) => {
    if (editor || !at) return;
    event.preventDefault();
    const lines = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "").split("\n");
    const cells = [];
    for (let page = Math.floor(at.row / PAGE); page <= Math.floor((at.row + lines.length - 1) / PAGE); page++) await load(page);
    lines.forEach((line, down) => line.split("\t").forEach((text, right) => {
      const row = at.row + down, place = at.place + right;
      if (row < count && place < lists.length && rowAt(row) && text.trim()) cells.push({ row, place, text: text.trim() });
    }));
    if (cells.length) await send(cells);
  });
})();
