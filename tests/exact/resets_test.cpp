// Over a namespace in which every port is watched, the resets that were sent are the kernel's OutRsts.

#include <gtest/gtest.h>

#include <numeric>

#include "host/netstat.h"
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
    source.watch(netlink::own_namespace(), {});
    const std::uint64_t before = out_rsts();
    std::uint64_t refused = 0;
    std::uint16_t port = 7'000;
    for (const Ending& ending : endings()) {
        for (const Network network : ground::kNetworks) {
            for (const Side first : tracking::kSides) {
                Batch batch = make_batch(network, first, ++port, 3);
                ending.bring_about(batch.connections);
                connect_in_vain(network);
                ++refused;
            }
        }
    }
    EXPECT_TRUE(eventually([&] { return sent(source.read()) == out_rsts() - before; }));
    const ExactTotals totals = source.read();
    EXPECT_EQ(sent(totals), out_rsts() - before);
    EXPECT_GE(sent(totals, ResetReason::no_socket), refused);
    EXPECT_GT(sent(totals, ResetReason::no_connection), 0U);
    EXPECT_GT(sent(totals, ResetReason::timewait_socket), 0U);
    EXPECT_GT(sent(totals, ResetReason::abort_on_close), 0U);
    EXPECT_EQ(sent(totals, ResetReason::other), 0U);
}

}  // namespace

}  // namespace halfclosed
