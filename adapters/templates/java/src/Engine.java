import static java.math.BigDecimal.ONE;
import static java.math.BigDecimal.ZERO;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A toy engine: isolated positions in linear contracts of one margin tier. It stands where your
 * engine will stand and knows nothing of isomargin. Delete this file when the adapter calls your
 * own engine.
 */
final class Engine {
  private static final int DECIMALS = 18;

  private Engine() {}

  /** The engine will not do something; the account is as it was. */
  static final class Refused extends Exception {
    Refused(String reason) {
      super(reason);
    }
  }

  /** Returns a figure as the engine keeps it: to 18 decimals, half to even. */
  static BigDecimal kept(BigDecimal value) {
    return value.setScale(DECIMALS, RoundingMode.HALF_EVEN);
  }

  static BigDecimal quotient(BigDecimal dividend, BigDecimal divisor) {
    return dividend.divide(divisor, DECIMALS, RoundingMode.HALF_EVEN);
  }

  enum Liquidity {
    MAKER,
    TAKER
  }

  enum Side {
    LONG,
    SHORT
  }

  /** What is traded; rates are shares of the notional value; a null step or limit is none. */
  record Contract(
      String symbol,
      String settle,
      BigDecimal size,
      BigDecimal quantityStep,
      BigDecimal maintenanceMarginRate,
      BigDecimal maxLeverage,
      Map<Liquidity, BigDecimal> feeRates) {

    /** Returns value × the rate of a maker or a taker. */
    BigDecimal fee(BigDecimal quantity, BigDecimal price, Liquidity liquidity) {
      return kept(size.multiply(quantity).multiply(price).multiply(feeRates.get(liquidity)));
    }
  }

  /** An open position. */
  record Position(
      Contract contract,
      Side side,
      BigDecimal quantity,
      BigDecimal entryPrice,
      BigDecimal leverage,
      BigDecimal isolatedMargin) {

    Position withMargin(BigDecimal margin) {
      return of(quantity, entryPrice, margin);
    }

    Position of(BigDecimal quantity, BigDecimal entryPrice, BigDecimal margin) {
      return new Position(contract, side, quantity, entryPrice, leverage, margin);
    }

    private BigDecimal size() {
      return contract.size.multiply(quantity);
    }

    private BigDecimal signedSize() {
      return side == Side.LONG ? size() : size().negate();
    }

    /** Returns value at the entry price / leverage. */
    BigDecimal initialMargin() {
      return quotient(size().multiply(entryPrice), leverage);
    }

    /** Returns the isolated margin: no more can be lost. */
    BigDecimal maximumLoss() {
      return isolatedMargin;
    }

    /** Returns signed size × (mark price - entry price). */
    BigDecimal unrealisedPnl(BigDecimal markPrice) {
      return kept(signedSize().multiply(markPrice.subtract(entryPrice)));
    }

    /** Returns the isolated margin with the unrealised profit or loss. */
    BigDecimal equity(BigDecimal markPrice) {
      return isolatedMargin.add(unrealisedPnl(markPrice));
    }

    /** Returns value at the mark price × maintenance margin rate. */
    BigDecimal maintenanceMargin(BigDecimal markPrice) {
      return kept(size().multiply(markPrice).multiply(contract.maintenanceMarginRate));
    }

    /** Returns whether the equity is down to the maintenance margin. */
    boolean isLiquidatable(BigDecimal markPrice) {
      return equity(markPrice).compareTo(maintenanceMargin(markPrice)) <= 0;
    }

    /** Returns the price at which equity and maintenance margin meet; null if there is none. */
    BigDecimal liquidationPrice() {
      return priceOfEquity(contract.maintenanceMarginRate);
    }

    /** Returns the price at which the equity is gone; null if there is none. */
    BigDecimal bankruptcyPrice() {
      return priceOfEquity(ZERO);
    }

    /** Returns the price at which the equity is {@code rate} of the value. */
    private BigDecimal priceOfEquity(BigDecimal rate) {
      BigDecimal owed = isolatedMargin.subtract(signedSize().multiply(entryPrice));
      BigDecimal slope = size().multiply(rate).subtract(signedSize());
      BigDecimal price = quotient(owed, slope);
      return price.signum() > 0 ? price : null;
    }

    /** Returns one position of two on the same side; the entry price is their mean. */
    private Position with(Position opened) {
      BigDecimal total = quantity.add(opened.quantity);
      BigDecimal cost =
          entryPrice.multiply(quantity).add(opened.entryPrice.multiply(opened.quantity));
      return of(total, quotient(cost, total), isolatedMargin.add(opened.isolatedMargin));
    }
  }

  /** Balances by asset, and isolated positions, one a contract. */
  static final class Account {
    final Map<String, Contract> contracts;
    final Map<String, BigDecimal> free;
    final Map<String, BigDecimal> leverages = new TreeMap<>();
    final Map<String, BigDecimal> marks = new TreeMap<>();
    final Map<String, Position> positions = new LinkedHashMap<>();

    /** Opens an account with free balances by asset. */
    Account(Map<String, Contract> contracts, Map<String, BigDecimal> free) {
      this.contracts = contracts;
      this.free = free;
      for (Contract contract : contracts.values()) {
        leverages.put(contract.symbol, ONE);
        free.putIfAbsent(contract.settle, ZERO);
      }
    }

    /** Chooses the leverage of the next position. */
    void setLeverage(Contract contract, BigDecimal leverage) throws Refused {
      if (leverage.compareTo(ONE) < 0) {
        throw new Refused("INVALID_LEVERAGE");
      }
      if (contract.maxLeverage != null && leverage.compareTo(contract.maxLeverage) > 0) {
        throw new Refused("LEVERAGE_TOO_HIGH");
      }
      leverages.put(contract.symbol, leverage);
    }

    /** Opens a position or adds to it; margin and fee leave the free balance. */
    void open(
        Contract contract, Side side, BigDecimal quantity, BigDecimal price, Liquidity liquidity)
        throws Refused {
      BigDecimal leverage = leverages.get(contract.symbol);
      Position opened = new Position(contract, side, quantity, price, leverage, ZERO);
      opened = opened.withMargin(opened.initialMargin());
      BigDecimal cost = opened.isolatedMargin.add(contract.fee(quantity, price, liquidity));
      Position held = positions.get(contract.symbol);
      Position position = held == null ? opened : held.with(opened);
      BigDecimal markPrice = marks.getOrDefault(contract.symbol, price);
      if (cost.compareTo(free.get(contract.settle)) > 0) {
        throw new Refused("INSUFFICIENT_BALANCE");
      }
      if (position.isLiquidatable(markPrice)) {
        throw new Refused("WOULD_LIQUIDATE");
      }
      marks.put(contract.symbol, markPrice);
      positions.put(contract.symbol, position);
      receive(contract, cost.negate());
    }

    /**
     * Closes a position or part of it; its share of the margin comes back. A loss beyond the share
     * is taken from the margin that remains, and beyond that it is not the trader's.
     */
    void close(Contract contract, BigDecimal quantity, BigDecimal price, Liquidity liquidity) {
      Position held = positions.get(contract.symbol);
      BigDecimal share = quotient(held.isolatedMargin.multiply(quantity), held.quantity);
      Position closed = held.of(quantity, held.entryPrice, share);
      BigDecimal proceeds = closed.equity(price).subtract(contract.fee(quantity, price, liquidity));
      BigDecimal remaining = held.isolatedMargin.subtract(share).add(proceeds.min(ZERO)).max(ZERO);
      BigDecimal left = held.quantity.subtract(quantity);
      if (left.signum() == 0) {
        positions.remove(contract.symbol);
      } else {
        positions.put(contract.symbol, held.of(left, held.entryPrice, remaining));
      }
      receive(contract, proceeds.max(ZERO));
    }

    /** Moves an amount from the free balance to a position. */
    void addMargin(Contract contract, BigDecimal amount) throws Refused {
      Position held = positions.get(contract.symbol);
      if (held == null) {
        throw new Refused("POSITION_NOT_FOUND");
      }
      if (amount.signum() <= 0) {
        throw new Refused("INVALID_AMOUNT");
      }
      if (amount.compareTo(free.get(contract.settle)) > 0) {
        throw new Refused("INSUFFICIENT_BALANCE");
      }
      positions.put(contract.symbol, held.withMargin(held.isolatedMargin.add(amount)));
      receive(contract, amount.negate());
    }

    /** Lets the market move. */
    void setMarkPrice(Contract contract, BigDecimal price) {
      marks.put(contract.symbol, price);
    }

    /**
     * Closes what the mark prices have brought down, and returns it. The whole isolated margin is
     * gone, and nothing else is touched.
     */
    List<Position> liquidate() {
      List<Position> fallen = new ArrayList<>();
      for (Position position : positions.values()) {
        if (position.isLiquidatable(marks.get(position.contract.symbol))) {
          fallen.add(position);
        }
      }
      positions.values().removeAll(fallen);
      return fallen;
    }

    /** Returns the free balance and all isolated margin of an asset. */
    BigDecimal walletBalance(String asset) {
      return positions.values().stream()
          .filter(position -> position.contract.settle.equals(asset))
          .map(Position::isolatedMargin)
          .reduce(free.get(asset), BigDecimal::add);
    }

    private void receive(Contract contract, BigDecimal amount) {
      free.merge(contract.settle, amount, BigDecimal::add);
    }
  }
}
