// A toy engine: isolated positions in linear contracts of one margin tier. It stands
// where your engine will stand and knows nothing of isomargin. Delete this file when
// the adapter calls your own engine.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "number.hpp"

namespace toy {

// The engine will not do something; the account is as it was.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Side { kLong, kShort };
enum class Liquidity { kMaker, kTaker };

// What is traded; rates are shares of the notional value.
struct Contract {
  std::string symbol, settle;
  Number size;
  std::optional<Number> quantity_step;
  Number maintenance_margin_rate;
  std::optional<Number> max_leverage;
  Number maker_fee_rate, taker_fee_rate;

  // Value × the rate of a maker or a taker.
  Number fee(const Number& quantity, const Number& price, Liquidity liquidity) const {
    const bool maker = liquidity == Liquidity::kMaker;
    return (size * quantity * price * (maker ? maker_fee_rate : taker_fee_rate)).kept();
  }
};

// An open position.
struct Position {
  Contract contract;
  Side side;
  Number quantity, entry_price, leverage, isolated_margin;

  Number size() const { return contract.size * quantity; }
  Number signed_size() const { return side == Side::kLong ? size() : -size(); }

  // Value at the entry price / leverage.
  Number initial_margin() const { return (size() * entry_price / leverage).kept(); }

  // The isolated margin: no more can be lost.
  Number maximum_loss() const { return isolated_margin; }

  // Signed size × (mark price - entry price).
  Number unrealised_pnl(const Number& mark_price) const {
    return (signed_size() * (mark_price - entry_price)).kept();
  }

  // The isolated margin with the unrealised profit or loss.
  Number equity(const Number& mark_price) const {
    return isolated_margin + unrealised_pnl(mark_price);
  }

  // Value at the mark price × maintenance margin rate.
  Number maintenance_margin(const Number& mark_price) const {
    return (size() * mark_price * contract.maintenance_margin_rate).kept();
  }

  // Whether the equity is down to the maintenance margin.
  bool is_liquidatable(const Number& mark_price) const {
    return equity(mark_price) <= maintenance_margin(mark_price);
  }

  // The price at which equity and maintenance margin meet, if there is one.
  std::optional<Number> liquidation_price() const {
    return price_of_equity(contract.maintenance_margin_rate);
  }

  // The price at which the equity is gone, if there is one.
  std::optional<Number> bankruptcy_price() const { return price_of_equity(0); }

 private:
  // The price at which the equity is `rate` of the value.
  std::optional<Number> price_of_equity(const Number& rate) const {
    const Number owed = isolated_margin - signed_size() * entry_price;
    const Number price = (owed / (size() * rate - signed_size())).kept();
    return price > 0 ? std::optional(price) : std::nullopt;
  }
};

// Balances by asset, and isolated positions, one a contract.
class Account {
 public:
  // Opens an account with free balances by asset.
  Account(std::map<std::string, Contract> contracts, std::map<std::string, Number> free)
      : contracts(std::move(contracts)), free(std::move(free)) {
    for (const auto& [symbol, contract] : this->contracts) {
      leverages_[symbol] = 1;
      this->free.try_emplace(contract.settle, 0);
    }
  }

  // Chooses the leverage of the next position.
  void set_leverage(const Contract& contract, const Number& leverage) {
    if (leverage < 1) throw Refused("INVALID_LEVERAGE");
    if (contract.max_leverage && leverage > *contract.max_leverage)
      throw Refused("LEVERAGE_TOO_HIGH");
    leverages_[contract.symbol] = leverage;
  }

  // Opens a position or adds to it; margin and fee leave the free balance.
  void open(const Contract& contract, Side side, const Number& quantity,
            const Number& price, Liquidity liquidity) {
    Position opened{contract, side, quantity, price, leverages_[contract.symbol], 0};
    opened.isolated_margin = opened.initial_margin();
    const Number cost = opened.isolated_margin + contract.fee(quantity, price, liquidity);
    const auto held = positions.find(contract.symbol);
    const Position position =
        held == positions.end() ? opened : together(held->second, opened);
    const auto marked = marks.find(contract.symbol);
    const Number mark_price = marked == marks.end() ? price : marked->second;
    if (cost > free[contract.settle]) throw Refused("INSUFFICIENT_BALANCE");
    if (position.is_liquidatable(mark_price)) throw Refused("WOULD_LIQUIDATE");
    marks[contract.symbol] = mark_price;
    positions.insert_or_assign(contract.symbol, position);
    receive(contract, -cost);
  }

  // Closes a position or part of it; its share of the margin comes back. A loss beyond
  // the share is taken from the margin that remains, and beyond that it is not the
  // trader's.
  void close(const Contract& contract, const Number& quantity, const Number& price,
             Liquidity liquidity) {
    Position& held = positions.at(contract.symbol);
    Position closed = held;
    closed.quantity = quantity;
    closed.isolated_margin = (held.isolated_margin * quantity / held.quantity).kept();
    const Number proceeds =
        closed.equity(price) - contract.fee(quantity, price, liquidity);
    held.quantity = held.quantity - quantity;
    held.isolated_margin = std::max<Number>(
        held.isolated_margin - closed.isolated_margin + std::min<Number>(proceeds, 0), 0);
    if (held.quantity == 0) positions.erase(contract.symbol);
    receive(contract, std::max<Number>(proceeds, 0));
  }

  // Moves an amount from the free balance to a position.
  void add_margin(const Contract& contract, const Number& amount) {
    const auto held = positions.find(contract.symbol);
    if (held == positions.end()) throw Refused("POSITION_NOT_FOUND");
    if (amount <= 0) throw Refused("INVALID_AMOUNT");
    if (amount > free[contract.settle]) throw Refused("INSUFFICIENT_BALANCE");
    held->second.isolated_margin = held->second.isolated_margin + amount;
    receive(contract, -amount);
  }

  // Lets the market move.
  void set_mark_price(const Contract& contract, const Number& price) {
    marks[contract.symbol] = price;
  }

  // Closes what the mark prices have brought down, and returns it. The whole isolated
  // margin is gone, and nothing else is touched.
  std::vector<Position> liquidate() {
    std::vector<Position> fallen;
    for (auto one = positions.begin(); one != positions.end();) {
      const bool falls = one->second.is_liquidatable(marks[one->first]);
      if (falls) fallen.push_back(one->second);
      one = falls ? positions.erase(one) : std::next(one);
    }
    return fallen;
  }

  // The free balance and all isolated margin of an asset.
  Number wallet_balance(const std::string& asset) const {
    Number total = free.at(asset);
    for (const auto& [symbol, position] : positions)
      if (position.contract.settle == asset) total = total + position.isolated_margin;
    return total;
  }

  const std::map<std::string, Contract> contracts;
  std::map<std::string, Number> free;
  std::map<std::string, Number> marks;
  std::map<std::string, Position> positions;

 private:
  // One position of two on the same side; the entry price is their mean.
  static Position together(Position held, const Position& opened) {
    const Number quantity = held.quantity + opened.quantity;
    const Number cost =
        held.entry_price * held.quantity + opened.entry_price * opened.quantity;
    held.quantity = quantity;
    held.entry_price = (cost / quantity).kept();
    held.isolated_margin = held.isolated_margin + opened.isolated_margin;
    return held;
  }

  void receive(const Contract& contract, const Number& amount) {
    free[contract.settle] = free[contract.settle] + amount;
  }

  std::map<std::string, Number> leverages_;
};

}  // namespace toy
