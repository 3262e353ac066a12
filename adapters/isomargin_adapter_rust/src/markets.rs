//! An account for engines in which every instrument is a market of its own.

use crate::gaps::{
    follows, follows_plainly, instruments, isolated, one_way, text, Choices, Done, Undone,
};
use crate::settings::Settings;
use crate::terms::{liquidation, position, Trade};
use crate::Account;
use serde_json::{json, Value};

/// One instrument of an engine with isolated margin, and the one position in it. What it
/// has refused has not happened: it is put back as it was.
pub trait Market: Clone {
    /// What the engine has chosen beside the plain choices, for a question and for a
    /// scenario.
    const CHOICES: Choices;
    /// What it has chosen that only decides in the course of a scenario.
    const COURSE: Choices;

    /// A market without a position.
    fn of(instrument: &Value) -> Done<Self>;

    /// The side of the position, where one is open.
    fn side(&mut self) -> Option<&'static str>;

    /// Open, increase, reduce or close at a price.
    fn trade(&mut self, trade: &Trade) -> Done;

    /// Put margin into the position, or take it out, at a mark price.
    fn move_margin(&mut self, amount: &str, is_added: bool, mark: &str) -> Done {
        let _ = (amount, mark);
        Err(Undone::Unsupported(["remove_margin", "add_margin"][usize::from(is_added)].into()))
    }

    /// Liquidate the position where it is due at a mark price, and say whether it was.
    fn liquidate(&mut self, mark: &str) -> Done<bool>;

    /// What the engine says of the open position at a mark price.
    fn figures(&mut self, mark: &str) -> Done<Value>;
}

/// The markets of a scenario. There is no wallet beside them.
pub struct Markets<M> {
    markets: Vec<Listed<M>>,
    settings: Settings,
}

struct Listed<M> {
    symbol: String,
    market: M,
    /// The mark price; empty until one is told, or a first trade.
    mark: String,
}

impl<M: Market> Account for Markets<M> {
    fn open(run: &Value) -> Done<Self> {
        follows_plainly(run, M::CHOICES)?;
        follows(run, M::COURSE)?;
        let markets = instruments(run).iter().map(Listed::of).collect::<Done<_>>()?;
        Ok(Self { markets, settings: Settings::of(run)? })
    }

    /// The figures of a position that is opened as the question has it, in an empty market.
    fn quote(message: &Value) -> Done<Value> {
        follows_plainly(message, M::CHOICES)?;
        let asked = &message["position"];
        isolated(asked)?;
        let mut market = M::of(&message["instrument"])?;
        let (price, leverage) = (text(asked, "entry_price")?, text(asked, "leverage")?);
        market.trade(&Trade::of(asked, asked["side"] == "long", price, leverage.into())?)?;
        market.figures(text(asked, "mark_price")?)
    }

    fn act(&mut self, action: &str, with: &Value) -> Done {
        one_way(with)?;
        let found = self.markets.iter_mut().find(|one| with["instrument"] == *one.symbol);
        let listed = found.ok_or_else(|| Undone::Unsupported("UNKNOWN_INSTRUMENT".into()))?;
        if self.settings.take(action, with, listed.market.side().is_some())? {
            return Ok(());
        }
        match action {
            "trade" => listed.trade(&self.settings.trade(with)?),
            "add_margin" => listed.move_margin(text(with, "amount")?, true),
            "remove_margin" => listed.move_margin(text(with, "amount")?, false),
            "set_mark_price" => {
                listed.mark = text(with, "price")?.into();
                Ok(())
            }
            other => Err(Undone::Unsupported(other.into())),
        }
    }

    fn events(&mut self) -> Done<Vec<Value>> {
        let mut events = Vec::new();
        for Listed { symbol, market, mark } in &mut self.markets {
            let Some(side) = market.side() else { continue };
            if market.liquidate(mark)? {
                events.push(liquidation(symbol, side));
            }
        }
        Ok(events)
    }

    fn state(&mut self) -> Done<Value> {
        let mut positions = Vec::new();
        for Listed { symbol, market, mark } in &mut self.markets {
            if let Some(side) = market.side() {
                positions.push(position(symbol, side, market.figures(mark)?));
            }
        }
        Ok(json!({"positions": positions}))
    }
}

impl<M: Market> Listed<M> {
    fn of(instrument: &Value) -> Done<Self> {
        let symbol = text(instrument, "symbol")?.into();
        Ok(Self { symbol, market: M::of(instrument)?, mark: String::new() })
    }

    fn trade(&mut self, trade: &Trade) -> Done {
        self.undoing(|market| market.trade(trade))?;
        if self.mark.is_empty() {
            self.mark = trade.price.into();
        }
        Ok(())
    }

    fn move_margin(&mut self, amount: &str, is_added: bool) -> Done {
        let mark = self.mark.clone();
        self.undoing(|market| market.move_margin(amount, is_added, &mark))
    }

    fn undoing(&mut self, act: impl FnOnce(&mut M) -> Done) -> Done {
        let before = self.market.clone();
        act(&mut self.market).inspect_err(|_| self.market = before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A market that takes any trade up to ten, and liquidates below five.
    #[derive(Clone)]
    struct Toy {
        quantity: u32,
    }

    impl Market for Toy {
        const CHOICES: Choices = &[("maintenance_margin_price", "mark")];
        const COURSE: Choices = &[("trigger_price", "mark")];

        fn of(_: &Value) -> Done<Self> {
            Ok(Self { quantity: 0 })
        }

        fn side(&mut self) -> Option<&'static str> {
            (self.quantity > 0).then_some("long")
        }

        fn trade(&mut self, trade: &Trade) -> Done {
            self.quantity += trade.quantity.parse::<u32>().unwrap();
            let is_taken = self.quantity <= 10;
            is_taken.then_some(()).ok_or(Undone::Rejected("INVALID_QUANTITY".into()))
        }

        fn liquidate(&mut self, mark: &str) -> Done<bool> {
            let is_due = mark < "5";
            self.quantity = if is_due { 0 } else { self.quantity };
            Ok(is_due)
        }

        fn figures(&mut self, mark: &str) -> Done<Value> {
            Ok(json!({"quantity": self.quantity.to_string(), "mark_price": mark}))
        }
    }

    fn run() -> Value {
        json!({"instruments": [{"symbol": "BTC-USD"}]})
    }

    fn isolated_account() -> Markets<Toy> {
        let mut account = Markets::<Toy>::open(&run()).unwrap();
        let mode = json!({"instrument": "BTC-USD", "margin_mode": "isolated"});
        account.act("set_margin_mode", &mode).unwrap();
        account
    }

    fn buying(quantity: &str) -> Value {
        json!({"instrument": "BTC-USD", "side": "buy", "quantity": quantity, "price": "7"})
    }

    #[test]
    fn the_first_trade_tells_the_mark_price_where_nothing_else_has() {
        let mut account = isolated_account();
        account.act("trade", &buying("1")).unwrap();
        let state = account.state().unwrap();
        let [position] = &state["positions"].as_array().unwrap()[..] else { panic!("{state}") };
        assert_eq!(position["mark_price"], "7");
        assert_eq!(
            (&position["side"], &position["instrument"]),
            (&json!("long"), &json!("BTC-USD"))
        );
    }

    #[test]
    fn what_a_market_refuses_has_not_happened() {
        let mut account = isolated_account();
        account.act("trade", &buying("4")).unwrap();
        assert!(matches!(account.act("trade", &buying("7")), Err(Undone::Rejected(_))));
        assert_eq!(account.state().unwrap()["positions"][0]["quantity"], "4");
    }

    #[test]
    fn a_liquidation_is_told_once() {
        let mut account = isolated_account();
        account.act("trade", &buying("4")).unwrap();
        account.act("set_mark_price", &json!({"instrument": "BTC-USD", "price": "4"})).unwrap();
        let event = json!({"event": "liquidation", "instrument": "BTC-USD", "side": "long"});
        assert_eq!(account.events().unwrap(), [event]);
        assert_eq!(account.events().unwrap(), [] as [Value; 0]);
    }

    #[test]
    fn a_question_is_answered_by_a_position_opened_for_it() {
        let position = json!({
            "side": "long", "quantity": "3", "entry_price": "7", "leverage": "1", "mark_price": "8",
        });
        let asked = json!({"position": position, "instrument": {}});
        let figures = Markets::<Toy>::quote(&asked).unwrap();
        assert_eq!(figures, json!({"quantity": "3", "mark_price": "8"}));
    }
}
