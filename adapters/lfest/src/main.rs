//! lfest behind protocol 1: one account, one linear contract, one leverage for good.

use isomargin_adapter::{
    first_that_stands, follows_plainly, free_of_fees, instruments, json, liquidation, one_way,
    position, price, refusal, scaled, serve, side, sole_asset, state, supported, text,
    unlimited_tier, unscaled, Account, Choices, Done, Reasons, Settings, Trade, Undone, Value,
};
use lfest::prelude::const_decimal::Decimal;
use lfest::prelude::{
    BaseCurrency, Bba, Config, ContractSpecification, Exchange, Fee, Leverage, MarketOrder,
    NoUserOrderId, OrderRateLimits, PriceFilter, QuantityFilter, QuoteCurrency, Side, Signed, Zero,
};
use std::num::{NonZeroU16, NonZeroU32};

const DECIMALS: u8 = 12;
const PLACES: u32 = 12;
type Number = Decimal<i128, DECIMALS>;
type Quantity = BaseCurrency<i128, DECIMALS>;
type Venue = Exchange<i128, DECIMALS, Quantity, NoUserOrderId>;
type Price = QuoteCurrency<i128, DECIMALS>;

// The choices that the engine has made; any other is a gap. Fees are none here.
const CHOICES: Choices = &[
    ("initial_margin_price", "entry"),
    ("maintenance_margin_price", "entry"),
    ("trigger_price", "mark"),
    ("trigger_comparison", "below"),
    ("reduce_release", "proportional"),
    ("liquidation_process", "full"),
    ("liquidation_leftover", "trader"),
];

/// The exchange's refusals, and the reasons that the rulebook has for them.
const REASONS: Reasons = &[
    ("NotEnoughAvailableBalance", "INSUFFICIENT_BALANCE"),
    ("order quantity", "INVALID_QUANTITY"),
    ("order size", "INVALID_QUANTITY"),
];

fn main() -> std::io::Result<()> {
    let introduction = json!({
        "subject": {"name": "lfest", "version": "0.138.4", "language": "rust"},
        "operations": ["run"],
        "quantities": [
            "quantity", "entry_price", "isolated_margin", "unrealised_pnl",
            "liquidation_price", "wallet_balance", "free_balance", "available_balance",
        ],
    });
    serve::<Simulated>(&introduction)
}

/// The exchange is opened with the first trade, because its leverage is one for good.
struct Simulated {
    exchange: Option<Venue>,
    settings: Settings,
    instrument: Value,
    balance: Price,
    mark: i128,
}

impl Account for Simulated {
    fn open(run: &Value) -> Done<Self> {
        follows_plainly(run, CHOICES)?;
        let ([instrument], (_, balance)) = (instruments(run), sole_asset(run)?) else {
            return Err(Undone::Unsupported("instruments".into()));
        };
        free_of_fees(instrument)?;
        unlimited_tier(instrument)?;
        Ok(Self {
            exchange: None,
            settings: Settings::of(run)?,
            instrument: instrument.clone(),
            balance: number(balance)?.into(),
            mark: 0,
        })
    }

    fn act(&mut self, action: &str, with: &Value) -> Done {
        one_way(with)?;
        match action {
            "trade" => {
                let trade = self.settings.trade(with)?;
                self.trade(&trade)
            }
            "set_mark_price" => {
                self.settings.leverage(with)?;
                self.mark = scaled(price(with)?, PLACES)?;
                Ok(())
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
        Ok(vec![liquidation(text(&self.instrument, "symbol")?, side(size > 0))])
    }

    fn state(&mut self) -> Done<Value> {
        let Some(exchange) = &self.exchange else { return Ok(json!({"positions": []})) };
        let (account, asset) = (exchange.account(), text(&self.instrument, "settle")?);
        let balances =
            [account.balances().equity(), account.margin_excess(), account.available_balance()];
        let balances = balances.map(|balance| written(*balance.as_ref()));
        let positions = if self.size() == 0 { vec![] } else { vec![self.figures(exchange)?] };
        Ok(state(asset, balances, positions))
    }
}

impl Simulated {
    fn figures(&self, exchange: &Venue) -> Done<Value> {
        let (account, update) = (exchange.account(), self.update(self.mark));
        let held = account.position();
        let is_gone = |price| Ok(self.is_liquidated(price));
        let figures = json!({
            "quantity": written(*held.quantity().abs().as_ref()),
            "entry_price": written(*held.entry_price().as_ref()),
            "isolated_margin": written(*account.position_margin().as_ref()),
            "unrealised_pnl": written(*held.unrealized_pnl(update.bid, update.ask).as_ref()),
            "liquidation_price": first_that_stands(self.size() > 0, PLACES, is_gone)?,
        });
        Ok(position(text(&self.instrument, "symbol")?, side(self.size() > 0), figures))
    }

    fn trade(&mut self, trade: &Trade) -> Done {
        supported(trade.isolated_margin.is_none(), "isolated_margin")?;
        let (quantity, price) = (number(trade.quantity)?.into(), Price::from(number(trade.price)?));
        let side = if trade.is_buy { Side::Buy } else { Side::Sell };
        let order = MarketOrder::new(side, quantity).map_err(meant)?;
        let mut exchange = self.exchange.take().map_or_else(|| self.opened(&trade.leverage), Ok)?;
        exchange.set_best_bid_and_ask(price, price);
        let done = exchange.submit_market_order(order);
        self.exchange = Some(exchange);
        done.map_err(meant)?;
        self.mark = if self.mark == 0 { price.as_ref().0 } else { self.mark };
        Ok(())
    }

    fn opened(&self, leverage: &str) -> Done<Venue> {
        let times = leverage.parse::<u8>().map_err(|_| Undone::Unsupported("leverage".into()))?;
        let rate = number(text(unlimited_tier(&self.instrument)?, "maintenance_margin_rate")?)?;
        let (smallest, two) = (Decimal(1), Decimal::TWO);
        let contract = ContractSpecification::new(
            Leverage::new(times).map_err(meant)?,
            rate * number(leverage)?,
            PriceFilter::new(None, None, Price::from(smallest), two, Number::zero())
                .map_err(meant)?,
            QuantityFilter::new(None, None, Quantity::from(smallest)).map_err(meant)?,
            Fee::from(Number::zero()),
            Fee::from(Number::zero()),
        );
        let limits = OrderRateLimits::new(NonZeroU32::MAX);
        let config = Config::new(self.balance, NonZeroU16::MIN, contract.map_err(meant)?, limits);
        Ok(Exchange::new(config.map_err(meant)?))
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

    fn is_liquidated(&self, price: i128) -> bool {
        let copy = self.exchange.clone();
        copy.is_some_and(|mut copy| copy.update_state(&self.update(price)).is_err())
    }
}

fn meant(error: impl ToString) -> Undone {
    refusal(error, REASONS)
}

fn number(text: &str) -> Done<Number> {
    Ok(Decimal(scaled(text, PLACES)?))
}

fn written(value: Number) -> String {
    unscaled(value.0, PLACES)
}
