// @d8x/perpetuals-sdk behind protocol 1.
//
// D8XMath is the arithmetic of D8X's perpetuals, as pure functions. Each quantity
// below is what one of them returns for the position asked about.

import { createRequire } from "node:module";

import { follows, plainTier, serve, unrounded } from "../isomargin_adapter_node/serve.mjs";

const require = createRequire(new URL(".environment/", import.meta.url));
const d8x = require("@d8x/perpetuals-sdk");

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
  follows(profile, CONVENTIONS);
  unrounded(profile);
  const tier = plainTier({ instrument, position });
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

serve({
  ready: {
    subject: { name: "@d8x/perpetuals-sdk", version: d8x.D8X_SDK_VERSION, language: "typescript" },
    arithmetic: "binary",
  },
  quantities: QUANTITIES,
  understood,
});
