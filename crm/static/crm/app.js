// Behaviour every page shares. Pages work without it; it only saves clicks.
(function () {
  document.addEventListener("click", function (event) {
    const toggle = event.target.closest("[data-theme-toggle]");
    if (!toggle) return;
    const next = document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    document.documentElement.setAttribute("data-bs-theme", next);
    localStorage.setItem("theme", next);
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A long bar of stages shows where the record stands.
  document.querySelectorAll(".stage-bar-long [aria-current]").forEach(function (stop) {
    const bar = stop.parentElement;
    bar.scrollLeft = stop.offsetLeft - bar.offsetLeft - (bar.clientWidth - stop.offsetWidth) / 2;
  });

  // Every htmx request carries the CSRF token of the page.
  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
  });

  // A refused form (4xx with a page piece in it) is shown where the answer would have gone.
  document.addEventListener("htmx:beforeSwap", function (event) {
    const status = event.detail.xhr.status;
    if ([400, 403, 409, 412, 422].includes(status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // Nothing is exchanged under a pressed button: the click that began on the old piece would be lost. What the
  // click itself calls off is dropped.
  const LONGEST_PRESS = 1000; // a release that happens outside the page is never told
  let isPressed = false, tired;
  const held = [];
  const released = (go) => (isPressed ? held.push(go) : go());
  const press = () => {
    isPressed = true;
    clearTimeout(tired);
    tired = setTimeout(free, LONGEST_PRESS);
  };
  const free = () => {
    isPressed = false;
    held.splice(0).forEach((go) => go());
  };
  const onButton = (event) => event.key === " " && event.target.closest?.("button, summary, [type=checkbox], [type=radio]");
  addEventListener("pointerdown", (event) => event.button || press(), true);
  addEventListener("keydown", (event) => !event.repeat && onButton(event) && press(), true);
  ["pointerup", "pointercancel", "dragend", "contextmenu", "blur"].forEach((name) => addEventListener(name, () => setTimeout(free)));
  addEventListener("keyup", (event) => event.key === " " && setTimeout(free), true);
  document.addEventListener("htmx:beforeSend", (event) => {
    const xhr = event.detail.xhr;
    const loaded = xhr.onload;
    xhr.onload = () => {
      let isCalledOff = false;
      if (isPressed) xhr.abort = () => (isCalledOff = true) && xhr.onabort();
      released(() => isCalledOff || loaded.call(xhr));
    };
  });

  // What was typed while the answer was on its way is not written over: the form, which says all there is to say,
  // asks again with it. data-anew names the parameter and what to ask then.
  const said = (form) => new URLSearchParams(new FormData(form)).toString();
  document.addEventListener("htmx:beforeSend", (event) => {
    const form = event.detail.elt.closest("form[data-anew]");
    if (form) event.detail.requestConfig.said = said(form);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig: sent, target, xhr } = event.detail;
    const form = sent.elt.closest("form[data-anew]");
    if (xhr.status === 204 || !form || !target.contains(form) || sent.said === said(form)) return;
    event.detail.shouldSwap = false;
    const asked = new URLSearchParams(sent.formData).get("do");
    const values = { do: asked === "publish" ? "check" : asked };
    // behind the request that is being answered; called off by the next click, or told below
    setTimeout(() => window.htmx.ajax("POST", sent.path, { source: form, target: target, swap: "outerHTML", values: values }).catch(() => null));
  });

  // A list is not searched for words an input method is still spelling.
  const spelled = (event) => event.target.matches?.("form[hx-get] [type=search]");
  document.addEventListener("input", (event) => event.isComposing && spelled(event) && event.stopImmediatePropagation(), true);
  document.addEventListener("compositionend", (event) => spelled(event) && setTimeout(() => event.target.dispatchEvent(new Event("input", { bubbles: true }))));

  // What only asked had nothing to save.
  const lost = (event) => (event.detail.requestConfig?.verb === "get" ? "" : "刚才的操作没有保存，");
  document.addEventListener("htmx:sendError", function (event) {
    say(`网络不通，${lost(event)}请稍后重试。`, "danger");
  });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status >= 500) say(`系统出错，${lost(event)}请稍后重试。`, "danger");
  });

  // What the page did not come with is said where one looks just now, however far down that is.
  function say(text, level) {
    const box = document.createElement("div");
    box.className = "alert alert-dismissible said alert-" + level;
    box.setAttribute("role", "alert");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close";
    close.setAttribute("aria-label", "关闭这条消息");
    close.addEventListener("click", () => box.remove());
    box.append(text, close);
    document.getElementById("messages").replaceChildren(box);
  }
  window.app = { say: say, released: released, csrf: () => document.body.dataset.csrf };

  // A form that was sent is not sent twice by an impatient second click.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post" || form.dataset.sent) {
      if (form.dataset.sent) event.preventDefault();
      return;
    }
    if (form.hasAttribute("hx-post") || form.hasAttribute("data-no-lock")) return;
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 5000);
  });

  // The browser's own file control speaks the browser's language; ours says 选择文件 and shows the name.
  function dressFile(input) {
    const box = document.createElement("div");
    box.className = "file-choice";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "选择文件";
    const name = document.createElement("span");
    name.className = "file-name text-secondary";
    name.textContent = "还没有选";
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => (name.textContent = input.files.length ? input.files[0].name : "还没有选"));
    input.after(box);
    box.append(button, name);
    input.classList.add("visually-hidden");
    input.tabIndex = -1;
  }
  document.querySelectorAll("input[type=file]").forEach(dressFile);

  // A page that came back refused opens at the first field to be mended, not at its head.
  function toMend() {
    const wrong = [...document.querySelectorAll('main form [aria-invalid="true"]')].find((field) => field.type !== "hidden");
    if (!wrong) return;
    const field = wrong.type === "file" ? wrong.nextElementSibling.querySelector("button") : wrong;
    field.scrollIntoView({ block: "center", behavior: "instant" });
    field.focus({ preventScroll: true });
  }
  toMend();

  // Controls that submit their form when changed (filters) say so with data-autosubmit.
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });
})();
