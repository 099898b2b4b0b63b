// Names to pick from where the form wants codes: what is chosen goes into the field, as if it had been typed.
"use strict";

(() => {
  const parts = /(?:[^\s;；,，、|"“”]|"[^"]*"|“[^”]*”)+/g; // as builder/codecs.py reads a field
  let waiting = 0, known = new Set();

  const look = async (pick) => {
    const options = pick.list;
    const answer = await fetch(`${options.dataset.picks}?what=${pick.dataset.pick}&text=${encodeURIComponent(pick.value.trim())}`);
    if (!answer.ok) return;
    const found = await answer.json();
    known = new Set(found.map(([code]) => code));
    options.replaceChildren(...found.map(([code, name]) => {
      const option = document.createElement("option");
      option.value = code;
      option.label = code === name ? code : `${name} · ${code}`;
      return option;
    }));
  };

  const take = (pick) => {
    const code = pick.value.trim();
    if (!known.has(code)) return false;
    const field = pick.form.elements[pick.dataset.into];
    if (pick.dataset.one) field.value = code;
    else if (!(field.value.match(parts) || []).includes(code)) field.value = field.value.trim() ? `${field.value.trimEnd()}${pick.dataset.between}${code}` : code;
    pick.value = "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  document.addEventListener("focusin", (event) => { if (event.target.dataset?.pick) look(event.target); });
  document.addEventListener("input", (event) => {
    const pick = event.target;
    if (!pick.dataset?.pick) return;
    clearTimeout(waiting);
    if (event.inputType !== undefined && event.inputType !== "insertReplacementText") waiting = setTimeout(look, 180, pick);
    else take(pick); // chosen from the list, not typed
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.dataset?.pick) return;
    event.preventDefault();
    take(event.target);
  });
  // A name that was typed is not a change of the promotion.
  document.addEventListener("change", (event) => {
    if (event.target.dataset?.pick) { event.stopPropagation(); take(event.target); }
  }, true);
})();
