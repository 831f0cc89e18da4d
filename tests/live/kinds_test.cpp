// Every kind of socket that Linux has: our dump, ss and the kernel's own counts say the same of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "ground/kinds.h"
#include "ground/second_opinion.h"
#include "host/sockstat.h"
#include "tracking/census.h"
#include "tracking/reconciliation.h"

namespace halfclosed {

using ground::Connection;
using ground::Kind;
using ground::Network;
using tracking::Custody;
using tracking::Side;

namespace {

/// Our dump against ss, socket by socket and field by field, and against sockstat, count by count. Nothing moves here
/// but timers. `orphans` is how many there must be in this namespace.
void agree(std::uint64_t orphans) {
    std::vector<SocketRecord> records;
    std::vector<ground::Line> theirs;
    Sockstat sockstat;
    for (int attempt = 0; attempt < 50; ++attempt) {
        records = ground::look();
        theirs = ground::parse_ss(ground::run_ss("-tanoeH"));
        sockstat = host::read_sockstat();
        // Where something moved in between, a probe, a delayed ACK or the end of another case's TIME-WAIT, there is
        // nothing to compare.
        if (ground::as_ss_writes(ground::look()) == ground::as_ss_writes(records)) {
            break;
        }
    }
    EXPECT_EQ(ground::disagreement(ground::as_ss_writes(records), theirs), "");
    EXPECT_FALSE(theirs.empty());

    tracking::KernelStyleCounts tally;
    for (const SocketRecord& record : records) {
        tally.add(record);
    }
    EXPECT_EQ(tally.counts()[tracking::Count::inuse], sockstat.inuse);
    EXPECT_EQ(tally.counts()[tracking::Count::inuse6], sockstat.inuse6);
    EXPECT_EQ(tally.counts()[tracking::Count::tw], sockstat.tw);
    EXPECT_EQ(tally.counts()[tracking::Count::orphan], orphans);
    // Other namespaces of this machine may have orphans of their own.
    EXPECT_LE(tally.counts()[tracking::Count::orphan], sockstat.orphan);
}

struct Case {
    const Kind* kind;
    Network network;
    Side first;
};

std::vector<Case> cases() {
    std::vector<Case> result;
    for (const Kind& kind : ground::kinds()) {
        for (const Network network : ground::kNetworks) {
            for (const Side side : tracking::kSides) {
                // Only a server has a queue of connections to accept.
                if (kind.accepted || side == Side::server) {
                    result.push_back({&kind, network, side});
                }
            }
        }
    }
    return result;
}

void PrintTo(const Case& row, std::ostream* out) {
    *out << row.kind->name;
}

class EveryKind : public testing::TestWithParam<Case> {};

TEST_P(EveryKind, IsSeenAsTheKernelHasIt) {
    const auto& [kind, network, first] = GetParam();
    const Connection connection = make(*kind, network, first);
    agree(kind->first && kind->first->custody == Custody::orphan ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(Linux, EveryKind, testing::ValuesIn(cases()), [](const auto& row) {
    return std::string(row.param.kind->name) + "_" + ground::name(row.param.network) + "_" +
           tracking::name(row.param.first) + "_first";
});

TEST(EveryKindAtOnce, IsSeenAsTheKernelHasIt) {
    std::vector<Connection> connections;
    std::vector<ground::FullQueue> queues;
    std::uint64_t orphans = 0;
    for (const Case& row : cases()) {
        connections.push_back(make(*row.kind, row.network, row.first));
        orphans += row.kind->first && row.kind->first->custody == Custody::orphan ? 1 : 0;
    }
    for (const Network network : ground::kNetworks) {
        connections.push_back(ground::make_request_socket(network));
        queues.push_back(ground::make_syn_sent(network));
    }
    const std::vector<SocketRecord> records = ground::look();
    for (const TcpState state :
         {TcpState::established, TcpState::syn_sent, TcpState::syn_recv, TcpState::fin_wait1,
          TcpState::fin_wait2, TcpState::time_wait, TcpState::close_wait, TcpState::last_ack,
          TcpState::listen, TcpState::closing}) {
        EXPECT_TRUE(
            std::any_of(records.begin(), records.end(),
                        [state](const SocketRecord& record) { return record.state == state; }))
            << name(state);
    }
    agree(orphans);
}

// A request socket is no full socket: it is in no count of the kernel's.
TEST(RequestSocket, WaitsForDataAndHasNoOwner) {
    for (const Network network : ground::kNetworks) {
        const Connection connection = ground::make_request_socket(network);
        const auto server = end_of(connection, Side::server, ground::look());
        ASSERT_TRUE(server);
        EXPECT_EQ(server->state, TcpState::syn_recv);
        EXPECT_EQ(tracking::custody(*server), Custody::handshake);
        EXPECT_EQ(server->shutdown, std::nullopt);
        agree(0);
    }
}

TEST(ABoundSocket, IsInNoTable) {
    // Something that ss has to show, so that its silence cannot be taken for agreement.
    const ground::Socket listener = ground::listen(Network::ipv4, 0);
    const std::size_t before = ground::look().size();
    ground::Socket bound = ground::Socket::create(Network::ipv4);
    ground::bind_to(bound, Network::ipv4, 0);
    ASSERT_NE(bound.port(), 0);
    EXPECT_EQ(ground::look().size(), before);
    agree(0);
}

}  // namespace
}  // namespace halfclosed
