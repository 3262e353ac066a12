/** Exact fractions of BigInt: a number of JavaScript has no decimal to rely on. */

const DECIMALS = 18;
const SCALE = 10n ** BigInt(DECIMALS);

export class Fraction {
  static readonly ZERO = new Fraction(0n, 1n);
  static readonly ONE = new Fraction(1n, 1n);

  private readonly numerator: bigint;
  private readonly denominator: bigint; // above zero, and nothing divides both

  private constructor(numerator: bigint, denominator: bigint) {
    if (denominator === 0n) throw new RangeError("a division by zero");
    const divisor = commonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
    this.numerator = numerator / divisor;
    this.denominator = denominator / divisor;
  }

  /** The number that a decimal string says. */
  static read(text: string): Fraction {
    if (!/^-?[0-9]+(\.[0-9]+)?$/.test(text)) throw new RangeError(`no number: ${text}`);
    const [whole = "", decimals = ""] = text.split(".");
    return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  }

  plus(other: Fraction): Fraction {
    return new Fraction(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Fraction): Fraction {
    return this.plus(other.negated());
  }

  times(other: Fraction): Fraction {
    return new Fraction(
      this.numerator * other.numerator,
      this.denominator * other.denominator,
    );
  }

  over(other: Fraction): Fraction {
    return new Fraction(
      this.numerator * other.denominator,
      this.denominator * other.numerator,
    );
  }

  negated(): Fraction {
    return new Fraction(-this.numerator, this.denominator);
  }

  /** Less than zero, zero, or more than zero, as this is less, equal, or more. */
  compare(other: Fraction): number {
    return this.minus(other).sign();
  }

  sign(): number {
    return this.numerator < 0n ? -1 : this.numerator > 0n ? 1 : 0;
  }

  isWhole(): boolean {
    return this.denominator === 1n;
  }

  /** The figure as the engine keeps it: to 18 decimals, half to even. */
  kept(): Fraction {
    const scaled = this.numerator * SCALE;
    let quotient = scaled / this.denominator;
    let rest = scaled % this.denominator;
    if (rest < 0n) {
      rest += this.denominator;
      quotient -= 1n;
    }
    const twice = 2n * rest;
    const up =
      twice > this.denominator || (twice === this.denominator && quotient % 2n !== 0n);
    return new Fraction(up ? quotient + 1n : quotient, SCALE);
  }

  /** As isomargin writes it: a decimal string, without an exponent. */
  toString(): string {
    const kept = this.kept();
    const scaled = (kept.numerator * SCALE) / kept.denominator;
    const sign = scaled < 0n ? "-" : "";
    const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(DECIMALS + 1, "0");
    const text = `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
    return sign + text.replace(/\.?0+$/, "");
  }
}

export function smaller(a: Fraction, b: Fraction): Fraction {
  return a.compare(b) < 0 ? a : b;
}

export function larger(a: Fraction, b: Fraction): Fraction {
  return a.compare(b) > 0 ? a : b;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}
