//! A toy engine: isolated positions in linear contracts of one margin tier. It
//! stands where your engine will stand and knows nothing of isomargin. Delete this
//! file when the adapter calls your own engine.

use crate::number::Number;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Why the engine will not do something; the account is as it was.
pub struct Refused(pub &'static str);

/// What is traded; rates are shares of the notional value.
pub struct Contract {
    pub symbol: String,
    pub settle: String,
    pub size: Number,
    pub quantity_step: Option<Number>,
    pub maintenance_margin_rate: Number,
    pub max_leverage: Option<Number>,
    pub maker_fee_rate: Number,
    pub taker_fee_rate: Number,
}

#[derive(Clone, Copy)]
pub enum Liquidity {
    Maker,
    Taker,
}

impl Contract {
    /// Value × the rate of a maker or a taker.
    pub fn fee(&self, quantity: Number, price: Number, liquidity: Liquidity) -> Number {
        let rate = match liquidity {
            Liquidity::Maker => self.maker_fee_rate,
            Liquidity::Taker => self.taker_fee_rate,
        };
        (self.size * quantity * price * rate).kept()
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    Long,
    Short,
}

/// An open position.
#[derive(Clone)]
pub struct Position {
    pub contract: Rc<Contract>,
    pub side: Side,
    pub quantity: Number,
    pub entry_price: Number,
    pub leverage: Number,
    pub isolated_margin: Number,
}

impl Position {
    fn size(&self) -> Number {
        self.contract.size * self.quantity
    }

    fn signed_size(&self) -> Number {
        match self.side {
            Side::Long => self.size(),
            Side::Short => -self.size(),
        }
    }

    /// Value at the entry price / leverage.
    pub fn initial_margin(&self) -> Number {
        (self.size() * self.entry_price / self.leverage).kept()
    }

    /// The isolated margin: no more can be lost.
    pub fn maximum_loss(&self) -> Number {
        self.isolated_margin
    }

    /// Signed size × (mark price - entry price).
    pub fn unrealised_pnl(&self, mark_price: Number) -> Number {
        (self.signed_size() * (mark_price - self.entry_price)).kept()
    }

    /// The isolated margin with the unrealised profit or loss.
    pub fn equity(&self, mark_price: Number) -> Number {
        self.isolated_margin + self.unrealised_pnl(mark_price)
    }

    /// Value at the mark price × maintenance margin rate.
    pub fn maintenance_margin(&self, mark_price: Number) -> Number {
        (self.size() * mark_price * self.contract.maintenance_margin_rate).kept()
    }

    /// Whether the equity is down to the maintenance margin.
    pub fn is_liquidatable(&self, mark_price: Number) -> bool {
        self.equity(mark_price) <= self.maintenance_margin(mark_price)
    }

    /// The price at which equity and maintenance margin meet, if there is one.
    pub fn liquidation_price(&self) -> Option<Number> {
        self.price_of_equity(self.contract.maintenance_margin_rate)
    }

    /// The price at which the equity is gone, if there is one.
    pub fn bankruptcy_price(&self) -> Option<Number> {
        self.price_of_equity(Number::ZERO)
    }

    /// The price at which the equity is `rate` of the value.
    fn price_of_equity(&self, rate: Number) -> Option<Number> {
        let owed = self.isolated_margin - self.signed_size() * self.entry_price;
        let slope = self.size() * rate - self.signed_size();
        Some((owed / slope).kept()).filter(|price| price.is_positive())
    }

    /// One position of two on the same side; the entry price is their mean.
    fn with(&self, opened: &Position) -> Position {
        let quantity = self.quantity + opened.quantity;
        let cost = self.entry_price * self.quantity + opened.entry_price * opened.quantity;
        Position {
            quantity,
            entry_price: (cost / quantity).kept(),
            isolated_margin: self.isolated_margin + opened.isolated_margin,
            ..self.clone()
        }
    }
}

/// Balances by asset, and isolated positions, one a contract.
pub struct Account {
    pub contracts: Vec<Rc<Contract>>,
    pub free: BTreeMap<String, Number>,
    pub leverages: BTreeMap<String, Number>,
    pub marks: BTreeMap<String, Number>,
    pub positions: BTreeMap<String, Position>,
}

impl Account {
    /// Open an account with free balances by asset.
    pub fn new(contracts: Vec<Rc<Contract>>, mut free: BTreeMap<String, Number>) -> Account {
        for contract in &contracts {
            free.entry(contract.settle.clone()).or_insert(Number::ZERO);
        }
        let one_each = |contract: &Rc<Contract>| (contract.symbol.clone(), Number::ONE);
        Account {
            leverages: contracts.iter().map(one_each).collect(),
            contracts,
            free,
            marks: BTreeMap::new(),
            positions: BTreeMap::new(),
        }
    }

    /// Choose the leverage of the next position.
    pub fn set_leverage(&mut self, contract: &Contract, leverage: Number) -> Result<(), Refused> {
        if leverage < Number::ONE {
            return Err(Refused("INVALID_LEVERAGE"));
        }
        if contract.max_leverage.is_some_and(|limit| leverage > limit) {
            return Err(Refused("LEVERAGE_TOO_HIGH"));
        }
        self.leverages.insert(contract.symbol.clone(), leverage);
        Ok(())
    }

    /// Open a position or add to it; margin and fee leave the free balance.
    pub fn open(
        &mut self,
        contract: &Rc<Contract>,
        side: Side,
        quantity: Number,
        price: Number,
        liquidity: Liquidity,
    ) -> Result<(), Refused> {
        let mut opened = Position {
            contract: Rc::clone(contract),
            side,
            quantity,
            entry_price: price,
            leverage: self.leverages[&contract.symbol],
            isolated_margin: Number::ZERO,
        };
        opened.isolated_margin = opened.initial_margin();
        let cost = opened.isolated_margin + contract.fee(quantity, price, liquidity);
        let held = self.positions.get(&contract.symbol);
        let position = held.map_or(opened.clone(), |held| held.with(&opened));
        let mark_price = *self.marks.get(&contract.symbol).unwrap_or(&price);
        if cost > self.free[&contract.settle] {
            return Err(Refused("INSUFFICIENT_BALANCE"));
        }
        if position.is_liquidatable(mark_price) {
            return Err(Refused("WOULD_LIQUIDATE"));
        }
        self.marks.insert(contract.symbol.clone(), mark_price);
        self.positions.insert(contract.symbol.clone(), position);
        self.receive(contract, -cost);
        Ok(())
    }

    /// Close a position or part of it; its share of the margin comes back. A loss
    /// beyond the share is taken from the margin that remains, and beyond that it
    /// is not the trader's.
    pub fn close(
        &mut self,
        contract: &Contract,
        quantity: Number,
        price: Number,
        liquidity: Liquidity,
    ) -> Result<(), Refused> {
        let held = self.positions.remove(&contract.symbol);
        let mut position = held.ok_or(Refused("POSITION_NOT_FOUND"))?;
        let share = (position.isolated_margin * quantity / position.quantity).kept();
        let closed = Position {
            quantity,
            isolated_margin: share,
            ..position.clone()
        };
        let proceeds = closed.equity(price) - contract.fee(quantity, price, liquidity);
        let remaining = position.isolated_margin - share + proceeds.min(Number::ZERO);
        position.quantity = position.quantity - quantity;
        position.isolated_margin = remaining.max(Number::ZERO);
        if position.quantity.is_positive() {
            self.positions.insert(contract.symbol.clone(), position);
        }
        self.receive(contract, proceeds.max(Number::ZERO));
        Ok(())
    }

    /// Move an amount from the free balance to a position.
    pub fn add_margin(&mut self, contract: &Contract, amount: Number) -> Result<(), Refused> {
        let held = self.positions.get_mut(&contract.symbol);
        let position = held.ok_or(Refused("POSITION_NOT_FOUND"))?;
        if !amount.is_positive() {
            return Err(Refused("INVALID_AMOUNT"));
        }
        if amount > self.free[&contract.settle] {
            return Err(Refused("INSUFFICIENT_BALANCE"));
        }
        position.isolated_margin = position.isolated_margin + amount;
        self.receive(contract, -amount);
        Ok(())
    }

    /// Let the market move.
    pub fn set_mark_price(&mut self, contract: &Contract, price: Number) -> Result<(), Refused> {
        self.marks.insert(contract.symbol.clone(), price);
        Ok(())
    }

    /// Close what the mark prices have brought down, and return it. The whole
    /// isolated margin is gone, and nothing else is touched.
    pub fn liquidate(&mut self) -> Vec<Position> {
        let marks = &self.marks;
        let fallen =
            |position: &&Position| position.is_liquidatable(marks[&position.contract.symbol]);
        let fallen: Vec<Position> = self.positions.values().filter(fallen).cloned().collect();
        for position in &fallen {
            self.positions.remove(&position.contract.symbol);
        }
        fallen
    }

    /// The free balance and all isolated margin of an asset.
    pub fn wallet_balance(&self, asset: &str) -> Number {
        let of_asset = |position: &&Position| position.contract.settle == asset;
        let held = self.positions.values().filter(of_asset);
        held.fold(self.free[asset], |total, position| {
            total + position.isolated_margin
        })
    }

    fn receive(&mut self, contract: &Contract, amount: Number) {
        let balance = self.free[&contract.settle] + amount;
        self.free.insert(contract.settle.clone(), balance);
    }
}
