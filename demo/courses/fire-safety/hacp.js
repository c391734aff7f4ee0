// Speaks HACP with the learning server: reads the launch parameters, posts, parses the answers.
// Serves player.js. Knows no page and nothing of fire safety.

// Groups whose text is read line by line as it stands, without names and values.
const FREE_FORM = new Set(["core_lesson", "core_vendor"]);

/** The server's answer was not `error=0`; `number` is null when there was no readable answer. */
export class HacpError extends Error {
  constructor(number, text) {
    super(number === null ? text : `error ${number}: ${text}`);
    this.number = number;
  }
}

/** Return `{sid, url}` from a query string, whatever the case of the names; null without them. */
export function launchParameters(query) {
  const found = {};
  for (const [name, value] of new URLSearchParams(query)) {
    found[name.toLowerCase()] ??= value;
  }
  if (!found.aicc_sid || !found.aicc_url) return null;
  return { sid: found.aicc_sid, url: found.aicc_url };
}

/** Return `{error, errorText, groups}`; a free-form group is a text, any other an object. */
export function parseReply(text) {
  const head = {};
  const groups = {};
  let group = null;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const opened = /^(?:aicc_data=)?\s*\[(\w+)\]\s*$/i.exec(line);
    if (opened) {
      group = opened[1].toLowerCase();
      groups[group] ??= FREE_FORM.has(group) ? [] : {};
    } else if (group && FREE_FORM.has(group)) {
      groups[group].push(line);
    } else if (line.includes("=")) {
      const at = line.indexOf("=");
      const name = line.slice(0, at).trim().toLowerCase();
      (group ? groups[group] : head)[name] ??= line.slice(at + 1).trim();
    }
  }
  for (const name of FREE_FORM) groups[name] = (groups[name] ?? []).join("\r\n").trim();
  return { error: Number.parseInt(head.error, 10), errorText: head.error_text ?? "", groups };
}

/** Return `HHHH:MM:SS` of a number of seconds. */
export function timespan(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part, index) => String(part).padStart(index ? 2 : 4, "0")).join(":");
}

/** Return the aicc_data of a PutParam; `score` and `exit` may be missing. */
export function dumpData({ location, status, exit, score, seconds, suspendData }) {
  const lines = ["[core]", `lesson_location=${location}`];
  lines.push(`lesson_status=${exit ? `${status},${exit}` : status}`);
  if (score !== undefined && score !== null) lines.push(`score=${score},100,0`);
  lines.push(`time=${timespan(seconds)}`, "[core_lesson]", suspendData, "");
  return lines.join("\r\n");
}

/** One session with the learning server, from launch to ExitAU. */
export class Conversation {
  #sid;
  #url;
  #last = Promise.resolve();

  constructor({ sid, url }) {
    this.#sid = sid;
    this.#url = url;
  }

  getParam() {
    return this.#inTurn(() => this.#post("GetParam"));
  }

  putParam(state) {
    return this.#inTurn(() => this.#post("PutParam", dumpData(state)));
  }

  exitAU() {
    return this.#inTurn(() => this.#post("ExitAU"));
  }

  /** Put a last state while the page goes away; nobody is left to read the answer. */
  leave(state) {
    this.#send("PutParam", dumpData(state), { keepalive: true }).catch(() => {});
  }

  // Posts go out one after the other: a later page turn must not be overtaken by an earlier one.
  #inTurn(post) {
    const turn = this.#last.then(post);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #post(command, data) {
    let text;
    try {
      const response = await this.#send(command, data);
      text = await response.text();
    } catch {
      throw new HacpError(null, "the learning server cannot be reached");
    }
    const reply = parseReply(text);
    if (Number.isNaN(reply.error)) throw new HacpError(null, "the answer was not HACP");
    if (reply.error !== 0) throw new HacpError(reply.error, reply.errorText || "no reason given");
    return reply.groups;
  }

  #send(command, data, options = {}) {
    const body = new URLSearchParams({ command, version: "4.0", session_id: this.#sid });
    if (data !== undefined) body.set("AICC_Data", data);
    return fetch(this.#url, {
      method: "POST",
      body,
      credentials: "omit",
      cache: "no-store",
      ...options,
    });
  }
}
