#include "tracking/custody.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sockets.h"

namespace halfclosed::tracking {

using enum TcpState;

namespace {

SocketRecord with_timer(SocketRecord record, Timer::Kind kind) {
    record.timer = {kind, 0, 1s};
    return record;
}

SocketRecord in_state(SocketRecord record, TcpState state) {
    record.state = state;
    return record;
}

struct Row {
    const char* what;
    SocketRecord record;
    Custody custody;
};

class CustodyTable : public testing::TestWithParam<Row> {};

TEST_P(CustodyTable, SaysWhoHoldsTheSocket) {
    EXPECT_STREQ(name(custody(GetParam().record)), name(GetParam().custody));
}

// The rows are the kinds of socket that Linux 6.18 was seen to have, state by state.
INSTANTIATE_TEST_SUITE_P(
    Linux, CustodyTable,
    testing::Values(
        Row{"a_listener", held(kServer, listen), Custody::process},
        Row{"a_connection_in_use", held(kServer, established), Custody::process},
        Row{"a_connection_that_waits_for_accept", unaccepted(kServer, established),
            Custody::accept_queue},
        Row{"closed_by_the_peer_before_accept", with_unread(unaccepted(kServer, close_wait), 1),
            Custody::accept_queue},
        Row{"closed_by_the_peer", held(kServer, close_wait), Custody::process},
        Row{"a_request_socket", request_socket(kServer), Custody::handshake},
        Row{"a_request_socket_by_its_own_number", in_state(request_socket(kServer), new_syn_recv),
            Custody::handshake},
        Row{"an_attempt_to_connect", held(kClient, syn_sent), Custody::process},
        Row{"closed_and_its_FIN_not_acknowledged", orphaned(kServer, fin_wait1), Custody::orphan},
        Row{"closed_behind_a_zero_window",
            with_timer(orphaned(kServer, fin_wait1), Timer::Kind::probe), Custody::orphan},
        Row{"closed_with_a_long_fin_timeout",
            with_timer(orphaned(kServer, fin_wait2), Timer::Kind::keepalive), Custody::orphan},
        Row{"shut_down_with_the_file_open_FIN_WAIT_1", held(kServer, fin_wait1), Custody::process},
        Row{"shut_down_with_the_file_open_FIN_WAIT_2", held(kServer, fin_wait2), Custody::process},
        Row{"shut_down_with_the_file_open_CLOSING", held(kServer, closing), Custody::process},
        Row{"shut_down_with_the_file_open_LAST_ACK", held(kServer, last_ack), Custody::process},
        Row{"closed_while_the_peer_closed_too", orphaned(kServer, closing), Custody::orphan},
        Row{"closed_after_the_peer", orphaned(kServer, last_ack), Custody::orphan},
        Row{"a_minisock_in_FIN_WAIT_2", minisock(kServer, fin_wait2, 30s), Custody::timewait},
        Row{"a_minisock_whose_time_is_up", minisock(kServer, fin_wait2, 0ms), Custody::timewait},
        Row{"a_minisock_in_TIME_WAIT", minisock(kServer, time_wait, 30s), Custody::timewait},
        Row{"bound_and_nothing_else", held(kServer, bound_inactive), Custody::process},
        Row{"without_a_file_and_bound", unaccepted(kServer, listen), Custody::process},
        Row{"a_state_that_is_not_known", held(kServer, TcpState{14}), Custody::process}),
    [](const auto& row) { return row.param.what; });

TEST(Custody, EveryOneHasANameOfItsOwn) {
    std::vector<std::string> names;
    for (const Custody custody : kCustodies) {
        names.push_back(name(custody));
    }
    EXPECT_EQ(names, (std::vector<std::string>{"process", "accept_queue", "orphan", "timewait",
                                               "handshake"}));
}

}  // namespace
}  // namespace halfclosed::tracking
