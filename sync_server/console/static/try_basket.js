// Goods to choose from while one types, and a price that follows as soon as a line is complete.
"use strict";

(() => {
  const lines = document.getElementById("try-lines"), options = document.getElementById("try-items");
  if (!lines) return;
  let waiting = 0;

  const look = async (text) => {
    const answer = await fetch(`${lines.dataset.items}?text=${encodeURIComponent(text)}`);
    if (!answer.ok) return;
    options.replaceChildren(...(await answer.json()).map(([sku, name]) => {
      const option = document.createElement("option");
      option.value = sku;
      option.label = `${sku} ${name}`;
      return option;
    }));
  };

  lines.addEventListener("input", (event) => {
    if (event.target.name !== "sku") return;
    clearTimeout(waiting);
    const text = event.target.value.trim();
    if (text) waiting = setTimeout(look, 180, text);
  });

  // What was wrong with the basket is not wrong any more once there is a price; what was said of other forms stays.
  let told = null;
  document.addEventListener("htmx:afterSwap", (event) => {
    const notice = document.getElementById("notice");
    if (event.detail.target === notice) {
      told = event.detail.requestConfig?.elt?.id === "try" ? notice.firstElementChild : null;
    } else if (event.detail.target.id === "answer" && told?.isConnected && told.dataset.code) {
      notice.replaceChildren();
    }
  });

  // Enter goes to the next field, as in a sheet; the price follows by itself.
  lines.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const fields = [...lines.querySelectorAll("input")];
    const next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus(); else event.target.blur();
  });
})();
