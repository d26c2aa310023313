// The plain reader: tabs, quiz, cards, reading aloud, and news while the course is being made.
import { showGames } from "./games.js";

const course = document.getElementById("course");
document.documentElement.classList.add("live"); // the style sheet then hides what a press uncovers
const tabs = [...document.querySelectorAll("[role=tab]")];

function open(id, { focus = false } = {}) {
  for (const tab of tabs) {
    const selected = tab.getAttribute("aria-controls") === id;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    if (!selected) continue;
    const row = tab.parentElement; // on a narrow screen the row scrolls
    row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
    if (focus) tab.focus({ preventScroll: true });
  }
}

// As `open`, for a person who changes the tab: the address remembers it.
function turnTo(id, how) {
  history.replaceState(null, "", `#${id}`);
  open(id, how);
}

function openByAddress() {
  const name = location.hash.slice(1);
  if (tabs.some((tab) => tab.getAttribute("aria-controls") === name)) return open(name);
  const target = name ? document.getElementById(name) : null;
  open(target?.closest("[role=tabpanel]")?.id ?? "learn");
  target?.scrollIntoView();
}

document.querySelector(".tabs").hidden = false;
tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => turnTo(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: (index + 1) % tabs.length, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    turnTo(tabs.at(to).getAttribute("aria-controls"), { focus: true });
  });
});
for (const link of document.querySelectorAll("a[data-tab]")) {
  link.addEventListener("click", () => open(link.dataset.tab));
}
addEventListener("hashchange", openByAddress);
openByAddress();

// Quiz
const quiz = document.getElementById("quiz-form");
quiz?.addEventListener("submit", (event) => {
  event.preventDefault();
  let right = 0;
  const questions = [...quiz.querySelectorAll("fieldset")];
  for (const question of questions) {
    const chosen = question.querySelector("input:checked");
    clear(question);
    if (!chosen) continue;
    const good = chosen.value === question.dataset.key;
    if (good) right += 1;
    else chosen.closest("label").classList.add("wrong");
    question.querySelector(`input[value="${question.dataset.key}"]`).closest("label").classList.add("right");
    question.querySelector(".explanation").hidden = false;
  }
  const open = questions.filter((question) => !question.querySelector("input:checked")).length;
  quiz.querySelector(".score").textContent =
    `${right} of ${questions.length} right` + (open ? `, ${open} not answered` : "");
});
quiz?.addEventListener("reset", () => {
  for (const question of quiz.querySelectorAll("fieldset")) clear(question);
  quiz.querySelector(".score").textContent = "";
});
function clear(question) {
  for (const label of question.querySelectorAll("label")) label.classList.remove("right", "wrong");
  question.querySelector(".explanation").hidden = true;
}

// Flashcards
const cards = [...document.querySelectorAll(".card")];
cards.forEach((card, index) => {
  card.tabIndex = index ? -1 : 0; // one stop for the Tab key, the arrow keys go on from there
  card.addEventListener("focus", () => {
    for (const each of cards) each.tabIndex = each === card ? 0 : -1;
  });
  card.addEventListener("click", () => {
    card.setAttribute("aria-expanded", String(card.getAttribute("aria-expanded") !== "true"));
  });
  card.addEventListener("keydown", (event) => {
    const last = cards.length - 1;
    const to = { ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    cards.at(to > last ? 0 : to).focus();
  });
});

// Reading aloud, with the voice of the browser
for (const button of document.querySelectorAll("[data-speak]")) {
  if (!("speechSynthesis" in window)) {
    button.hidden = true;
    continue;
  }
  button.addEventListener("click", () => {
    const wasSpeaking = speechSynthesis.speaking;
    speechSynthesis.cancel();
    for (const old of document.querySelectorAll(".now")) old.classList.remove("now");
    button.textContent = wasSpeaking ? "Read it to me" : "Stop reading";
    if (wasSpeaking) return;
    for (const line of button.closest(".script").querySelectorAll(".spoken")) {
      const speech = new SpeechSynthesisUtterance(line.textContent);
      speech.lang = document.documentElement.lang;
      speech.onstart = () => line.classList.add("now");
      speech.onend = () => line.classList.remove("now");
      speechSynthesis.speak(speech);
    }
  });
}

// Games
const data = document.getElementById("game-data");
if (data) showGames(document.getElementById("games"), JSON.parse(data.textContent));

// Orders: stop, try again
for (const button of document.querySelectorAll("[data-post]")) {
  button.addEventListener("click", async () => {
    const said = button.parentElement.querySelector("[role=status]");
    button.disabled = true;
    said.textContent = "";
    try {
      const response = await fetch(`/api/courses/${course.dataset.id}/${button.dataset.post}`, { method: "POST" });
      if (response.ok || response.status === 409) return location.reload(); // 409: it has ended meanwhile
      const answer = await response.json();
      said.textContent = [answer.title, answer.hint].filter(Boolean).join(" ");
    } catch {
      said.textContent = "The service does not answer. Is it still running?";
    }
    button.disabled = false;
  });
}

// News while it is being made. The page is loaded anew at its milestones, in the place where it is.
if (course.dataset.status === "generating") {
  const progress = document.getElementById("progress");
  const step = document.getElementById("step");
  const news = new EventSource(`/api/courses/${course.dataset.id}/events?after=${course.dataset.lastEvent}`);
  const settle = (event) => {
    progress.value += 1;
    const piece = JSON.parse(event.data).piece;
    step.textContent = `${progress.value} of ${progress.max} pieces are there; the last one: ${piece}.`;
    document.title = `${Math.round((100 * progress.value) / progress.max)} % · ${document.title.replace(/^\d+ % · /, "")}`;
    if (piece === "outline" || piece === "chapter/1") reload();
  };
  const reload = () => {
    news.close();
    location.reload();
  };
  news.addEventListener("piece_done", settle);
  news.addEventListener("piece_failed", settle);
  for (const end of ["outlined", "completed", "incomplete", "failed", "cancelled"]) {
    news.addEventListener(`course_${end}`, reload);
  }
}
