// @drift-labs/sdk behind protocol 1.
//
// The SDK's `User` says what a Drift account's isolated positions are worth and when
// they are liquidated, from accounts read off a chain. This program hands it an account
// with the position asked about, and reads its answers; nothing is ever connected to.

import { createRequire } from "node:module";

import { follows, plainTier, scaled, serve, supported, unscaled } from "../isomargin_adapter_node/serve.mjs";

const require = createRequire(new URL(".environment/", import.meta.url));
const { BN, PositionFlag, User, ZERO } = require("@drift-labs/sdk");
const { dependencies } = require("./package.json");

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
  follows(profile, CONVENTIONS);
  const tier = plainTier({ instrument, position });
  const { liquidation_price: rounding, ...others } = profile.parameters?.rounding ?? {};
  const asked = want.includes("liquidation_price") ? PRICE_QUANTUM : rounding?.quantum;
  supported(rounding?.quantum === asked && Object.keys(others).length === 0, "parameter rounding");
  supported(position.isolated_margin !== undefined, "leverage");
  const market = marketOf(integer(tier.maintenance_margin_rate ?? "0", DECIMALS.rate).toNumber());
  const price = { price: integer(position.mark_price ?? position.entry_price, DECIMALS.price) };
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
    getOracleDataForSpotMarket: () => ({ price: integer("1", DECIMALS.price) }),
  };
  return user;
}

const perpPositionOf = (position) => {
  const sign = new BN(position.side === "long" ? 1 : -1);
  const quantity = integer(position.quantity, DECIMALS.quantity);
  // What was paid for the position, or received for a short; it must fit its decimals.
  const product = quantity.mul(integer(position.entry_price, DECIMALS.price));
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
    isolatedPositionScaledBalance: integer(position.isolated_margin, DECIMALS.quantity),
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

// A decimal string as one of the SDK's integers.
const integer = (text, decimals) => new BN(String(scaled(text, decimals)));

await serve({
  ready: {
    subject: { name: "@drift-labs/sdk", version: dependencies["@drift-labs/sdk"], language: "typescript" },
    arithmetic: "decimal",
  },
  quantities: QUANTITIES,
  understood: userOf,
  written: (value) => (value === null ? null : unscaled(BigInt(value.toString()), DECIMALS.price)),
});
process.exit(0); // the SDK leaves timers behind
