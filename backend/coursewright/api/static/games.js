// The word games of a course, as the server made them.
import { make } from "./dom.js";
import { crossword, wordSearch } from "./game-grids.js";
import { hangman, matching, scramble, vocabularyQuiz } from "./game-words.js";

const PLAYERS = {
  crossword: ["Crossword", crossword],
  word_search: ["Word search", wordSearch],
  hangman: ["Hangman", hangman],
  scramble: ["Scramble", scramble],
  matching: ["Matching", matching],
  vocabulary_quiz: ["Vocabulary quiz", vocabularyQuiz],
};

// Shows one game at a time, with buttons to choose among them.
export function showGames(container, games) {
  const chooser = make("div", { classes: "letters", role: "group", "aria-label": "Games" });
  const table = make("div", { classes: "table" });
  container.classList.add("games");
  // Whoever has chosen a game can type at once. A game that takes letters says so by its class.
  container.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || [...event.key].length > 1) return;
    for (const each of table.querySelectorAll(".typed")) each.dispatchEvent(new CustomEvent("letter", { detail: event.key.toUpperCase() }));
  });
  container.replaceChildren(chooser, table);
  const boards = new Map();

  const open = (game) => {
    const [title, player] = PLAYERS[game.kind];
    if (!boards.has(game)) boards.set(game, make("section", { classes: `game ${game.kind}` }, make("h2", { text: title }), ...player(game), ...leftOut(game)));
    table.replaceChildren(boards.get(game));
    for (const choice of chooser.children) choice.setAttribute("aria-pressed", String(choice.dataset.kind === game.kind));
  };
  for (const kind of Object.keys(PLAYERS)) {
    const game = games.find((each) => each.kind === kind);
    if (!game) continue;
    chooser.append(make("button", { type: "button", classes: "plain", text: PLAYERS[kind][0], "data-kind": kind, onclick: () => open(game) }));
  }
  chooser.firstElementChild?.click();
}

function leftOut(game) {
  if (!game.left_out.length) return [];
  const items = game.left_out.map((item) => make("li", { text: `${item.term}: ${item.reason}` }));
  return [make("details", { classes: "quiet" }, make("summary", { text: `${items.length} terms are not in this game` }), make("ul", {}, ...items))];
}
