//! An account for engines in which every instrument is a market of its own.

use crate::gaps::{follows, isolated, supported, text, unrounded, Done, Undone};
use crate::settings::Settings;
use crate::Account;
use serde_json::{json, Value};

/// What a profile chooses must be what the engine has chosen: parameters, each with the
/// engine's choice.
pub type Choices = &'static [(&'static str, &'static str)];

/// One instrument of an engine with isolated margin, and the one position in it.
pub trait Market: Sized {
    /// What the engine has chosen, for a question and for a scenario.
    const CHOICES: Choices;
    /// What it has chosen that only decides in the course of a scenario.
    const COURSE: Choices;

    /// A market without a position.
    fn of(instrument: &Value) -> Done<Self>;

    /// The side of the position, where one is open.
    fn side(&mut self) -> Option<&'static str>;

    /// Open, increase, reduce or close at a price.
    fn trade(&mut self, trade: &Trade) -> Done;

    /// Put margin into the position, or take it out.
    fn move_margin(&mut self, amount: &str, is_added: bool) -> Done {
        let _ = amount;
        Err(Undone::Unsupported(["remove_margin", "add_margin"][usize::from(is_added)].into()))
    }

    /// Say what the market is worth now.
    fn set_mark_price(&mut self, price: &str) -> Done;

    /// Liquidate the position where it is due, and say whether it was.
    fn liquidate(&mut self) -> Done<bool>;

    /// What the engine says of the open position.
    fn figures(&mut self) -> Done<Value>;
}

/// A trade, as the wire has it, at the leverage that is set.
pub struct Trade<'a> {
    pub is_buy: bool,
    pub quantity: &'a str,
    pub price: &'a str,
    pub isolated_margin: Option<&'a str>,
    pub leverage: String,
}

/// The figures of a position that is opened as the question has it, in an empty market.
pub fn quote_by_opening<M: Market>(message: &Value) -> Done<Value> {
    follows(message, M::CHOICES)?;
    unrounded(message)?;
    let position = &message["position"];
    isolated(position)?;
    let mut market = M::of(&message["instrument"])?;
    market.trade(&Trade {
        is_buy: position["side"] == "long",
        quantity: text(position, "quantity")?,
        price: text(position, "entry_price")?,
        isolated_margin: position["isolated_margin"].as_str(),
        leverage: text(position, "leverage")?.into(),
    })?;
    market.set_mark_price(text(position, "mark_price")?)?;
    market.figures()
}

/// The markets of a scenario. There is no wallet beside them.
pub struct Markets<M> {
    markets: Vec<(String, M)>,
    settings: Settings,
}

impl<M: Market> Account for Markets<M> {
    fn open(run: &Value) -> Done<Self> {
        follows(run, M::CHOICES)?;
        follows(run, M::COURSE)?;
        unrounded(run)?;
        let instruments = run["instruments"].as_array().into_iter().flatten();
        let markets = instruments.map(|one| Ok((text(one, "symbol")?.into(), M::of(one)?)));
        Ok(Self { markets: markets.collect::<Done<_>>()?, settings: Settings::of(run)? })
    }

    fn act(&mut self, action: &str, with: &Value) -> Done {
        supported(with.get("position_side").is_none(), "hedge")?;
        let found = self.markets.iter_mut().find(|(symbol, _)| with["instrument"] == *symbol);
        let (_, market) = found.ok_or_else(|| Undone::Unsupported("UNKNOWN_INSTRUMENT".into()))?;
        if self.settings.take(action, with, market.side().is_some())? {
            return Ok(());
        }
        match action {
            "trade" => market.trade(&trade(with, self.settings.leverage(with)?)?),
            "add_margin" => market.move_margin(text(with, "amount")?, true),
            "remove_margin" => market.move_margin(text(with, "amount")?, false),
            "set_mark_price" => market.set_mark_price(text(with, "price")?),
            other => Err(Undone::Unsupported(other.into())),
        }
    }

    fn events(&mut self) -> Done<Vec<Value>> {
        let mut events = Vec::new();
        for (symbol, market) in &mut self.markets {
            let side = market.side();
            if side.is_some() && market.liquidate()? {
                events.push(json!({"event": "liquidation", "instrument": symbol, "side": side}));
            }
        }
        Ok(events)
    }

    fn state(&mut self) -> Done<Value> {
        let mut positions = Vec::new();
        for (symbol, market) in &mut self.markets {
            if let Some(side) = market.side() {
                let mut figures = market.figures()?;
                figures["instrument"] = symbol.as_str().into();
                figures["side"] = side.into();
                figures["margin_mode"] = "isolated".into();
                positions.push(figures);
            }
        }
        Ok(json!({"positions": positions}))
    }
}

fn trade(with: &Value, leverage: String) -> Done<Trade<'_>> {
    supported(with.get("reduce_only").is_none(), "reduce_only")?;
    let liquidity = with["liquidity"].as_str().unwrap_or("taker");
    supported(liquidity == "taker", liquidity)?;
    Ok(Trade {
        is_buy: with["side"] == "buy",
        quantity: text(with, "quantity")?,
        price: text(with, "price")?,
        isolated_margin: with["isolated_margin"].as_str(),
        leverage,
    })
}
