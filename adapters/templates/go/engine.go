package main

// A toy engine: isolated positions in linear contracts of one margin tier. It
// stands where your engine will stand and knows nothing of isomargin. Delete this
// file when the adapter calls your own engine.

import "math/big"

// Refused is why the engine will not do something; the account is as it was.
type Refused string

func (reason Refused) Error() string { return string(reason) }

// Contract is what is traded; rates are shares of the notional value.
type Contract struct {
	Symbol, Settle        string
	Size                  *big.Rat
	QuantityStep          *big.Rat // nil when any quantity will do
	MaintenanceMarginRate *big.Rat
	MaxLeverage           *big.Rat // nil when there is no limit
	FeeRates              map[string]*big.Rat
}

// Fee is value × the rate of a maker or a taker.
func (c *Contract) Fee(quantity, price *big.Rat, liquidity string) *big.Rat {
	return kept(product(c.Size, quantity, price, c.FeeRates[liquidity]))
}

// Position is an open position; Sign is +1 for a long and -1 for a short.
type Position struct {
	Contract       *Contract
	Sign           int64
	Quantity       *big.Rat
	EntryPrice     *big.Rat
	Leverage       *big.Rat
	IsolatedMargin *big.Rat
}

func (p Position) size() *big.Rat { return product(p.Contract.Size, p.Quantity) }

func (p Position) signedSize() *big.Rat {
	return product(big.NewRat(p.Sign, 1), p.size())
}

// InitialMargin is value at the entry price / leverage.
func (p Position) InitialMargin() *big.Rat {
	return kept(quotient(product(p.size(), p.EntryPrice), p.Leverage))
}

// MaximumLoss is the isolated margin: no more can be lost.
func (p Position) MaximumLoss() *big.Rat { return p.IsolatedMargin }

// UnrealisedPnl is signed size × (mark price - entry price).
func (p Position) UnrealisedPnl(mark *big.Rat) *big.Rat {
	return kept(product(p.signedSize(), difference(mark, p.EntryPrice)))
}

// Equity is the isolated margin with the unrealised profit or loss.
func (p Position) Equity(mark *big.Rat) *big.Rat {
	return sum(p.IsolatedMargin, p.UnrealisedPnl(mark))
}

// MaintenanceMargin is value at the mark price × maintenance margin rate.
func (p Position) MaintenanceMargin(mark *big.Rat) *big.Rat {
	return kept(product(p.size(), mark, p.Contract.MaintenanceMarginRate))
}

// IsLiquidatable says whether the equity is down to the maintenance margin.
func (p Position) IsLiquidatable(mark *big.Rat) bool {
	return p.Equity(mark).Cmp(p.MaintenanceMargin(mark)) <= 0
}

// LiquidationPrice is where equity and maintenance margin meet; nil if nowhere.
func (p Position) LiquidationPrice() *big.Rat {
	return p.priceOfEquity(p.Contract.MaintenanceMarginRate)
}

// BankruptcyPrice is where the equity is gone; nil if nowhere.
func (p Position) BankruptcyPrice() *big.Rat { return p.priceOfEquity(zero) }

// priceOfEquity is the price at which equity is `rate` of the value.
func (p Position) priceOfEquity(rate *big.Rat) *big.Rat {
	owed := difference(p.IsolatedMargin, product(p.signedSize(), p.EntryPrice))
	slope := difference(product(p.size(), rate), p.signedSize())
	price := kept(quotient(owed, slope))
	if price.Sign() <= 0 {
		return nil
	}
	return price
}

// Account has balances and isolated positions, one a contract.
type Account struct {
	Contracts []*Contract
	Free      map[string]*big.Rat // by asset
	Leverages map[string]*big.Rat // by symbol, as are the following
	Marks     map[string]*big.Rat
	Positions map[string]Position
}

// NewAccount opens an account with free balances by asset.
func NewAccount(contracts []*Contract, free map[string]*big.Rat) *Account {
	account := &Account{
		Contracts: contracts,
		Free:      free,
		Leverages: map[string]*big.Rat{},
		Marks:     map[string]*big.Rat{},
		Positions: map[string]Position{},
	}
	for _, contract := range contracts {
		account.Leverages[contract.Symbol] = big.NewRat(1, 1)
		if account.Free[contract.Settle] == nil {
			account.Free[contract.Settle] = zero
		}
	}
	return account
}

// SetLeverage chooses the leverage of the next position.
func (a *Account) SetLeverage(contract *Contract, leverage *big.Rat) error {
	if leverage.Cmp(big.NewRat(1, 1)) < 0 {
		return Refused("INVALID_LEVERAGE")
	}
	if limit := contract.MaxLeverage; limit != nil && leverage.Cmp(limit) > 0 {
		return Refused("LEVERAGE_TOO_HIGH")
	}
	a.Leverages[contract.Symbol] = leverage
	return nil
}

// Open opens a position or adds to it; margin and fee leave the free balance.
func (a *Account) Open(
	contract *Contract, sign int64, quantity, price *big.Rat, liquidity string,
) error {
	symbol := contract.Symbol
	opened := Position{contract, sign, quantity, price, a.Leverages[symbol], nil}
	opened.IsolatedMargin = opened.InitialMargin()
	cost := sum(opened.IsolatedMargin, contract.Fee(quantity, price, liquidity))
	position := opened
	if held, ok := a.Positions[symbol]; ok {
		position = together(held, opened)
	}
	mark := a.Marks[symbol]
	if mark == nil {
		mark = price
	}
	if cost.Cmp(a.Free[contract.Settle]) > 0 {
		return Refused("INSUFFICIENT_BALANCE")
	}
	if position.IsLiquidatable(mark) {
		return Refused("WOULD_LIQUIDATE")
	}
	a.Positions[symbol], a.Marks[symbol] = position, mark
	a.receive(contract, difference(zero, cost))
	return nil
}

// Close closes a position or part of it; its share of the margin comes back. A
// loss beyond the share is taken from the margin that remains, and beyond that it
// is not the trader's.
func (a *Account) Close(
	contract *Contract, quantity, price *big.Rat, liquidity string,
) error {
	position := a.Positions[contract.Symbol]
	share := kept(quotient(product(position.IsolatedMargin, quantity), position.Quantity))
	closed := position
	closed.Quantity, closed.IsolatedMargin = quantity, share
	proceeds := difference(closed.Equity(price), contract.Fee(quantity, price, liquidity))
	remaining := sum(difference(position.IsolatedMargin, share), smaller(proceeds, zero))
	position.Quantity = difference(position.Quantity, quantity)
	position.IsolatedMargin = larger(remaining, zero)
	if position.Quantity.Sign() == 0 {
		delete(a.Positions, contract.Symbol)
	} else {
		a.Positions[contract.Symbol] = position
	}
	a.receive(contract, larger(proceeds, zero))
	return nil
}

// AddMargin moves an amount from the free balance to a position.
func (a *Account) AddMargin(contract *Contract, amount *big.Rat) error {
	position, ok := a.Positions[contract.Symbol]
	if !ok {
		return Refused("POSITION_NOT_FOUND")
	}
	if amount.Sign() <= 0 {
		return Refused("INVALID_AMOUNT")
	}
	if amount.Cmp(a.Free[contract.Settle]) > 0 {
		return Refused("INSUFFICIENT_BALANCE")
	}
	position.IsolatedMargin = sum(position.IsolatedMargin, amount)
	a.Positions[contract.Symbol] = position
	a.receive(contract, difference(zero, amount))
	return nil
}

// SetMarkPrice lets the market move.
func (a *Account) SetMarkPrice(contract *Contract, price *big.Rat) error {
	a.Marks[contract.Symbol] = price
	return nil
}

// Liquidate closes what the mark prices have brought down, and returns it. The
// whole isolated margin is gone, and nothing else is touched.
func (a *Account) Liquidate() []Position {
	var fallen []Position
	for _, contract := range a.Contracts {
		position, ok := a.Positions[contract.Symbol]
		if ok && position.IsLiquidatable(a.Marks[contract.Symbol]) {
			fallen = append(fallen, position)
			delete(a.Positions, contract.Symbol)
		}
	}
	return fallen
}

// WalletBalance is the free balance and all isolated margin of an asset.
func (a *Account) WalletBalance(asset string) *big.Rat {
	total := a.Free[asset]
	for _, position := range a.Positions {
		if position.Contract.Settle == asset {
			total = sum(total, position.IsolatedMargin)
		}
	}
	return total
}

func (a *Account) receive(contract *Contract, amount *big.Rat) {
	a.Free[contract.Settle] = sum(a.Free[contract.Settle], amount)
}

// together returns one position of two on the same side; the entry price is their
// mean.
func together(held, opened Position) Position {
	quantity := sum(held.Quantity, opened.Quantity)
	cost := sum(
		product(held.EntryPrice, held.Quantity),
		product(opened.EntryPrice, opened.Quantity),
	)
	held.Quantity, held.EntryPrice = quantity, kept(quotient(cost, quantity))
	held.IsolatedMargin = sum(held.IsolatedMargin, opened.IsolatedMargin)
	return held
}
