#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios::packetdrill {

/// "tcpi_state == TCP_CLOSE_WAIT": a member of struct tcp_info beside a number.
struct Assertion {
    enum class Relation : std::uint8_t { equal, unequal, less, at_most, greater, at_least };

    std::string member;
    Relation relation = Relation::equal;
    std::int64_t number = 0;

    bool operator==(const Assertion&) const = default;
};

/// The assertions of a piece of code: "assert A == B", "assert A <= B <= C", several joined by "and", each with a
/// message after a comma, or none. Names of states are numbers: TCP_FIN_WAIT2, TCPI_CLOSE_WAIT. Throws
/// NotSupportedError for any other code.
std::vector<Assertion> parse_assertions(std::string_view code, std::size_t line);

/// Whether it holds for what the kernel says.
bool holds(const Assertion& assertion, std::int64_t actual);

/// "tcpi_state == 8".
std::string to_string(const Assertion& assertion);

}  // namespace halfclosed::scenarios::packetdrill
