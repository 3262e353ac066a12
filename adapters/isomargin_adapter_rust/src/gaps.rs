//! What an engine has not got, said in one line each.

use serde_json::Value;

/// Why a question has no answer, or an action did not take place.
#[derive(Debug)]
pub enum Undone {
    /// The engine has no such feature: a declared gap, never a pass.
    Unsupported(String),
    /// The engine refused, for one of the rulebook's reasons.
    Rejected(String),
    /// The engine broke.
    Failed(String),
}

/// What came of asking an engine.
pub type Done<T = ()> = Result<T, Undone>;

/// Say that the engine has no such feature, unless the condition holds.
pub fn supported(condition: bool, feature: &str) -> Done {
    if condition {
        return Ok(());
    }
    Err(Undone::Unsupported(feature.into()))
}

/// Say that the engine has chosen otherwise than a message's profile asks; a parameter
/// that the profile leaves out is as the engine has it.
pub fn follows(message: &Value, choices: &[(&str, &str)]) -> Done {
    let parameters = &message["profile"]["parameters"];
    choices.iter().try_for_each(|(name, choice)| {
        let asked = parameters[name].as_str().unwrap_or(choice);
        supported(asked == *choice, &format!("parameter {name}"))
    })
}

/// What a profile chooses must be what the engine has chosen: parameters, each with the
/// engine's choice.
pub type Choices = &'static [(&'static str, &'static str)];

// The choices of an engine whose margins are shares of the value, and which rounds nothing.
const PLAIN: Choices = &[
    ("maintenance_rate_form", "rate"),
    ("unrealised_pnl_price", "entry"),
    ("contract_value_rounding", "none"),
    ("liquidation_price_form", "solved"),
    ("liquidation_price_shift", "none"),
];

/// Say that an engine which has made the plain choices, and these, has chosen otherwise
/// than a message's profile asks.
pub fn follows_plainly(message: &Value, choices: Choices) -> Done {
    follows(message, choices)?;
    follows(message, PLAIN)?;
    let rounding = message["profile"]["parameters"]["rounding"].as_object();
    supported(rounding.is_none_or(serde_json::Map::is_empty), "parameter rounding")
}

/// Say that the engine has no cross positions, where one is asked about.
pub fn isolated(position: &Value) -> Done {
    supported(position["margin_mode"].as_str().unwrap_or("isolated") == "isolated", "cross")
}

/// The one tier of an instrument whose engine counts in the base asset alone and has a
/// rate and no tiers.
pub fn plain_tier(instrument: &Value) -> Done<&Value> {
    supported(instrument["contract_size"].as_str().unwrap_or("1") == "1", "contract_size")?;
    let tiers = instrument["tiers"].as_array().map_or(&[][..], Vec::as_slice);
    let [tier] = tiers else {
        return Err(Undone::Unsupported("tiers".into()));
    };
    supported(tier["maintenance_amount"].as_str().unwrap_or("0") == "0", "tiers")?;
    Ok(tier)
}

/// The same of an engine that knows no limit of leverage either.
pub fn unlimited_tier(instrument: &Value) -> Done<&Value> {
    let tier = plain_tier(instrument)?;
    supported(tier.get("max_leverage").is_none(), "max_leverage")?;
    Ok(tier)
}

/// Say that the engine takes no fees, where an instrument has any.
pub fn free_of_fees(instrument: &Value) -> Done {
    let mut rates = instrument["fees"].as_object().into_iter().flatten();
    supported(rates.all(|(_, rate)| rate == "0"), "fees")
}

/// The one asset that everything in a scenario settles in, and its balance.
pub fn sole_asset(run: &Value) -> Done<(&str, &str)> {
    let balances = run["balances"].as_object().into_iter().flatten().collect::<Vec<_>>();
    let [(asset, balance)] = balances[..] else {
        return Err(Undone::Unsupported("assets".into()));
    };
    let settled = instruments(run).iter().all(|one| one["settle"] == **asset);
    supported(settled, "assets")?;
    Ok((asset, balance.as_str().unwrap_or("0")))
}

/// The instruments of a scenario.
pub fn instruments(run: &Value) -> &[Value] {
    run["instruments"].as_array().map_or(&[], Vec::as_slice)
}

/// Say that the engine has one position an instrument, where a message is of hedge mode.
pub fn one_way(with: &Value) -> Done {
    supported(with.get("position_side").is_none(), "hedge")
}

/// A price; none that is not above zero, which the engine has no refusal for.
pub fn price(with: &Value) -> Done<&str> {
    let price = text(with, "price")?;
    let is_above = !price.starts_with('-') && price.contains(|digit| ('1'..='9').contains(&digit));
    supported(is_above, "INVALID_PRICE")?;
    Ok(price)
}

/// A member that the engine cannot do without.
pub fn text<'a>(given: &'a Value, name: &str) -> Done<&'a str> {
    given[name].as_str().ok_or_else(|| Undone::Unsupported(name.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn feature<T: std::fmt::Debug>(done: Done<T>) -> String {
        match done.unwrap_err() {
            Undone::Unsupported(feature) => feature,
            other => panic!("{other:?} is no gap"),
        }
    }

    #[test]
    fn a_plain_engine_follows_the_choices_it_has_made_and_no_other() {
        let asked = |name: &str, choice: &str| json!({"profile": {"parameters": {name: choice}}});
        let own: Choices = &[("maintenance_margin_price", "mark")];
        assert!(follows_plainly(&json!({}), own).is_ok());
        assert!(follows_plainly(&asked("maintenance_margin_price", "mark"), own).is_ok());
        for (name, choice) in [
            ("maintenance_margin_price", "entry"),
            ("maintenance_rate_form", "share_of_initial_margin"),
            ("liquidation_price_shift", "one_tick_inward"),
        ] {
            let gap = feature(follows_plainly(&asked(name, choice), own));
            assert_eq!(gap, format!("parameter {name}"));
        }
    }

    #[test]
    fn an_engine_that_rounds_nothing_says_so() {
        let rounded = |rounding| json!({"profile": {"parameters": {"rounding": rounding}}});
        assert!(follows_plainly(&rounded(json!({})), &[]).is_ok());
        let gap = feature(follows_plainly(&rounded(json!({"initial_margin": {}})), &[]));
        assert_eq!(gap, "parameter rounding");
    }

    #[test]
    fn a_plain_tier_has_neither_company_nor_deduction_nor_contract_size() {
        let of = |tiers| json!({"tiers": tiers});
        assert!(plain_tier(&of(json!([{"maintenance_margin_rate": "0.01"}]))).is_ok());
        for tiers in [json!([]), json!([{}, {}]), json!([{"maintenance_amount": "5"}])] {
            assert_eq!(feature(plain_tier(&of(tiers))), "tiers");
        }
        let sized = json!({"contract_size": "10", "tiers": [{}]});
        assert_eq!(feature(plain_tier(&sized)), "contract_size");
    }

    #[test]
    fn a_limit_of_leverage_is_a_gap_where_the_engine_knows_none() {
        let limited = json!({"tiers": [{"max_leverage": "125"}]});
        assert!(plain_tier(&limited).is_ok());
        assert_eq!(feature(unlimited_tier(&limited)), "max_leverage");
    }

    #[test]
    fn any_fee_is_a_gap() {
        assert!(free_of_fees(&json!({})).is_ok());
        assert!(free_of_fees(&json!({"fees": {"maker": "0", "taker": "0"}})).is_ok());
        let gap = feature(free_of_fees(&json!({"fees": {"maker": "0", "liquidation": "0.01"}})));
        assert_eq!(gap, "fees");
    }

    #[test]
    fn an_account_of_one_asset_has_no_other() {
        let settled = |settle| json!([{"settle": settle}, {"settle": "USD"}]);
        let run = json!({"balances": {"USD": "5"}, "instruments": settled("USD")});
        assert_eq!(sole_asset(&run).unwrap(), ("USD", "5"));
        let elsewhere = json!({"balances": {"USD": "5"}, "instruments": settled("BTC")});
        assert_eq!(feature(sole_asset(&elsewhere)), "assets");
        let two = json!({"balances": {"USD": "5", "BTC": "1"}, "instruments": settled("USD")});
        assert_eq!(feature(sole_asset(&two)), "assets");
    }

    #[test]
    fn a_price_that_is_not_above_zero_is_a_gap() {
        assert_eq!(price(&json!({"price": "0.01"})).unwrap(), "0.01");
        for refused in ["0", "0.00", "-1"] {
            assert_eq!(feature(price(&json!({"price": refused}))), "INVALID_PRICE");
        }
        assert_eq!(feature(price(&json!({}))), "price");
    }

    #[test]
    fn hedge_mode_and_cross_positions_are_gaps() {
        assert!(one_way(&json!({})).is_ok());
        assert_eq!(feature(one_way(&json!({"position_side": "long"}))), "hedge");
        assert!(isolated(&json!({})).is_ok());
        assert_eq!(feature(isolated(&json!({"margin_mode": "cross"}))), "cross");
    }
}
