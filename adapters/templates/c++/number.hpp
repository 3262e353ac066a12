// Exact fractions over 128 bits. What does not fit throws, and the loop answers
// that one case with an error; your engine brings its own numbers.
#pragma once

#include <cctype>
#include <stdexcept>
#include <string>

class Number {
 public:
  Number(int whole = 0) : numerator_(whole) {}  // 0 and 1 are written as themselves

  // The number that a decimal string says.
  static Number read(const std::string& text) {
    Wide numerator = 0, denominator = 1;
    bool decimals = false, digits = false;
    for (char sign : text.substr(text.rfind('-', 0) == 0 ? 1 : 0)) {
      if (sign == '.' && !decimals) {
        decimals = true;
      } else if (std::isdigit(static_cast<unsigned char>(sign))) {
        numerator = sum(product(numerator, 10), sign - '0');
        denominator = decimals ? product(denominator, 10) : denominator;
        digits = true;
      } else {
        throw std::invalid_argument("no number: " + text);
      }
    }
    if (!digits) throw std::invalid_argument("no number: " + text);
    return {text[0] == '-' ? -numerator : numerator, denominator};
  }

  // The figure as the engine keeps it: to 18 decimals, half to even.
  Number kept() const {
    Wide quotient = numerator_ / denominator_, rest = numerator_ % denominator_;
    if (rest < 0) rest += denominator_, --quotient;
    for (int decimal = 0; decimal < kDecimals; ++decimal) {
      rest = product(rest, 10);
      quotient = sum(product(quotient, 10), rest / denominator_);
      rest %= denominator_;
    }
    const Wide twice = product(rest, 2);
    const bool up = twice > denominator_ || (twice == denominator_ && quotient % 2 != 0);
    return {quotient + (up ? 1 : 0), scale()};
  }

  // As isomargin writes it: a decimal string, without an exponent.
  std::string written() const {
    const Number figure = kept();
    Wide scaled = product(figure.numerator_, scale() / figure.denominator_);
    const bool negative = scaled < 0;
    std::string digits;
    for (Wide rest = negative ? -scaled : scaled; rest > 0; rest /= 10)
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    if (digits.size() <= kDecimals) digits.insert(0, kDecimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - kDecimals, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return (negative ? "-" : "") + digits;
  }

  bool is_whole() const { return denominator_ == 1; }

  Number operator-() const { return {-numerator_, denominator_}; }
  friend Number operator*(const Number& a, const Number& b) {
    // Divided crosswise first, so that no more than needed must fit.
    const Number left{a.numerator_, b.denominator_}, right{b.numerator_, a.denominator_};
    return {product(left.numerator_, right.numerator_),
            product(left.denominator_, right.denominator_)};
  }
  friend Number operator/(const Number& a, const Number& b) {
    return a * Number{b.denominator_, b.numerator_};
  }
  friend Number operator+(const Number& a, const Number& b) {
    const Wide shared = common_divisor(a.denominator_, b.denominator_);
    return {sum(product(a.numerator_, b.denominator_ / shared),
                product(b.numerator_, a.denominator_ / shared)),
            product(a.denominator_, b.denominator_ / shared)};
  }
  friend Number operator-(const Number& a, const Number& b) { return a + -b; }
  friend bool operator<(const Number& a, const Number& b) { return (a - b).numerator_ < 0; }
  friend bool operator>(const Number& a, const Number& b) { return b < a; }
  friend bool operator<=(const Number& a, const Number& b) { return !(b < a); }
  friend bool operator==(const Number& a, const Number& b) {
    return a.numerator_ == b.numerator_ && a.denominator_ == b.denominator_;
  }
  friend bool operator!=(const Number& a, const Number& b) { return !(a == b); }

 private:
  __extension__ using Wide = __int128;
  static constexpr int kDecimals = 18;

  Number(Wide numerator, Wide denominator) {
    if (denominator == 0) throw std::domain_error("a division by zero");
    const Wide divisor =
        common_divisor(numerator, denominator) * (denominator < 0 ? -1 : 1);
    numerator_ = numerator / divisor;
    denominator_ = denominator / divisor;
  }

  static Wide scale() { return Wide{1'000'000'000'000'000'000}; }

  static Wide product(Wide a, Wide b) {
    Wide result;
    if (__builtin_mul_overflow(a, b, &result)) throw too_large();
    return result;
  }

  static Wide sum(Wide a, Wide b) {
    Wide result;
    if (__builtin_add_overflow(a, b, &result)) throw too_large();
    return result;
  }

  static std::overflow_error too_large() {
    return std::overflow_error("a figure does not fit into 128 bits");
  }

  static Wide common_divisor(Wide a, Wide b) {
    while (b != 0) {
      const Wide rest = a % b;
      a = b;
      b = rest;
    }
    return a < 0 ? -a : a;
  }

  Wide numerator_ = 0;
  Wide denominator_ = 1;  // above zero, and nothing divides both
};
