#include <gtest/gtest.h>

#include "records/endpoint.h"
#include "records/port_range.h"
#include "records/socket_record.h"
#include "records/tcp_state.h"

namespace halfclosed {

TEST(TcpState, HasNodeExportersNames) {
    const char* const names[] = {"unknown(0)",   "established",    "syn_sent",   "syn_recv",
                                 "fin_wait1",    "fin_wait2",      "time_wait",  "close",
                                 "close_wait",   "last_ack",       "listen",     "closing",
                                 "new_syn_recv", "bound_inactive", "unknown(14)"};
    for (unsigned number = 0; number < std::size(names); ++number) {
        EXPECT_EQ(name(TcpState(number)), names[number]);
    }
    EXPECT_EQ(name(TcpState{255}), "unknown(255)");
}

TEST(StateSet, IsTheMaskOfARequest) {
    EXPECT_EQ(StateSet{}.bits(), 0u);
    EXPECT_EQ(StateSet{TcpState::established}.bits(), 0x2u);
    EXPECT_EQ(kHalfClosedStates.bits(), 0x0b30u);
    EXPECT_EQ(kAllStates.bits(), 0x1ffeu);
    EXPECT_EQ(StateSet(kHalfClosedStates, {TcpState::time_wait}).bits(), 0x0b70u);
}

TEST(StateSet, ContainsWhatItWasMadeOf) {
    for (unsigned number = 0; number < 32; ++number) {
        const bool half_closed =
            number == 4 || number == 5 || number == 8 || number == 9 || number == 11;
        EXPECT_EQ(kHalfClosedStates.contains(TcpState(number)), half_closed) << number;
    }
}

TEST(Endpoint, IsWrittenAsAPersonWritesIt) {
    EXPECT_EQ(to_string(Endpoint{{Family::ipv4, {192, 0, 2, 7}}, 80}), "192.0.2.7:80");
    EXPECT_EQ(to_string(Endpoint{{Family::ipv6, {}}, 0}), "[::]:0");
    Address mapped{Family::ipv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}};
    EXPECT_EQ(to_string(mapped), "::ffff:10.0.0.1");
    EXPECT_EQ(to_string(Endpoint{mapped, 65535}), "[::ffff:10.0.0.1]:65535");
    const Address longest{Family::ipv6,
                          {0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                           0xff, 0xff, 0xff, 0xff}};
    EXPECT_EQ(to_string(longest), "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(Address, IsAnyWhereNoBitIsSet) {
    EXPECT_TRUE((Address{Family::ipv4, {}}.is_any()));
    EXPECT_TRUE((Address{Family::ipv6, {}}.is_any()));
    EXPECT_FALSE((Address{Family::ipv4, {127, 0, 0, 1}}.is_any()));
    EXPECT_FALSE(
        (Address{Family::ipv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}.is_any()));
}

TEST(PortRange, ContainsBothItsEnds) {
    constexpr PortRange range{10, 20};
    EXPECT_FALSE(range.contains(9));
    EXPECT_TRUE(range.contains(10));
    EXPECT_TRUE(range.contains(20));
    EXPECT_FALSE(range.contains(21));
    EXPECT_TRUE((PortRange{65535, 65535}.contains(65535)));
}

TEST(SocketIdentity, IsWhatAnExactGetNeeds) {
    SocketRecord record;
    record.cookie = Cookie{42};
    record.family = Family::ipv6;
    record.local = {{Family::ipv6, {1}}, 9999};
    record.remote = {{Family::ipv6, {2}}, 40000};
    record.interface = 3;
    EXPECT_EQ(identity(record), (SocketIdentity{Cookie{42},
                                                Family::ipv6,
                                                {{Family::ipv6, {1}}, 9999},
                                                {{Family::ipv6, {2}}, 40000},
                                                3}));
}

}  // namespace halfclosed
