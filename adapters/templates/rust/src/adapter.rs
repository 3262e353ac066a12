//! The adapter: it puts what isomargin asks to an engine and says what came of it.
//! Replace the toy engine by yours here. An adapter translates names and units; it
//! computes no margin, and what the engine does not have it answers as unsupported.

use crate::engine::{Account, Contract, Liquidity, Position, Refused, Side};
use crate::json::{object, Json};
use crate::number::Number;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A feature that the engine does not have: a declared gap.
pub struct Unsupported(pub String);

/// Why an action was not done: the engine refused it, or has no such feature.
enum Undone {
    Rejected(&'static str),
    Unsupported(String),
}

impl From<Refused> for Undone {
    /// Map your engine's own refusals to isomargin's reasons here.
    fn from(Refused(reason): Refused) -> Undone {
        Undone::Rejected(reason)
    }
}

/// The introduction of the engine: only what is named here is asked of it.
pub fn ready() -> Json {
    object([
        ("t", "ready".into()),
        ("protocol", Json::Number("1".into())),
        (
            "subject",
            object([
                ("name", "toy".into()),
                ("version", "1.0.0".into()),
                ("language", "rust".into()),
            ]),
        ),
        ("operations", vec!["quote", "run"].into()),
        ("profiles", vec!["textbook/linear"].into()),
        ("contracts", vec!["linear"].into()),
        (
            "actions",
            vec![
                "set_margin_mode",
                "set_leverage",
                "trade",
                "add_margin",
                "set_mark_price",
            ]
            .into(),
        ),
        (
            "quantities",
            vec![
                "initial_margin",
                "maximum_loss",
                "maintenance_margin",
                "unrealised_pnl",
                "position_equity",
                "liquidation_price",
                "bankruptcy_price",
            ]
            .into(),
        ),
        ("arithmetic", "decimal".into()),
        ("window", Json::Number("32".into())),
    ])
}

fn number(part: &Json) -> Option<Number> {
    part.text().map(Number::read)
}

fn required(parts: &Json, name: &str) -> Number {
    number(parts.get(name)).unwrap_or_else(|| panic!("{name} is missing"))
}

fn word(parts: &Json, name: &str) -> String {
    parts.get(name).text().unwrap_or_default().to_string()
}

/// An instrument as the engine names it, or what it cannot be.
fn contract(instrument: &Json) -> Result<Rc<Contract>, Unsupported> {
    let (kind, tiers) = (word(instrument, "contract"), instrument.get("tiers").list());
    if kind != "linear" {
        return Err(Unsupported(kind));
    }
    let amount = number(tiers[0].get("maintenance_amount")).unwrap_or(Number::ZERO);
    if tiers.len() > 1 || amount != Number::ZERO {
        return Err(Unsupported("tiers".into()));
    }
    let fee = |name| number(instrument.get("fees").get(name)).unwrap_or(Number::ZERO);
    Ok(Rc::new(Contract {
        symbol: word(instrument, "symbol"),
        settle: word(instrument, "settle"),
        size: number(instrument.get("contract_size")).unwrap_or(Number::ONE),
        quantity_step: number(instrument.get("quantity_step")),
        maintenance_margin_rate: required(&tiers[0], "maintenance_margin_rate"),
        max_leverage: number(tiers[0].get("max_leverage")),
        maker_fee_rate: fee("maker"),
        taker_fee_rate: fee("taker"),
    }))
}

/// What the engine says of a position, under isomargin's names; none says that
/// there is no such figure.
fn figures(position: &Position, mark_price: Number) -> [(&'static str, Option<Number>); 7] {
    [
        ("initial_margin", Some(position.initial_margin())),
        ("maximum_loss", Some(position.maximum_loss())),
        (
            "maintenance_margin",
            Some(position.maintenance_margin(mark_price)),
        ),
        ("unrealised_pnl", Some(position.unrealised_pnl(mark_price))),
        ("position_equity", Some(position.equity(mark_price))),
        ("liquidation_price", position.liquidation_price()),
        ("bankruptcy_price", position.bankruptcy_price()),
    ]
}

fn figure(value: Option<Number>) -> Json {
    value.map_or(Json::Null, |value| value.to_string().into())
}

/// Answer one position with the quantities asked for.
pub fn quote(message: &Json) -> Result<Json, Unsupported> {
    let asked = message.get("position");
    if word(asked, "margin_mode") == "cross" {
        return Err(Unsupported("cross".into()));
    }
    let mut position = Position {
        contract: contract(message.get("instrument"))?,
        side: if word(asked, "side") == "long" {
            Side::Long
        } else {
            Side::Short
        },
        quantity: required(asked, "quantity"),
        entry_price: required(asked, "entry_price"),
        leverage: required(asked, "leverage"),
        isolated_margin: Number::ZERO,
    };
    // What is given is the whole margin, or what lies above the initial margin.
    let added = number(asked.get("added_margin")).unwrap_or(Number::ZERO);
    let usual = position.initial_margin() + added;
    position.isolated_margin = number(asked.get("isolated_margin")).unwrap_or(usual);
    let known = figures(&position, required(asked, "mark_price"));
    let wanted = message.get("want").list();
    let is_wanted = |name: &str| wanted.iter().any(|want| want.text() == Some(name));
    let values = known.iter().filter(|(name, _)| is_wanted(name));
    Ok(Json::Object(
        values
            .map(|(name, value)| (name.to_string(), figure(*value)))
            .collect(),
    ))
}

/// Take the steps of a scenario in turn and tell the state after each.
pub fn run(message: &Json) -> Result<Json, Unsupported> {
    let instruments = message.get("instruments").list();
    let contracts = instruments
        .iter()
        .map(contract)
        .collect::<Result<Vec<_>, _>>()?;
    let balances = message.get("balances").members();
    let free = balances
        .iter()
        .filter_map(|(asset, amount)| Some((asset.clone(), number(amount)?)));
    let mut scenario = Scenario {
        account: Account::new(contracts, free.collect()),
        isolated: BTreeSet::new(),
    };
    let steps = message.get("steps").list().iter();
    Ok(Json::List(
        steps
            .map(|step| scenario.step(step))
            .collect::<Result<_, _>>()?,
    ))
}

/// One run: an account, and what the adapter must remember of it.
struct Scenario {
    account: Account,
    isolated: BTreeSet<String>,
}

impl Scenario {
    fn step(&mut self, step: &Json) -> Result<Json, Unsupported> {
        let mut told = match self.act(&word(step, "do"), step.get("with")) {
            Ok(()) => vec![("outcome".to_string(), "accepted".into())],
            Err(Undone::Rejected(reason)) => vec![
                ("outcome".to_string(), "rejected".into()),
                ("reason".to_string(), reason.into()),
            ],
            Err(Undone::Unsupported(feature)) => return Err(Unsupported(feature)),
        };
        let fallen = self.account.liquidate();
        let events: Vec<Json> = fallen.iter().map(liquidation).collect();
        told.push(("events".to_string(), events.into()));
        told.push(("state".to_string(), self.state()));
        Ok(Json::Object(told))
    }

    fn act(&mut self, action: &str, with: &Json) -> Result<(), Undone> {
        let symbol = word(with, "instrument");
        let known = self
            .account
            .contracts
            .iter()
            .find(|one| one.symbol == symbol);
        let contract = Rc::clone(known.ok_or(Undone::Rejected("UNKNOWN_INSTRUMENT"))?);
        match action {
            "set_margin_mode" => self.set_margin_mode(&symbol, &word(with, "margin_mode")),
            "set_leverage" if self.account.positions.contains_key(&symbol) => {
                Err(Undone::Unsupported("set_leverage with a position".into()))
            }
            "set_leverage" => Ok(self
                .account
                .set_leverage(&contract, required(with, "leverage"))?),
            "trade" => self.trade(&contract, with),
            "add_margin" if *with.get("position_side") != Json::Null => {
                Err(Undone::Rejected("INVALID_POSITION_SIDE"))
            }
            "add_margin" => Ok(self
                .account
                .add_margin(&contract, required(with, "amount"))?),
            "set_mark_price" => self.set_mark_price(&contract, with),
            _ => Err(Undone::Unsupported(action.into())),
        }
    }

    fn set_margin_mode(&mut self, symbol: &str, mode: &str) -> Result<(), Undone> {
        if self.account.positions.contains_key(symbol) {
            return Err(Undone::Rejected("MARGIN_MODE_LOCKED"));
        }
        if mode != "isolated" {
            return Err(Undone::Unsupported(mode.into()));
        }
        self.isolated.insert(symbol.into());
        Ok(())
    }

    fn trade(&mut self, contract: &Rc<Contract>, with: &Json) -> Result<(), Undone> {
        self.check_trade(contract, with)?;
        let side = if word(with, "side") == "buy" {
            Side::Long
        } else {
            Side::Short
        };
        let (quantity, price) = (required(with, "quantity"), required(with, "price"));
        let liquidity = match word(with, "liquidity").as_str() {
            "maker" => Liquidity::Maker,
            _ => Liquidity::Taker,
        };
        let held = self.account.positions.get(&contract.symbol);
        match held {
            Some(held) if held.side != side && quantity > held.quantity => {
                return Err(Undone::Unsupported("flip".into()));
            }
            Some(held) if held.side != side => {
                self.account.close(contract, quantity, price, liquidity)?;
            }
            _ => self
                .account
                .open(contract, side, quantity, price, liquidity)?,
        }
        Ok(())
    }

    fn check_trade(&self, contract: &Contract, with: &Json) -> Result<(), Undone> {
        let quantity = required(with, "quantity");
        let fits = contract
            .quantity_step
            .is_none_or(|step| (quantity / step).is_whole());
        if !quantity.is_positive() || !fits {
            return Err(Undone::Rejected("INVALID_QUANTITY"));
        }
        if !required(with, "price").is_positive() {
            return Err(Undone::Rejected("INVALID_PRICE"));
        }
        if *with.get("position_side") != Json::Null {
            return Err(Undone::Rejected("INVALID_POSITION_SIDE"));
        }
        for feature in ["isolated_margin", "reduce_only"] {
            if *with.get(feature) != Json::Null {
                return Err(Undone::Unsupported(format!("trade with {feature}")));
            }
        }
        if !self.isolated.contains(&contract.symbol) {
            return Err(Undone::Unsupported("cross".into()));
        }
        Ok(())
    }

    /// Move the market; index and last prices act on nothing here.
    fn set_mark_price(&mut self, contract: &Contract, with: &Json) -> Result<(), Undone> {
        let prices = ["price", "index_price", "last_price"];
        let mut given = prices.iter().filter_map(|name| number(with.get(name)));
        if given.any(|price| !price.is_positive()) {
            return Err(Undone::Rejected("INVALID_PRICE"));
        }
        Ok(self
            .account
            .set_mark_price(contract, required(with, "price"))?)
    }

    /// Balances and positions after the latest action.
    fn state(&self) -> Json {
        let balances = self.account.free.iter().map(|(asset, free)| {
            let wallet = self.account.wallet_balance(asset);
            let told = object([
                ("wallet_balance", wallet.to_string().into()),
                ("free_balance", free.to_string().into()),
                ("available_balance", free.to_string().into()),
            ]);
            (asset.clone(), told)
        });
        let positions = self.account.positions.values();
        let positions: Vec<Json> = positions.map(|position| self.position(position)).collect();
        object([
            ("balances", Json::Object(balances.collect())),
            ("positions", positions.into()),
        ])
    }

    fn position(&self, position: &Position) -> Json {
        let mark_price = self.account.marks[&position.contract.symbol];
        let own = [
            ("quantity", position.quantity),
            ("entry_price", position.entry_price),
            ("leverage", position.leverage),
            ("mark_price", mark_price),
            ("isolated_margin", position.isolated_margin),
        ];
        let mut told = vec![
            (
                "instrument".to_string(),
                position.contract.symbol.as_str().into(),
            ),
            ("side".to_string(), side(position).into()),
            ("margin_mode".to_string(), "isolated".into()),
        ];
        told.extend(own.map(|(name, value)| (name.to_string(), value.to_string().into())));
        let figures = figures(position, mark_price);
        told.extend(figures.map(|(name, value)| (name.to_string(), figure(value))));
        Json::Object(told)
    }
}

fn liquidation(position: &Position) -> Json {
    object([
        ("event", "liquidation".into()),
        ("instrument", position.contract.symbol.as_str().into()),
        ("side", side(position).into()),
    ])
}

fn side(position: &Position) -> &'static str {
    match position.side {
        Side::Long => "long",
        Side::Short => "short",
    }
}
