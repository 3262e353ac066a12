// The interface between isomargin and an engine in JavaScript: the loop of protocol 1
// for an engine that answers quotes, and what such an engine has not got.
//
//     import { serve, supported } from "../isomargin_adapter_node/serve.mjs";
//
//     serve({
//       ready: { subject: { name: "acme", version: "7.2", language: "javascript" }, arithmetic: "binary" },
//       quantities: { liquidation_price: (p) => engine.liquidation(p.entry, p.margin) },
//       understood: ({ position }) => ({ entry: Number(position.entry_price), … }),
//     });

import { createInterface } from "node:readline";

// The engine has no such feature: a declared gap, never a pass.
export class Unsupported extends Error {}

// Say that the engine has no such feature, unless the condition holds.
export function supported(condition, feature) {
  if (!condition) throw new Unsupported(feature);
}

// Say that the engine has chosen otherwise than a profile asks; a parameter that the
// profile leaves out is as the engine has it.
export function follows({ parameters = {} }, choices) {
  for (const [name, choice] of Object.entries(choices))
    supported((parameters[name] ?? choice) === choice, `parameter ${name}`);
}

// Say that the engine rounds nothing, where the profile does.
export function unrounded({ parameters = {} }) {
  supported(Object.keys(parameters.rounding ?? {}).length === 0, "parameter rounding");
}

// Return the one tier of an isolated position in a plain linear contract, or say that
// the engine has nothing else.
export function plainTier({ instrument, position }) {
  supported((instrument.contract ?? "linear") === "linear", instrument.contract);
  supported(Number(instrument.contract_size ?? 1) === 1, "contract_size");
  supported((position.margin_mode ?? "isolated") === "isolated", "cross");
  const [tier = {}, ...more] = instrument.tiers ?? [];
  supported(more.length === 0 && Number(tier.maintenance_amount ?? 0) === 0, "tiers");
  return tier;
}

// Return a decimal string as an integer with so many decimals; it must fit.
export function scaled(text, decimals) {
  const [whole, fraction = ""] = text.split(".");
  supported(fraction.length <= decimals, "decimals");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

// Return an integer with so many decimals as the wire writes a number.
export function unscaled(value, decimals) {
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, "0");
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return (value < 0n ? "-" : "") + text.replace(/\.?0+$/, "");
}

// Return a number of JavaScript's as the wire writes it: without an exponent, in the
// fewest digits that read back to it.
export function decimalString(value) {
  if (value === null || value === undefined) return null;
  if (!Number.isFinite(value)) throw new Error(`${value} is not a finite number`);
  const [digits, exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole, fraction = ""] = digits.split(".");
  const places = fraction.length - Number(exponent);
  const integer = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, -places));
  const text = places > 0 ? unscaled(integer, places) : String(integer);
  return value < 0 ? `-${text}` : text;
}

// Answer protocol 1 on standard input and output until it ends or a `bye` arrives.
//
// `ready` is what the handshake says of the engine; `understood` makes of a question
// what the engine takes, or throws Unsupported; `quantities` gives what the engine
// returns for each quantity; `written` says it as a decimal string or null.
export async function serve({ ready, quantities, understood, written = decimalString }) {
  const answers = {
    hello: () => introduction(ready, Object.keys(quantities)),
    quote: (message) => ({ t: "quantities", seq: message.seq, values: values(message) }),
  };
  function values(message) {
    const position = understood(message);
    const asked = message.want.filter((name) => name in quantities);
    return Object.fromEntries(asked.map((name) => [name, written(quantities[name](position))]));
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.t === "bye") break;
    process.stdout.write(`${JSON.stringify(answer(answers, message))}\n`);
  }
}

const introduction = (ready, quantities) => ({
  t: "ready",
  protocol: 1,
  operations: ["quote"],
  profiles: "any",
  contracts: ["linear"],
  actions: [],
  quantities,
  window: 32,
  ...ready,
});

function answer(answers, message) {
  const { t, seq } = message;
  try {
    supported(t in answers, t);
    return answers[t](message);
  } catch (error) {
    if (error instanceof Unsupported) return { t: "unsupported", seq, feature: error.message };
    return { t: "error", seq, message: String(error) };
  }
}
