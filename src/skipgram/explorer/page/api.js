// Requests to the server. An answer with an error becomes an AnswerError.

export class AnswerError extends Error {
  constructor(message, near) {
    super(message);
    this.near = near; // similar spellings of an unknown word
  }
}

export async function ask(name, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  let response;
  try {
    response = await fetch(`api/${name}?${new URLSearchParams(given)}`);
  } catch {
    throw new AnswerError("The explorer has stopped. Run skipgram explore again.", []);
  }
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/json")) {
    throw new AnswerError((await response.text()).trim() || `status ${response.status}`, []);
  }
  const answer = await response.json();
  if (!response.ok) throw new AnswerError(answer.error, answer.near);
  return answer;
}

// Return a function that runs `work` for the newest call only: earlier answers are dropped.
export function newestOnly(work) {
  let newest = 0;
  return async (...given) => {
    const mine = ++newest;
    return work(() => mine === newest, ...given);
  };
}

export const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
