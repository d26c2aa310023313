// The page where a course is ordered: sends the form, shows what is wrong, goes to the course.
document.documentElement.classList.add("live");
const form = document.getElementById("order");
const problem = document.getElementById("problem");
const button = form.querySelector("button[type=submit]");

for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    form.topic.value = chip.dataset.topic;
    button.focus();
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  button.disabled = true;
  button.textContent = form.files.files.length ? "Reading your documents …" : "Starting …";
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const answer = await response.json();
    if (response.ok) {
      location.assign(`/courses/${answer.id}`);
      return;
    }
    show(answer.title, answer.hint);
  } catch {
    show("The service does not answer.", "Is it still running? What you typed is kept.");
  }
  button.disabled = false;
  button.textContent = "Create Course";
});

function show(what, hint) {
  problem.replaceChildren();
  const strong = document.createElement("b");
  strong.textContent = what;
  problem.append(strong, hint ?? "");
  problem.hidden = false;
  problem.scrollIntoView({ block: "nearest" });
}
