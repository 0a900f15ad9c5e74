// In a row of the 工作台 the Esc key does what 取消 does; everything else is htmx.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return; // it only ended a spelling, or a list
  event.target.closest(".task-form")?.querySelector("[data-cancel]").click();
});
