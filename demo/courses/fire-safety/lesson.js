// The lesson: five pages, a bookmark, completed when the last page has been reached.

import { Player, turnTo } from "./player.js";

const pages = [...document.querySelectorAll("main > .page")];
const back = document.querySelector("#back");
const next = document.querySelector("#next");
const seen = new Set();
let index = 0;

const player = await Player.open(() => ({
  location: pages[index].id,
  status: seen.size === pages.length ? "completed" : "incomplete",
  suspendData: `seen=${[...seen].join(",")}`,
}));

function show(target, options) {
  index = target;
  seen.add(pages[index].id);
  turnTo(pages, index, options);
  back.disabled = index === 0;
  next.disabled = false;
  next.textContent = index === pages.length - 1 ? "Finish" : "Next";
  return player.save();
}

function resume() {
  const known = /^seen=(.*)$/m.exec(player.suspendData)?.[1].split(",") ?? [];
  pages.filter((page) => known.includes(page.id)).forEach((page) => seen.add(page.id));
  const bookmark = pages.findIndex((page) => page.id === player.core.lesson_location);
  return player.reviewing ? 0 : Math.max(bookmark, 0);
}

const assemblyPoint = /^assembly_point=(.*)$/m.exec(player.vendorData)?.[1];
if (assemblyPoint) document.querySelector("#assembly-point").textContent = assemblyPoint;

back.addEventListener("click", () => show(index - 1));
next.addEventListener("click", () => {
  if (index < pages.length - 1) show(index + 1);
  else player.exit();
});
await show(resume(), { focus: false });
document.body.dataset.ready = "true";
