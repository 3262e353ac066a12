package main

// The adapter: it puts what isomargin asks to an engine and says what came of it.
// Replace the toy engine by yours here. An adapter translates names and units; it
// computes no margin, and what the engine does not have it answers as unsupported.

import (
	"errors"
	"math/big"
)

// ready introduces the engine: only what is named here is asked of it.
var ready = Object{
	"t":          "ready",
	"protocol":   1,
	"subject":    Object{"name": "toy", "version": "1.0.0", "language": "go"},
	"operations": []string{"quote", "run"},
	"profiles":   []string{"textbook/linear"},
	"contracts":  []string{"linear"},
	"actions": []string{
		"set_margin_mode", "set_leverage", "trade", "add_margin", "set_mark_price",
	},
	"quantities": []string{
		"initial_margin", "maximum_loss", "maintenance_margin", "unrealised_pnl",
		"position_equity", "liquidation_price", "bankruptcy_price",
	},
	"arithmetic": "decimal",
	"window":     32,
}

// Object is a JSON object.
type Object map[string]any

// Unsupported names a feature that the engine does not have: a declared gap.
type Unsupported string

func (feature Unsupported) Error() string { return string(feature) }

// Message is any message of isomargin; numbers are decimal strings.
type Message struct {
	Type        string            `json:"t"`
	Seq         int64             `json:"seq"`
	Instrument  Instrument        `json:"instrument"`
	Position    map[string]string `json:"position"`
	Want        []string          `json:"want"`
	Instruments []Instrument      `json:"instruments"`
	Balances    map[string]string `json:"balances"`
	Steps       []struct {
		Do   string `json:"do"`
		With Object `json:"with"`
	} `json:"steps"`
}

// Instrument is a contract as isomargin describes it.
type Instrument struct {
	Symbol       string              `json:"symbol"`
	Contract     string              `json:"contract"`
	Settle       string              `json:"settle"`
	ContractSize string              `json:"contract_size"`
	QuantityStep string              `json:"quantity_step"`
	Fees         map[string]string   `json:"fees"`
	Tiers        []map[string]string `json:"tiers"`
}

var signs = map[string]int64{"long": 1, "short": -1, "buy": 1, "sell": -1}

// contractOf returns an instrument as the engine names it, or says what it cannot be.
func contractOf(instrument Instrument) (*Contract, error) {
	if instrument.Contract != "linear" {
		return nil, Unsupported(instrument.Contract)
	}
	tier := instrument.Tiers[0]
	if len(instrument.Tiers) > 1 || given(tier["maintenance_amount"], "0").Sign() != 0 {
		return nil, Unsupported("tiers")
	}
	return &Contract{
		Symbol:                instrument.Symbol,
		Settle:                instrument.Settle,
		Size:                  given(instrument.ContractSize, "1"),
		QuantityStep:          given(instrument.QuantityStep, ""),
		MaintenanceMarginRate: read(tier["maintenance_margin_rate"]),
		MaxLeverage:           given(tier["max_leverage"], ""),
		FeeRates: map[string]*big.Rat{
			"maker": given(instrument.Fees["maker"], "0"),
			"taker": given(instrument.Fees["taker"], "0"),
		},
	}, nil
}

// given reads a number, or what is usual where it is absent; nil where nothing is.
func given(text, usual string) *big.Rat {
	if text == "" {
		text = usual
	}
	if text == "" {
		return nil
	}
	return read(text)
}

// figures is what the engine says of a position, under isomargin's names.
func figures(position Position, mark *big.Rat) map[string]*big.Rat {
	return map[string]*big.Rat{
		"initial_margin":     position.InitialMargin(),
		"maximum_loss":       position.MaximumLoss(),
		"maintenance_margin": position.MaintenanceMargin(mark),
		"unrealised_pnl":     position.UnrealisedPnl(mark),
		"position_equity":    position.Equity(mark),
		"liquidation_price":  position.LiquidationPrice(),
		"bankruptcy_price":   position.BankruptcyPrice(),
	}
}

// figure writes a number; null says that there is no such figure.
func figure(value *big.Rat) any {
	if value == nil {
		return nil
	}
	return written(value)
}

// quote answers one position with the quantities asked for.
func quote(message Message) (Object, error) {
	asked := message.Position
	if asked["margin_mode"] == "cross" {
		return nil, Unsupported("cross")
	}
	contract, err := contractOf(message.Instrument)
	if err != nil {
		return nil, err
	}
	position := Position{
		Contract:   contract,
		Sign:       signs[asked["side"]],
		Quantity:   read(asked["quantity"]),
		EntryPrice: read(asked["entry_price"]),
		Leverage:   read(asked["leverage"]),
	}
	// What is given is the whole margin, or what lies above the initial margin.
	position.IsolatedMargin = given(asked["isolated_margin"], "")
	if position.IsolatedMargin == nil {
		position.IsolatedMargin = sum(position.InitialMargin(), given(asked["added_margin"], "0"))
	}
	known, values := figures(position, read(asked["mark_price"])), Object{}
	for _, name := range message.Want {
		values[name] = figure(known[name])
	}
	return values, nil
}

// scenario is one run: an account, and what the adapter must remember of it.
type scenario struct {
	account  *Account
	isolated map[string]bool
}

// run takes the steps of a scenario in turn and tells the state after each.
func run(message Message) ([]Object, error) {
	free := map[string]*big.Rat{}
	for asset, amount := range message.Balances {
		free[asset] = read(amount)
	}
	var contracts []*Contract
	for _, instrument := range message.Instruments {
		contract, err := contractOf(instrument)
		if err != nil {
			return nil, err
		}
		contracts = append(contracts, contract)
	}
	one := scenario{NewAccount(contracts, free), map[string]bool{}}
	steps := []Object{}
	for _, step := range message.Steps {
		told, err := one.step(step.Do, step.With)
		if err != nil {
			return nil, err
		}
		steps = append(steps, told)
	}
	return steps, nil
}

func (s scenario) step(action string, with Object) (Object, error) {
	told := Object{"outcome": "accepted"}
	var refusal Refused
	if err := s.act(action, with); errors.As(err, &refusal) {
		// Map your engine's own refusals to isomargin's reasons here.
		told = Object{"outcome": "rejected", "reason": refusal}
	} else if err != nil {
		return nil, err
	}
	events := []Object{}
	for _, position := range s.account.Liquidate() {
		events = append(events, Object{
			"event":      "liquidation",
			"instrument": position.Contract.Symbol,
			"side":       side(position),
		})
	}
	told["events"], told["state"] = events, s.state()
	return told, nil
}

func (s scenario) act(action string, with Object) error {
	contract := s.contract(text(with, "instrument"))
	if contract == nil {
		return Refused("UNKNOWN_INSTRUMENT")
	}
	switch action {
	case "set_margin_mode":
		return s.setMarginMode(contract, text(with, "margin_mode"))
	case "set_leverage":
		if _, open := s.account.Positions[contract.Symbol]; open {
			return Unsupported("set_leverage with a position")
		}
		return s.account.SetLeverage(contract, read(text(with, "leverage")))
	case "trade":
		return s.trade(contract, with)
	case "add_margin":
		if _, ok := with["position_side"]; ok {
			return Refused("INVALID_POSITION_SIDE")
		}
		return s.account.AddMargin(contract, read(text(with, "amount")))
	case "set_mark_price":
		return s.setMarkPrice(contract, with)
	}
	return Unsupported(action)
}

func (s scenario) setMarginMode(contract *Contract, mode string) error {
	if _, open := s.account.Positions[contract.Symbol]; open {
		return Refused("MARGIN_MODE_LOCKED")
	}
	if mode != "isolated" {
		return Unsupported(mode)
	}
	s.isolated[contract.Symbol] = true
	return nil
}

func (s scenario) trade(contract *Contract, with Object) error {
	if err := s.checkTrade(contract, with); err != nil {
		return err
	}
	sign := signs[text(with, "side")]
	quantity, price := read(text(with, "quantity")), read(text(with, "price"))
	liquidity := text(with, "liquidity")
	if liquidity == "" {
		liquidity = "taker"
	}
	held, open := s.account.Positions[contract.Symbol]
	if !open || held.Sign == sign {
		return s.account.Open(contract, sign, quantity, price, liquidity)
	}
	if quantity.Cmp(held.Quantity) > 0 {
		return Unsupported("flip")
	}
	return s.account.Close(contract, quantity, price, liquidity)
}

func (s scenario) checkTrade(contract *Contract, with Object) error {
	quantity, step := read(text(with, "quantity")), contract.QuantityStep
	if quantity.Sign() <= 0 || (step != nil && !quotient(quantity, step).IsInt()) {
		return Refused("INVALID_QUANTITY")
	}
	if read(text(with, "price")).Sign() <= 0 {
		return Refused("INVALID_PRICE")
	}
	if _, ok := with["position_side"]; ok {
		return Refused("INVALID_POSITION_SIDE")
	}
	for _, feature := range []string{"isolated_margin", "reduce_only"} {
		if _, ok := with[feature]; ok {
			return Unsupported("trade with " + feature)
		}
	}
	if !s.isolated[contract.Symbol] {
		return Unsupported("cross")
	}
	return nil
}

// setMarkPrice moves the market; index and last prices act on nothing here.
func (s scenario) setMarkPrice(contract *Contract, with Object) error {
	for _, name := range []string{"price", "index_price", "last_price"} {
		if price := given(text(with, name), ""); price != nil && price.Sign() <= 0 {
			return Refused("INVALID_PRICE")
		}
	}
	return s.account.SetMarkPrice(contract, read(text(with, "price")))
}

// state is balances and positions after the latest action.
func (s scenario) state() Object {
	balances, positions := Object{}, []Object{}
	for asset, free := range s.account.Free {
		balances[asset] = Object{
			"wallet_balance":    written(s.account.WalletBalance(asset)),
			"free_balance":      written(free),
			"available_balance": written(free),
		}
	}
	for _, contract := range s.account.Contracts {
		if position, open := s.account.Positions[contract.Symbol]; open {
			positions = append(positions, s.position(position))
		}
	}
	return Object{"balances": balances, "positions": positions}
}

func (s scenario) position(position Position) Object {
	mark := s.account.Marks[position.Contract.Symbol]
	told := Object{
		"instrument":      position.Contract.Symbol,
		"side":            side(position),
		"margin_mode":     "isolated",
		"quantity":        written(position.Quantity),
		"entry_price":     written(position.EntryPrice),
		"leverage":        written(position.Leverage),
		"mark_price":      written(mark),
		"isolated_margin": written(position.IsolatedMargin),
	}
	for name, value := range figures(position, mark) {
		told[name] = figure(value)
	}
	return told
}

func (s scenario) contract(symbol string) *Contract {
	for _, contract := range s.account.Contracts {
		if contract.Symbol == symbol {
			return contract
		}
	}
	return nil
}

func side(position Position) string {
	if position.Sign > 0 {
		return "long"
	}
	return "short"
}

// text returns an argument that is a text; empty where it is absent.
func text(with Object, name string) string {
	value, _ := with[name].(string)
	return value
}
