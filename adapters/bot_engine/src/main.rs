//! bot-engine behind protocol 1.

mod ledger;

use isomargin_adapter::{json, serve};

fn main() -> std::io::Result<()> {
    let introduction = json!({
        "subject": {"name": "bot-engine", "version": "0.1.0", "language": "rust"},
        "actions": ["set_margin_mode", "set_leverage", "trade", "set_mark_price"],
        "quantities": [
            "quantity", "entry_price", "leverage", "isolated_margin", "unrealised_pnl",
            "liquidation_price", "wallet_balance", "free_balance", "available_balance",
        ],
    });
    serve::<ledger::Ledger>(&introduction, ledger::quote)
}
