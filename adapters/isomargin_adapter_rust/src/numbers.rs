//! Decimal strings as integers with so many decimals, and back.

use crate::gaps::{supported, Done, Undone};

/// A decimal string as an integer with so many decimals; it must fit.
pub fn scaled(text: &str, decimals: u32) -> Done<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let width = decimals as usize;
    supported(fraction.len() <= width, "decimals")?;
    let digits = format!("{whole}{fraction:0<width$}");
    digits.parse().map_err(|_| Undone::Unsupported("decimals".into()))
}

/// The same of a number that the engine has no sign for.
pub fn whole(text: &str, decimals: u32) -> Done<u128> {
    scaled(text, decimals)?.try_into().map_err(|_| Undone::Unsupported("below zero".into()))
}

/// An integer with so many decimals as the wire writes a number.
pub fn unscaled(value: i128, decimals: u32) -> String {
    let width = decimals as usize + 1;
    let digits = format!("{:0>width$}", value.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len() + 1 - width);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{whole}{point}{fraction}", if value < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::{scaled, unscaled, whole};

    #[test]
    fn a_number_is_the_same_there_and_back() {
        for (text, integer) in [("0", 0), ("100", 10_000), ("-0.5", -50), ("12.34", 1_234)] {
            assert_eq!(scaled(text, 2).unwrap(), integer);
            assert_eq!(unscaled(integer, 2), text);
        }
        assert_eq!(unscaled(-70, 0), "-70");
    }

    #[test]
    fn a_number_that_is_finer_does_not_fit() {
        assert!(scaled("0.001", 2).is_err());
        assert!(whole("-1", 2).is_err());
    }
}
