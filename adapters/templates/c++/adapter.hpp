// The adapter: it puts what isomargin asks to an engine and says what came of it.
// Replace the toy engine by yours here. An adapter translates names and units; it
// computes no margin, and what the engine does not have it answers as unsupported.
#pragma once

#include <set>

#include "engine.hpp"
#include "json.hpp"

namespace adapter {

// A feature that the engine does not have: a declared gap.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The introduction of the engine: only what is named here is asked of it.
inline Json ready() {
  return Json::Object{
      {"t", "ready"},
      {"protocol", 1},
      {"subject", Json::Object{{"name", "toy"}, {"version", "1.0.0"}, {"language", "c++"}}},
      {"operations", Json::List{"quote", "run"}},
      {"profiles", Json::List{"textbook/linear"}},
      {"contracts", Json::List{"linear"}},
      {"actions",
       Json::List{"set_margin_mode", "set_leverage", "trade", "add_margin", "set_mark_price"}},
      {"quantities",
       Json::List{"initial_margin", "maximum_loss", "maintenance_margin", "unrealised_pnl",
                  "position_equity", "liquidation_price", "bankruptcy_price"}},
      {"arithmetic", "decimal"},
      {"window", 32}};
}

// A number of a message; none where it is absent.
inline std::optional<Number> number(const Json& part) {
  const auto text = part.optional_text();
  return text ? std::optional(Number::read(*text)) : std::nullopt;
}

inline Number required(const Json& parts, const std::string& name) {
  return Number::read(parts[name].text());
}

// A figure as isomargin writes it; null says that there is none.
inline Json figure(const std::optional<Number>& value) {
  return value ? Json(value->written()) : Json(nullptr);
}

inline const char* side(const toy::Position& position) {
  return position.side == toy::Side::kLong ? "long" : "short";
}

// What the engine says of a position, under isomargin's names.
inline Json::Object figures(const toy::Position& position, const Number& mark_price) {
  return {{"initial_margin", figure(position.initial_margin())},
          {"maximum_loss", figure(position.maximum_loss())},
          {"maintenance_margin", figure(position.maintenance_margin(mark_price))},
          {"unrealised_pnl", figure(position.unrealised_pnl(mark_price))},
          {"position_equity", figure(position.equity(mark_price))},
          {"liquidation_price", figure(position.liquidation_price())},
          {"bankruptcy_price", figure(position.bankruptcy_price())}};
}

// An instrument as the engine names it, or what it cannot be.
inline toy::Contract contract(const Json& instrument) {
  if (instrument["contract"].text() != "linear")
    throw Unsupported(instrument["contract"].text());
  const Json::List& tiers = instrument["tiers"].list();
  const Json& tier = tiers.at(0);
  if (tiers.size() > 1 || number(tier["maintenance_amount"]).value_or(0) != 0)
    throw Unsupported("tiers");
  const Json none = Json::Object{};
  const Json& fees = instrument["fees"].is_null() ? none : instrument["fees"];
  return {instrument["symbol"].text(),
          instrument["settle"].text(),
          number(instrument["contract_size"]).value_or(1),
          number(instrument["quantity_step"]),
          required(tier, "maintenance_margin_rate"),
          number(tier["max_leverage"]),
          number(fees["maker"]).value_or(0),
          number(fees["taker"]).value_or(0)};
}

// Answers one position with the quantities asked for.
inline Json quote(const Json& message) {
  const Json& asked = message["position"];
  if (asked["margin_mode"].optional_text() == "cross") throw Unsupported("cross");
  toy::Position position{
      contract(message["instrument"]),
      asked["side"].text() == "long" ? toy::Side::kLong : toy::Side::kShort,
      required(asked, "quantity"),
      required(asked, "entry_price"),
      required(asked, "leverage"),
      0};
  // What is given is the whole margin, or what lies above the initial margin.
  const Number usual = position.initial_margin() + number(asked["added_margin"]).value_or(0);
  position.isolated_margin = number(asked["isolated_margin"]).value_or(usual);
  const Json::Object known = figures(position, required(asked, "mark_price"));
  Json::Object values;
  for (const Json& name : message["want"].list())
    values.emplace(name.text(), known.at(name.text()));
  return values;
}

// One run: an account, and what the adapter must remember of it.
class Scenario {
 public:
  explicit Scenario(const Json& message) : account_(opened(message)) {}

  Json step(const Json& step) {
    Json::Object told{{"outcome", "accepted"}};
    try {
      act(step["do"].text(), step["with"]);
    } catch (const toy::Refused& refusal) {
      // Map your engine's own refusals to isomargin's reasons here.
      told = {{"outcome", "rejected"}, {"reason", refusal.what()}};
    }
    Json::List events;
    for (const toy::Position& fallen : account_.liquidate())
      events.push_back(Json::Object{{"event", "liquidation"},
                                    {"instrument", fallen.contract.symbol},
                                    {"side", side(fallen)}});
    told["events"] = events;
    told["state"] = state();
    return told;
  }

 private:
  static toy::Account opened(const Json& message) {
    std::map<std::string, toy::Contract> contracts;
    for (const Json& instrument : message["instruments"].list())
      contracts.emplace(instrument["symbol"].text(), contract(instrument));
    std::map<std::string, Number> free;
    for (const auto& [asset, amount] : message["balances"].object())
      free[asset] = Number::read(amount.text());
    return {contracts, free};
  }

  void act(const std::string& action, const Json& with) {
    // What belongs to no instrument, such as a deposit, names none.
    const auto symbol = with["instrument"].optional_text();
    if (!symbol) throw Unsupported(action);
    const auto known = account_.contracts.find(*symbol);
    if (known == account_.contracts.end()) throw toy::Refused("UNKNOWN_INSTRUMENT");
    static const std::map<std::string,
                          void (Scenario::*)(const toy::Contract&, const Json&)>
        kActions = {{"set_margin_mode", &Scenario::set_margin_mode},
                    {"set_leverage", &Scenario::set_leverage},
                    {"trade", &Scenario::trade},
                    {"add_margin", &Scenario::add_margin},
                    {"set_mark_price", &Scenario::set_mark_price}};
    const auto chosen = kActions.find(action);
    if (chosen == kActions.end()) throw Unsupported(action);
    (this->*chosen->second)(known->second, with);
  }

  void set_margin_mode(const toy::Contract& contract, const Json& with) {
    if (holds(contract)) throw toy::Refused("MARGIN_MODE_LOCKED");
    if (with["margin_mode"].text() != "isolated")
      throw Unsupported(with["margin_mode"].text());
    isolated_.insert(contract.symbol);
  }

  void set_leverage(const toy::Contract& contract, const Json& with) {
    if (holds(contract)) throw Unsupported("set_leverage with a position");
    account_.set_leverage(contract, required(with, "leverage"));
  }

  void trade(const toy::Contract& contract, const Json& with) {
    check_trade(contract, with);
    const auto side =
        with["side"].text() == "buy" ? toy::Side::kLong : toy::Side::kShort;
    const Number quantity = required(with, "quantity"), price = required(with, "price");
    const bool maker = with["liquidity"].optional_text() == "maker";
    const auto liquidity = maker ? toy::Liquidity::kMaker : toy::Liquidity::kTaker;
    const auto held = account_.positions.find(contract.symbol);
    if (held == account_.positions.end() || held->second.side == side) {
      account_.open(contract, side, quantity, price, liquidity);
    } else if (quantity > held->second.quantity) {
      throw Unsupported("flip");
    } else {
      account_.close(contract, quantity, price, liquidity);
    }
  }

  void check_trade(const toy::Contract& contract, const Json& with) const {
    const Number quantity = required(with, "quantity");
    const auto& step = contract.quantity_step;
    if (quantity <= 0 || (step && !(quantity / *step).is_whole()))
      throw toy::Refused("INVALID_QUANTITY");
    if (required(with, "price") <= 0) throw toy::Refused("INVALID_PRICE");
    refuse_position_side(with);
    for (const char* feature : {"isolated_margin", "reduce_only"})
      if (!with[feature].is_null()) throw Unsupported(std::string("trade with ") + feature);
    if (isolated_.count(contract.symbol) == 0) throw Unsupported("cross");
  }

  void add_margin(const toy::Contract& contract, const Json& with) {
    refuse_position_side(with);
    account_.add_margin(contract, required(with, "amount"));
  }

  static void refuse_position_side(const Json& with) {
    if (!with["position_side"].is_null()) throw toy::Refused("INVALID_POSITION_SIDE");
  }

  // Moves the market; index and last prices act on nothing here.
  void set_mark_price(const toy::Contract& contract, const Json& with) {
    for (const char* name : {"price", "index_price", "last_price"})
      if (number(with[name]).value_or(1) <= 0) throw toy::Refused("INVALID_PRICE");
    account_.set_mark_price(contract, required(with, "price"));
  }

  // Balances and positions after the latest action.
  Json state() const {
    Json::Object balances;
    for (const auto& [asset, free] : account_.free)
      balances[asset] =
          Json::Object{{"wallet_balance", account_.wallet_balance(asset).written()},
                       {"free_balance", free.written()},
                       {"available_balance", free.written()}};
    Json::List positions;
    for (const auto& [symbol, position] : account_.positions)
      positions.push_back(told(position));
    return Json::Object{{"balances", balances}, {"positions", positions}};
  }

  Json told(const toy::Position& position) const {
    const Number& mark_price = account_.marks.at(position.contract.symbol);
    Json::Object told = figures(position, mark_price);
    told["instrument"] = position.contract.symbol;
    told["side"] = side(position);
    told["margin_mode"] = "isolated";
    told["quantity"] = position.quantity.written();
    told["entry_price"] = position.entry_price.written();
    told["leverage"] = position.leverage.written();
    told["mark_price"] = mark_price.written();
    told["isolated_margin"] = position.isolated_margin.written();
    return told;
  }

  bool holds(const toy::Contract& contract) const {
    return account_.positions.count(contract.symbol) > 0;
  }

  toy::Account account_;
  std::set<std::string> isolated_;
};

// Takes the steps of a scenario in turn and tells the state after each.
inline Json run(const Json& message) {
  Scenario scenario(message);
  Json::List steps;
  for (const Json& step : message["steps"].list()) steps.push_back(scenario.step(step));
  return steps;
}

}  // namespace adapter
