// @orderly.network/perp behind protocol 1.
//
// The package is the arithmetic of Orderly's perpetuals, as pure functions. Each
// quantity below is what one of them returns for the position asked about; this
// program hands over the position and works out no figure of margin itself.

import { createRequire } from "node:module";

import { decimalString, follows, plainTier, serve, supported } from "../isomargin_adapter_node/serve.mjs";

const require = createRequire(new URL(".environment/", import.meta.url));
const { account, orderUtils, positions, version } = require("@orderly.network/perp");

// The choices that the functions have made; any other is a gap.
const CONVENTIONS = {
  maintenance_margin_price: "mark",
  maintenance_fee: "none",
  initial_margin_price: "entry",
};

// Whether `maxReduce` is handed the value of a short below zero, as `costPosition` is;
// the package does not say, and takes both.
const SIGNED = process.argv.includes("signed");

// What the margin of an order reserves for the fee that will close it.
const FEE_BUFFER = { none: () => 0, entry: (taker) => taker };

const QUANTITIES = {
  notional_value: (p) => positions.notional(p.quantity, p.markPrice),
  initial_margin: (p) =>
    account.isolatedPendingOrdersFrozen({
      positionQty: 0,
      orders: [{ side: p.orderSide, quantity: Math.abs(p.quantity), referencePrice: p.entryPrice }],
      leverage: p.leverage,
      isoTakerFeeBuffer: p.feeBuffer,
    }),
  maintenance_margin: (p) =>
    positions.maintenanceMargin({
      positionQty: p.quantity,
      markPrice: p.markPrice,
      MMR: positions.MMR({ ...p.rates, positionNotional: positions.notional(p.quantity, p.markPrice) }),
    }),
  unrealised_pnl: (p) => unrealisedPnl(p),
  return_on_margin: (p) =>
    positions.unrealizedPnLROI({
      positionQty: p.quantity,
      openPrice: p.entryPrice,
      IMR: initialMarginRate(p, p.entryPrice),
      unrealizedPnL: unrealisedPnl(p),
    }),
  closing_fee: (p) =>
    orderUtils.orderFee({ qty: Math.abs(p.quantity), price: p.markPrice, futuresTakeFeeRate: p.takerFee }),
  liquidation_price: (p) =>
    positions.liquidationPriceIsolated({
      ...p.rates,
      ...(p.isolatedMargin === undefined ? asOrder(p) : asHeld(p)),
      sumUnitaryFunding: 0,
      lastSumUnitaryFunding: 0,
      leverage: p.leverage,
      isoTakerFeeBuffer: p.feeBuffer,
    }),
  removable_margin: (p) => {
    supported(p.isolatedMargin !== undefined, "removable_margin without isolated_margin");
    return account.maxReduce({
      isolatedPositionMargin: p.isolatedMargin,
      positionNotional: (SIGNED ? Math.sign(p.quantity) : 1) * positions.notional(p.quantity, p.markPrice),
      imr: initialMarginRate(p, p.markPrice),
      positionUnsettledPnL: unrealisedPnl(p),
    });
  },
};

const unrealisedPnl = (p) =>
  positions.unrealizedPnL({ markPrice: p.markPrice, openPrice: p.entryPrice, qty: p.quantity });

const initialMarginRate = (p, price) =>
  account.IMR({
    maxLeverage: p.leverage,
    baseIMR: p.rates.baseIMR,
    IMR_Factor: p.rates.IMRFactor,
    positionNotional: positions.notional(p.quantity, price),
    ordersNotional: 0,
  });

// A position whose allocation is known: its cost is its signed value at entry.
const asHeld = (p) => ({
  isolatedPositionMargin: p.isolatedMargin,
  costPosition: Math.sign(p.quantity) * positions.notional(p.quantity, p.entryPrice),
  positionQty: p.quantity,
  referencePrice: p.markPrice,
});

// A position known by its leverage: the function makes it of the order that opens
// it, so that the allocation is the package's own; what was added is there before.
const asOrder = (p) => ({
  isolatedPositionMargin: p.addedMargin,
  costPosition: 0,
  positionQty: 0,
  orderSide: p.orderSide,
  orderQty: Math.abs(p.quantity),
  referencePrice: p.entryPrice,
});

function understood({ profile, instrument, position }) {
  follows(profile, CONVENTIONS);
  const tier = plainTier({ instrument, position });
  const buffer = FEE_BUFFER[profile.parameters?.initial_margin_closing_fee ?? "none"];
  supported(buffer !== undefined, "initial_margin_closing_fee");
  const takerFee = Number(instrument.fees?.taker ?? 0);
  const long = position.side === "long";
  return {
    quantity: (long ? 1 : -1) * Number(position.quantity),
    orderSide: long ? "BUY" : "SELL",
    entryPrice: Number(position.entry_price),
    markPrice: Number(position.mark_price ?? position.entry_price),
    leverage: Number(position.leverage),
    isolatedMargin: position.isolated_margin === undefined ? undefined : Number(position.isolated_margin),
    addedMargin: Number(position.added_margin ?? 0),
    takerFee,
    feeBuffer: buffer(takerFee),
    // The package has one rate that grows smoothly with the position, and no tiers:
    // with a factor of zero it stands still, which is a single tier.
    rates: {
      baseMMR: Number(tier.maintenance_margin_rate ?? 0),
      baseIMR: 1 / Number(tier.max_leverage ?? position.leverage),
      IMRFactor: 0,
    },
  };
}

serve({
  ready: {
    subject: { name: "@orderly.network/perp", version, language: "typescript" },
    profiles: ["textbook/linear"],
    arithmetic: "binary",
  },
  quantities: QUANTITIES,
  understood,
  // Some functions return a number and some the package's own decimal.
  written: (value) => decimalString(value === null ? null : Number(value)),
});
