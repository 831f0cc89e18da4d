// Over a namespace in which every port is watched, the resets that were sent are the kernel's OutRsts.

#include <gtest/gtest.h>

#include <numeric>

#include "host/netstat.h"
#include "lacks.h"
#include "netlink/socket_namespace.h"
#include "tally.h"

namespace halfclosed {

namespace {

using ground::Network;
using tracking::Side;

std::uint64_t out_rsts() {
    return host::tcp_events(host::read_counters()).at("OutRsts");
}

std::uint64_t sent(const ExactTotals& totals, std::optional<ResetReason> reason = std::nullopt) {
    std::uint64_t sum = 0;
    for (const auto& [key, counts] : totals) {
        for (std::size_t index = 0; index < counts.resets_sent.size(); ++index) {
            if (!reason || index == static_cast<std::size_t>(*reason)) {
                sum += counts.resets_sent[index];
            }
        }
    }
    return sum;
}

/// To a port at which nobody listens: refused with a reset.
void connect_in_vain(Network network) {
    EXPECT_THROW(ground::connect(network, 9), std::system_error);
}

TEST(Resets, OfEveryPortAreTheKernelsOutRsts) {
    exact::Source source;
    const NamespaceId space = netlink::own_namespace();
    source.watch(space, {});
    const std::uint64_t before = out_rsts();
    ExactTotals all;
    constexpr std::size_t kOfEach = 3;
    std::uint16_t port = 7'000;
    for (const Ending& ending : endings()) {
        for (const Network network : ground::kNetworks) {
            for (const Side first : tracking::kSides) {
                Batch batch = make_batch(network, first, ++port, kOfEach);
                ending.bring_about(batch.connections);
                connect_in_vain(network);
                all += tally(ending, first, kOfEach, port, space);
                ++all[{space, port, true}]
                      .resets_sent[static_cast<std::size_t>(ResetReason::no_socket)];
            }
        }
    }
    const ExactTotals expected = as_told(source, all);
    const std::uint64_t untold = sent(all) - sent(expected);
    EXPECT_TRUE(eventually([&] { return sent(source.read()) == out_rsts() - before - untold; }));
    const ExactTotals totals = source.read();
    EXPECT_EQ(sent(totals), out_rsts() - before - untold);
    for (std::size_t reason = 0; reason < kResetReasons; ++reason) {
        const auto each = static_cast<ResetReason>(reason);
        EXPECT_EQ(sent(totals, each), sent(expected, each)) << name(each);
    }
}

}  // namespace

}  // namespace halfclosed
