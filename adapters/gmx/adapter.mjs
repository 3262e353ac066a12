// @gmx-io/sdk behind protocol 1.
//
// The package's `utils/positions` and `utils/fees` are what GMX's own pages show of a
// position, as pure functions over integers: dollars with 30 decimals, tokens with 18.
// Each quantity below is what one of them returns for the position asked about.

import { createRequire } from "node:module";

import { follows, plainTier, scaled, serve, supported, unrounded, unscaled } from "../isomargin_adapter_node/serve.mjs";

const require = createRequire(new URL(".environment/", import.meta.url));
const positions = require("@gmx-io/sdk/utils/positions");
const { getPositionFee } = require("@gmx-io/sdk/utils/fees/index");
const { dependencies } = require("./package.json");

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
  if (want.includes("liquidation_price")) follows(profile, CONVENTIONS);
  unrounded(profile);
  const tier = plainTier({ instrument, position });
  supported(position.isolated_margin !== undefined, "leverage");
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

serve({
  ready: {
    subject: { name: "@gmx-io/sdk", version: dependencies["@gmx-io/sdk"], language: "typescript" },
    arithmetic: "decimal",
  },
  quantities: QUANTITIES,
  understood,
  written: (value) => (value === undefined ? null : unscaled(value, USD_DECIMALS)),
});
