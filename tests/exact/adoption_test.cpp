// What a dump has that is adopted, though it may have ended before the dump was read to its end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lacks.h"
#include "netlink/socket_namespace.h"
#include "tally.h"

namespace halfclosed {

namespace {

/// It was in a dump, and had ended when the dump was read to its end: put back, it would be counted as ended once more.
class AdoptionOfWhatHasEnded : public testing::Test {
 protected:
    static constexpr std::uint16_t kPort = 9'990;  // none of those whose TIME-WAITs others look for

    AdoptionOfWhatHasEnded() { source_.watch(space_, {{kPort, kPort}}); }

    void half_close(void (ground::Socket::*first_does)()) {
        (connection().first().*first_does)();
        wait_for(TcpState::close_wait, connection().second());
    }

    void expect_nothing_is_put_back() {
        source_.begin_adoption();
        const std::vector<SocketRecord> dump = ground::look(kHalfClosedStates);
        ASSERT_EQ(dump.size(), 2U);
        connection().second().close();
        ASSERT_TRUE(eventually([&] { return source_.sockets().empty(); }));
        for (const SocketRecord& record : dump) {
            source_.adopt({space_, kPort, record.local.port == kPort}, record);
        }
        EXPECT_THAT(source_.sockets(), testing::IsEmpty());
        source_.end_adoption();
        EXPECT_THAT(source_.sockets(), testing::IsEmpty());
    }

    ground::Connection& connection() { return batch_.connections.front(); }

    exact::Source source_;
    NamespaceId space_ = netlink::own_namespace();

 private:
    Batch batch_ = make_batch(ground::Network::ipv4, tracking::Side::server, kPort, 1);
};

TEST_F(AdoptionOfWhatHasEnded, DoesNotPutBackASocketThatAProgramHolds) {
    half_close(&ground::Socket::shut_down);
    expect_nothing_is_put_back();
}

TEST_F(AdoptionOfWhatHasEnded, DoesNotPutBackAClosedSocket) {
    if (const std::string without = left_out_of(source_, "kfree_skb"); !without.empty()) {
        GTEST_SKIP() << without;
    }
    half_close(&ground::Socket::close);
    expect_nothing_is_put_back();
}

// Nor those that were half-closed before their port was watched, and that no program has seen.
TEST_F(AdoptionOfWhatHasEnded, DoesNotPutBackWhatWasNotKnown) {
    source_.leave({space_});
    half_close(&ground::Socket::shut_down);
    wait_for(TcpState::fin_wait2, connection().first());
    source_.watch(space_, {{kPort, kPort}}, {kPort});
    expect_nothing_is_put_back();
}

}  // namespace

}  // namespace halfclosed
