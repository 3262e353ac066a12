//! GMX-Solana's model: a market where nobody else trades, and one position in it.
//!
//! The program on the chain keeps a position in dollars and tokens, as integers. Its own
//! test market stands for the chain's accounts; what is worked out with them, the
//! actions, their refusals, profit and liquidation, is the model the exchange runs.

use gmsol_model::action::decrease_position::DecreasePositionFlags as Flags;
use gmsol_model::params::{FeeParams, PositionParams, PriceImpactParams};
use gmsol_model::price::Prices;
use gmsol_model::test::{TestMarket, TestMarketConfig, TestPosition, TestPositionOps};
use gmsol_model::{
    BaseMarketMut, Error, MarketAction, Pool, PositionExt, PositionMutExt, PositionState,
};
use isomargin_adapter::{
    json, plain_tier, supported, text, unscaled, whole, Choices, Done, Market, Trade, Undone, Value,
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
/// No price that is asked for lies above this.
const HIGHEST: u128 = 10u128.pow(8 + PRICES);
const LIQUIDATION: Flags = Flags {
    is_insolvent_close_allowed: true,
    is_liquidation_order: true,
    is_cap_size_delta_usd_allowed: false,
};
/// The engine's refusals, and the reasons that the rulebook has for them.
const REASONS: [(&str, &str); 3] = [
    ("insufficient collateral usd", "LEVERAGE_TOO_HIGH"),
    ("liquidatable position", "WOULD_LIQUIDATE"),
    ("unable to withdraw collateral", "MARGIN_NOT_REMOVABLE"),
];

fn refusal(error: Error) -> Undone {
    let said = error.to_string();
    let known = REASONS.iter().find(|(words, _)| said.contains(words));
    known.map_or(Undone::Failed(said), |(_, reason)| Undone::Rejected(reason.to_string()))
}

type Held<'a> = TestPositionOps<'a, u128, 20>;

#[derive(Clone)]
pub struct Perpetual {
    market: TestMarket<u128, 20>,
    position: TestPosition<u128, 20>,
    is_long: bool,
    mark: u128,
}

impl Market for Perpetual {
    const CHOICES: Choices = &[
        ("maintenance_margin_price", "entry"),
        ("maintenance_fee", "none"),
        ("maintenance_rate_form", "rate"),
        ("maintenance_funding", "none"),
        ("unrealised_pnl_price", "entry"),
        ("contract_value_rounding", "none"),
        ("added_margin_fee_scaling", "no"),
        ("liquidation_price_form", "solved"),
        ("liquidation_price_shift", "none"),
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
        supported(instrument["fees"]["taker"].as_str().unwrap_or("0") == "0", "fees")?;
        let to_hold = whole(text(tier, "maintenance_margin_rate")?, DOLLARS)?;
        let limit = tier["max_leverage"].as_str().map(|limit| whole(limit, 0)).transpose()?;
        let to_open = limit.map_or(to_hold, |limit| UNIT / limit);
        let mut market = TestMarket::<u128, 20>::with_config(quiet(to_open, to_hold));
        let pool = market.liquidity_pool_mut().map_err(refusal)?;
        let filled = pool.apply_delta_to_long_amount(&LIQUIDITY.0);
        filled.and(pool.apply_delta_to_short_amount(&LIQUIDITY.1)).map_err(refusal)?;
        Ok(Self { market, position: TestPosition::long(false), is_long: true, mark: 0 })
    }

    fn side(&mut self) -> Option<&'static str> {
        let side = if self.is_long { "long" } else { "short" };
        (self.sizes().0 > 0).then_some(side)
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
        let margin = trade.isolated_margin.ok_or_else(|| Undone::Unsupported("leverage".into()))?;
        self.increased(price, tokens * price, whole(margin, TOKENS)?)
    }

    fn move_margin(&mut self, amount: &str, is_added: bool) -> Done {
        let amount = whole(amount, TOKENS)?;
        if is_added {
            return self.increased(self.mark, 0, amount);
        }
        self.decreased(self.mark, 0, amount, Flags::default())
    }

    fn set_mark_price(&mut self, price: &str) -> Done {
        self.mark = whole(price, PRICES)?;
        Ok(())
    }

    /// Do what a keeper does at every price: send the liquidation that the model allows.
    fn liquidate(&mut self) -> Done<bool> {
        let (is_due, (_, dollars)) = (self.is_liquidatable(self.mark)?, self.sizes());
        if is_due {
            self.decreased(self.mark, dollars, 0, LIQUIDATION)?;
        }
        Ok(is_due)
    }

    fn figures(&mut self) -> Done<Value> {
        let (price, (tokens, dollars)) = (self.liquidation_price()?, self.sizes());
        let held = self.position.ops(&mut self.market);
        let (profit, ..) = held.pnl_value(&prices(self.mark), &dollars).map_err(refusal)?;
        Ok(json!({
            "quantity": unscaled(tokens as i128, TOKENS),
            "entry_price": unscaled((dollars / tokens) as i128, PRICES),
            "isolated_margin": unscaled(*held.collateral_amount() as i128, TOKENS),
            "unrealised_pnl": unscaled(profit, DOLLARS),
            "liquidation_price": price.map(|price| unscaled(price as i128, PRICES)),
        }))
    }
}

impl Perpetual {
    /// The first price, from the entry price on, at which the position still stands;
    /// found by asking the model, because it names no such price itself.
    fn liquidation_price(&mut self) -> Done<Option<u128>> {
        let (mut gone, mut stands) = if self.is_long { (1, HIGHEST) } else { (HIGHEST, 1) };
        if !self.is_liquidatable(gone)? {
            return Ok(None);
        }
        while gone.abs_diff(stands) > 1 {
            let middle = gone.midpoint(stands);
            *(if self.is_liquidatable(middle)? { &mut gone } else { &mut stands }) = middle;
        }
        Ok(Some(stands))
    }

    fn is_liquidatable(&mut self, price: u128) -> Done<bool> {
        let held = self.position.ops(&mut self.market);
        Ok(held.check_liquidatable(&prices(price), true, true).map_err(refusal)?.is_some())
    }

    /// How large the position is, in tokens and in dollars when it was opened.
    fn sizes(&mut self) -> (u128, u128) {
        let held = self.position.ops(&mut self.market);
        (*held.size_in_tokens(), *held.size_in_usd())
    }

    fn increased(&mut self, price: u128, size: u128, margin: u128) -> Done {
        self.acted(price, |mut held| {
            held.increase(prices(price), margin, size, None)?.execute().map(drop)
        })
    }

    fn decreased(&mut self, price: u128, size: u128, out: u128, how: Flags) -> Done {
        self.acted(price, |mut held| {
            held.decrease(prices(price), size, None, out, how)?.execute().map(drop)
        })
    }

    /// Let the model act at a price. On the chain what fails has not happened.
    fn acted(&mut self, price: u128, act: impl FnOnce(Held) -> Result<(), Error>) -> Done {
        let before = self.clone();
        act(self.position.ops(&mut self.market)).map_err(|error| {
            *self = before;
            refusal(error)
        })?;
        self.mark = if self.mark == 0 { price } else { self.mark };
        Ok(())
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
