package main

import (
	"math/big"
	"strings"
)

// Decimals is how many decimals the engine keeps of a figure.
const Decimals = 18

var zero = new(big.Rat)

func sum(a, b *big.Rat) *big.Rat        { return new(big.Rat).Add(a, b) }
func difference(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func quotient(a, b *big.Rat) *big.Rat   { return new(big.Rat).Quo(a, b) }

func product(first *big.Rat, more ...*big.Rat) *big.Rat {
	result := new(big.Rat).Set(first)
	for _, factor := range more {
		result.Mul(result, factor)
	}
	return result
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// kept returns a figure as the engine keeps it: to 18 decimals, half to even.
func kept(value *big.Rat) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(Decimals), nil)
	scaled := new(big.Int).Mul(value.Num(), scale)
	whole, rest := new(big.Int).DivMod(scaled, value.Denom(), new(big.Int))
	half := rest.Lsh(rest, 1).Cmp(value.Denom())
	if half > 0 || (half == 0 && whole.Bit(0) == 1) {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(whole, scale)
}

// written returns a kept figure as isomargin writes it: a decimal string, without
// an exponent.
func written(value *big.Rat) string {
	text := value.FloatString(Decimals)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// read returns the number that a decimal string says.
func read(text string) *big.Rat {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("no number: " + text)
	}
	return value
}
