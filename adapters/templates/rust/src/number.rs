//! Exact fractions over 128 bits. What does not fit panics, and the loop answers
//! that one case with an error; your engine brings its own numbers.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

const DECIMALS: usize = 18;
const TOO_LARGE: &str = "a figure does not fit into 128 bits";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    numerator: i128,
    denominator: i128, // above zero, and nothing divides both
}

impl Number {
    pub const ZERO: Number = Number {
        numerator: 0,
        denominator: 1,
    };
    pub const ONE: Number = Number {
        numerator: 1,
        denominator: 1,
    };

    fn of(numerator: i128, denominator: i128) -> Number {
        assert!(denominator != 0, "a division by zero");
        let divisor = common_divisor(numerator, denominator) * denominator.signum();
        Number {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        }
    }

    /// The number that a decimal string says.
    pub fn read(text: &str) -> Number {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{decimals}");
        let numerator = digits
            .parse()
            .unwrap_or_else(|_| panic!("no number: {text}"));
        let power = u32::try_from(decimals.len()).expect(TOO_LARGE);
        Number::of(numerator, 10_i128.checked_pow(power).expect(TOO_LARGE))
    }

    /// The figure as the engine keeps it: to 18 decimals, half to even.
    pub fn kept(self) -> Number {
        let mut quotient = self.numerator.div_euclid(self.denominator);
        let mut rest = self.numerator.rem_euclid(self.denominator);
        for _ in 0..DECIMALS {
            rest = rest.checked_mul(10).expect(TOO_LARGE);
            let digit = rest / self.denominator;
            quotient = quotient.checked_mul(10).expect(TOO_LARGE) + digit;
            rest %= self.denominator;
        }
        let up = match (rest * 2).cmp(&self.denominator) {
            Ordering::Greater => true,
            Ordering::Equal => quotient % 2 != 0,
            Ordering::Less => false,
        };
        Number::of(quotient + i128::from(up), 10_i128.pow(DECIMALS as u32))
    }

    pub fn is_positive(self) -> bool {
        self.numerator > 0
    }

    pub fn is_whole(self) -> bool {
        self.denominator == 1
    }
}

fn common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 {
        a.abs()
    } else {
        common_divisor(b, a % b)
    }
}

impl Mul for Number {
    type Output = Number;
    fn mul(self, other: Number) -> Number {
        // Divided crosswise first, so that no more than needed must fit.
        let left = Number::of(self.numerator, other.denominator);
        let right = Number::of(other.numerator, self.denominator);
        let product = |a: i128, b: i128| a.checked_mul(b).expect(TOO_LARGE);
        Number {
            numerator: product(left.numerator, right.numerator),
            denominator: product(left.denominator, right.denominator),
        }
    }
}

impl Div for Number {
    type Output = Number;
    #[allow(clippy::suspicious_arithmetic_impl)] // a quotient is a product with the reciprocal
    fn div(self, other: Number) -> Number {
        self * Number::of(other.denominator, other.numerator)
    }
}

impl Add for Number {
    type Output = Number;
    fn add(self, other: Number) -> Number {
        let shared = common_divisor(self.denominator, other.denominator);
        let left = self.numerator.checked_mul(other.denominator / shared);
        let right = other.numerator.checked_mul(self.denominator / shared);
        let sum = left.zip(right).and_then(|(a, b)| a.checked_add(b));
        let denominator = self.denominator.checked_mul(other.denominator / shared);
        Number::of(sum.expect(TOO_LARGE), denominator.expect(TOO_LARGE))
    }
}

impl Neg for Number {
    type Output = Number;
    fn neg(self) -> Number {
        Number {
            numerator: -self.numerator,
            ..self
        }
    }
}

impl Sub for Number {
    type Output = Number;
    fn sub(self, other: Number) -> Number {
        self + -other
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        (*self - *other).numerator.cmp(&0)
    }
}

/// Written as isomargin writes it: a decimal string, without an exponent.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let kept = self.kept();
        let scale = 10_i128.pow(DECIMALS as u32) / kept.denominator;
        let scaled = kept.numerator.checked_mul(scale).expect(TOO_LARGE);
        let digits = format!("{:0>1$}", scaled.unsigned_abs(), DECIMALS + 1);
        let (whole, decimals) = digits.split_at(digits.len() - DECIMALS);
        let sign = if scaled < 0 { "-" } else { "" };
        let text = format!("{sign}{whole}.{decimals}");
        formatter.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
