//! The loop of an adapter: read a line, answer it, write a line.

mod adapter;
mod engine;
mod json;
mod number;

use json::{object, Json};
use std::io::{self, BufRead, Write};
use std::panic;

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let message = Json::parse(&line?).map_err(io::Error::other)?;
        if message.get("t").text() == Some("bye") {
            break;
        }
        writeln!(output, "{}", answer(&message))?;
        output.flush()?;
    }
    Ok(())
}

/// The one answer to a message; one bad case must not end the run.
fn answer(message: &Json) -> Json {
    panic::catch_unwind(|| asked(message)).unwrap_or_else(|fault| {
        let said = fault.downcast_ref::<String>().map(String::as_str);
        let said = said.or(fault.downcast_ref::<&str>().copied());
        let seq = message.get("seq").clone();
        let text = said.unwrap_or("the engine panicked");
        object([
            ("t", "error".into()),
            ("seq", seq),
            ("message", text.into()),
        ])
    })
}

fn asked(message: &Json) -> Json {
    let seq = message.get("seq").clone();
    let kind = message.get("t").text().unwrap_or("");
    let reply = match kind {
        "hello" => return adapter::ready(),
        "quote" => adapter::quote(message).map(|values| ("quantities", "values", values)),
        "run" => adapter::run(message).map(|steps| ("trace", "steps", steps)),
        _ => Err(adapter::Unsupported(kind.to_string())),
    };
    match reply {
        Ok((t, name, part)) => object([("t", t.into()), ("seq", seq), (name, part)]),
        Err(adapter::Unsupported(feature)) => object([
            ("t", "unsupported".into()),
            ("seq", seq),
            ("feature", feature.into()),
        ]),
    }
}
