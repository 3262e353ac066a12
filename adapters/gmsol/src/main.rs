//! gmsol-model behind protocol 1: a market where nobody else trades, and one position.
//!
//! The program on the chain keeps a position in dollars and tokens, as integers. Its own
//! test market stands for the chain's accounts; what is worked out with them, the
//! actions, their refusals, profit and liquidation, is the model the exchange runs.

use gmsol_model::action::decrease_position::DecreasePositionFlags as Flags;
use gmsol_model::params::{FeeParams, PositionParams, PriceImpactParams};
use gmsol_model::price::Prices;
use gmsol_model::test::{TestMarket, TestMarketConfig, TestPosition};
use gmsol_model::{
    BaseMarketMut, Error, MarketAction, Pool, PositionExt, PositionMutExt, PositionState,
};
use isomargin_adapter::{
    first_that_stands, free_of_fees, json, plain_tier, refusal, serve, side, supported, text,
    unscaled, whole, Choices, Done, Market, Markets, Reasons, Trade, Undone, Value,
};

/// Decimals of its integers: dollars and factors; tokens and collateral. A price is
/// dollars a smallest part of a token, and has what is left.
const DOLLARS: u32 = 20;
const TOKENS: u32 = 9;
const PRICES: u32 = DOLLARS - TOKENS;
const UNIT: u128 = 10u128.pow(DOLLARS);
const DOLLAR: u128 = 10u128.pow(PRICES);
/// What lies in the pool, in tokens and in dollars of collateral.
const LIQUIDITY: (i128, i128) = (10i128.pow(18), 10i128.pow(22));
const LIQUIDATION: Flags = Flags {
    is_insolvent_close_allowed: true,
    is_liquidation_order: true,
    is_cap_size_delta_usd_allowed: false,
};
/// The model's refusals, and the reasons that the rulebook has for them.
const REASONS: Reasons = &[
    ("insufficient collateral usd", "LEVERAGE_TOO_HIGH"),
    ("liquidatable position", "WOULD_LIQUIDATE"),
    ("unable to withdraw collateral", "MARGIN_NOT_REMOVABLE"),
];

fn meant(error: Error) -> Undone {
    refusal(error, REASONS)
}

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
    serve::<Markets<Perpetual>>(&introduction)
}

#[derive(Clone)]
struct Perpetual {
    market: TestMarket<u128, 20>,
    position: TestPosition<u128, 20>,
    is_long: bool,
}

impl Market for Perpetual {
    const CHOICES: Choices = &[
        ("maintenance_margin_price", "entry"),
        ("maintenance_fee", "none"),
        ("maintenance_funding", "none"),
        ("added_margin_fee_scaling", "no"),
    ];
    const COURSE: Choices = &[
        ("trigger_comparison", "below"),
        ("trigger_price", "mark"),
        ("liquidation_process", "full"),
        ("liquidation_leftover", "trader"),
        ("reduce_release", "none"),
    ];

    fn of(instrument: &Value) -> Done<Self> {
        let tier = plain_tier(instrument)?;
        free_of_fees(instrument)?;
        let to_hold = whole(text(tier, "maintenance_margin_rate")?, DOLLARS)?;
        let limit = tier["max_leverage"].as_str().map(|limit| whole(limit, 0)).transpose()?;
        let to_open = limit.map_or(to_hold, |limit| UNIT / limit);
        let mut market = TestMarket::<u128, 20>::with_config(quiet(to_open, to_hold));
        let pool = market.liquidity_pool_mut().map_err(meant)?;
        let filled = pool.apply_delta_to_long_amount(&LIQUIDITY.0);
        filled.and(pool.apply_delta_to_short_amount(&LIQUIDITY.1)).map_err(meant)?;
        Ok(Self { market, position: TestPosition::long(false), is_long: true })
    }

    fn side(&mut self) -> Option<&'static str> {
        (self.sizes().0 > 0).then_some(side(self.is_long))
    }

    /// The size in dollars at the price, or that the part stood for when it was opened.
    fn trade(&mut self, trade: &Trade) -> Done {
        let (tokens, price) = (whole(trade.quantity, TOKENS)?, whole(trade.price, PRICES)?);
        let (held, dollars) = self.sizes();
        if held > 0 && self.is_long != trade.is_buy {
            supported(tokens <= held, "flip")?;
            supported(dollars % held == 0, "decimals")?;
            return self.decreased(price, tokens * (dollars / held), 0, Flags::default());
        }
        if held == 0 {
            let empty = if trade.is_buy { TestPosition::long } else { TestPosition::short };
            (self.is_long, self.position) = (trade.is_buy, empty(false));
        }
        self.increased(price, tokens * price, whole(trade.margin()?, TOKENS)?)
    }

    fn move_margin(&mut self, amount: &str, is_added: bool, mark: &str) -> Done {
        let (amount, mark) = (whole(amount, TOKENS)?, whole(mark, PRICES)?);
        if is_added {
            return self.increased(mark, 0, amount);
        }
        self.decreased(mark, 0, amount, Flags::default())
    }

    /// Do what a keeper does at every price: send the liquidation that the model allows.
    fn liquidate(&mut self, mark: &str) -> Done<bool> {
        let (mark, (_, dollars)) = (whole(mark, PRICES)?, self.sizes());
        let is_due = self.is_liquidatable(mark)?;
        if is_due {
            self.decreased(mark, dollars, 0, LIQUIDATION)?;
        }
        Ok(is_due)
    }

    fn figures(&mut self, mark: &str) -> Done<Value> {
        let (mark, is_long) = (prices(whole(mark, PRICES)?), self.is_long);
        let is_gone = |price| self.is_liquidatable(price as u128);
        let liquidation_price = first_that_stands(is_long, PRICES, is_gone)?;
        let (tokens, dollars) = self.sizes();
        let held = self.position.ops(&mut self.market);
        let (profit, ..) = held.pnl_value(&mark, &dollars).map_err(meant)?;
        Ok(json!({
            "quantity": unscaled(tokens as i128, TOKENS),
            "entry_price": unscaled((dollars / tokens) as i128, PRICES),
            "isolated_margin": unscaled(*held.collateral_amount() as i128, TOKENS),
            "unrealised_pnl": unscaled(profit, DOLLARS),
            "liquidation_price": liquidation_price,
        }))
    }
}

impl Perpetual {
    fn is_liquidatable(&mut self, price: u128) -> Done<bool> {
        let held = self.position.ops(&mut self.market);
        Ok(held.check_liquidatable(&prices(price), true, true).map_err(meant)?.is_some())
    }

    /// How large the position is, in tokens and in dollars when it was opened.
    fn sizes(&mut self) -> (u128, u128) {
        let held = self.position.ops(&mut self.market);
        (*held.size_in_tokens(), *held.size_in_usd())
    }

    fn increased(&mut self, price: u128, size: u128, margin: u128) -> Done {
        let mut held = self.position.ops(&mut self.market);
        let action = held.increase(prices(price), margin, size, None);
        action.and_then(MarketAction::execute).map(drop).map_err(meant)
    }

    fn decreased(&mut self, price: u128, size: u128, out: u128, how: Flags) -> Done {
        let mut held = self.position.ops(&mut self.market);
        let action = held.decrease(prices(price), size, None, out, how);
        action.and_then(MarketAction::execute).map(drop).map_err(meant)
    }
}

/// A market with neither fees nor price impact, and what it needs as collateral.
fn quiet(to_open: u128, to_hold: u128) -> TestMarketConfig<u128, 20> {
    let (impact, fees) = (PriceImpactParams::builder().exponent(UNIT), FeeParams::builder());
    let fees = fees.fee_receiver_factor(0).positive_impact_fee_factor(0);
    let needed = PositionParams::builder()
        .min_position_size_usd(0)
        .min_collateral_value(0)
        .min_collateral_factor(to_open)
        .min_collateral_factor_for_liquidation(Some(to_hold))
        .max_positive_position_impact_factor(0)
        .max_negative_position_impact_factor(0)
        .max_position_impact_factor_for_liquidations(0);
    TestMarketConfig {
        position_params: needed.build(),
        position_impact_params: impact.positive_factor(0).negative_factor(0).build(),
        order_fee_params: fees.negative_impact_fee_factor(0).build(),
        min_collateral_factor_for_oi: 0,
        ..TestMarketConfig::default()
    }
}

fn prices(price: u128) -> Prices<u128> {
    Prices::new_for_test(price, price, DOLLAR)
}
