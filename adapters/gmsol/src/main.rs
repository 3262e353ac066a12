//! gmsol-model behind protocol 1.

mod market;

use isomargin_adapter::{json, quote_by_opening, serve, Markets};
use market::Perpetual;

fn main() -> std::io::Result<()> {
    let introduction = json!({
        "subject": {"name": "gmsol-model", "version": "0.11.0-beta.1", "language": "rust"},
        "actions": [
            "set_margin_mode", "set_leverage", "trade", "add_margin", "remove_margin",
            "set_mark_price",
        ],
        "quantities": [
            "quantity", "entry_price", "isolated_margin", "unrealised_pnl", "liquidation_price",
        ],
    });
    serve::<Markets<Perpetual>>(&introduction, quote_by_opening::<Perpetual>)
}
