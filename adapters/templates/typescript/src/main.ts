/** The loop of an adapter: read a line, answer it, write a line. */

import { createInterface } from "node:readline";

import { READY, Unsupported, quote, run } from "./adapter.js";
import type { Message, Quote, Run } from "./messages.js";

function asked(message: Quote | Run): unknown {
  const { seq } = message;
  switch (message.t) {
    case "quote":
      return { t: "quantities", seq, values: quote(message) };
    case "run":
      return { t: "trace", seq, steps: run(message) };
    default:
      throw new Unsupported((message as { t: string }).t);
  }
}

/** Returns the one answer to a message; one bad case must not end the run. */
function answer(message: Quote | Run): unknown {
  try {
    return asked(message);
  } catch (fault) {
    const { seq } = message;
    const said = fault instanceof Error ? fault.message : String(fault);
    if (fault instanceof Unsupported) return { t: "unsupported", seq, feature: said };
    return { t: "error", seq, message: said };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as Message;
  if (message.t === "bye") break;
  const reply = message.t === "hello" ? READY : answer(message);
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.stdin.destroy();
