//! Parts of messages that most adapters read or write.

use crate::gaps::{text, Done, Undone};
use serde_json::{json, Value};

/// A trade, as the wire has it, at the leverage that is set.
pub struct Trade<'a> {
    pub is_buy: bool,
    pub quantity: &'a str,
    pub price: &'a str,
    pub isolated_margin: Option<&'a str>,
    pub leverage: String,
}

impl<'a> Trade<'a> {
    /// A trade that a message tells of, or the one that opens the position of a question.
    pub fn of(with: &'a Value, is_buy: bool, price: &'a str, leverage: String) -> Done<Self> {
        let isolated_margin = with["isolated_margin"].as_str();
        Ok(Self { is_buy, quantity: text(with, "quantity")?, price, isolated_margin, leverage })
    }

    /// The allocation, which an engine that makes none of a leverage has to be told.
    pub fn margin(&self) -> Done<&'a str> {
        self.isolated_margin.ok_or_else(|| Undone::Unsupported("leverage".into()))
    }
}

/// A side as the wire has it.
pub fn side(is_long: bool) -> &'static str {
    ["short", "long"][usize::from(is_long)]
}

/// What an engine says of an isolated position, with what the wire knows it by.
pub fn position(instrument: &str, side: &str, mut figures: Value) -> Value {
    figures["instrument"] = instrument.into();
    figures["side"] = side.into();
    figures["margin_mode"] = "isolated".into();
    figures
}

/// The event of a position that an engine has liquidated.
pub fn liquidation(instrument: &str, side: &str) -> Value {
    json!({"event": "liquidation", "instrument": instrument, "side": side})
}

/// What an account of one asset holds, and its positions.
pub fn state(asset: &str, [wallet, free, available]: [String; 3], positions: Vec<Value>) -> Value {
    let balance = json!({
        "wallet_balance": wallet, "free_balance": free, "available_balance": available,
    });
    json!({"balances": {asset: balance}, "positions": positions})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_without_an_allocation_has_none_to_tell() {
        let told = |with: Value| Trade::of(&with, true, "1", "1".into())?.margin().map(str::len);
        assert_eq!(told(json!({"quantity": "1", "isolated_margin": "100"})).unwrap(), 3);
        assert!(told(json!({"quantity": "1"})).is_err());
        assert!(told(json!({})).is_err());
    }

    #[test]
    fn a_state_holds_the_balances_of_its_asset_and_its_positions() {
        let held = position("BTC-USD", side(false), json!({"quantity": "1"}));
        let balances = ["3", "2", "1"].map(String::from);
        let expected = json!({
            "balances": {"USD": {
                "wallet_balance": "3", "free_balance": "2", "available_balance": "1",
            }},
            "positions": [{
                "instrument": "BTC-USD", "side": "short", "margin_mode": "isolated", "quantity": "1",
            }],
        });
        assert_eq!(state("USD", balances, vec![held]), expected);
    }
}
