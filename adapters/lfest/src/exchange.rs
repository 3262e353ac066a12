//! lfest's exchange: one account with one linear contract, its leverage fixed for good.

use isomargin_adapter::{
    follows, json, plain_tier, scaled, supported, text, unrounded, unscaled, Account, Choices,
    Done, Settings, Undone, Value,
};
use lfest::prelude::const_decimal::Decimal;
use lfest::prelude::{
    BaseCurrency, Bba, Config, ContractSpecification, Exchange, Fee, Leverage, MarketOrder,
    NoUserOrderId, OrderRateLimits, PriceFilter, QuantityFilter, QuoteCurrency, Side, Signed,
    SubmitMarketOrderError, Zero,
};
use std::num::{NonZeroU16, NonZeroU32};

const DECIMALS: u8 = 12;
const PLACES: u32 = 12;
type Number = Decimal<i128, DECIMALS>;
type Quantity = BaseCurrency<i128, DECIMALS>;
type Venue = Exchange<i128, DECIMALS, Quantity, NoUserOrderId>;
type Price = QuoteCurrency<i128, DECIMALS>;
/// No price that is asked for lies above this, in the smallest steps of a price.
const HIGHEST: i128 = 10i128.pow(8 + PLACES);

// The choices that the engine has made; any other is a gap. Fees are none here.
const CHOICES: Choices = &[
    ("initial_margin_price", "entry"),
    ("maintenance_margin_price", "entry"),
    ("maintenance_rate_form", "rate"),
    ("unrealised_pnl_price", "entry"),
    ("contract_value_rounding", "none"),
    ("liquidation_price_form", "solved"),
    ("liquidation_price_shift", "none"),
    ("trigger_price", "mark"),
    ("trigger_comparison", "below"),
    ("reduce_release", "proportional"),
    ("liquidation_process", "full"),
    ("liquidation_leftover", "trader"),
];

/// The exchange is opened with the first trade, because its leverage is one for good.
pub struct Simulated {
    exchange: Option<Venue>,
    settings: Settings,
    instrument: Value,
    balance: Price,
    mark: i128,
}

impl Account for Simulated {
    fn open(run: &Value) -> Done<Self> {
        follows(run, CHOICES)?;
        unrounded(run)?;
        let instruments = run["instruments"].as_array().map_or(&[][..], Vec::as_slice);
        let balances = run["balances"].as_object().into_iter().flatten().collect::<Vec<_>>();
        let ([instrument], [(asset, balance)]) = (instruments, &balances[..]) else {
            return Err(Undone::Unsupported("instruments".into()));
        };
        supported(instrument["settle"] == **asset, "assets")?;
        let mut fees = instrument["fees"].as_object().into_iter().flatten();
        supported(fees.all(|(_, rate)| rate == "0"), "fees")?;
        supported(plain_tier(instrument)?.get("max_leverage").is_none(), "max_leverage")?;
        Ok(Self {
            exchange: None,
            settings: Settings::of(run)?,
            instrument: instrument.clone(),
            balance: number(balance.as_str().unwrap_or("0"))?.into(),
            mark: 0,
        })
    }

    fn act(&mut self, action: &str, with: &Value) -> Done {
        supported(with.get("position_side").is_none(), "hedge")?;
        match action {
            "trade" => self.trade(with),
            "set_mark_price" => {
                self.settings.leverage(with)?;
                self.mark = scaled(text(with, "price")?, PLACES)?;
                supported(self.mark > 0, "INVALID_PRICE")
            }
            // What is set after the exchange has opened, it would not know.
            _ => supported(self.settings.take(action, with, self.exchange.is_some())?, action),
        }
    }

    fn events(&mut self) -> Done<Vec<Value>> {
        let (size, update) = (self.size(), self.update(self.mark));
        let held = self.exchange.as_mut().filter(|_| size != 0);
        if held.is_none_or(|exchange| exchange.update_state(&update).is_ok()) {
            return Ok(Vec::new());
        }
        let (symbol, side) = (&self.instrument["symbol"], side(size));
        Ok(vec![json!({"event": "liquidation", "instrument": symbol, "side": side})])
    }

    fn state(&mut self) -> Done<Value> {
        let Some(exchange) = &self.exchange else { return Ok(json!({"positions": []})) };
        let (account, asset) = (exchange.account(), text(&self.instrument, "settle")?);
        let balance = json!({
            "wallet_balance": written(*account.balances().equity().as_ref()),
            "free_balance": written(*account.margin_excess().as_ref()),
            "available_balance": written(*account.available_balance().as_ref()),
        });
        let (position, update) = (account.position(), self.update(self.mark));
        let told = json!({
            "instrument": self.instrument["symbol"], "side": side(self.size()),
            "margin_mode": "isolated",
            "quantity": written(*position.quantity().abs().as_ref()),
            "entry_price": written(*position.entry_price().as_ref()),
            "isolated_margin": written(*account.position_margin().as_ref()),
            "unrealised_pnl": written(*position.unrealized_pnl(update.bid, update.ask).as_ref()),
            "liquidation_price": self.liquidation_price(),
        });
        let positions = if self.size() == 0 { json!([]) } else { json!([told]) };
        Ok(json!({"balances": {asset: balance}, "positions": positions}))
    }
}

impl Simulated {
    fn trade(&mut self, with: &Value) -> Done {
        let leverage = self.settings.leverage(with)?;
        supported(with.get("isolated_margin").is_none(), "isolated_margin")?;
        supported(with.get("reduce_only").is_none(), "reduce_only")?;
        supported(with["liquidity"].as_str().unwrap_or("taker") == "taker", "maker")?;
        let quantity = number(text(with, "quantity")?)?.into();
        let price = Price::from(number(text(with, "price")?)?);
        let side = if with["side"] == "buy" { Side::Buy } else { Side::Sell };
        let order = MarketOrder::new(side, quantity);
        let order = order.map_err(|_| refused("INVALID_QUANTITY"))?;
        let mut exchange = self.exchange.take().map_or_else(|| self.opened(&leverage), Ok)?;
        exchange.set_best_bid_and_ask(price, price);
        let done = exchange.submit_market_order(order);
        self.exchange = Some(exchange);
        done.map_err(refusal)?;
        self.mark = if self.mark == 0 { price.as_ref().0 } else { self.mark };
        Ok(())
    }

    fn opened(&self, leverage: &str) -> Done<Venue> {
        let times = leverage.parse::<u8>().map_err(|_| Undone::Unsupported("leverage".into()))?;
        let rate = number(text(plain_tier(&self.instrument)?, "maintenance_margin_rate")?)?;
        let (smallest, two) = (Decimal(1), Decimal::TWO);
        let contract = ContractSpecification::new(
            Leverage::new(times).map_err(failed)?,
            rate * number(leverage)?,
            PriceFilter::new(None, None, Price::from(smallest), two, Number::zero())
                .map_err(failed)?,
            QuantityFilter::new(None, None, Quantity::from(smallest)).map_err(failed)?,
            Fee::from(Number::zero()),
            Fee::from(Number::zero()),
        );
        let limits = OrderRateLimits::new(NonZeroU32::MAX);
        let config = Config::new(self.balance, NonZeroU16::MIN, contract.map_err(failed)?, limits);
        Ok(Exchange::new(config.map_err(failed)?))
    }

    fn size(&self) -> i128 {
        self.exchange.as_ref().map_or(0, |one| one.account().position().quantity().as_ref().0)
    }

    /// The book as the position is valued: its side of it stands at the price.
    fn update(&self, price: i128) -> Bba<i128, DECIMALS> {
        let (bid, ask) = if self.size() < 0 { (price - 1, price) } else { (price, price + 1) };
        let (bid, ask) = (Price::from(Decimal(bid)), Price::from(Decimal(ask)));
        Bba { bid, ask, timestamp_exchange_ns: 0.into() }
    }

    /// The first price, from the entry price on, at which the position still stands;
    /// found by asking a copy, because the exchange tells no such price.
    fn liquidation_price(&self) -> Option<String> {
        let (mut gone, mut stands) = if self.size() > 0 { (2, HIGHEST) } else { (HIGHEST, 2) };
        self.is_liquidated(gone).then_some(())?;
        while gone.abs_diff(stands) > 1 {
            let middle = gone.midpoint(stands);
            *(if self.is_liquidated(middle) { &mut gone } else { &mut stands }) = middle;
        }
        Some(unscaled(stands, PLACES))
    }

    fn is_liquidated(&self, price: i128) -> bool {
        let copy = self.exchange.clone();
        copy.is_some_and(|mut copy| copy.update_state(&self.update(price)).is_err())
    }
}

fn side(size: i128) -> &'static str {
    ["short", "long"][usize::from(size > 0)]
}

fn refusal(error: SubmitMarketOrderError) -> Undone {
    match error {
        SubmitMarketOrderError::RateLimitReached(_) => failed(error),
        SubmitMarketOrderError::NotEnoughAvailableBalance(_) => refused("INSUFFICIENT_BALANCE"),
        SubmitMarketOrderError::ValidateOrderQuantity(_) => refused("INVALID_QUANTITY"),
    }
}

fn refused(reason: &str) -> Undone {
    Undone::Rejected(reason.into())
}

fn failed(error: impl ToString) -> Undone {
    Undone::Failed(error.to_string())
}

fn number(text: &str) -> Done<Number> {
    Ok(Decimal(scaled(text, PLACES)?))
}

fn written(value: Number) -> String {
    unscaled(value.0, PLACES)
}
