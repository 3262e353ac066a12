// @gmx-io/sdk behind protocol 1.
//
// The package's `utils/positions` and `utils/fees` are what GMX's own pages show of a
// position, as pure functions over integers: dollars with 30 decimals, tokens with 18.
// Each quantity below is what one of them returns for the position asked about.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL(".environment/", import.meta.url));
const positions = require("@gmx-io/sdk/utils/positions");
const { getPositionFee } = require("@gmx-io/sdk/utils/fees/index");
const { dependencies } = require("./package.json");

class Unsupported extends Error {}

const TOKEN_DECIMALS = 18;
const USD_DECIMALS = 30;

// The choices that the functions have made; any other is a gap.
const CONVENTIONS = {
  maintenance_margin_price: "entry",
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
  notional_value: (p) =>
    positions.getPositionValueUsd({ indexToken: INDEX, sizeInTokens: p.sizeInTokens, markPrice: p.markPrice }),
  unrealised_pnl: (p) => positions.getPositionPnlUsd(p),
  position_equity: (p) =>
    positions.getPositionNetValue({ ...NOTHING_PENDING, ...p, closingFeeUsd: 0n, pnl: positions.getPositionPnlUsd(p) }),
  closing_fee: (p) => getPositionFee(marketOf({ fee: p.takerFee }), p.sizeInUsd, false, undefined).positionFeeUsd,
  liquidation_price: (p) => positions.getLiquidationPrice({ ...NOTHING_PENDING, ...p }),
};

const INDEX = { address: "index", decimals: TOKEN_DECIMALS, symbol: "INDEX", prices: {} };
const COLLATERAL = { address: "collateral", decimals: TOKEN_DECIMALS, symbol: "USD" };

const NOTHING_PENDING = {
  pendingFundingFeesUsd: 0n,
  pendingBorrowingFeesUsd: 0n,
  pendingImpactAmount: 0n,
  uiFeeUsd: 0n,
  totalPendingImpactDeltaUsd: 0n,
  priceImpactDiffUsd: 0n,
  minCollateralUsd: 0n,
  userReferralInfo: undefined,
  useMaxPriceImpact: true,
};

// A market where nobody else trades: no price impact, and no profit to be capped.
const marketOf = ({ fee, rate = 0n }) => ({
  indexToken: INDEX,
  longToken: { decimals: TOKEN_DECIMALS, prices: { minPrice: 0n } },
  shortToken: { decimals: TOKEN_DECIMALS, prices: { minPrice: 0n } },
  longPoolAmount: 0n,
  shortPoolAmount: 0n,
  longInterestUsd: 0n,
  shortInterestUsd: 0n,
  longInterestInTokens: 0n,
  shortInterestInTokens: 0n,
  maxPnlFactorForTradersLong: 0n,
  maxPnlFactorForTradersShort: 0n,
  maxPositionImpactFactorForLiquidations: 0n,
  positionFeeFactorForBalanceWasImproved: fee,
  positionFeeFactorForBalanceWasNotImproved: fee,
  minCollateralFactorForLiquidation: rate,
});

function understood({ profile, instrument, position, want }) {
  const parameters = profile.parameters ?? {};
  if (want.includes("liquidation_price"))
    for (const [name, choice] of Object.entries(CONVENTIONS))
      supported((parameters[name] ?? choice) === choice, `parameter ${name}`);
  supported(Object.keys(parameters.rounding ?? {}).length === 0, "parameter rounding");
  supported((instrument.contract ?? "linear") === "linear", instrument.contract);
  supported(Number(instrument.contract_size ?? 1) === 1, "contract_size");
  supported((position.margin_mode ?? "isolated") === "isolated", "cross");
  supported(position.isolated_margin !== undefined, "leverage");
  const [tier = {}, ...more] = instrument.tiers ?? [];
  supported(more.length === 0 && Number(tier.maintenance_amount ?? 0) === 0, "tiers");
  return {
    isLong: position.side === "long",
    sizeInTokens: scaled(position.quantity, TOKEN_DECIMALS),
    sizeInUsd: scaled(position.quantity, TOKEN_DECIMALS) * scaled(position.entry_price, USD_DECIMALS - TOKEN_DECIMALS),
    // A price is dollars a smallest part of a token.
    markPrice: scaled(position.mark_price ?? position.entry_price, USD_DECIMALS),
    collateralUsd: scaled(position.isolated_margin, USD_DECIMALS),
    collateralAmount: scaled(position.isolated_margin, TOKEN_DECIMALS),
    collateralToken: COLLATERAL,
    takerFee: scaled(instrument.fees?.taker ?? "0", USD_DECIMALS),
    marketInfo: marketOf({ fee: 0n, rate: scaled(tier.maintenance_margin_rate ?? "0", USD_DECIMALS) }),
  };
}

function supported(condition, feature) {
  if (!condition) throw new Unsupported(feature);
}

// A decimal string as an integer of so many decimals; it must fit.
function scaled(text, decimals) {
  const [whole, fraction = ""] = text.split(".");
  supported(fraction.length <= decimals, "decimals");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

function decimalString(value) {
  if (value === undefined) return null;
  const digits = String(value < 0n ? -value : value).padStart(USD_DECIMALS + 1, "0");
  const text = `${digits.slice(0, -USD_DECIMALS)}.${digits.slice(-USD_DECIMALS)}`;
  return (value < 0n ? "-" : "") + text.replace(/\.?0+$/, "");
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
    subject: { name: "@gmx-io/sdk", version: dependencies["@gmx-io/sdk"], language: "typescript" },
    operations: ["quote"],
    profiles: "any",
    contracts: ["linear"],
    actions: [],
    quantities: Object.keys(QUANTITIES),
    arithmetic: "decimal",
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
