// As much JSON as the protocol needs. If your engine has a JSON library, use that.
#pragma once

#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

class Json {
 public:
  using List = std::vector<Json>;
  using Object = std::map<std::string, Json>;
  struct Number {
    std::string written;
  };

  Json(std::nullptr_t = nullptr) {}
  Json(bool flag) : value_(flag) {}
  Json(int number) : value_(Number{std::to_string(number)}) {}
  Json(Number number) : value_(std::move(number)) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(std::string text) : value_(std::move(text)) {}
  Json(List members) : value_(std::move(members)) {}
  Json(Object members) : value_(std::move(members)) {}

  static Json parse(const std::string& line) {
    Reader reader{line};
    Json value = reader.value();
    if (reader.peek() != '\0') reader.wrong("nothing more");
    return value;
  }

  // The member of an object; null where there is none.
  const Json& operator[](const std::string& key) const {
    static const Json kNull;
    const auto& members = object();
    const auto found = members.find(key);
    return found == members.end() ? kNull : found->second;
  }

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }

  std::optional<std::string> optional_text() const {
    if (is_null()) return std::nullopt;
    return text();
  }
  const std::string& text() const { return part<std::string>("a text"); }
  const List& list() const { return part<List>("a list"); }
  const Object& object() const { return part<Object>("an object"); }

  std::string written() const {
    return std::visit([](const auto& value) { return write(value); }, value_);
  }

 private:
  template <typename T>
  const T& part(const char* expected) const {
    if (const T* value = std::get_if<T>(&value_)) return *value;
    throw std::invalid_argument("JSON: expected " + std::string(expected) + ", got " +
                                written());
  }

  static std::string write(std::nullptr_t) { return "null"; }
  static std::string write(bool flag) { return flag ? "true" : "false"; }
  static std::string write(const Number& number) { return number.written; }
  static std::string write(const std::string& text) {
    std::string out = "\"";
    for (char sign : text) {
      if (static_cast<unsigned char>(sign) < ' ') {
        char escape[7];
        std::snprintf(escape, sizeof escape, "\\u%04x", sign);
        out += escape;
      } else {
        if (sign == '"' || sign == '\\') out += '\\';
        out += sign;
      }
    }
    return out + '"';
  }
  static std::string write(const List& members) {
    std::string out;
    for (const Json& member : members) out += (out.empty() ? "" : ",") + member.written();
    return "[" + out + "]";
  }
  static std::string write(const Object& members) {
    std::string out;
    for (const auto& [key, value] : members)
      out += (out.empty() ? "" : ",") + write(key) + ":" + value.written();
    return "{" + out + "}";
  }

  struct Reader {
    const std::string& line;
    std::size_t at = 0;

    Json value() {
      switch (peek()) {
        case '{':
          return object();
        case '[':
          return list();
        case '"':
          return text();
        default:
          return word();
      }
    }

    Json object() {
      Object members;
      for (++at; peek() != '}';) {
        if (!members.empty()) expect(',');
        std::string key = text();
        expect(':');
        members.emplace(std::move(key), value());
      }
      ++at;
      return members;
    }

    Json list() {
      List members;
      for (++at; peek() != ']';) {
        if (!members.empty()) expect(',');
        members.push_back(value());
      }
      ++at;
      return members;
    }

    Json word() {
      const std::size_t end = line.find_first_of(",]} \t\r\n", at);
      const std::string word = line.substr(at, end - at);
      at += word.size();
      if (word == "null") return nullptr;
      if (word == "true" || word == "false") return word == "true";
      if (word.empty() || word.find_first_not_of("+-.0123456789eE") != std::string::npos)
        wrong("a value");
      return Number{word};
    }

    std::string text() {
      expect('"');
      std::string out;
      for (char sign = next(); sign != '"'; sign = next()) {
        if (sign == '\\')
          append(out, escape(next()));
        else
          out += sign;
      }
      return out;
    }

    unsigned escape(char sign) {
      static const std::map<char, unsigned> kShort = {
          {'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'b', '\b'},
          {'f', '\f'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'}};
      if (sign != 'u') return kShort.at(sign);
      const unsigned unit = hexadecimal();
      if (unit < 0xd800 || unit >= 0xdc00) return unit;
      at += 2;  // the \u of the pair's other half
      return 0x10000 + ((unit - 0xd800) << 10) + (hexadecimal() - 0xdc00);
    }

    unsigned hexadecimal() {
      const std::string digits = line.substr(at, 4);
      at += 4;
      return static_cast<unsigned>(std::stoul(digits, nullptr, 16));
    }

    // Appends a character as UTF-8.
    static void append(std::string& out, unsigned code) {
      const auto tail = [&](int shift) {
        out += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
      };
      if (code < 0x80) {
        out += static_cast<char>(code);
      } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6)), tail(0);
      } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12)), tail(6), tail(0);
      } else {
        out += static_cast<char>(0xf0 | (code >> 18)), tail(12), tail(6), tail(0);
      }
    }

    char peek() {
      while (at < line.size() && std::isspace(static_cast<unsigned char>(line[at]))) ++at;
      return at < line.size() ? line[at] : '\0';
    }

    char next() {
      if (at >= line.size()) wrong("more");
      return line[at++];
    }

    void expect(char sign) {
      if (peek() != sign) wrong(std::string(1, sign));
      ++at;
    }

    [[noreturn]] void wrong(const std::string& expected) const {
      throw std::invalid_argument("JSON: expected " + expected + " at character " +
                                  std::to_string(at));
    }
  };

  std::variant<std::nullptr_t, bool, Number, std::string, List, Object> value_ = nullptr;
};
