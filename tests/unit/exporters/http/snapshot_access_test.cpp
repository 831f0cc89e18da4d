#include "exporters/http/snapshot_access.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace halfclosed::exporters {
namespace {

TEST(SnapshotAccessFlag, HasThreeValues) {
    EXPECT_EQ(parse_snapshot_access("open"), SnapshotAccess::open);
    EXPECT_EQ(parse_snapshot_access("authenticated"), SnapshotAccess::authenticated);
    EXPECT_EQ(parse_snapshot_access("socket"), SnapshotAccess::socket);
    EXPECT_THROW(parse_snapshot_access("closed"), std::invalid_argument);
    EXPECT_THROW(parse_snapshot_access(""), std::invalid_argument);
}

TEST(SnapshotAccessFlag, IsAboutSingleSockets) {
    EXPECT_TRUE(tells_of_single_sockets("/api/v1/snapshot"));
    EXPECT_TRUE(tells_of_single_sockets("/api/v1/history"));
    EXPECT_FALSE(tells_of_single_sockets("/metrics"));
    EXPECT_FALSE(tells_of_single_sockets("/"));
}

TEST(SnapshotAccessFlag, WithoutAPolicyNobodyIsAuthenticated) {
    EXPECT_TRUE(may_read_sockets(SnapshotAccess::open, nullptr));
    EXPECT_FALSE(may_read_sockets(SnapshotAccess::authenticated, nullptr));
    EXPECT_FALSE(may_read_sockets(SnapshotAccess::socket, nullptr));
}

}  // namespace
}  // namespace halfclosed::exporters
