#include "observer/socket_owners.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1000s};

/// A socket of this very process.
class OwnSocket : public testing::Test {
 protected:
    void SetUp() override {
        struct stat status {};
        ASSERT_EQ(fstat(descriptor_, &status), 0);
        snapshot_.sockets = {leaked_socket(Cookie{1}, kNow)};
        snapshot_.sockets[0].record.inode = static_cast<std::uint32_t>(status.st_ino);
    }
    void TearDown() override { close(descriptor_); }

    int descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    exporters::Snapshot snapshot_;
    DumpFailures failures_ = no_dump_failures();
    SocketOwners socket_owners_{1s, 0.5, failures_, false};
};

TEST_F(OwnSocket, ItsProcessIsFound) {
    socket_owners_.find_processes(snapshot_.sockets, kNow);
    socket_owners_.fill(snapshot_);
    const exporters::Owner* owner = snapshot_.owner(snapshot_.sockets[0].record);
    ASSERT_NE(owner, nullptr);
    ASSERT_EQ(owner->processes.size(), 1U);
    EXPECT_EQ(owner->processes[0].pid, getpid());
    EXPECT_EQ(owner->processes[0].comm, "observer_tests");
}

TEST_F(OwnSocket, AnOrphanHasNoProcessWhateverInodeIsRemembered) {
    snapshot_.sockets[0].custody = tracking::Custody::timewait;
    socket_owners_.find_processes(snapshot_.sockets, kNow);
    socket_owners_.fill(snapshot_);
    EXPECT_TRUE(snapshot_.owners.empty());
}

TEST_F(OwnSocket, WithNothingToLookForTheCollectorIsWell) {
    socket_owners_.find_processes({}, kNow);
    EXPECT_TRUE(socket_owners_.processes().health().success);
}

TEST_F(OwnSocket, WhatIsNotHalfClosedAnyMoreIsForgotten) {
    socket_owners_.find_processes(snapshot_.sockets, kNow);
    socket_owners_.find_processes({}, kNow + 1s);
    socket_owners_.fill(snapshot_);
    EXPECT_TRUE(snapshot_.owners.empty());
}

}  // namespace
}  // namespace halfclosed
