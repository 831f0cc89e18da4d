#pragma once

#include <compare>
#include <cstdint>

namespace halfclosed {

/// Ports `first` to `last`, both included; a single port has first == last. Valid: 1 <= first <= last.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    constexpr bool contains(std::uint16_t port) const { return first <= port && port <= last; }
    constexpr auto operator<=>(const PortRange&) const = default;
};

/// Every port, each for itself: `--port all`. The range of 1 to 65535 is one range.
inline constexpr PortRange kEveryPort{0, 65535};

}  // namespace halfclosed
