#include "observer/detail_share.h"

#include <gtest/gtest.h>

#include <vector>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 10;

/// A tracker of one namespace, and looks at it that find so many sockets.
class OneOfMany {
 public:
    explicit OneOfMany(std::uint64_t number) : first_cookie_(1'000 * number) {}

    void look(std::size_t& in_detail, std::size_t sockets) {
        const DetailShare share(in_detail, kMost, tracker_);
        std::vector<SocketRecord> dump(sockets);
        for (SocketRecord& record : dump) {
            record.cookie =
                Cookie{first_cookie_ + static_cast<std::uint64_t>(&record - dump.data())};
            record.state = TcpState::close_wait;
            record.inode = 1;
            record.local.port = 9999;
        }
        now_ += 1s;
        tracker_.observe(dump, now_);
        // None is asked for: those that are missing are gone with the next look.
        now_ += 1s;
        tracker_.observe(dump, now_);
    }
    std::size_t in_detail() const { return tracker_.in_detail(); }

 private:
    std::uint64_t first_cookie_;
    Instant now_{1h};
    tracking::Tracker tracker_{tracking::WatchedPorts({{9999, 9999}})};
};

TEST(DetailShare, BoundsAllTrackersTogether) {
    std::size_t in_detail = 0;
    OneOfMany a(1);
    OneOfMany b(2);
    OneOfMany c(3);
    a.look(in_detail, 4);
    b.look(in_detail, 8);
    c.look(in_detail, 5);
    EXPECT_EQ(a.in_detail(), 4U);
    EXPECT_EQ(b.in_detail(), 6U);
    EXPECT_EQ(c.in_detail(), 0U);
    EXPECT_EQ(in_detail, kMost);
}

TEST(DetailShare, TakesWhatTheOthersHaveLeft) {
    std::size_t in_detail = 0;
    OneOfMany a(1);
    OneOfMany b(2);
    a.look(in_detail, 10);
    b.look(in_detail, 3);
    EXPECT_EQ(b.in_detail(), 0U);
    a.look(in_detail, 0);
    a.look(in_detail, 0);
    EXPECT_EQ(in_detail, a.in_detail() + b.in_detail());
    b.look(in_detail, 3);
    EXPECT_EQ(b.in_detail(), 3U);
    EXPECT_EQ(in_detail, a.in_detail() + b.in_detail());
}

/// A count that is too low, as after a namespace has ended, is no bound below nothing.
TEST(DetailShare, NeverCountsLessThanNone) {
    std::size_t in_detail = 0;
    OneOfMany a(1);
    a.look(in_detail, 5);
    in_detail = 0;
    a.look(in_detail, 5);
    EXPECT_EQ(in_detail, 5U);
}

}  // namespace
}  // namespace halfclosed
