// Chips that put a day into a date field: <div data-day-for="FIELD_ID"><button data-day="2026-04-21" hidden>.
(function () {
  const mark = (box) => {
    const field = document.getElementById(box.dataset.dayFor);
    box.querySelectorAll("[data-day]").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.day === field.value)));
  };
  const dress = (root) =>
    root.querySelectorAll("[data-day-for]").forEach((box) => {
      box.querySelectorAll("[data-day]").forEach((chip) => (chip.hidden = false));
      mark(box);
      document.getElementById(box.dataset.dayFor).addEventListener("change", () => mark(box));
    });
  dress(document);
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && dress(event.detail.elt));
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-day]");
    if (!chip) return;
    const box = chip.closest("[data-day-for]");
    document.getElementById(box.dataset.dayFor).value = chip.dataset.day;
    mark(box);
  });
})();
