// Kanban boards: drag a card into another column, the server's gate decides, a refused card goes back.
//
// Markup it expects (leads/board.html is the example):
//   <div data-board data-url-base="/leads/">                  one board; everything below stands inside it
//     <section data-board-column="screening" data-label="研判"> a column; its value is posted as `stage`
//       <header data-board-head="screening">…</header>        count and sum; refreshed from the answer
//       <div data-board-cards>                                 its cards, in pages as they came; SortableJS works
//         <div data-board-page>                                on each page, so that thousands stay quick
//         <article data-board-card="17" data-version="3" data-stage="lead" data-moves>
//           <a class="board-card-name" href="/leads/17/">   its name, and the address that move/, missing/ follow
//           <button data-board-grip>                           picks the card up for the keyboard (board_keys.js)
//           <form data-board-move method="post" …>             the menu 移到…: buttons named stage, [reason]
//     <section data-board-column="accepted" data-board-door="accept">   posts to accept/ instead of move/
//
// A drop posts `stage`, `version`, `next` (this address) with the header HX-Request: true.
//   200: the answer holds the new [data-board-card], and any [data-board-head] to be replaced.
//   A redirect, or a login that has run out, reloads the board.
//   400 403 409 412 422: the answer is shown in a dialog. A <form data-board-retry> in it (reason, forced, …) is
//   posted to the same address together with stage and version (data-version: the one it is read with now).
//   The card is back where it was before the dialog opens.
// A card without data-moves stays in its column. Within a column a drop posts `after`, the number of the card
// above, to <data-url-base><number>/place/: the order of this person alone. Needs SortableJS; without it the forms
// and the keyboard still work.
(function () {
  const REFUSED = [400, 403, 409, 412, 422];

  function start(board) {
    if (board.dataset.boardReady) return;
    board.dataset.boardReady = "1";
    board.addEventListener("submit", (event) => submitted(board, event));
    if (!window.Sortable) return;
    sortable(board);
    board.addEventListener("htmx:afterSettle", () => sortable(board));
  }

  let home;
  function sortable(board) {
    board.querySelectorAll("[data-board-page]:not([data-sortable])").forEach((page) => {
      page.dataset.sortable = "1";
      window.Sortable.create(page, {
        group: { name: "board-" + (board.id || "cards"), pull: mayGo },
        draggable: "[data-board-card]",
        filter: "[data-busy], select, input, textarea, summary, button",
        preventOnFilter: false,
        animation: 120,
        delay: 180,
        delayOnTouchOnly: true,
        touchStartThreshold: 6,
        emptyInsertThreshold: 40,
        ghostClass: "board-ghost",
        chosenClass: "board-chosen",
        onStart: (drag) => (home = homeOf(drag.item)),
        onEnd: (drop) => settle(drop.item, home),
      });
    });
  }

  // A card that may not move stays in its column.
  const mayGo = (to, from, card) => "moves" in card.dataset || columnOf(to.el) === columnOf(from.el);
  const homeOf = (card) => ({ list: card.parentElement, before: card.nextElementSibling });

  // The card stands somewhere else than at `home`: in its column that is its new place, in another the gate decides.
  // `returned` is called when it had to go back.
  function settle(card, home, returned = () => {}) {
    const board = card.closest("[data-board]");
    const back = () => (home.list.insertBefore(card, home.before), returned());
    if (columnOf(card) !== columnOf(home.list)) return ask(board, card, columnOf(card), new FormData(), back);
    if (card.parentElement !== home.list || card.nextElementSibling !== home.before) return put(board, card, back);
  }

  async function put(board, card, back) {
    const data = new FormData();
    data.set("after", above(card)?.dataset.boardCard || "");
    card.dataset.busy = "1";
    const answer = await post(`${board.dataset.urlBase}${card.dataset.boardCard}/place/`, data);
    delete card.dataset.busy;
    if (answer.ok) return tell(`${nameOf(card)}现在排在第 ${place(card)} 张，只改您自己的次序。`);
    back();
    const told = document.createElement("template");
    told.innerHTML = answer.html || "";
    window.app.say(told.content.querySelector("[data-refusal]")?.textContent.trim() || answer.text || "次序没有改。", "warning");
  }

  const linkOf = (card) => card.querySelector(".board-card-name");
  const nameOf = (card) => linkOf(card).textContent;
  const urlOf = (card, door) => `${linkOf(card).getAttribute("href")}${door}/`;
  const columnOf = (one) => one.closest("[data-board-column]");
  const listOf = (one) => columnOf(one).querySelector("[data-board-cards]");
  const cardsOf = (list) => [...list.querySelectorAll("[data-board-card]")];
  const place = (card) => cardsOf(listOf(card)).indexOf(card) + 1;
  const above = (card) => cardsOf(listOf(card))[place(card) - 2];

  // The card's own small form: same question, and the card travels only after a yes.
  function submitted(board, event) {
    const form = event.target.closest("[data-board-move]");
    if (!form) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const card = form.closest("[data-board-card]");
    const column = board.querySelector(`[data-board-column="${CSS.escape(data.get("stage"))}"]`);
    if (card.dataset.busy || !column) return;
    ask(board, card, column, data, () => event.submitter?.focus());
  }

  async function ask(board, card, column, data, back) {
    data.set("stage", column.dataset.boardColumn);
    data.set("version", card.dataset.version);
    data.set("next", location.pathname + location.search);
    card.dataset.busy = "1";
    const answer = await post(urlOf(card, column.dataset.boardDoor || "move"), data);
    delete card.dataset.busy;
    if (answer.ok) return accept(board, card, column, answer.html);
    back(); // it stands where it was while the person reads why
    if (!answer.html) return window.app.say(answer.text, "danger");
    refuse(answer.html, {
      retry: (more, version) => {
        if (version) card.dataset.version = version; // the person has read what others wrote meanwhile
        ask(board, card, column, more, back);
      },
      title: `「${nameOf(card)}」没有移动`,
    });
  }

  async function post(url, data) {
    try {
      const response = await fetch(url, {
        method: "POST",
        body: data,
        headers: { "X-CSRFToken": window.app.csrf(), "HX-Request": "true" },
      });
      if (response.redirected || response.status === 401) return location.reload(), new Promise(() => {});
      if (response.ok) return { ok: true, html: await response.text() };
      if (REFUSED.includes(response.status)) return { ok: false, html: await response.text() };
      if (response.status === 404) return { ok: false, text: "这条记录已不在您的可见范围内，请刷新页面。" };
      return { ok: false, text: "系统出错，没有移动，请稍后重试。" };
    } catch (error) {
      return { ok: false, text: "网络不通，没有移动，请稍后重试。" };
    }
  }

  function accept(board, card, column, html) {
    const piece = document.createElement("template");
    piece.innerHTML = html;
    piece.content.querySelectorAll("[data-board-head]").forEach((head) => {
      const old = board.querySelector(`[data-board-head="${CSS.escape(head.dataset.boardHead)}"]`);
      if (old) old.replaceWith(head);
    });
    const fresh = piece.content.querySelector("[data-board-card]");
    const list = column.querySelector("[data-board-cards]");
    if (fresh) {
      if (list.contains(card)) card.replaceWith(fresh);
      else card.remove(), firstPage(list).prepend(fresh);
      window.htmx?.process(fresh);
      fresh.classList.add("board-landed");
      fresh.querySelector("[data-board-grip], a")?.focus({ preventScroll: true });
      if (above(fresh)) put(board, fresh, () => {}); // dropped further down: there it stays
    } else {
      card.remove();
    }
    tell(`${nameOf(card)}已移到「${column.dataset.label || column.dataset.boardColumn}」。`);
  }

  function refuse(html, on) {
    const dialog = document.createElement("dialog");
    dialog.className = "board-dialog";
    dialog.setAttribute("aria-label", on.title);
    dialog.innerHTML = '<h2 class="h3"></h2><div data-body></div><form method="dialog"><button class="btn">知道了</button></form>';
    dialog.querySelector("h2").textContent = on.title;
    dialog.querySelector("[data-body]").append(pieceOf(html));
    dialog.addEventListener("submit", (event) => {
      const form = event.target.closest("[data-board-retry]");
      if (!form) return;
      event.preventDefault();
      const more = new FormData(form, event.submitter);
      dialog.close();
      on.retry(more, form.dataset.version);
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("[data-body] input:not([type=hidden]), [data-body] textarea, [data-body] select, button").focus();
  }

  // The piece itself; of a whole page only the refusal in it.
  function pieceOf(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const refusal = holder.content.querySelector("#main [data-refusal]");
    return refusal || holder.content;
  }

  // For screen readers: a drop is silent otherwise.
  function tell(text) {
    let line = document.getElementById("board-status");
    if (!line) {
      line = document.createElement("div");
      line.id = "board-status";
      line.className = "visually-hidden";
      line.setAttribute("role", "status");
      document.body.append(line);
    }
    line.textContent = text;
  }

  const firstPage = (list) => list.querySelector("[data-board-page]") || list;
  window.board = { homeOf, settle, tell, place, cardsOf, listOf, firstPage, nameOf, urlOf };

  const all = () => document.querySelectorAll("[data-board]").forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
  document.addEventListener("htmx:afterSwap", all);
})();
