// Lists with views: columns are put in order by buttons, rows are chosen, keys move a cursor over them.
// Everything here saves clicks; the forms and links do the same without it.
(function () {
  const LIST = "[data-columns] .column-list";

  function dress(root) {
    root.querySelectorAll(LIST).forEach((list) => {
      if (list.dataset.ready) return;
      list.dataset.ready = "1";
      list.querySelectorAll("[data-column]").forEach((row, place) => {
        const number = row.querySelector(".column-place");
        if (!number) return;
        number.type = "hidden";
        const name = row.querySelector(".form-check-label").textContent;
        row.append(mover(row, -1, `${name}上移`, "↑"), mover(row, 1, `${name}下移`, "↓"));
      });
    });
  }

  function mover(row, step, label, text) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-icon";
    button.setAttribute("aria-label", label);
    button.textContent = text;
    button.addEventListener("click", () => {
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other || !other.querySelector(".column-place")) return;
      if (step < 0) other.before(row);
      else other.after(row);
      number(row.parentElement);
      button.focus();
    });
    return button;
  }

  function number(list) {
    list.querySelectorAll(".column-place").forEach((field, place) => (field.value = place + 1));
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.drop[open]").forEach((panel) => {
      if (!panel.contains(event.target)) panel.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    const panel = event.key === "Escape" && event.target.closest("details.drop[open]");
    if (!panel) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });

  // --- choosing rows

  const picks = () => [...document.querySelectorAll("[data-row] .w-pick input")];
  let lastPick = null;

  function dressPicks() {
    document.querySelectorAll("[data-pick-all]").forEach((box) => (box.hidden = false));
    count();
  }

  function count() {
    const bar = document.querySelector("[data-bulk]");
    if (!bar) return;
    const chosen = picks().filter((box) => box.checked).length;
    const all = bar.querySelector("[name=all]");
    bar.toggleAttribute("data-empty", !chosen && !all.checked);
    const said = all.checked ? "已选全部符合筛选的" : chosen ? `已选 ${chosen} 条` : "打勾选中，再选要做什么";
    const line = bar.querySelector("[data-bulk-count]");
    if (line.textContent !== said) line.textContent = said;
    const head = document.querySelector("[data-pick-all]");
    if (head) head.checked = chosen > 0 && chosen === picks().length;
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest(".w-pick input");
    if (!box) return;
    if (box.matches("[data-pick-all]")) picks().forEach((one) => (one.checked = box.checked));
    else if (event.shiftKey && lastPick && lastPick.isConnected) between(lastPick, box);
    if (!box.matches("[data-pick-all]")) lastPick = box;
    count();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-bulk] [name=all]")) count();
  });

  function between(one, other) {
    const all = picks();
    const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((box) => (box.checked = other.checked));
  }

  // --- keys

  const rows = () => [...document.querySelectorAll("[data-row]")];
  let place = -1;

  function here() {
    const row = document.activeElement?.closest("[data-row]");
    if (row) place = rows().indexOf(row);
    return rows()[place] || null;
  }

  function go(step) {
    here();
    const all = rows();
    if (!all.length) return;
    place = Math.min(Math.max(place + step, 0), all.length - 1);
    all[place].tabIndex = -1;
    all[place].focus();
    all[place].scrollIntoView({ block: "nearest" });
  }

  function open(event) {
    const row = here();
    if (!row || document.activeElement !== row) return;
    event.preventDefault();
    row.querySelector(".name").click();
  }

  function pick() {
    const box = here()?.querySelector(".w-pick input");
    if (!box) return;
    box.checked = !box.checked;
    lastPick = box;
    count();
  }

  const edit = () => (here()?.querySelector(".w-next [data-cell]") || here()?.querySelector("[data-cell]"))?.click();
  const search = () => document.getElementById("id_q")?.select();
  const help = () => document.querySelector("[data-keys]")?.showModal();
  const KEYS = { "/": search, j: () => go(1), k: () => go(-1), Enter: open, x: pick, e: edit, "?": help };

  const isTyping = (target) =>
    target.closest("textarea, select, [contenteditable], dialog[open]") ||
    target.matches("input:not([type=checkbox]):not([type=radio])");

  document.addEventListener("keydown", (event) => {
    const deed = KEYS[event.key];
    if (!deed || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter") return deed(event);
    event.preventDefault();
    deed();
  });

  document.querySelectorAll("[data-keys-open]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", help);
  });

  // --- editing in the row

  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" && !event.isComposing && event.target.closest("[data-cell-form]");
    if (form) form.querySelector("[data-cell-cancel]")?.click();
  });
  document.addEventListener("htmx:load", (event) => {
    dress(document);
    dressPicks();
    const cell = event.target;
    if (!cell.matches?.("td")) return;
    const field = cell.querySelector("[data-cell-form] :is(input, select, textarea):not([type=hidden])");
    if (field) return field.focus();
    const row = cell.closest("[data-row]");
    row.tabIndex = -1;
    row.focus();
  });

  dress(document);
  dressPicks();
})();
