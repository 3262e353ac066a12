/**
 * A toy engine: isolated positions in linear contracts of one margin tier. It stands
 * where your engine will stand and knows nothing of isomargin. Delete this file when
 * the adapter calls your own engine.
 */

import { Fraction, larger, smaller } from "./number.js";

/** The engine will not do something; the account is as it was. */
export class Refused extends Error {}

export type Side = "long" | "short";
export type Liquidity = "maker" | "taker";

/** What is traded; rates are shares of the notional value. */
export interface Contract {
  readonly symbol: string;
  readonly settle: string;
  readonly size: Fraction;
  readonly quantityStep: Fraction | undefined;
  readonly maintenanceMarginRate: Fraction;
  readonly maxLeverage: Fraction | undefined;
  readonly feeRates: Readonly<Record<Liquidity, Fraction>>;
}

/** Value × the rate of a maker or a taker. */
function fee(
  contract: Contract,
  quantity: Fraction,
  price: Fraction,
  liquidity: Liquidity,
): Fraction {
  const value = contract.size.times(quantity).times(price);
  return value.times(contract.feeRates[liquidity]).kept();
}

interface Holding {
  readonly contract: Contract;
  readonly side: Side;
  readonly quantity: Fraction;
  readonly entryPrice: Fraction;
  readonly leverage: Fraction;
  readonly isolatedMargin: Fraction;
}

/** An open position. */
export class Position {
  constructor(readonly holding: Holding) {}

  with(changed: Partial<Holding>): Position {
    return new Position({ ...this.holding, ...changed });
  }

  private size(): Fraction {
    return this.holding.contract.size.times(this.holding.quantity);
  }

  private signedSize(): Fraction {
    return this.holding.side === "long" ? this.size() : this.size().negated();
  }

  /** Value at the entry price / leverage. */
  initialMargin(): Fraction {
    return this.size().times(this.holding.entryPrice).over(this.holding.leverage).kept();
  }

  /** The isolated margin: no more can be lost. */
  maximumLoss(): Fraction {
    return this.holding.isolatedMargin;
  }

  /** Signed size × (mark price - entry price). */
  unrealisedPnl(markPrice: Fraction): Fraction {
    return this.signedSize().times(markPrice.minus(this.holding.entryPrice)).kept();
  }

  /** The isolated margin with the unrealised profit or loss. */
  equity(markPrice: Fraction): Fraction {
    return this.holding.isolatedMargin.plus(this.unrealisedPnl(markPrice));
  }

  /** Value at the mark price × maintenance margin rate. */
  maintenanceMargin(markPrice: Fraction): Fraction {
    const rate = this.holding.contract.maintenanceMarginRate;
    return this.size().times(markPrice).times(rate).kept();
  }

  /** Whether the equity is down to the maintenance margin. */
  isLiquidatable(markPrice: Fraction): boolean {
    return this.equity(markPrice).compare(this.maintenanceMargin(markPrice)) <= 0;
  }

  /** The price at which equity and maintenance margin meet; null if there is none. */
  liquidationPrice(): Fraction | null {
    return this.priceOfEquity(this.holding.contract.maintenanceMarginRate);
  }

  /** The price at which the equity is gone; null if there is none. */
  bankruptcyPrice(): Fraction | null {
    return this.priceOfEquity(Fraction.ZERO);
  }

  /** The price at which the equity is `rate` of the value. */
  private priceOfEquity(rate: Fraction): Fraction | null {
    const { isolatedMargin, entryPrice } = this.holding;
    const owed = isolatedMargin.minus(this.signedSize().times(entryPrice));
    const price = owed.over(this.size().times(rate).minus(this.signedSize())).kept();
    return price.sign() > 0 ? price : null;
  }

  /** One position of two on the same side; the entry price is their mean. */
  together(opened: Position): Position {
    const [one, other] = [this.holding, opened.holding];
    const quantity = one.quantity.plus(other.quantity);
    const cost = one.entryPrice
      .times(one.quantity)
      .plus(other.entryPrice.times(other.quantity));
    return this.with({
      quantity,
      entryPrice: cost.over(quantity).kept(),
      isolatedMargin: one.isolatedMargin.plus(other.isolatedMargin),
    });
  }
}

/** Balances by asset, and isolated positions, one a contract. */
export class Account {
  readonly leverages = new Map<string, Fraction>();
  readonly marks = new Map<string, Fraction>();
  readonly positions = new Map<string, Position>();

  constructor(
    readonly contracts: ReadonlyMap<string, Contract>,
    readonly free: Map<string, Fraction>,
  ) {
    for (const { settle } of contracts.values()) {
      if (!free.has(settle)) free.set(settle, Fraction.ZERO);
    }
  }

  /** Chooses the leverage of the next position. */
  setLeverage(contract: Contract, leverage: Fraction): void {
    if (leverage.compare(Fraction.ONE) < 0) throw new Refused("INVALID_LEVERAGE");
    const limit = contract.maxLeverage;
    if (limit && leverage.compare(limit) > 0) throw new Refused("LEVERAGE_TOO_HIGH");
    this.leverages.set(contract.symbol, leverage);
  }

  /** Opens a position or adds to it; margin and fee leave the free balance. */
  open(
    contract: Contract,
    side: Side,
    quantity: Fraction,
    price: Fraction,
    liquidity: Liquidity,
  ): void {
    const leverage = this.leverages.get(contract.symbol) ?? Fraction.ONE;
    const bare = { contract, side, quantity, entryPrice: price, leverage };
    let opened = new Position({ ...bare, isolatedMargin: Fraction.ZERO });
    opened = opened.with({ isolatedMargin: opened.initialMargin() });
    const cost = opened.initialMargin().plus(fee(contract, quantity, price, liquidity));
    const position = this.positions.get(contract.symbol)?.together(opened) ?? opened;
    const markPrice = this.marks.get(contract.symbol) ?? price;
    if (cost.compare(this.freeBalance(contract.settle)) > 0) {
      throw new Refused("INSUFFICIENT_BALANCE");
    }
    if (position.isLiquidatable(markPrice)) throw new Refused("WOULD_LIQUIDATE");
    this.marks.set(contract.symbol, markPrice);
    this.positions.set(contract.symbol, position);
    this.receive(contract, cost.negated());
  }

  /**
   * Closes a position or part of it; its share of the margin comes back. A loss beyond
   * the share is taken from the margin that remains, and beyond that it is not the
   * trader's.
   */
  close(
    contract: Contract,
    quantity: Fraction,
    price: Fraction,
    liquidity: Liquidity,
  ): void {
    const position = this.held(contract);
    const { isolatedMargin, quantity: whole } = position.holding;
    const share = isolatedMargin.times(quantity).over(whole).kept();
    const closed = position.with({ quantity, isolatedMargin: share });
    const proceeds = closed.equity(price).minus(fee(contract, quantity, price, liquidity));
    const remaining = isolatedMargin.minus(share).plus(smaller(proceeds, Fraction.ZERO));
    const left = position.with({
      quantity: whole.minus(quantity),
      isolatedMargin: larger(remaining, Fraction.ZERO),
    });
    if (left.holding.quantity.sign() > 0) this.positions.set(contract.symbol, left);
    else this.positions.delete(contract.symbol);
    this.receive(contract, larger(proceeds, Fraction.ZERO));
  }

  /** Moves an amount from the free balance to a position. */
  addMargin(contract: Contract, amount: Fraction): void {
    const position = this.held(contract);
    if (amount.sign() <= 0) throw new Refused("INVALID_AMOUNT");
    if (amount.compare(this.freeBalance(contract.settle)) > 0) {
      throw new Refused("INSUFFICIENT_BALANCE");
    }
    const isolatedMargin = position.holding.isolatedMargin.plus(amount);
    this.positions.set(contract.symbol, position.with({ isolatedMargin }));
    this.receive(contract, amount.negated());
  }

  /** Lets the market move. */
  setMarkPrice(contract: Contract, price: Fraction): void {
    this.marks.set(contract.symbol, price);
  }

  /**
   * Closes what the mark prices have brought down, and returns it. The whole isolated
   * margin is gone, and nothing else is touched.
   */
  liquidate(): Position[] {
    const fallen = [...this.positions.values()].filter((position) =>
      position.isLiquidatable(this.markPrice(position)),
    );
    for (const { holding } of fallen) this.positions.delete(holding.contract.symbol);
    return fallen;
  }

  markPrice(position: Position): Fraction {
    const { contract, entryPrice } = position.holding;
    return this.marks.get(contract.symbol) ?? entryPrice;
  }

  freeBalance(asset: string): Fraction {
    return this.free.get(asset) ?? Fraction.ZERO;
  }

  /** The free balance and all isolated margin of an asset. */
  walletBalance(asset: string): Fraction {
    return [...this.positions.values()]
      .filter(({ holding }) => holding.contract.settle === asset)
      .reduce((sum, { holding }) => sum.plus(holding.isolatedMargin), this.freeBalance(asset));
  }

  private held(contract: Contract): Position {
    const position = this.positions.get(contract.symbol);
    if (!position) throw new Refused("POSITION_NOT_FOUND");
    return position;
  }

  private receive(contract: Contract, amount: Fraction): void {
    this.free.set(contract.settle, this.freeBalance(contract.settle).plus(amount));
  }
}
