// @d8x/perpetuals-sdk behind protocol 1.
//
// D8XMath is the arithmetic of D8X's perpetuals, as pure functions. Each quantity
// below is what one of them returns for the position asked about.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL(".environment/", import.meta.url));
const d8x = require("@d8x/perpetuals-sdk");

class Unsupported extends Error {}

// The choices that the functions have made; any other is a gap.
const CONVENTIONS = {
  initial_margin_price: "entry",
  initial_margin_closing_fee: "none",
  maintenance_margin_price: "mark",
  maintenance_fee: "none",
  maintenance_rate_form: "rate",
  maintenance_funding: "none",
  unrealised_pnl_price: "entry",
  contract_value_rounding: "none",
  liquidation_price_form: "solved",
  liquidation_price_shift: "none",
  added_margin_fee_scaling: "no",
};

const QUANTITIES = {
  // The trade that opens the position from nothing, at its own price.
  initial_margin: (p) =>
    d8x.getMarginRequiredForLeveragedTrade(
      p.leverage, 0, 0, p.quantity, p.entryPrice, p.entryPrice, 1, p.entryPrice, 0,
    ),
  liquidation_price: (p) =>
    d8x.calculateLiquidationPriceCollateralQuote(
      p.quantity * p.entryPrice,
      p.quantity,
      p.isolatedMargin ?? QUANTITIES.initial_margin(p) + p.addedMargin,
      p.maintenanceRate,
    ),
};

function understood({ profile, instrument, position }) {
  const parameters = profile.parameters ?? {};
  for (const [name, choice] of Object.entries(CONVENTIONS))
    supported((parameters[name] ?? choice) === choice, `parameter ${name}`);
  supported(Object.keys(parameters.rounding ?? {}).length === 0, "parameter rounding");
  supported((instrument.contract ?? "linear") === "linear", instrument.contract);
  supported(Number(instrument.contract_size ?? 1) === 1, "contract_size");
  supported((position.margin_mode ?? "isolated") === "isolated", "cross");
  const [tier = {}, ...more] = instrument.tiers ?? [];
  supported(more.length === 0 && Number(tier.maintenance_amount ?? 0) === 0, "tiers");
  const { isolated_margin: isolatedMargin } = position;
  return {
    quantity: (position.side === "long" ? 1 : -1) * Number(position.quantity),
    entryPrice: Number(position.entry_price),
    leverage: Number(position.leverage),
    isolatedMargin: isolatedMargin === undefined ? undefined : Number(isolatedMargin),
    addedMargin: Number(position.added_margin ?? 0),
    maintenanceRate: Number(tier.maintenance_margin_rate ?? 0),
  };
}

function supported(condition, feature) {
  if (!condition) throw new Unsupported(feature);
}

// A number of JavaScript's without an exponent, which the wire does not know.
function decimalString(value) {
  if (!Number.isFinite(value)) throw new Error(`${value} is not a finite number`);
  const text = String(value);
  if (!text.includes("e")) return text === "-0" ? "0" : text;
  return value.toFixed(20).replace(/\.?0+$/, "");
}

function quantities(message) {
  const position = understood(message);
  const asked = message.want.filter((name) => name in QUANTITIES);
  return Object.fromEntries(asked.map((name) => [name, decimalString(QUANTITIES[name](position))]));
}

const ANSWERS = {
  hello: () => ({
    t: "ready",
    protocol: 1,
    subject: { name: "@d8x/perpetuals-sdk", version: d8x.D8X_SDK_VERSION, language: "typescript" },
    operations: ["quote"],
    profiles: "any",
    contracts: ["linear"],
    actions: [],
    quantities: Object.keys(QUANTITIES),
    arithmetic: "binary",
    window: 32,
  }),
  quote: (message) => ({ t: "quantities", seq: message.seq, values: quantities(message) }),
};

function answer(message) {
  const { t, seq } = message;
  try {
    if (!(t in ANSWERS)) throw new Unsupported(t);
    return ANSWERS[t](message);
  } catch (error) {
    if (error instanceof Unsupported) return { t: "unsupported", seq, feature: error.message };
    return { t: "error", seq, message: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.t === "bye") break;
  process.stdout.write(`${JSON.stringify(answer(message))}\n`);
}
