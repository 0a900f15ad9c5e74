// What a card still lacks for its next stage, on hover and on focus: asked for once per card and version, shown in
// one box above everything else, told to screen readers when the focus came by keyboard.
(function () {
  const WAIT = 350;
  const known = new Map();
  let box, timer, shown;

  const keyOf = (card) => `${card.dataset.boardCard} ${card.dataset.version}`;
  const cardOf = (event) => event.target instanceof Element && event.target.closest("[data-board-card]");

  function frame() {
    if (box) return box;
    box = document.createElement("div");
    box.id = "board-hint";
    box.className = "board-hint";
    box.setAttribute("role", "tooltip");
    if (box.showPopover) box.setAttribute("popover", "manual");
    else box.hidden = true;
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", hideSoon);
    document.body.append(box);
    return box;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const card = cardOf(event);
    if (card && card !== shown) soon(card, false);
    else if (card) clearTimeout(timer);
  });
  document.addEventListener("pointerout", (event) => {
    const card = cardOf(event);
    if (card && !card.contains(event.relatedTarget)) hideSoon();
  });
  document.addEventListener("focusin", (event) => {
    const card = cardOf(event);
    if (card && event.target.matches(":focus-visible")) soon(card, true);
    else if (!box || !box.contains(event.target)) hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("pointerdown", (event) => (!box || !box.contains(event.target)) && hide());
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  function soon(card, aloud) {
    clearTimeout(timer);
    timer = setTimeout(() => show(card, aloud), WAIT);
  }

  function hideSoon() {
    clearTimeout(timer);
    timer = setTimeout(hide, WAIT);
  }

  function hide() {
    clearTimeout(timer);
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    shown = null;
    if (box.hidePopover) box.hidePopover();
    else box.hidden = true;
  }

  async function show(card, aloud) {
    if (document.querySelector(".board-held, .board-chosen, dialog[open]") || card.querySelector("details[open]")) return;
    const html = await ask(card);
    if (!html || !card.isConnected || !(card.matches(":hover") || card.contains(document.activeElement))) return;
    const one = frame();
    one.innerHTML = html;
    if (one.showPopover) one.matches(":popover-open") || one.showPopover();
    else one.hidden = false;
    shown = card;
    card.setAttribute("aria-describedby", one.id);
    stand(card);
    if (aloud) window.board.tell(`${window.board.nameOf(card)}：${one.innerText.replace(/去补充/g, "").replace(/\s+/g, " ").trim()}`);
  }

  // One request per card and version, also when asked again while it is on its way; a failed one may be tried again.
  function ask(card) {
    const key = keyOf(card);
    if (!known.has(key)) known.set(key, load(window.board.urlOf(card, "missing")).catch(() => (known.delete(key), "")));
    return known.get(key);
  }

  async function load(url) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  }

  // Beside the card where there is room, else below it.
  function stand(card) {
    const at = card.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const right = at.right + 8 + size.width <= innerWidth;
    const left = at.left - 8 - size.width >= 0;
    const x = right ? at.right + 8 : left ? at.left - 8 - size.width : Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
    const y = right || left ? at.top : at.bottom + 8;
    box.style.left = `${x}px`;
    box.style.top = `${Math.max(8, Math.min(y, innerHeight - size.height - 8))}px`;
  }
})();
