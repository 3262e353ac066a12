// @orderly.network/perp behind protocol 1.
//
// The package is the arithmetic of Orderly's perpetuals, as pure functions. Each
// quantity below is what one of them returns for the position asked about; this
// program hands over the position and works out no figure of margin itself.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL(".environment/", import.meta.url));
const { account, orderUtils, positions, version } = require("@orderly.network/perp");
const { Decimal } = require("@orderly.network/utils");

class Unsupported extends Error {}

// The choices that the functions have made; any other is a gap.
const CONVENTIONS = {
  maintenance_margin_price: "mark",
  maintenance_fee: "none",
  initial_margin_price: "entry",
};

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
    if (p.isolatedMargin === undefined) throw new Unsupported("removable_margin without isolated_margin");
    return account.maxReduce({
      isolatedPositionMargin: p.isolatedMargin,
      positionNotional: positions.notional(p.quantity, p.markPrice),
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
  const parameters = profile.parameters ?? {};
  for (const [name, choice] of Object.entries(CONVENTIONS)) supported((parameters[name] ?? choice) === choice, name);
  supported((instrument.contract ?? "linear") === "linear", instrument.contract);
  supported(Number(instrument.contract_size ?? 1) === 1, "contract_size");
  supported((position.margin_mode ?? "isolated") === "isolated", "cross");
  const buffer = FEE_BUFFER[parameters.initial_margin_closing_fee ?? "none"];
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
    rates: ratesOf(instrument.tiers ?? [], position.leverage),
  };
}

// The package has one rate that grows smoothly with the position, and no tiers:
// with a factor of zero it stands still, which is a single tier.
function ratesOf(tiers, leverage) {
  const [tier = {}, ...more] = tiers;
  supported(more.length === 0 && Number(tier.maintenance_amount ?? 0) === 0, "tiers");
  return {
    baseMMR: Number(tier.maintenance_margin_rate ?? 0),
    baseIMR: 1 / Number(tier.max_leverage ?? leverage),
    IMRFactor: 0,
  };
}

function supported(condition, feature) {
  if (!condition) throw new Unsupported(feature);
}

function decimalString(value) {
  if (value === null) return null;
  const text = new Decimal(value).toFixed();
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text.replace(/^-0$/, "0");
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
    subject: { name: "@orderly.network/perp", version, language: "typescript" },
    operations: ["quote"],
    profiles: ["textbook/linear"],
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
