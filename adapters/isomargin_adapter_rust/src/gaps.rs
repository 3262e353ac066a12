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

/// Say that the engine rounds nothing, where the profile does.
pub fn unrounded(message: &Value) -> Done {
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

/// A member that the engine cannot do without.
pub fn text<'a>(given: &'a Value, name: &str) -> Done<&'a str> {
    given[name].as_str().ok_or_else(|| Undone::Unsupported(name.into()))
}
