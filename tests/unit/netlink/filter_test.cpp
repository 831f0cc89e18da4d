#include "netlink/filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "bytes.h"
#include "filter_machine.h"

namespace halfclosed::netlink {

namespace {

using Ports = std::vector<PortRange>;

bool is_in(const Ports& ports, std::uint16_t port) {
    return std::any_of(ports.begin(), ports.end(),
                       [port](const PortRange& range) { return range.contains(port); });
}

/// The ports where something may change: every end of a range and its neighbours.
std::vector<std::uint16_t> interesting(const Ports& ports) {
    std::vector<std::uint16_t> result{0, 1, 40000, 65535};
    for (const PortRange& range : ports) {
        for (const int port : {range.first - 1, int{range.first}, range.first + 1, range.last - 1,
                               int{range.last}, range.last + 1}) {
            result.push_back(static_cast<std::uint16_t>(port));
        }
    }
    return result;
}

/// The program is accepted, and lets through what it must.
void expect_filter(const Ports& ports, const std::vector<std::uint16_t>& tried) {
    const Bytes program = compile(ports);
    ASSERT_EQ(audit(program), "") << ports.size() << " ranges";
    for (const std::uint16_t local : tried) {
        for (const std::uint16_t remote : tried) {
            ASSERT_EQ(lets_through(program, local, remote),
                      is_in(ports, local) || is_in(ports, remote))
                << local << " to " << remote << " with " << ports.size() << " ranges";
        }
    }
}

Ports single_ports(std::size_t count, std::uint16_t step) {
    Ports ports;
    for (std::size_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(1 + i * step);
        ports.push_back({port, port});
    }
    return ports;
}

}  // namespace

TEST(Filter, WithoutPortsThereIsNone) {
    EXPECT_TRUE(compile({}).empty());
}

// "sport = 9999 or dport = 9999", as Linux was measured to take it: 20 bytes.
TEST(Filter, OfOnePortIsTwoComparisons) {
    const Bytes expected{
        std::byte{11},   std::byte{8},
        std::byte{12},   std::byte{0},  // S_EQ: yes 8, no 12
        std::byte{0},    std::byte{0},
        std::byte{0x0f}, std::byte{0x27},  // 9999, host byte order
        std::byte{1},    std::byte{4},
        std::byte{12},   std::byte{0},  // JMP 12: the end
        std::byte{12},   std::byte{8},
        std::byte{12},   std::byte{0},  // D_EQ: yes 8: the end, no 12: beyond
        std::byte{0},    std::byte{0},
        std::byte{0x0f}, std::byte{0x27},
    };
    EXPECT_EQ(compile(Ports{{9999, 9999}}), expected);
}

TEST(Filter, LetsTheLocalOrTheRemotePortThrough) {
    for (const Ports& ports :
         {Ports{{9999, 9999}}, Ports{{80, 80}, {9999, 9999}}, Ports{{8000, 8999}},
          Ports{{80, 80}, {8000, 8999}, {443, 443}}, Ports{{1, 65535}},
          Ports{{1, 1}, {65535, 65535}}, Ports{{65530, 65535}, {1, 5}}, Ports{{10, 20}, {15, 30}},
          Ports{{10, 20}, {21, 30}}, Ports{{10, 30}, {15, 20}}}) {
        expect_filter(ports, interesting(ports));
    }
}

TEST(Filter, OfRandomRangesLetsThroughWhatItMust) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        Ports ports;
        for (std::size_t i = 1 + random() % 8; i > 0; --i) {
            const auto first = static_cast<std::uint16_t>(1 + random() % 65535);
            const auto most = static_cast<unsigned>(65535 - first);
            const auto last =
                static_cast<std::uint16_t>(first + random() % (random() % 2 == 0 ? 1 : most + 1));
            ports.push_back({first, last});
        }
        expect_filter(ports, interesting(ports));
    }
}

TEST(Filter, OfTwoHundredPortsIsAccepted) {
    const Ports ports = single_ports(200, 300);
    EXPECT_EQ(compile(ports).size(), 4796u);
    expect_filter(ports, {1, 2, 301, 302, 40000, 59701, 59702});
}

TEST(Filter, RangesThatTouchAreOne) {
    EXPECT_EQ(compile(Ports{{10, 20}, {21, 30}}), compile(Ports{{10, 30}}));
    EXPECT_EQ(compile(Ports{{15, 30}, {10, 20}}), compile(Ports{{10, 30}}));
    EXPECT_EQ(compile(Ports{{80, 80}, {80, 80}}), compile(Ports{{80, 80}}));
    EXPECT_EQ(compile(single_ports(16, 1)), compile(Ports{{1, 16}}));
    EXPECT_NE(compile(Ports{{10, 20}, {22, 30}}), compile(Ports{{10, 30}}));
    EXPECT_EQ(compile(Ports{{60000, 65535}, {65535, 65535}}), compile(Ports{{60000, 65535}}));
}

// The whole program has to fit one attribute, and each jump a 16-bit number.
TEST(Filter, HasAnEnd) {
    expect_filter(single_ports(2'700, 2), {1, 2, 3, 5399, 5400, 5401});
    EXPECT_THROW(compile(single_ports(2'800, 2)), std::length_error);
}

}  // namespace halfclosed::netlink
