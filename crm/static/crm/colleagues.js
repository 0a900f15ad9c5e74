// After an @ in a field with data-colleagues: those who may see the record, to be chosen by click or key.
(() => {
  const TYPED = /(^|[^A-Za-z0-9_.%+-])[@＠]([^\s@＠]{0,20})$/;
  let field = null, list = null, asked = 0, number = 0;

  const close = () => {
    if (list) list.remove();
    if (field) {
      field.removeAttribute("aria-activedescendant");
      field.removeAttribute("aria-controls");
    }
    list = null;
  };
  const options = () => (list ? [...list.querySelectorAll("[role=option]")] : []);
  const chosen = () => options().find((one) => one.getAttribute("aria-selected") === "true");

  const mark = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", one === option ? "true" : "false"));
    if (option) field.setAttribute("aria-activedescendant", option.id);
  };

  const show = (html) => {
    close();
    list = document.createElement("ul");
    list.className = "colleagues";
    list.id = "colleagues";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "提到哪位同事");
    list.innerHTML = html;
    options().forEach((one) => { number += 1; one.id = `colleague-${number}`; });
    field.after(list);
    field.setAttribute("aria-controls", "colleagues");
    mark(options()[0]);
  };

  const write = (option) => {
    const end = field.selectionStart, before = field.value.slice(0, end);
    const found = before.match(TYPED);
    if (!found) return close();
    const begin = end - found[2].length - 1;
    const text = `${option.dataset.text} `;
    field.setRangeText(text, begin, end, "end");
    close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const ask = async () => {
    const found = field.value.slice(0, field.selectionStart).match(TYPED);
    if (!found) return close();
    asked += 1;
    const mine = asked;
    const answer = await fetch(`${field.dataset.colleagues}?q=${encodeURIComponent(found[2])}`, {
      headers: { "HX-Request": "true" },
    });
    if (mine === asked && answer.ok) show(await answer.text());
  };

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-colleagues]") || event.isComposing) return;
    if (field !== event.target) close();
    field = event.target;
    ask();
  });
  document.addEventListener("compositionend", (event) => {
    if (event.target.matches("[data-colleagues]")) { field = event.target; ask(); }
  });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== field || event.isComposing) return;
    const all = options(), at = all.indexOf(chosen());
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && all.length) mark(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp" && all.length) mark(all[(at + all.length - 1) % all.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && all[at]) write(all[at]);
    else return;
    event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    const option = list && event.target.closest(".colleagues [role=option]");
    if (option) { event.preventDefault(); write(option); }
  });
  const left = () => field !== document.activeElement && close();
  document.addEventListener("focusout", (event) => event.target === field && setTimeout(() => window.app.released(left)));
})();
