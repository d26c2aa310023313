// The games on a grid: crossword and word search.
import { button, make, status } from "./dom.js";

const key = (row, column) => `${row},${column}`;

export function crossword(game) {
  const fields = new Map();
  const letters = new Map();
  const entries = game.words.map((word) => {
    const down = word.direction === "down";
    const squares = word.letters.map((letter, step) => key(word.row + (down ? step : 0), word.column + (down ? 0 : step)));
    squares.forEach((square, step) => letters.set(square, word.letters[step]));
    return { ...word, squares };
  });
  const numbers = new Map(game.words.map((word) => [key(word.row, word.column), word.number]));
  const board = make("div", { classes: "board", role: "group", "aria-label": "Crossword grid" });
  board.style.setProperty("--columns", game.columns);
  const said = status();
  const asked = make("p", { classes: "asked-for", "aria-live": "polite" });
  let current = entries[0];

  const clues = entries.map((entry) => {
    const name = `${entry.number} ${entry.direction}`;
    const item = make("li", {}, make("button", { type: "button", classes: "clue", onclick: () => go(entry) }, make("b", { text: `${name} ` }), `${entry.clue} ${entry.pattern}`));
    return item;
  });
  const list = make("ol", { classes: "clues" }, ...clues);

  function go(entry, step = firstOpen(entry)) {
    select(entry);
    fields.get(entry.squares[step]).focus();
  }
  function firstOpen(entry) {
    return Math.max(0, entry.squares.findIndex((square) => !fields.get(square).value));
  }
  function select(entry) {
    current = entry;
    for (const [square, field] of fields) field.parentElement.classList.toggle("lit", entry.squares.includes(square));
    clues.forEach((item, index) => item.classList.toggle("current", entries[index] === entry));
    asked.replaceChildren(make("b", { text: `${entry.number} ${entry.direction} ` }), `${entry.clue} ${entry.pattern}`);
    // Only the list itself scrolls, never the page.
    const item = clues[entries.indexOf(entry)];
    const below = item.offsetTop + item.offsetHeight - list.clientHeight;
    list.scrollTop = Math.max(below, Math.min(list.scrollTop, item.offsetTop));
  }
  function move(square, rows, columns) {
    const [row, column] = square.split(",").map(Number);
    let [nextRow, nextColumn] = [row + rows, column + columns];
    while (nextRow >= 0 && nextRow < game.rows && nextColumn >= 0 && nextColumn < game.columns) {
      const field = fields.get(key(nextRow, nextColumn));
      if (field) return field.focus();
      nextRow += rows;
      nextColumn += columns;
    }
  }
  const crossing = (square) => entries.filter((entry) => entry.squares.includes(square));
  const onFocus = (square) => {
    if (!current.squares.includes(square)) select(crossing(square)[0]);
    else select(current);
    fields.get(square).select();
  };
  const onInput = (square, event) => {
    const field = fields.get(square);
    // What was typed last, wherever the caret stood.
    field.value = [...((field.value && event.data) || field.value)].at(-1)?.toUpperCase() ?? "";
    field.parentElement.classList.remove("right", "wrong");
    const next = current.squares[current.squares.indexOf(square) + 1];
    if (field.value && next) fields.get(next).focus();
    found();
  };
  const onKey = (square, event) => {
    const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (arrow) move(square, ...arrow);
    else if (event.key === " ") select(crossing(square).find((entry) => entry !== current) ?? current);
    else if (event.key === "Enter") go(entries[(entries.indexOf(current) + 1) % entries.length]);
    else if (event.key === "Backspace" && !fields.get(square).value) {
      const before = current.squares[current.squares.indexOf(square) - 1];
      if (before) fields.get(before).focus();
    } else return;
    event.preventDefault();
  };
  for (let row = 0; row < game.rows; row += 1) {
    for (let column = 0; column < game.columns; column += 1) {
      const square = key(row, column);
      if (!letters.has(square)) {
        board.append(make("div", { classes: "cell dark" }));
        continue;
      }
      const field = make("input", {
        "aria-label": `row ${row + 1}, column ${column + 1}`, autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
        onfocus: () => onFocus(square), oninput: (event) => onInput(square, event), onkeydown: (event) => onKey(square, event),
      });
      fields.set(square, field);
      board.append(make("div", { classes: "cell" }, field, ...(numbers.has(square) ? [make("i", { text: numbers.get(square) })] : [])));
    }
  }
  const right = (square) => fields.get(square).value === letters.get(square);
  function found() {
    const solved = entries.filter((entry) => entry.squares.every(right)).length;
    said.textContent = solved === entries.length ? "Solved!" : `${solved} of ${entries.length}`;
  }
  const check = () => {
    for (const [square, field] of fields) {
      if (!field.value) continue;
      field.parentElement.classList.toggle("right", right(square));
      field.parentElement.classList.toggle("wrong", !right(square));
    }
    found();
  };
  const fill = (squares) => {
    for (const square of squares) fields.get(square).value = letters.get(square);
    check();
  };
  const clear = () => {
    for (const field of fields.values()) {
      field.value = "";
      field.parentElement.classList.remove("right", "wrong");
    }
    found();
  };
  const tools = make("div", { classes: "letters" }, button("Check", check), button("Show this word", () => fill(current.squares)), button("Show all", () => fill(fields.keys())), button("Clear", clear));
  select(current);
  return [make("p", { classes: "quiet", text: "Space changes between across and down, Enter goes to the next word." }), make("div", { classes: "side" }, make("div", {}, asked, board, said, tools), list)];
}

export function wordSearch(game) {
  const board = make("div", { classes: "board", role: "group", "aria-label": "Word search" });
  board.style.setProperty("--columns", game.grid[0].length);
  const said = status();
  const open = new Set(game.words);
  const items = new Map(game.words.map((word) => [word, make("li", {}, make("b", { text: word.term }), ` ${word.clue}`)]));
  const cells = game.grid.map((line, row) => line.map((letter, column) => make("button", {
    type: "button", classes: "cell", text: letter, tabindex: row || column ? "-1" : "0", "aria-label": `${letter}, row ${row + 1}, column ${column + 1}`,
    onclick: () => choose(row, column), onkeydown: (event) => walk(event, row, column),
  })));
  board.append(...cells.flat());
  let from = null;

  function walk(event, row, column) {
    if (event.key === "Escape" && from) choose(...from);
    const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!arrow) return;
    event.preventDefault();
    const next = cells[row + arrow[0]]?.[column + arrow[1]];
    if (!next) return;
    cells[row][column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
  function choose(row, column) {
    if (!from) {
      from = [row, column];
      cells[row][column].classList.add("from");
      said.textContent = "Now the last letter of the word.";
      return;
    }
    cells[from[0]][from[1]].classList.remove("from");
    const ends = [from.join(), [row, column].join()];
    from = null;
    if (ends[0] === ends[1]) {
      said.textContent = "";
      return;
    }
    const word = [...open].find((each) => {
      const last = each.letters.length - 1;
      const own = [[each.row, each.column].join(), [each.row + last * each.row_step, each.column + last * each.column_step].join()];
      return (own[0] === ends[0] && own[1] === ends[1]) || (own[0] === ends[1] && own[1] === ends[0]);
    });
    if (word) uncover(word);
    else said.textContent = "No word runs from there to there.";
  }
  function uncover(word) {
    open.delete(word);
    word.letters.forEach((_, step) => cells[word.row + step * word.row_step][word.column + step * word.column_step].classList.add("right"));
    items.get(word).classList.add("found");
    said.textContent = open.size ? `${word.term}: found. ${open.size} to go.` : "All found!";
  }
  return [
    make("p", { classes: "quiet", text: "Choose the first and the last letter of a word, with the pointer or with the arrow keys and Enter." }),
    make("div", { classes: "side" }, make("div", {}, board, said, make("div", { classes: "letters" }, button("Show all", () => [...open].forEach(uncover)))), make("ul", { classes: "clues" }, ...items.values())),
  ];
}
