// <button data-copy="text" hidden>: shown where the browser can copy; puts the text into the clipboard.
(function () {
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy).then(() => window.app.say("已复制。", "success")));
  });
})();
