/**
 * The adapter: it puts what isomargin asks to an engine and says what came of it.
 * Replace the toy engine by yours here. An adapter translates names and units; it
 * computes no margin, and what the engine does not have it answers as unsupported.
 */

import { Account, Position, Refused, type Contract, type Side } from "./engine.js";
import type { Arguments, Instrument, Quote, Run } from "./messages.js";
import { Fraction } from "./number.js";

/** A feature that the engine does not have: a declared gap. */
export class Unsupported extends Error {}

/** The introduction of the engine: only what is named here is asked of it. */
export const READY = {
  t: "ready",
  protocol: 1,
  subject: { name: "toy", version: "1.0.0", language: "typescript" },
  operations: ["quote", "run"],
  profiles: ["textbook/linear"],
  contracts: ["linear"],
  actions: ["set_margin_mode", "set_leverage", "trade", "add_margin", "set_mark_price"],
  quantities: [
    "initial_margin",
    "maximum_loss",
    "maintenance_margin",
    "unrealised_pnl",
    "position_equity",
    "liquidation_price",
    "bankruptcy_price",
  ],
  arithmetic: "decimal",
  window: 32,
};

type Figures = Record<string, string | null>;

/** Answers one position with the quantities asked for. */
export function quote({ instrument, position: asked, want }: Quote): Figures {
  if (asked.margin_mode === "cross") throw new Unsupported("cross");
  const bare = new Position({
    contract: contract(instrument),
    side: asked.side,
    quantity: Fraction.read(asked.quantity),
    entryPrice: Fraction.read(asked.entry_price),
    leverage: Fraction.read(asked.leverage),
    isolatedMargin: Fraction.ZERO,
  });
  // What is given is the whole margin, or what lies above the initial margin.
  const usual = bare.initialMargin().plus(Fraction.read(asked.added_margin ?? "0"));
  const position = bare.with({ isolatedMargin: number(asked.isolated_margin) ?? usual });
  const known = figures(position, Fraction.read(asked.mark_price));
  return Object.fromEntries(Object.entries(known).filter(([name]) => want.includes(name)));
}

/** Takes the steps of a scenario in turn and tells the state after each. */
export function run({ instruments, balances, steps }: Run): unknown[] {
  const contracts = instruments.map((one) => [one.symbol, contract(one)] as const);
  const free = Object.entries(balances).map(
    ([asset, amount]) => [asset, Fraction.read(amount)] as const,
  );
  const scenario = new Scenario(new Account(new Map(contracts), new Map(free)));
  return steps.map((step) => scenario.step(step.do, step.with));
}

function number(text: string | undefined): Fraction | undefined {
  return text === undefined ? undefined : Fraction.read(text);
}

/** An instrument as the engine names it, or what it cannot be. */
function contract(instrument: Instrument): Contract {
  if (instrument.contract !== "linear") throw new Unsupported(instrument.contract);
  const [tier, ...more] = instrument.tiers;
  const amount = Fraction.read(tier?.maintenance_amount ?? "0");
  if (!tier || more.length > 0 || amount.sign() !== 0) throw new Unsupported("tiers");
  return {
    symbol: instrument.symbol,
    settle: instrument.settle,
    size: Fraction.read(instrument.contract_size ?? "1"),
    quantityStep: number(instrument.quantity_step),
    maintenanceMarginRate: Fraction.read(tier.maintenance_margin_rate),
    maxLeverage: number(tier.max_leverage),
    feeRates: {
      maker: Fraction.read(instrument.fees?.maker ?? "0"),
      taker: Fraction.read(instrument.fees?.taker ?? "0"),
    },
  };
}

/**
 * What the engine says of a position, under isomargin's names; null says that there
 * is no such figure.
 */
function figures(position: Position, markPrice: Fraction): Figures {
  return {
    initial_margin: position.initialMargin().toString(),
    maximum_loss: position.maximumLoss().toString(),
    maintenance_margin: position.maintenanceMargin(markPrice).toString(),
    unrealised_pnl: position.unrealisedPnl(markPrice).toString(),
    position_equity: position.equity(markPrice).toString(),
    liquidation_price: position.liquidationPrice()?.toString() ?? null,
    bankruptcy_price: position.bankruptcyPrice()?.toString() ?? null,
  };
}

/** One run: an account, and what the adapter must remember of it. */
class Scenario {
  private readonly isolated = new Set<string>();

  constructor(private readonly account: Account) {}

  step(action: string, given: Arguments): unknown {
    const outcome = this.outcome(action, given);
    const events = this.account.liquidate().map(({ holding }) => ({
      event: "liquidation",
      instrument: holding.contract.symbol,
      side: holding.side,
    }));
    return { ...outcome, events, state: this.state() };
  }

  private outcome(action: string, given: Arguments): object {
    try {
      this.act(action, given);
      return { outcome: "accepted" };
    } catch (error) {
      // Map your engine's own refusals to isomargin's reasons here.
      if (!(error instanceof Refused)) throw error;
      return { outcome: "rejected", reason: error.message };
    }
  }

  private act(action: string, given: Arguments): void {
    const contract = this.account.contracts.get(given.instrument);
    if (!contract) throw new Refused("UNKNOWN_INSTRUMENT");
    switch (action) {
      case "set_margin_mode":
        return this.setMarginMode(contract, given);
      case "set_leverage":
        return this.setLeverage(contract, given);
      case "trade":
        return this.trade(contract, given);
      case "add_margin":
        return this.addMargin(contract, given);
      case "set_mark_price":
        return this.setMarkPrice(contract, given);
      default:
        throw new Unsupported(action);
    }
  }

  private setMarginMode({ symbol }: Contract, given: Arguments): void {
    if (this.account.positions.has(symbol)) throw new Refused("MARGIN_MODE_LOCKED");
    if (given.margin_mode !== "isolated") throw new Unsupported(given.margin_mode);
    this.isolated.add(symbol);
  }

  private setLeverage(contract: Contract, given: Arguments): void {
    if (this.account.positions.has(contract.symbol)) {
      throw new Unsupported("set_leverage with a position");
    }
    this.account.setLeverage(contract, Fraction.read(given.leverage));
  }

  private trade(contract: Contract, given: Arguments): void {
    this.checkTrade(contract, given);
    const side: Side = given.side === "buy" ? "long" : "short";
    const [quantity, price] = [Fraction.read(given.quantity), Fraction.read(given.price)];
    const liquidity = given.liquidity ?? "taker";
    const held = this.account.positions.get(contract.symbol)?.holding;
    if (!held || held.side === side) {
      this.account.open(contract, side, quantity, price, liquidity);
    } else if (quantity.compare(held.quantity) > 0) {
      throw new Unsupported("flip");
    } else {
      this.account.close(contract, quantity, price, liquidity);
    }
  }

  private checkTrade(contract: Contract, given: Arguments): void {
    const [quantity, step] = [Fraction.read(given.quantity), contract.quantityStep];
    if (quantity.sign() <= 0 || (step && !quantity.over(step).isWhole())) {
      throw new Refused("INVALID_QUANTITY");
    }
    if (Fraction.read(given.price).sign() <= 0) throw new Refused("INVALID_PRICE");
    refusePositionSide(given);
    for (const feature of ["isolated_margin", "reduce_only"] as const) {
      if (feature in given) throw new Unsupported(`trade with ${feature}`);
    }
    if (!this.isolated.has(contract.symbol)) throw new Unsupported("cross");
  }

  private addMargin(contract: Contract, given: Arguments): void {
    refusePositionSide(given);
    this.account.addMargin(contract, Fraction.read(given.amount));
  }

  /** Moves the market; index and last prices act on nothing here. */
  private setMarkPrice(contract: Contract, given: Arguments): void {
    for (const text of [given.price, given.index_price, given.last_price]) {
      const price = number(text);
      if (price && price.sign() <= 0) throw new Refused("INVALID_PRICE");
    }
    this.account.setMarkPrice(contract, Fraction.read(given.price));
  }

  /** Balances and positions after the latest action. */
  private state(): unknown {
    const balances = [...this.account.free].map(([asset, free]) => [
      asset,
      {
        wallet_balance: this.account.walletBalance(asset).toString(),
        free_balance: free.toString(),
        available_balance: free.toString(),
      },
    ]);
    const positions = [...this.account.positions.values()].map((one) => this.told(one));
    return { balances: Object.fromEntries(balances), positions };
  }

  private told(position: Position): unknown {
    const { holding } = position;
    const markPrice = this.account.markPrice(position);
    return {
      instrument: holding.contract.symbol,
      side: holding.side,
      margin_mode: "isolated",
      quantity: holding.quantity.toString(),
      entry_price: holding.entryPrice.toString(),
      leverage: holding.leverage.toString(),
      mark_price: markPrice.toString(),
      isolated_margin: holding.isolatedMargin.toString(),
      ...figures(position, markPrice),
    };
  }
}

function refusePositionSide(given: Arguments): void {
  if ("position_side" in given) throw new Refused("INVALID_POSITION_SIDE");
}
