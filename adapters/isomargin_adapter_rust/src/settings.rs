//! Margin mode and leverage of each instrument, for an engine that keeps neither.

use crate::gaps::{instruments, supported, text, Done, Undone};
use crate::terms::Trade;
use serde_json::Value;
use std::collections::HashMap;

/// What is set of an instrument before it is traded: whether it is isolated, and its
/// leverage. Setting either with a position open is unsupported, because the engine has
/// no say in it.
#[derive(Default)]
pub struct Settings(HashMap<String, (bool, String)>);

impl Settings {
    /// Begin with every instrument of a scenario in cross mode, at leverage 1.
    pub fn of(run: &Value) -> Done<Self> {
        let known = instruments(run)
            .iter()
            .map(|one| Ok((text(one, "symbol")?.into(), (false, "1".into()))));
        Ok(Self(known.collect::<Done<_>>()?))
    }

    /// Do an action if it is a setting's, and say whether it was.
    pub fn take(&mut self, action: &str, with: &Value, is_held: bool) -> Done<bool> {
        let (is_isolated, leverage) = self.entry(with)?;
        match action {
            "set_margin_mode" => {
                supported(with["margin_mode"] == "isolated" && !is_held, "cross")?;
                *is_isolated = true;
            }
            "set_leverage" => {
                let asked = text(with, "leverage")?;
                supported(!is_held && !asked.starts_with(['0', '-']), "leverage")?;
                *leverage = asked.into();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The leverage to open a position with, where the instrument is isolated.
    pub fn leverage(&mut self, with: &Value) -> Done<String> {
        let (is_isolated, leverage) = self.entry(with)?;
        supported(*is_isolated, "cross")?;
        Ok(leverage.clone())
    }

    /// A trade at the leverage that is set, for an engine in which every order takes and
    /// none only reduces.
    pub fn trade<'a>(&mut self, with: &'a Value) -> Done<Trade<'a>> {
        let leverage = self.leverage(with)?;
        supported(with.get("reduce_only").is_none(), "reduce_only")?;
        let liquidity = with["liquidity"].as_str().unwrap_or("taker");
        supported(liquidity == "taker", liquidity)?;
        Trade::of(with, with["side"] == "buy", text(with, "price")?, leverage)
    }

    fn entry(&mut self, with: &Value) -> Done<&mut (bool, String)> {
        let known = self.0.get_mut(text(with, "instrument")?);
        known.ok_or_else(|| Undone::Unsupported("UNKNOWN_INSTRUMENT".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn settings() -> Settings {
        Settings::of(&json!({"instruments": [{"symbol": "BTC-USD"}]})).unwrap()
    }

    fn about(more: Value) -> Value {
        let mut with = json!({"instrument": "BTC-USD"});
        with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with
    }

    fn isolated_at_ten() -> Settings {
        let mut settings = settings();
        let mode = about(json!({"margin_mode": "isolated"}));
        assert!(settings.take("set_margin_mode", &mode, false).unwrap());
        let leverage = about(json!({"leverage": "10"}));
        assert!(settings.take("set_leverage", &leverage, false).unwrap());
        settings
    }

    #[test]
    fn an_instrument_begins_in_cross_mode_and_keeps_what_is_set() {
        assert!(settings().leverage(&about(json!({}))).is_err());
        assert_eq!(isolated_at_ten().leverage(&about(json!({}))).unwrap(), "10");
    }

    #[test]
    fn what_is_set_with_a_position_open_is_a_gap() {
        let mut settings = isolated_at_ten();
        let leverage = about(json!({"leverage": "5"}));
        assert!(settings.take("set_leverage", &leverage, true).is_err());
        let mode = about(json!({"margin_mode": "isolated"}));
        assert!(settings.take("set_margin_mode", &mode, true).is_err());
    }

    #[test]
    fn a_trade_has_the_leverage_that_is_set() {
        let with = about(json!({"side": "buy", "quantity": "0.1", "price": "10000"}));
        let mut settings = isolated_at_ten();
        let trade = settings.trade(&with).unwrap();
        assert!(trade.is_buy && trade.isolated_margin.is_none());
        assert_eq!((trade.quantity, trade.price, &*trade.leverage), ("0.1", "10000", "10"));
        for more in [json!({"reduce_only": true}), json!({"liquidity": "maker"})] {
            let mut other = with.clone();
            other.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert!(settings.trade(&other).is_err());
        }
    }

    #[test]
    fn an_action_that_sets_nothing_is_left_to_others() {
        assert!(!settings().take("trade", &about(json!({})), false).unwrap());
        assert!(settings().take("trade", &json!({"instrument": "X"}), false).is_err());
    }
}
