//! A liquidation price that an engine does not tell, found by asking it.

use crate::gaps::Done;
use crate::numbers::unscaled;

// No price that is asked for lies below this, in the smallest steps of a price: an engine
// with two sides of a book sets one of them a step lower.
const LOWEST: i128 = 2;
// Nor above this, in whole ones.
const HIGHEST_DIGITS: u32 = 8;

/// The first price, from the entry price on, at which a position still stands; found by
/// halving. `None` where no price takes it.
///
/// `is_liquidated` asks the engine whether the position would be gone at a price, which
/// is an integer with so many decimals.
pub fn first_that_stands(
    is_long: bool,
    decimals: u32,
    mut is_liquidated: impl FnMut(i128) -> Done<bool>,
) -> Done<Option<String>> {
    let highest = 10i128.pow(HIGHEST_DIGITS + decimals);
    let (mut gone, mut stands) = if is_long { (LOWEST, highest) } else { (highest, LOWEST) };
    if !is_liquidated(gone)? {
        return Ok(None);
    }
    while gone.abs_diff(stands) > 1 {
        let middle = gone.midpoint(stands);
        *(if is_liquidated(middle)? { &mut gone } else { &mut stands }) = middle;
    }
    Ok(Some(unscaled(stands, decimals)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaps::Undone;

    #[test]
    fn a_position_stands_at_the_price_found_and_is_gone_one_step_past_it() {
        let long = first_that_stands(true, 2, |price| Ok(price < 903_614));
        assert_eq!(long.unwrap().unwrap(), "9036.14");
        let short = first_that_stands(false, 2, |price| Ok(price > 1_095_617));
        assert_eq!(short.unwrap().unwrap(), "10956.17");
    }

    #[test]
    fn a_position_that_no_price_takes_has_none() {
        assert!(first_that_stands(true, 2, |_| Ok(false)).unwrap().is_none());
    }

    #[test]
    fn an_engine_that_breaks_is_not_asked_on() {
        let broken = |_| Err(Undone::Failed("overflow".into()));
        assert!(first_that_stands(true, 2, broken).is_err());
    }
}
