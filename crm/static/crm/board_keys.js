// The keyboard's way of dragging a card: its grip (button) picks it up, arrows carry it, Space or Enter puts it
// down, Esc takes it back to where it was; every step is told to screen readers. What a drop means is board.js's.
(function () {
  let held = null; // { card, home, board }

  document.addEventListener("click", (event) => {
    const grip = event.target.closest("[data-board-grip]");
    if (!grip || !window.board) return;
    const card = grip.closest("[data-board-card]");
    if (held && held.card === card) drop();
    else if (!card.dataset.busy) pick(card);
  });

  document.addEventListener("keydown", (event) => {
    if (!held) return;
    if (event.key === "Tab") return cancel(); // who goes away lets go
    const act = { ArrowUp: () => climb(-1), ArrowDown: () => climb(1), ArrowLeft: () => cross(-1), ArrowRight: () => cross(1), Escape: cancel }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);

  document.addEventListener("pointerdown", (event) => {
    if (held && !held.card.contains(event.target)) cancel();
  });

  const columnOf = (card) => card.closest("[data-board-column]");
  const labelOf = (card) => columnOf(card).dataset.label;
  const where = (card) => `「${labelOf(card)}」第 ${window.board.place(card)} 张，共 ${window.board.cardsOf(window.board.listOf(card)).length} 张`;

  function pick(card) {
    if (held) cancel();
    held = { card, home: window.board.homeOf(card), board: card.closest("[data-board]") };
    card.classList.add("board-held");
    grip(card).setAttribute("aria-pressed", "true");
    window.board.tell(`拿起${window.board.nameOf(card)}，在${where(card)}。方向键移动，空格或回车放下，Esc 放回。`);
  }

  const grip = (card) => card.querySelector("[data-board-grip]");

  function letGo() {
    const { card } = held;
    card.classList.remove("board-held");
    grip(card).setAttribute("aria-pressed", "false");
    held = null;
    return card;
  }

  function drop() {
    const { home } = held;
    const card = letGo();
    if (card.parentElement === home.list && card.nextElementSibling === home.before) return window.board.tell(`${window.board.nameOf(card)}放回原处。`);
    window.board.tell(`放下${window.board.nameOf(card)}，在${where(card)}。`);
    window.board.settle(card, home, () => grip(card).focus());
  }

  function cancel() {
    const { home } = held;
    const card = letGo();
    home.list.insertBefore(card, home.before);
    grip(card).focus();
    window.board.tell(`没有移动，${window.board.nameOf(card)}回到${where(card)}。`);
  }

  function climb(step) {
    const cards = window.board.cardsOf(window.board.listOf(held.card));
    const target = cards[cards.indexOf(held.card) + step];
    if (!target) return window.board.tell(step < 0 ? "已是第一张。" : "已是最后一张。");
    if (step < 0) target.before(held.card);
    else target.after(held.card);
    arrived();
  }

  function cross(step) {
    if (!("moves" in held.card.dataset)) return window.board.tell("这张卡片不能移到别的阶段。");
    const columns = [...held.board.querySelectorAll("[data-board-column]")];
    const column = columns[columns.indexOf(columnOf(held.card)) + step];
    if (!column) return window.board.tell(step < 0 ? "左边没有了。" : "右边没有了。");
    const list = column.querySelector("[data-board-cards]");
    const height = window.board.place(held.card) - 1;
    const cards = window.board.cardsOf(list);
    if (cards[height]) cards[height].before(held.card);
    else if (cards.length) cards[cards.length - 1].after(held.card);
    else window.board.firstPage(list).prepend(held.card);
    arrived();
  }

  function arrived() {
    grip(held.card).focus(); // moving an element takes its focus away
    held.card.scrollIntoView({ block: "nearest", inline: "nearest" });
    window.board.tell(where(held.card));
  }
})();
