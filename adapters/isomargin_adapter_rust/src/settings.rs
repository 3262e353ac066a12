//! Margin mode and leverage of each instrument, for an engine that keeps neither.

use crate::gaps::{supported, text, Done, Undone};
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
        let instruments = run["instruments"].as_array().into_iter().flatten();
        let known = instruments.map(|one| Ok((text(one, "symbol")?.into(), (false, "1".into()))));
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

    fn entry(&mut self, with: &Value) -> Done<&mut (bool, String)> {
        let known = self.0.get_mut(text(with, "instrument")?);
        known.ok_or_else(|| Undone::Unsupported("UNKNOWN_INSTRUMENT".into()))
    }
}
