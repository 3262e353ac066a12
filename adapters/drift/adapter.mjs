// @drift-labs/sdk behind protocol 1.
//
// The SDK's `User` says what a Drift account's isolated positions are worth and when
// they are liquidated, from accounts read off a chain. This program hands it an account
// with the position asked about, and reads its answers; nothing is ever connected to.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL(".environment/", import.meta.url));
const { BN, PositionFlag, User, ZERO } = require("@drift-labs/sdk");
const { dependencies } = require("./package.json");

class Unsupported extends Error {}

// Its integers: of prices and dollars, of quantities and stored balances, of rates.
const DECIMALS = { price: 6, quantity: 9, rate: 4 };
// It has no finer price, so that it is asked for one only where a profile rounds so.
const PRICE_QUANTUM = "0.000001";
const INTEREST = new BN(10).pow(new BN(10));

// The choices that the account has made; any other is a gap.
const CONVENTIONS = {
  maintenance_margin_price: "mark",
  maintenance_fee: "none",
  maintenance_rate_form: "rate",
  maintenance_funding: "none",
  liquidation_price_form: "solved",
  liquidation_price_shift: "none",
  unrealised_pnl_price: "entry",
  contract_value_rounding: "none",
  added_margin_fee_scaling: "no",
};

const MAINTENANCE = "Maintenance";
const QUANTITIES = {
  maintenance_margin: (user) => user.getMarginRequirement(MAINTENANCE, undefined, false, false, false, 0),
  unrealised_pnl: (user) => user.getUnrealizedPNL(false, 0),
  position_equity: (user) => user.getTotalCollateral(MAINTENANCE, false, false, undefined, 0),
  liquidation_price: (user) => {
    const price = user.liquidationPrice(0, ZERO, ZERO, MAINTENANCE, false, ZERO, false, "Isolated");
    return price.isNeg() ? null : price; // below zero is its way to say none
  },
};

function userOf({ profile, instrument, position, want }) {
  const parameters = profile.parameters ?? {};
  for (const [name, choice] of Object.entries(CONVENTIONS))
    supported((parameters[name] ?? choice) === choice, `parameter ${name}`);
  const { liquidation_price: rounding, ...others } = parameters.rounding ?? {};
  const asked = want.includes("liquidation_price") ? PRICE_QUANTUM : rounding?.quantum;
  supported(rounding?.quantum === asked && Object.keys(others).length === 0, "parameter rounding");
  supported((instrument.contract ?? "linear") === "linear", instrument.contract);
  supported(Number(instrument.contract_size ?? 1) === 1, "contract_size");
  supported((position.margin_mode ?? "isolated") === "isolated", "cross");
  supported(position.isolated_margin !== undefined, "leverage");
  const [tier = {}, ...more] = instrument.tiers ?? [];
  supported(more.length === 0 && Number(tier.maintenance_amount ?? 0) === 0, "tiers");
  const market = marketOf(scaled(tier.maintenance_margin_rate ?? "0", DECIMALS.rate).toNumber());
  const price = { price: scaled(position.mark_price ?? position.entry_price, DECIMALS.price) };
  const user = Object.create(User.prototype);
  const account = { marginMode: { default: {} }, maxMarginRatio: 0, spotPositions: [], perpPositions: [perpPositionOf(position)] };
  user.getUserAccount = () => account;
  user.driftClient = {
    getPerpMarketAccount: () => market,
    getSpotMarketAccount: () => DOLLARS,
    getQuoteSpotMarketAccount: () => DOLLARS,
    getSpotMarketAccounts: () => [],
    getOracleDataForPerpMarket: () => price,
    getMMOracleDataForPerpMarket: () => price,
    getOracleDataForSpotMarket: () => ({ price: scaled("1", DECIMALS.price) }),
  };
  return user;
}

const perpPositionOf = (position) => {
  const sign = new BN(position.side === "long" ? 1 : -1);
  const quantity = scaled(position.quantity, DECIMALS.quantity);
  // What was paid for the position, or received for a short; it must fit its decimals.
  const product = quantity.mul(scaled(position.entry_price, DECIMALS.price));
  const unit = new BN(10).pow(new BN(DECIMALS.quantity));
  supported(product.mod(unit).isZero(), "decimals");
  const paid = product.div(unit).mul(sign).neg();
  return {
    marketIndex: 0,
    baseAssetAmount: quantity.mul(sign),
    quoteAssetAmount: paid,
    quoteEntryAmount: paid,
    quoteBreakEvenAmount: paid,
    lastCumulativeFundingRate: ZERO,
    openOrders: 0,
    openBids: ZERO,
    openAsks: ZERO,
    lpShares: ZERO,
    maxMarginRatio: 0,
    positionFlag: PositionFlag.IsolatedPosition,
    isolatedPositionScaledBalance: scaled(position.isolated_margin, DECIMALS.quantity),
  };
};

const DOLLARS = { marketIndex: 0, decimals: 6, cumulativeDepositInterest: INTEREST };

const marketOf = (marginRatioMaintenance) => ({
  marketIndex: 0,
  quoteSpotMarketIndex: 0,
  status: { active: {} },
  contractType: { perpetual: {} },
  marginRatioInitial: marginRatioMaintenance,
  marginRatioMaintenance,
  highLeverageMarginRatioInitial: 0,
  highLeverageMarginRatioMaintenance: 0,
  imfFactor: 0,
  unrealizedPnlImfFactor: 0,
  unrealizedPnlInitialAssetWeight: 10000,
  unrealizedPnlMaintenanceAssetWeight: 10000,
  unrealizedPnlMaxImbalance: ZERO,
  amm: { cumulativeFundingRateLong: ZERO, cumulativeFundingRateShort: ZERO },
});

function supported(condition, feature) {
  if (!condition) throw new Unsupported(feature);
}

// A decimal string as an integer of so many decimals; it must fit.
function scaled(text, decimals) {
  const [whole, fraction = ""] = text.split(".");
  supported(fraction.length <= decimals, "decimals");
  return new BN(whole + fraction.padEnd(decimals, "0"));
}

function decimalString(value) {
  if (value === null) return null;
  const digits = value.abs().toString().padStart(DECIMALS.price + 1, "0");
  const text = `${digits.slice(0, -DECIMALS.price)}.${digits.slice(-DECIMALS.price)}`;
  return (value.isNeg() ? "-" : "") + text.replace(/\.?0+$/, "");
}

function quantities(message) {
  const user = userOf(message);
  const asked = message.want.filter((name) => name in QUANTITIES);
  return Object.fromEntries(asked.map((name) => [name, decimalString(QUANTITIES[name](user))]));
}

const ANSWERS = {
  hello: () => ({
    t: "ready",
    protocol: 1,
    subject: { name: "@drift-labs/sdk", version: dependencies["@drift-labs/sdk"], language: "typescript" },
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
process.exit(0); // the SDK leaves timers behind
