//! The interface between isomargin and an engine in Rust: the loop of protocol 1, what an
//! engine has not got, the settings that many do not keep, and decimal strings.
//!
//! An engine that keeps positions is an `Account`, made anew for every scenario, or a
//! `Market` for each instrument where there is no account above them:
//!
//! ```text
//! fn main() -> std::io::Result<()> {
//!     serve::<Markets<MyMarket>>(&introduction)
//! }
//! ```

mod gaps;
mod markets;
mod numbers;
mod refusals;
mod settings;
mod terms;
mod turning;

pub use gaps::{
    follows, follows_plainly, free_of_fees, instruments, isolated, one_way, plain_tier, price,
    sole_asset, supported, text, unlimited_tier, Choices, Done, Undone,
};
pub use markets::{Market, Markets};
pub use numbers::{scaled, unscaled, whole};
pub use refusals::{refusal, Reasons};
pub use serde_json::{json, Map, Value};
pub use settings::Settings;
pub use terms::{liquidation, position, side, state, Trade};
pub use turning::first_that_stands;

use std::io::{self, BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// An engine's account, as isomargin drives it.
pub trait Account: Sized {
    /// Open an account with the instruments and balances of a scenario.
    fn open(run: &Value) -> Done<Self>;

    /// What the engine says of the one position of a question, of which the figures asked
    /// for are told.
    fn quote(message: &Value) -> Done<Value> {
        let _ = message;
        Err(Undone::Unsupported("quote".into()))
    }

    /// Do one action; `Undone::Rejected` names the reason of a refusal.
    fn act(&mut self, action: &str, with: &Value) -> Done;

    /// Do what follows of itself, a liquidation for one, and tell the events.
    fn events(&mut self) -> Done<Vec<Value>>;

    /// Balances and positions as the engine has them.
    fn state(&mut self) -> Done<Value>;
}

/// Answer protocol 1 on standard input and output until it ends or a `bye` arrives.
///
/// `introduction` is what the handshake says of the engine, where that is not what an
/// engine with plain linear contracts, decimal numbers and the four usual actions says.
pub fn serve<A: Account>(introduction: &Value) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line?)?;
        let mut reply = match message["t"].as_str().unwrap_or("") {
            "bye" => break,
            "hello" => ready(introduction),
            "quote" => answered(|| figures::<A>(&message), "quantities", "values"),
            "run" => answered(|| steps::<A>(&message), "trace", "steps"),
            other => said(Undone::Unsupported(other.into())),
        };
        if let Some(seq) = message.get("seq") {
            reply["seq"] = seq.clone();
        }
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}

fn ready(introduction: &Value) -> Value {
    let mut told = json!({
        "t": "ready", "protocol": 1, "operations": ["quote", "run"], "profiles": "any",
        "contracts": ["linear"], "arithmetic": "decimal", "window": 32,
        "actions": ["set_margin_mode", "set_leverage", "trade", "set_mark_price"],
    });
    for (name, value) in introduction.as_object().into_iter().flatten() {
        told[name] = value.clone();
    }
    told
}

/// One bad case must not end the run, so that a panic is an answer too.
fn answered(ask: impl FnOnce() -> Done<Value>, kind: &str, part: &str) -> Value {
    match catch_unwind(AssertUnwindSafe(ask)) {
        Ok(Ok(value)) => json!({"t": kind, part: value}),
        Ok(Err(undone)) => said(undone),
        Err(_) => said(Undone::Failed("the engine panicked; see its standard error".into())),
    }
}

fn said(undone: Undone) -> Value {
    match undone {
        Undone::Unsupported(feature) => json!({"t": "unsupported", "feature": feature}),
        Undone::Rejected(reason) => json!({"t": "error", "message": reason}),
        Undone::Failed(message) => json!({"t": "error", "message": message}),
    }
}

fn figures<A: Account>(message: &Value) -> Done<Value> {
    let known = A::quote(message)?;
    let wanted = message["want"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let told = wanted.filter_map(|name| Some((name.to_string(), known.get(name)?.clone())));
    Ok(Value::Object(told.collect()))
}

fn steps<A: Account>(message: &Value) -> Done<Value> {
    let mut account = A::open(message)?;
    let steps = message["steps"].as_array().into_iter().flatten();
    let told = steps.map(|step| taken(&mut account, step)).collect::<Done<Vec<_>>>()?;
    Ok(told.into())
}

fn taken<A: Account>(account: &mut A, step: &Value) -> Done<Value> {
    let mut told = match account.act(step["do"].as_str().unwrap_or(""), &step["with"]) {
        Ok(()) => json!({"outcome": "accepted"}),
        Err(Undone::Rejected(reason)) => json!({"outcome": "rejected", "reason": reason}),
        Err(undone) => return Err(undone),
    };
    told["events"] = account.events()?.into();
    told["state"] = account.state()?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Toy;

    impl Account for Toy {
        fn open(_: &Value) -> Done<Self> {
            Ok(Self)
        }

        fn act(&mut self, action: &str, _: &Value) -> Done {
            match action {
                "trade" => Ok(()),
                "break" => panic!("as it is told to"),
                other => Err(Undone::Rejected(other.into())),
            }
        }

        fn events(&mut self) -> Done<Vec<Value>> {
            Ok(Vec::new())
        }

        fn state(&mut self) -> Done<Value> {
            Ok(json!({"positions": []}))
        }
    }

    #[test]
    fn an_engine_that_answers_no_questions_says_so() {
        let told = answered(|| figures::<Toy>(&json!({})), "quantities", "values");
        assert_eq!(told, json!({"t": "unsupported", "feature": "quote"}));
    }

    #[test]
    fn each_step_is_told_with_what_came_of_it() {
        let message = json!({"steps": [{"do": "trade"}, {"do": "NO"}]});
        let told = steps::<Toy>(&message).unwrap();
        assert_eq!(told[0]["outcome"], "accepted");
        assert_eq!((&told[1]["outcome"], &told[1]["reason"]), (&json!("rejected"), &json!("NO")));
        assert_eq!(told[1]["state"], json!({"positions": []}));
    }

    #[test]
    fn a_panic_of_the_engine_is_an_answer() {
        let message = json!({"steps": [{"do": "break"}]});
        let told = answered(|| steps::<Toy>(&message), "trace", "steps");
        assert_eq!(told["message"], "the engine panicked; see its standard error");
    }

    #[test]
    fn an_introduction_says_what_is_other_than_usual() {
        let told = ready(&json!({"operations": ["run"]}));
        assert_eq!((&told["t"], &told["operations"]), (&json!("ready"), &json!(["run"])));
        assert_eq!(told["actions"].as_array().unwrap().len(), 4);
    }
}
