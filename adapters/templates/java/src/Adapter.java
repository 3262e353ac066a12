import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The adapter: it puts what isomargin asks to an engine and says what came of it. Replace the toy
 * engine by yours here. An adapter translates names and units; it computes no margin, and what the
 * engine does not have it answers as unsupported.
 */
final class Adapter {
  /** The introduction of the engine: only what is named here is asked of it. */
  static final Map<String, Object> READY =
      Map.of(
          "t", "ready",
          "protocol", 1,
          "subject", Map.of("name", "toy", "version", "1.0.0", "language", "java"),
          "operations", List.of("quote", "run"),
          "profiles", List.of("textbook/linear"),
          "contracts", List.of("linear"),
          "actions",
              List.of("set_margin_mode", "set_leverage", "trade", "add_margin", "set_mark_price"),
          "quantities",
              List.of(
                  "initial_margin",
                  "maximum_loss",
                  "maintenance_margin",
                  "unrealised_pnl",
                  "position_equity",
                  "liquidation_price",
                  "bankruptcy_price"),
          "arithmetic", "decimal",
          "window", 32);

  /** A feature that the engine does not have: a declared gap. */
  static final class Unsupported extends Exception {
    Unsupported(String feature) {
      super(feature);
    }
  }

  private final Engine.Account account;
  private final Set<String> isolated = new LinkedHashSet<>();

  private Adapter(Engine.Account account) {
    this.account = account;
  }

  /** Answers one position with the quantities asked for. */
  static Map<String, Object> quote(Map<String, Object> message) throws Unsupported {
    Map<String, Object> asked = object(message.get("position"));
    if ("cross".equals(asked.get("margin_mode"))) {
      throw new Unsupported("cross");
    }
    Engine.Side side = asked.get("side").equals("long") ? Engine.Side.LONG : Engine.Side.SHORT;
    Engine.Position position =
        new Engine.Position(
            contract(object(message.get("instrument"))),
            side,
            number(asked, "quantity", null),
            number(asked, "entry_price", null),
            number(asked, "leverage", null),
            BigDecimal.ZERO);
    // What is given is the whole margin, or what lies above the initial margin.
    BigDecimal usual = position.initialMargin().add(number(asked, "added_margin", "0"));
    BigDecimal margin = number(asked, "isolated_margin", usual.toPlainString());
    Map<String, Object> values =
        figures(position.withMargin(margin), number(asked, "mark_price", null));
    values.keySet().retainAll(list(message.get("want")));
    return values;
  }

  /** Takes the steps of a scenario in turn and tells the state after each. */
  static List<Object> run(Map<String, Object> message) throws Unsupported {
    Map<String, Engine.Contract> contracts = new LinkedHashMap<>();
    for (Object instrument : list(message.get("instruments"))) {
      Engine.Contract contract = contract(object(instrument));
      contracts.put(contract.symbol(), contract);
    }
    Map<String, BigDecimal> free = new TreeMap<>();
    Map<String, Object> balances = object(message.get("balances"));
    balances.keySet().forEach(asset -> free.put(asset, number(balances, asset, null)));
    Adapter scenario = new Adapter(new Engine.Account(contracts, free));
    List<Object> steps = new ArrayList<>();
    for (Object step : list(message.get("steps"))) {
      steps.add(scenario.step(object(step)));
    }
    return steps;
  }

  private Map<String, Object> step(Map<String, Object> step) throws Unsupported {
    Map<String, Object> told = new LinkedHashMap<>();
    try {
      act((String) step.get("do"), object(step.get("with")));
      told.put("outcome", "accepted");
    } catch (Engine.Refused refusal) {
      // Map your engine's own refusals to isomargin's reasons here.
      told.put("outcome", "rejected");
      told.put("reason", refusal.getMessage());
    }
    told.put("events", account.liquidate().stream().map(Adapter::liquidation).toList());
    told.put("state", state());
    return told;
  }

  private void act(String action, Map<String, Object> with) throws Engine.Refused, Unsupported {
    Engine.Contract contract = account.contracts.get(with.get("instrument"));
    if (contract == null) {
      throw new Engine.Refused("UNKNOWN_INSTRUMENT");
    }
    switch (action) {
      case "set_margin_mode" -> setMarginMode(contract, (String) with.get("margin_mode"));
      case "set_leverage" -> setLeverage(contract, number(with, "leverage", null));
      case "trade" -> trade(contract, with);
      case "add_margin" -> {
        refusePositionSide(with);
        account.addMargin(contract, number(with, "amount", null));
      }
      case "set_mark_price" -> setMarkPrice(contract, with);
      default -> throw new Unsupported(action);
    }
  }

  private void setMarginMode(Engine.Contract contract, String mode)
      throws Engine.Refused, Unsupported {
    if (account.positions.containsKey(contract.symbol())) {
      throw new Engine.Refused("MARGIN_MODE_LOCKED");
    }
    if (!mode.equals("isolated")) {
      throw new Unsupported(mode);
    }
    isolated.add(contract.symbol());
  }

  private void setLeverage(Engine.Contract contract, BigDecimal leverage)
      throws Engine.Refused, Unsupported {
    if (account.positions.containsKey(contract.symbol())) {
      throw new Unsupported("set_leverage with a position");
    }
    account.setLeverage(contract, leverage);
  }

  private void trade(Engine.Contract contract, Map<String, Object> with)
      throws Engine.Refused, Unsupported {
    checkTrade(contract, with);
    Engine.Side side = with.get("side").equals("buy") ? Engine.Side.LONG : Engine.Side.SHORT;
    BigDecimal quantity = number(with, "quantity", null);
    BigDecimal price = number(with, "price", null);
    boolean maker = "maker".equals(with.get("liquidity"));
    Engine.Liquidity liquidity = maker ? Engine.Liquidity.MAKER : Engine.Liquidity.TAKER;
    Engine.Position held = account.positions.get(contract.symbol());
    if (held == null || held.side() == side) {
      account.open(contract, side, quantity, price, liquidity);
    } else if (quantity.compareTo(held.quantity()) > 0) {
      throw new Unsupported("flip");
    } else {
      account.close(contract, quantity, price, liquidity);
    }
  }

  private void checkTrade(Engine.Contract contract, Map<String, Object> with)
      throws Engine.Refused, Unsupported {
    BigDecimal quantity = number(with, "quantity", null);
    BigDecimal step = contract.quantityStep();
    if (quantity.signum() <= 0 || (step != null && quantity.remainder(step).signum() != 0)) {
      throw new Engine.Refused("INVALID_QUANTITY");
    }
    if (number(with, "price", null).signum() <= 0) {
      throw new Engine.Refused("INVALID_PRICE");
    }
    refusePositionSide(with);
    for (String feature : List.of("isolated_margin", "reduce_only")) {
      if (with.containsKey(feature)) {
        throw new Unsupported("trade with " + feature);
      }
    }
    if (!isolated.contains(contract.symbol())) {
      throw new Unsupported("cross");
    }
  }

  private static void refusePositionSide(Map<String, Object> with) throws Engine.Refused {
    if (with.containsKey("position_side")) {
      throw new Engine.Refused("INVALID_POSITION_SIDE");
    }
  }

  /** Moves the market; index and last prices act on nothing here. */
  private void setMarkPrice(Engine.Contract contract, Map<String, Object> with)
      throws Engine.Refused {
    for (String name : List.of("price", "index_price", "last_price")) {
      if (number(with, name, "1").signum() <= 0) {
        throw new Engine.Refused("INVALID_PRICE");
      }
    }
    account.setMarkPrice(contract, number(with, "price", null));
  }

  /** Returns balances and positions after the latest action. */
  private Map<String, Object> state() {
    Map<String, Object> balances = new LinkedHashMap<>();
    account.free.forEach(
        (asset, free) ->
            balances.put(
                asset,
                Map.of(
                    "wallet_balance", written(account.walletBalance(asset)),
                    "free_balance", written(free),
                    "available_balance", written(free))));
    List<Object> positions = new ArrayList<>();
    account.positions.values().forEach(position -> positions.add(told(position)));
    return Map.of("balances", balances, "positions", positions);
  }

  private Map<String, Object> told(Engine.Position position) {
    BigDecimal markPrice = account.marks.get(position.contract().symbol());
    Map<String, Object> told = figures(position, markPrice);
    told.put("instrument", position.contract().symbol());
    told.put("side", position.side().name().toLowerCase());
    told.put("margin_mode", "isolated");
    told.put("quantity", written(position.quantity()));
    told.put("entry_price", written(position.entryPrice()));
    told.put("leverage", written(position.leverage()));
    told.put("mark_price", written(markPrice));
    told.put("isolated_margin", written(position.isolatedMargin()));
    return told;
  }

  private static Map<String, Object> liquidation(Engine.Position position) {
    return Map.of(
        "event", "liquidation",
        "instrument", position.contract().symbol(),
        "side", position.side().name().toLowerCase());
  }

  /** Returns what the engine says of a position, under isomargin's names. */
  private static Map<String, Object> figures(Engine.Position position, BigDecimal markPrice) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("initial_margin", written(position.initialMargin()));
    figures.put("maximum_loss", written(position.maximumLoss()));
    figures.put("maintenance_margin", written(position.maintenanceMargin(markPrice)));
    figures.put("unrealised_pnl", written(position.unrealisedPnl(markPrice)));
    figures.put("position_equity", written(position.equity(markPrice)));
    figures.put("liquidation_price", written(position.liquidationPrice()));
    figures.put("bankruptcy_price", written(position.bankruptcyPrice()));
    return figures;
  }

  /** Returns an instrument as the engine names it, or says what it cannot be. */
  private static Engine.Contract contract(Map<String, Object> instrument) throws Unsupported {
    if (!instrument.get("contract").equals("linear")) {
      throw new Unsupported((String) instrument.get("contract"));
    }
    List<Object> tiers = list(instrument.get("tiers"));
    Map<String, Object> tier = object(tiers.get(0));
    if (tiers.size() > 1 || number(tier, "maintenance_amount", "0").signum() != 0) {
      throw new Unsupported("tiers");
    }
    Map<String, Object> fees = object(instrument.getOrDefault("fees", Map.of()));
    return new Engine.Contract(
        (String) instrument.get("symbol"),
        (String) instrument.get("settle"),
        number(instrument, "contract_size", "1"),
        number(instrument, "quantity_step", null),
        number(tier, "maintenance_margin_rate", null),
        number(tier, "max_leverage", null),
        Map.of(
            Engine.Liquidity.MAKER, number(fees, "maker", "0"),
            Engine.Liquidity.TAKER, number(fees, "taker", "0")));
  }

  /** Returns a number of a message, or what is usual where it is absent. */
  private static BigDecimal number(Map<String, Object> parts, String name, String usual) {
    Object text = parts.get(name);
    String given = text == null ? usual : (String) text;
    return given == null ? null : new BigDecimal(given);
  }

  /** Returns a figure as a decimal string without an exponent; null says there is none. */
  private static String written(BigDecimal value) {
    if (value == null) {
      return null;
    }
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  @SuppressWarnings("unchecked") // JSON says what it holds only when it is read
  static Map<String, Object> object(Object part) {
    return (Map<String, Object>) part;
  }

  @SuppressWarnings("unchecked") // as above
  private static List<Object> list(Object part) {
    return (List<Object>) part;
  }
}
