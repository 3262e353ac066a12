// The loop of an adapter: read a line, answer it, write a line.

#include <iostream>

#include "adapter.hpp"

namespace {

Json asked(const Json& message) {
  const std::string& kind = message["t"].text();
  const Json& seq = message["seq"];
  if (kind == "hello") return adapter::ready();
  if (kind == "quote")
    return Json::Object{
        {"t", "quantities"}, {"seq", seq}, {"values", adapter::quote(message)}};
  if (kind == "run")
    return Json::Object{{"t", "trace"}, {"seq", seq}, {"steps", adapter::run(message)}};
  throw adapter::Unsupported(kind);
}

// Returns the one answer to a message; one bad case must not end the run.
Json answer(const Json& message) {
  const Json& seq = message["seq"];
  try {
    return asked(message);
  } catch (const adapter::Unsupported& gap) {
    return Json::Object{{"t", "unsupported"}, {"seq", seq}, {"feature", gap.what()}};
  } catch (const std::exception& fault) {
    return Json::Object{{"t", "error"}, {"seq", seq}, {"message", fault.what()}};
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const Json message = Json::parse(line);
    if (message["t"].text() == "bye") break;
    std::cout << answer(message).written() << '\n' << std::flush;
  }
}
