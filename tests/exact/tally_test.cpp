// Every way in which a connection can end, at both sides and over each family: what the kernel's programs count is what
// was done, to the last step.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "exact/bpf/layout_in_cpp.h"
#include "ground/private_namespace.h"
#include "lacks.h"
#include "netlink/socket_namespace.h"
#include "tally.h"

namespace halfclosed {

namespace {

using ground::Network;
using tracking::Side;

/// A port of its own for each case: what another has left in TIME-WAIT is none of it.
std::uint16_t next_port() {
    static std::uint16_t port = 9'000;
    return ++port;
}

/// What has happened is counted within a moment: a reset on its way, a timer that is late.
ExactTotals read_until(exact::Source& source, const ExactTotals& expected) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (true) {
        ask_for_untold_steps(source);
        ExactTotals totals = without_zeros(source.read());
        if (totals == expected || std::chrono::steady_clock::now() > deadline) {
            return totals;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
}

class Endings : public testing::TestWithParam<std::tuple<Ending, Network, Side>> {};

TEST_P(Endings, AreCountedToTheLastStep) {
    const auto& [ending, network, first] = GetParam();
    exact::Source source;
    const NamespaceId space = netlink::own_namespace();
    const std::uint16_t port = next_port();
    source.watch(space, {{port, port}});
    constexpr std::size_t kCount = 20;
    Batch batch = make_batch(network, first, port, kCount);
    ending.bring_about(batch.connections);
    const ExactTotals expected =
        without_zeros(as_told(source, tally(ending, first, kCount, port, space)));
    EXPECT_EQ(read_until(source, expected), expected);
    EXPECT_THAT(source.sockets(), testing::IsEmpty());
    EXPECT_FALSE(source.overflowed());
}

TEST(Counters, OfKeysThatShareASlotAreApart) {
    exact::Source source;
    const NamespaceId space = netlink::own_namespace();
    const std::uint16_t one = next_port();
    const std::uint16_t other = one + EXACT_SLOTS / 2;
    ASSERT_EQ(EXACT_SLOT(static_cast<std::uint64_t>(space), one, 1U),
              EXACT_SLOT(static_cast<std::uint64_t>(space), other, 1U));
    source.watch(space, {{one, one}, {other, other}});
    const Ending& ending = endings().front();
    ExactTotals expected;
    constexpr std::size_t kCount = 3;
    for (const std::uint16_t port : {one, other}) {
        Batch batch = make_batch(Network::ipv4, Side::server, port, kCount);
        ending.bring_about(batch.connections);
        expected += tally(ending, Side::server, kCount, port, space);
    }
    expected = without_zeros(as_told(source, expected));
    EXPECT_EQ(read_until(source, expected), expected);
    source.leave({space});
    ExactTotals of_nobody;
    for (const auto& [key, counts] : expected) {
        of_nobody[{NamespaceId{}, key.port, key.server}] = counts;
    }
    EXPECT_EQ(without_zeros(source.read()), of_nobody);
}

std::string test_name(const testing::TestParamInfo<Endings::ParamType>& test) {
    return std::string(std::get<Ending>(test.param).name) + "_" +
           ground::name(std::get<Network>(test.param)) + "_" + name(std::get<Side>(test.param)) +
           "_first";
}

INSTANTIATE_TEST_SUITE_P(OfConnections, Endings,
                         testing::Combine(testing::ValuesIn(endings()),
                                          testing::ValuesIn(ground::kNetworks),
                                          testing::ValuesIn(tracking::kSides)),
                         test_name);

}  // namespace

}  // namespace halfclosed
