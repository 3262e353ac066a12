//! The margin ledger of the crate's paper exchange, asked as the exchange asks it.

use bot_core::{InstrumentId, OrderSide};
use bot_engine::simulation::{IsolatedPosition, MarginLedger};
use isomargin_adapter::{
    follows, isolated, json, plain_tier, supported, text, unrounded, Account, Choices, Done,
    Settings, Undone, Value,
};
use rust_decimal::Decimal;
use std::collections::HashMap;

// The choices that the engine has made; any other is a gap.
const CHOICES: Choices = &[
    ("initial_margin_price", "entry"),
    ("initial_margin_closing_fee", "none"),
    ("maintenance_margin_price", "mark"),
    ("maintenance_fee", "none"),
    ("maintenance_rate_form", "rate"),
    ("maintenance_funding", "none"),
    ("unrealised_pnl_price", "entry"),
    ("contract_value_rounding", "none"),
    ("added_margin_fee_scaling", "no"),
    ("liquidation_price_form", "solved"),
    ("liquidation_price_shift", "none"),
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

/// The figures of a position that is opened at its entry price, then given its margin.
pub fn quote(message: &Value) -> Done<Value> {
    follows(message, CHOICES)?;
    unrounded(message)?;
    let (asked, instrument) = (&message["position"], &message["instrument"]);
    isolated(asked)?;
    let mut ledger = Ledger::with(message, "USD", "0", &[instrument])?;
    let price = decimal(asked, "entry_price")?;
    let id = named(text(instrument, "symbol")?);
    ledger.set_leverage(&id, decimal(asked, "leverage")?);
    let (side, quantity) = (side_of(asked["side"] == "long"), decimal(asked, "quantity")?);
    ledger.ledger.apply_perp_fill(&id, side, price, quantity, Decimal::ZERO);
    let held = ledger.ledger.position_mut(&id).expect("it has just been filled");
    if asked.get("isolated_margin").is_some() {
        held.isolated_margin_reserved = decimal(asked, "isolated_margin")?;
    } else if asked.get("added_margin").is_some() {
        held.isolated_margin_reserved += decimal(asked, "added_margin")?;
    }
    Ok(figures(&id, held, decimal(asked, "mark_price")?))
}

pub struct Ledger {
    ledger: MarginLedger,
    settings: Settings,
    asset: String,
    marks: HashMap<InstrumentId, Decimal>,
    /// The greatest leverage, which is the engine's way to say a maintenance margin rate.
    limits: Vec<(InstrumentId, Decimal)>,
    run: Value,
}

impl Account for Ledger {
    fn open(run: &Value) -> Done<Self> {
        follows(run, CHOICES)?;
        follows(run, COURSE)?;
        unrounded(run)?;
        let balances = run["balances"].as_object().into_iter().flatten().collect::<Vec<_>>();
        let instruments = run["instruments"].as_array().into_iter().flatten().collect::<Vec<_>>();
        let [(asset, balance)] = balances[..] else {
            return Err(Undone::Unsupported("assets".into()));
        };
        supported(instruments.iter().all(|one| one["settle"] == **asset), "assets")?;
        Self::with(run, asset, balance.as_str().unwrap_or("0"), &instruments)
    }

    fn act(&mut self, action: &str, with: &Value) -> Done {
        supported(with.get("position_side").is_none(), "hedge")?;
        let id = named(text(with, "instrument")?);
        let is_held = !self.ledger.position_qty(&id).is_zero();
        match action {
            "set_leverage" => {
                follows(&self.run, if is_held { LEVERAGE } else { &[] })?;
                self.set_leverage(&id, decimal(with, "leverage")?);
                Ok(())
            }
            "trade" => self.trade(&id, with),
            "set_mark_price" => {
                let price = decimal(with, "price")?;
                supported(price > Decimal::ZERO, "INVALID_PRICE")?; // no call is given one
                self.marks.insert(id, price);
                Ok(())
            }
            _ => supported(self.settings.take(action, with, is_held)?, action),
        }
    }

    fn events(&mut self) -> Done<Vec<Value>> {
        let mut events = Vec::new();
        for id in self.ledger.check_liquidations(&self.marks) {
            follows(&self.run, LIQUIDATION)?;
            let held = self.ledger.position(&id).expect("what is to be liquidated is held");
            let mut event = figures(&id, held, self.marks[&id]);
            event["event"] = "liquidation".into();
            events.push(event);
            self.ledger.liquidate(&id, self.marks[&id]);
        }
        Ok(events)
    }

    fn state(&mut self) -> Done<Value> {
        let free = written(self.ledger.free_usdc());
        // Equity without prices: what is free and what is reserved.
        let wallet = written(self.ledger.equity(&HashMap::new()));
        let balance = json!({
            "wallet_balance": wallet, "free_balance": free, "available_balance": free,
        });
        let positions = self.limits.iter().filter_map(|(id, _)| {
            let held = self.ledger.position(id).filter(|held| !held.qty.is_zero())?;
            Some(figures(id, held, self.marks[id]))
        });
        Ok(json!({"balances": {&self.asset: balance}, "positions": positions.collect::<Vec<_>>()}))
    }
}

impl Ledger {
    fn with(run: &Value, asset: &str, balance: &str, instruments: &[&Value]) -> Done<Self> {
        let known = instruments.iter().map(|one| {
            let tier = plain_tier(one)?;
            let rate = decimal(tier, "maintenance_margin_rate")?;
            let limit = Decimal::ONE.checked_div(rate).unwrap_or(Decimal::ZERO);
            supported(tier.get("max_leverage").is_none(), "max_leverage")?;
            let mut fees = one["fees"].as_object().into_iter().flatten();
            supported(fees.all(|(_, rate)| rate == "0"), "fees")?;
            Ok((named(text(one, "symbol")?), limit))
        });
        let mut opened = Self {
            ledger: MarginLedger::new(exact(balance)?, Decimal::ZERO),
            settings: Settings::of(run)?,
            asset: asset.into(),
            marks: HashMap::new(),
            limits: known.collect::<Done<_>>()?,
            run: run.clone(),
        };
        for (id, _) in opened.limits.clone() {
            opened.set_leverage(&id, Decimal::ONE);
        }
        Ok(opened)
    }

    fn set_leverage(&mut self, id: &InstrumentId, leverage: Decimal) {
        for (_, limit) in self.limits.iter().filter(|(known, _)| known == id) {
            self.ledger.set_leverage(id, leverage, *limit);
        }
    }

    fn trade(&mut self, id: &InstrumentId, with: &Value) -> Done {
        self.settings.leverage(with)?; // says that it is isolated, and known
        supported(with.get("isolated_margin").is_none(), "isolated_margin")?;
        let (quantity, price) = (decimal(with, "quantity")?, decimal(with, "price")?);
        let (side, reduces) = (side_of(with["side"] == "buy"), with["reduce_only"] == true);
        self.ledger
            .check_margin_for_perp_order(id, side, price, quantity, reduces)
            .map_err(|_| Undone::Rejected("INSUFFICIENT_BALANCE".into()))?;
        self.ledger.apply_perp_fill(id, side, price, quantity, Decimal::ZERO);
        self.marks.entry(id.clone()).or_insert(price);
        Ok(())
    }
}

fn figures(id: &InstrumentId, held: &IsolatedPosition, mark: Decimal) -> Value {
    json!({
        "instrument": id.as_str().trim_end_matches(PERPETUAL),
        "side": if held.qty.is_sign_positive() { "long" } else { "short" },
        "margin_mode": "isolated",
        "quantity": written(held.qty.abs()),
        "entry_price": written(held.avg_entry_px),
        "leverage": written(held.leverage),
        "isolated_margin": written(held.isolated_margin_reserved),
        "unrealised_pnl": written(held.unrealized_pnl(mark)),
        "liquidation_price": held.liquidation_price().map(written),
    })
}

fn side_of(is_buy: bool) -> OrderSide {
    [OrderSide::Sell, OrderSide::Buy][usize::from(is_buy)]
}

/// The engine tells a perpetual by the end of its name.
const PERPETUAL: &str = "-PERP";

fn named(symbol: &str) -> InstrumentId {
    InstrumentId::new(format!("{symbol}{PERPETUAL}"))
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
