// The games word by word: hangman, scramble, matching and the vocabulary quiz.
import { button, make, shuffled, status } from "./dom.js";

// One thing after the other: `show(item, finished)` returns what is on the table.
function rounds(items, show) {
  const table = make("div");
  const said = status();
  let right = 0;
  let index = 0;
  const next = button("Next", () => {
    index += 1;
    if (index < items.length) turn();
    else if (next.dataset.over) restart();
    else {
      table.replaceChildren();
      said.textContent = `${right} of ${items.length} right`;
      next.textContent = "Play again";
      next.dataset.over = "yes";
    }
  });
  const restart = () => {
    index = right = 0;
    delete next.dataset.over;
    turn();
  };
  function turn() {
    said.textContent = `${index + 1} of ${items.length}`;
    next.textContent = index + 1 < items.length ? "Next" : "Finish";
    let open = true;
    const finished = (won, message) => {
      if (!open) return;
      open = false;
      right += won ? 1 : 0;
      said.textContent = message;
      next.focus();
    };
    table.replaceChildren(...show(items[index], finished));
  }
  turn();
  return [table, make("div", { classes: "foot" }, said, next)];
}

export function hangman(game) {
  return rounds(game.rounds, (round, finished) => {
    const guessed = new Set();
    let misses = 0;
    let over = false;
    const word = make("p", { classes: "word" });
    const left = make("p", { classes: "quiet", role: "status" });
    const keys = make("div", { classes: "letters", role: "group", "aria-label": "Letters" });
    const wanted = new Set(round.letters.map((letter) => letter.guess).filter((guess) => guess !== null));
    const draw = (all = false) => {
      word.textContent = round.letters.map((letter) => (all || letter.guess === null || guessed.has(letter.guess) ? letter.shown : "_")).join("");
      const more = game.misses - misses;
      left.textContent = `Type a letter or press it. ${more} wrong ${more === 1 ? "guess" : "guesses"} left.`;
    };
    const guess = (letter, pressed) => {
      if (over || guessed.has(letter)) return;
      // Not `disabled`: a disabled button loses the keyboard's focus, and typing would end there.
      pressed.setAttribute("aria-disabled", "true");
      pressed.classList.add(wanted.has(letter) ? "good" : "bad");
      guessed.add(letter);
      if (!wanted.has(letter)) misses += 1;
      draw();
      if ([...wanted].every((each) => guessed.has(each))) end(true, "Right!");
      else if (misses > game.misses) end(false, `It was: ${round.term}`);
    };
    const end = (won, message) => {
      over = true;
      draw(true);
      left.textContent = "";
      for (const each of keys.children) each.setAttribute("aria-disabled", "true");
      finished(won, message);
    };
    for (const letter of game.alphabet) {
      const pressed = button(letter, () => guess(letter, pressed));
      keys.append(pressed);
    }
    const table = make("div", {
      classes: "typed",
      onletter: (event) => {
        const pressed = [...keys.children].find((each) => each.textContent === event.detail);
        if (pressed) guess(event.detail, pressed);
      },
    }, make("p", { classes: "asked", text: round.clue }), word, left, keys);
    draw();
    return [table];
  });
}

const bare = (text) => text.normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();

export function scramble(game) {
  return rounds(game.words, (item, finished) => {
    const field = make("input", { "aria-label": "Your answer", autocomplete: "off", spellcheck: "false" });
    const form = make("form", {
      classes: "answer",
      onsubmit: (event) => {
        event.preventDefault();
        const won = [bare(item.term), bare(item.letters.join(""))].includes(bare(field.value));
        if (won) finished(true, `Right: ${item.term}`);
        else said.textContent = "Not yet.";
      },
    }, field, make("button", { classes: "plain", text: "Answer" }), button("Show it", () => finished(false, `It is: ${item.term}`)));
    const said = make("p", { classes: "quiet", role: "status" });
    return [make("p", { classes: "asked", text: `${item.clue} ${item.pattern}` }), make("p", { classes: "word", text: item.scrambled.join("") }), form, said];
  });
}

export function matching(game) {
  return rounds(game.rounds, (round, finished) => {
    let chosen = null;
    let mistakes = 0;
    let open = round.terms.length;
    const said = make("p", { classes: "quiet", role: "status", text: "Choose a term, then its meaning." });
    const choose = (side, index, pressed) => {
      if (!chosen || chosen.side === side) {
        chosen?.pressed.setAttribute("aria-pressed", "false");
        chosen = { side, index, pressed };
        pressed.setAttribute("aria-pressed", "true");
        return;
      }
      const [term, definition] = side === "term" ? [index, chosen.index] : [chosen.index, index];
      chosen.pressed.setAttribute("aria-pressed", "false");
      if (round.solution[term] === definition) {
        pressed.disabled = chosen.pressed.disabled = true;
        open -= 1;
        said.textContent = `${round.terms[term]}: right.`;
        terms.find((each) => !each.disabled)?.focus({ preventScroll: true });
        if (!open) finished(mistakes === 0, mistakes ? `All matched, with ${mistakes} wrong tries.` : "All matched at once!");
      } else {
        mistakes += 1;
        said.textContent = `Not ${round.terms[term]}.`;
      }
      chosen = null;
    };
    const column = (side, texts) => texts.map((text, index) => {
      const pressed = button(text, () => choose(side, index, pressed), { "aria-pressed": "false" });
      return pressed;
    });
    const terms = column("term", round.terms);
    const definitions = column("definition", round.definitions);
    const group = (name, members) => make("div", { role: "group", "aria-label": name }, ...members);
    return [make("div", { classes: "pairs" }, group("Terms", terms), group("Meanings", definitions)), said];
  });
}

export function vocabularyQuiz(game) {
  return rounds(game.questions, (question, finished) => {
    const choices = shuffled([question.definition, ...question.incorrect_options]).map((text) => {
      const pressed = button(text, () => {
        const won = text === question.definition;
        for (const each of choices) {
          each.disabled = true;
          if (each.textContent === question.definition) each.classList.add("good");
        }
        if (!won) pressed.classList.add("bad");
        finished(won, won ? "Right!" : "No: the marked one.");
      });
      return pressed;
    });
    return [make("p", { classes: "wanted", text: question.word }), make("div", { classes: "choices" }, ...choices)];
  });
}
