// What lesson and quiz share: the session, the frame around the pages, and what to tell the learner
// when the learning server cannot be talked to. Knows no page of either.

import { Conversation, HacpError, launchParameters } from "./hacp.js";

const notice = document.querySelector("#notice");
const saved = document.querySelector("#saved");
const exitButton = document.querySelector("#exit");
const bar = document.querySelector("#progress");

/** Show a message above the page, `kind` is "problem" or "hint"; null takes it away. */
export function tell(kind, text) {
  notice.hidden = text === null;
  notice.className = `notice ${kind}`;
  notice.textContent = text ?? "";
}

function explain(error, whenUnreached) {
  if (error.number === null) {
    return `Your progress is not being saved: ${error.message}. ${whenUnreached}`;
  }
  return `Your progress is not being saved. The learning server answered ${error.message}. ` +
    "Close this window and launch the course again.";
}

/** One run of a unit: what the server said at the start, and the way to tell it what happens. */
export class Player {
  core = {};
  suspendData = "";
  vendorData = "";
  masteryScore = null;
  #conversation = null;
  #snapshot = null;
  #opened = performance.now();
  #over = false;

  /** Whether what happens is recorded at all. */
  get recorded() {
    return this.#conversation !== null && !this.reviewing;
  }

  get reviewing() {
    return (this.core.lesson_mode ?? "normal").trim().toLowerCase().startsWith("r");
  }

  /** The status as a word, without the entry flag behind the comma. */
  get status() {
    return (this.core.lesson_status ?? "not attempted").split(",")[0].trim().toLowerCase();
  }

  /** Ask the server where the learner stands. `snapshot()` returns the state to put at any time. */
  static async open(snapshot) {
    const player = new Player();
    player.#snapshot = snapshot;
    await player.#begin();
    window.addEventListener("pagehide", () => player.#leave());
    exitButton.addEventListener("click", () => player.exit());
    return player;
  }

  async #begin() {
    const parameters = launchParameters(location.search);
    if (parameters === null) {
      tell("hint", "Preview: this course was opened without a learning server " +
        "(no AICC_SID and AICC_URL in its address), so nothing is recorded. " +
        "To be credited, launch it from your list of courses.");
      return;
    }
    const conversation = new Conversation(parameters);
    try {
      const groups = await conversation.getParam();
      this.core = groups.core ?? {};
      this.suspendData = groups.core_lesson;
      this.vendorData = groups.core_vendor;
      const mastery = Number.parseFloat(groups.student_data?.mastery_score);
      this.masteryScore = Number.isNaN(mastery) ? null : mastery;
      this.#conversation = conversation;
      this.#announce(this.status);
      if (this.reviewing) {
        tell("hint", "Review: you have finished this unit, so nothing more is recorded.");
      }
    } catch (error) {
      if (!(error instanceof HacpError)) throw error;
      // Whoever does not know the bookmark must not put one: it would overwrite the one kept.
      tell("problem", explain(error, "Check your connection and reload this page."));
    }
  }

  /** Put the present state; tell the learner when it did not arrive. */
  async save() {
    if (!this.recorded || this.#over) return true;
    const state = this.#state();
    const saved = await this.#attempt(() => this.#conversation.putParam(state));
    if (saved) this.#announce(state.status);
    return saved;
  }

  /** Tell the rest of the page, such as a provider's own count, whom this is for and how it stands. */
  #announce(status) {
    const detail = { studentId: this.core.student_id ?? "", status };
    document.dispatchEvent(new CustomEvent("recorded", { detail }));
  }

  /** Put the last state, say ExitAU and close the frame. */
  async exit() {
    if (this.#over) return;
    exitButton.disabled = true;
    const said = await this.#attempt(async () => {
      if (this.recorded) await this.#conversation.putParam(this.#state({ leaving: true }));
      if (this.#conversation) await this.#conversation.exitAU();
    });
    if (!said) {
      exitButton.disabled = false;
      return;
    }
    this.#over = true;
    window.close();
    document.querySelector("main").replaceChildren(
      document.querySelector("#farewell").content.cloneNode(true),
    );
    document.querySelector("footer").hidden = true;
    exitButton.hidden = true;
    document.querySelector("main h1").focus();
  }

  async #attempt(speak) {
    try {
      await speak();
    } catch (error) {
      if (!(error instanceof HacpError)) throw error;
      tell("problem", explain(error, "Check your connection; the next page tries again."));
      saved.textContent = "Not saved";
      return false;
    }
    if (this.recorded) {
      tell("", null);
      saved.textContent = "Saved";
    }
    return true;
  }

  #leave() {
    if (this.recorded && !this.#over) this.#conversation.leave(this.#state({ leaving: true }));
  }

  #state({ leaving = false } = {}) {
    const state = this.#snapshot();
    const seconds = (performance.now() - this.#opened) / 1000;
    // Whoever leaves an unfinished unit wants to come back to the same place.
    const exit = leaving && state.status === "incomplete" ? "suspend" : "";
    return { ...state, seconds, exit };
  }
}

/** Show the element of `pages` at `index` alone, and move reading and the progress bar there. */
export function turnTo(pages, index, { focus = true } = {}) {
  pages.forEach((page, number) => { page.hidden = number !== index; });
  bar.max = pages.length;
  bar.value = index + 1;
  bar.textContent = `${index + 1} of ${pages.length}`;
  window.scrollTo(0, 0);
  const heading = pages[index].querySelector("h1, legend");
  heading.tabIndex = -1;
  if (focus) heading.focus({ preventScroll: true });
}
