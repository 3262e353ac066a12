//! bot-engine behind protocol 1: the margin ledger, asked as its paper exchange asks it.

use bot_core::{InstrumentId, OrderSide};
use bot_engine::simulation::{IsolatedPosition, MarginLedger};
use isomargin_adapter::{
    follows, follows_plainly, free_of_fees, instruments, isolated, json, liquidation, one_way,
    position, price, refusal, serve, side, sole_asset, state, supported, text, unlimited_tier,
    Account, Choices, Done, Settings, Undone, Value,
};
use rust_decimal::Decimal;
use std::collections::HashMap;

// The choices that the engine has made; any other is a gap.
const CHOICES: Choices = &[
    ("initial_margin_price", "entry"),
    ("initial_margin_closing_fee", "none"),
    ("maintenance_margin_price", "mark"),
    ("maintenance_fee", "none"),
    ("maintenance_funding", "none"),
    ("added_margin_fee_scaling", "no"),
];
const COURSE: Choices = &[
    ("trigger_price", "mark"),
    ("trigger_comparison", "at_or_below"),
    ("reduce_release", "proportional"),
];
// What only decides when a position is liquidated, or its leverage changed.
const LIQUIDATION: Choices = &[("liquidation_process", "full"), ("liquidation_leftover", "trader")];
const LEVERAGE: Choices = &[
    ("leverage_decrease_with_position", "keeps_margin"),
    ("leverage_increase_with_position", "keeps_margin"),
];

fn main() -> std::io::Result<()> {
    let introduction = json!({
        "subject": {"name": "bot-engine", "version": "0.1.0", "language": "rust"},
        "quantities": [
            "quantity", "entry_price", "leverage", "isolated_margin", "unrealised_pnl",
            "liquidation_price", "wallet_balance", "free_balance", "available_balance",
        ],
    });
    serve::<Ledger>(&introduction)
}

struct Ledger {
    ledger: MarginLedger,
    settings: Settings,
    asset: String,
    marks: HashMap<InstrumentId, Decimal>,
    /// The greatest leverage, which is the engine's way to say a maintenance margin rate.
    limits: Vec<(String, InstrumentId, Decimal)>,
    run: Value,
}

impl Account for Ledger {
    fn open(run: &Value) -> Done<Self> {
        follows_plainly(run, CHOICES)?;
        follows(run, COURSE)?;
        let (asset, balance) = sole_asset(run)?;
        Self::with(run, asset, balance, instruments(run))
    }

    /// The figures of a position that is opened at its entry price, then given its margin.
    fn quote(message: &Value) -> Done<Value> {
        follows_plainly(message, CHOICES)?;
        let (asked, instrument) = (&message["position"], &message["instrument"]);
        isolated(asked)?;
        let mut opened = Self::with(message, "USD", "0", &[instrument.clone()])?;
        let symbol = text(instrument, "symbol")?;
        let (id, price) = (named(symbol), decimal(asked, "entry_price")?);
        opened.set_leverage(&id, decimal(asked, "leverage")?);
        let (side, quantity) = (towards(asked["side"] == "long"), decimal(asked, "quantity")?);
        opened.ledger.apply_perp_fill(&id, side, price, quantity, Decimal::ZERO);
        let held = opened.ledger.position_mut(&id).expect("it has just been filled");
        if asked.get("isolated_margin").is_some() {
            held.isolated_margin_reserved = decimal(asked, "isolated_margin")?;
        } else if asked.get("added_margin").is_some() {
            held.isolated_margin_reserved += decimal(asked, "added_margin")?;
        }
        Ok(figures(symbol, held, decimal(asked, "mark_price")?))
    }

    fn act(&mut self, action: &str, with: &Value) -> Done {
        one_way(with)?;
        let id = named(text(with, "instrument")?);
        let is_held = !self.ledger.position_qty(&id).is_zero();
        match action {
            "set_leverage" => {
                follows(&self.run, if is_held { LEVERAGE } else { &[] })?;
                self.set_leverage(&id, decimal(with, "leverage")?);
            }
            "trade" => self.trade(&id, with)?,
            "set_mark_price" => drop(self.marks.insert(id, exact(price(with)?)?)),
            _ => supported(self.settings.take(action, with, is_held)?, action)?,
        }
        Ok(())
    }

    fn events(&mut self) -> Done<Vec<Value>> {
        let mut events = Vec::new();
        let due = self.ledger.check_liquidations(&self.marks);
        for (symbol, id, _) in self.limits.iter().filter(|(_, id, _)| due.contains(id)) {
            follows(&self.run, LIQUIDATION)?;
            events.push(liquidation(symbol, side(self.ledger.position_qty(id).is_sign_positive())));
            self.ledger.liquidate(id, self.marks[id]);
        }
        Ok(events)
    }

    fn state(&mut self) -> Done<Value> {
        let free = written(self.ledger.free_usdc());
        // Equity without prices: what is free and what is reserved.
        let wallet = written(self.ledger.equity(&HashMap::new()));
        let positions = self.limits.iter().filter_map(|(symbol, id, _)| {
            let held = self.ledger.position(id).filter(|held| !held.qty.is_zero())?;
            Some(figures(symbol, held, self.marks[id]))
        });
        Ok(state(&self.asset, [wallet, free.clone(), free], positions.collect()))
    }
}

impl Ledger {
    fn with(run: &Value, asset: &str, balance: &str, instruments: &[Value]) -> Done<Self> {
        let known = instruments.iter().map(|one| {
            free_of_fees(one)?;
            let rate = decimal(unlimited_tier(one)?, "maintenance_margin_rate")?;
            let limit = Decimal::ONE.checked_div(rate).unwrap_or(Decimal::ZERO);
            let symbol = text(one, "symbol")?;
            Ok((symbol.into(), named(symbol), limit))
        });
        let mut opened = Self {
            ledger: MarginLedger::new(exact(balance)?, Decimal::ZERO),
            settings: Settings::of(run)?,
            asset: asset.into(),
            marks: HashMap::new(),
            limits: known.collect::<Done<_>>()?,
            run: run.clone(),
        };
        for (_, id, _) in opened.limits.clone() {
            opened.set_leverage(&id, Decimal::ONE);
        }
        Ok(opened)
    }

    fn set_leverage(&mut self, id: &InstrumentId, leverage: Decimal) {
        for (_, _, limit) in self.limits.iter().filter(|(_, known, _)| known == id) {
            self.ledger.set_leverage(id, leverage, *limit);
        }
    }

    fn trade(&mut self, id: &InstrumentId, with: &Value) -> Done {
        self.settings.leverage(with)?; // says that it is isolated, and known
        supported(with.get("isolated_margin").is_none(), "isolated_margin")?;
        let (quantity, price) = (decimal(with, "quantity")?, decimal(with, "price")?);
        let (side, reduces) = (towards(with["side"] == "buy"), with["reduce_only"] == true);
        self.ledger
            .check_margin_for_perp_order(id, side, price, quantity, reduces)
            .map_err(|said| refusal(said, &[("Insufficient margin", "INSUFFICIENT_BALANCE")]))?;
        self.ledger.apply_perp_fill(id, side, price, quantity, Decimal::ZERO);
        self.marks.entry(id.clone()).or_insert(price);
        Ok(())
    }
}

fn figures(symbol: &str, held: &IsolatedPosition, mark: Decimal) -> Value {
    let figures = json!({
        "quantity": written(held.qty.abs()),
        "entry_price": written(held.avg_entry_px),
        "leverage": written(held.leverage),
        "isolated_margin": written(held.isolated_margin_reserved),
        "unrealised_pnl": written(held.unrealized_pnl(mark)),
        "liquidation_price": held.liquidation_price().map(written),
    });
    position(symbol, side(held.qty.is_sign_positive()), figures)
}

fn towards(is_long: bool) -> OrderSide {
    [OrderSide::Sell, OrderSide::Buy][usize::from(is_long)]
}

/// The engine tells a perpetual by the end of its name.
fn named(symbol: &str) -> InstrumentId {
    InstrumentId::new(format!("{symbol}-PERP"))
}

fn decimal(given: &Value, name: &str) -> Done<Decimal> {
    exact(text(given, name)?)
}

fn exact(text: &str) -> Done<Decimal> {
    Decimal::from_str_exact(text).map_err(|_| Undone::Unsupported("decimals".into()))
}

fn written(value: Decimal) -> String {
    value.normalize().to_string()
}
