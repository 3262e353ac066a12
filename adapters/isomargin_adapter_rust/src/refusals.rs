//! An engine's refusals in the rulebook's words.

use crate::gaps::Undone;

/// Words in what an engine says, and the rulebook's reason that they mean.
pub type Reasons = &'static [(&'static str, &'static str)];

/// What an engine's error means: the refusal that the first words in it stand for, or,
/// where none do, that it broke.
pub fn refusal(error: impl ToString, reasons: Reasons) -> Undone {
    let said = error.to_string();
    match reasons.iter().find(|(words, _)| said.contains(words)) {
        Some((_, reason)) => Undone::Rejected(reason.to_string()),
        None => Undone::Failed(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_the_refusal_that_its_words_stand_for() {
        let reasons: Reasons = &[("too little", "INSUFFICIENT_BALANCE"), ("too", "OTHER")];
        let told = |words: &str| match refusal(words, reasons) {
            Undone::Rejected(reason) => reason,
            other => format!("{other:?}"),
        };
        assert_eq!(told("there is too little"), "INSUFFICIENT_BALANCE");
        assert_eq!(told("too much"), "OTHER");
        assert_eq!(told("overflow"), "Failed(\"overflow\")");
    }
}
