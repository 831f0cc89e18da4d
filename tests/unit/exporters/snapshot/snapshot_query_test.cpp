#include "exporters/snapshot/snapshot_query.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

std::string refusal(const std::string& key, const std::string& value) {
    try {
        snapshot_query_of({{key, value}});
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return {};
}

TEST(SnapshotQuery, HasTheNamesOfTheFlags) {
    EXPECT_EQ(snapshot_query_of({{"state", "close_wait,last-ack"},
                                 {"cause", "unread"},
                                 {"owner", "a.service,b.service"},
                                 {"older-than", "1h30m"},
                                 {"sort", "queue"},
                                 {"limit", "20"},
                                 {"group-by", "peer"}}),
              (SnapshotQuery{.filter = {.states = {TcpState::close_wait, TcpState::last_ack},
                                        .causes = {tracking::Cause::unread},
                                        .owners = {"a.service", "b.service"},
                                        .older_than = 90min},
                             .order = SocketOrder::queue,
                             .limit = 20,
                             .by = GroupBy::peer}));
    EXPECT_EQ(snapshot_query_of({}), SnapshotQuery{});
}

TEST(SnapshotQuery, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(refusal("older_than", "5m"),
              "parameter 'older_than' is not known (state, cause, owner, older-than, sort, limit, "
              "group-by); did you mean 'older-than'?");
    EXPECT_EQ(refusal("state", "established"),
              "state: 'established' is not a half-closed state (fin_wait1, fin_wait2, close_wait, "
              "last_ack, closing, close)");
    EXPECT_EQ(
        refusal("cause", "unraed"),
        "cause: 'unraed' is not a cause (not_accepted, unread, not_closed, sending); did you mean "
        "'unread'?");
    EXPECT_EQ(refusal("owner", ""), "owner: a value is missing");
    EXPECT_EQ(refusal("state", "closing,"), "state: a value is missing");
    EXPECT_NE(refusal("older-than", "5"), "");
    EXPECT_EQ(refusal("sort", "agee"),
              "sort: 'agee' is not an order (age, owner, cause, state, queue, peer, port); did you "
              "mean 'age'?");
    EXPECT_EQ(refusal("limit", "0"), "limit: '0' is not a number from 1 on");
    EXPECT_EQ(refusal("limit", "-1"), "limit: '-1' is not a number from 1 on");
    EXPECT_NE(refusal("group-by", "pid"), "");
}

}  // namespace
}  // namespace halfclosed::exporters
