// The quiz: five questions, a score, and the course's own words about the result. Whether that is
// passed is for the learning server to say: it knows the mastery score.

import { Player, turnTo } from "./player.js";

const RIGHT = { q1: "b", q2: "a", q3: "c", q4: "b", q5: "a" };
const USUAL_MASTERY = 80;

const names = Object.keys(RIGHT);
const questions = names.map((name) => document.querySelector(`#${name}`));
const result = document.querySelector("#result");
const pages = [...questions, result];
const back = document.querySelector("#back");
const next = document.querySelector("#next");
const again = document.querySelector("#again");
const missing = document.querySelector("#missing");
const form = document.querySelector("form");
let index = 0;

const atResult = () => pages[index] === result;
const answer = (name) => form.elements[name].value;
const points = () => (100 * names.filter((name) => answer(name) === RIGHT[name]).length) / names.length;

const player = await Player.open(() => ({
  location: pages[index].id,
  status: atResult() ? "completed" : "incomplete",
  score: atResult() ? points() : null,
  suspendData: names.filter(answer).map((name) => `${name}=${answer(name)}`).join(";"),
}));

function show(target, options) {
  index = target;
  missing.hidden = true;
  if (atResult()) judge();
  turnTo(pages, index, options);
  back.disabled = index === 0 || atResult();
  next.disabled = false;
  next.textContent = ["Next", "See the result", "Finish"][Math.max(index - questions.length + 2, 0)];
  return player.save();
}

function judge() {
  const needed = player.masteryScore ?? USUAL_MASTERY;
  const passed = points() >= needed;
  result.classList.toggle("passed", passed);
  document.querySelector("#points").textContent = points();
  document.querySelector("#verdict").textContent = passed ? "You know your way out." : "Not yet.";
  document.querySelector("#needed").textContent = needed;
  again.hidden = passed;
}

function resume() {
  if (player.status !== "incomplete") return 0;
  for (const pair of player.suspendData.split(";")) {
    const [name, value] = pair.trim().split("=");
    if (name in RIGHT) form.elements[name].value = value;
  }
  const bookmark = questions.findIndex((question) => question.id === player.core.lesson_location);
  return Math.max(bookmark, 0);
}

back.addEventListener("click", () => show(index - 1));
next.addEventListener("click", () => {
  if (atResult()) {
    player.exit();
  } else if (answer(names[index])) {
    show(index + 1);
  } else {
    missing.hidden = false;
  }
});
again.addEventListener("click", () => {
  form.reset();
  show(0);
});
form.addEventListener("submit", (event) => event.preventDefault());
await show(resume(), { focus: false });
document.body.dataset.ready = "true";
