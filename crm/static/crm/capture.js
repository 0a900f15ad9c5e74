// Chips that put a day into a date field: <div data-day-for="FIELD_ID"><button data-day="2026-04-21" hidden>.
(function () {
  document.querySelectorAll("[data-day-for] [data-day]").forEach((chip) => (chip.hidden = false));
  const mark = (box) => {
    const field = document.getElementById(box.dataset.dayFor);
    box.querySelectorAll("[data-day]").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.day === field.value)));
  };
  document.querySelectorAll("[data-day-for]").forEach((box) => {
    mark(box);
    document.getElementById(box.dataset.dayFor).addEventListener("change", () => mark(box));
  });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-day]");
    if (!chip) return;
    const box = chip.closest("[data-day-for]");
    document.getElementById(box.dataset.dayFor).value = chip.dataset.day;
    mark(box);
  });
})();
