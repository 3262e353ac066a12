//! lfest behind protocol 1.

mod exchange;

use isomargin_adapter::{json, serve, supported, Done, Value};

fn main() -> std::io::Result<()> {
    let introduction = json!({
        "subject": {"name": "lfest", "version": "0.138.4", "language": "rust"},
        "operations": ["run"],
        "actions": ["set_margin_mode", "set_leverage", "trade", "set_mark_price"],
        "quantities": [
            "quantity", "entry_price", "isolated_margin", "unrealised_pnl",
            "liquidation_price", "wallet_balance", "free_balance", "available_balance",
        ],
    });
    serve::<exchange::Simulated>(&introduction, quote)
}

fn quote(_: &Value) -> Done<Value> {
    supported(false, "quote").map(|()| Value::Null)
}
