#include "netlink/request.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "bytes.h"
#include "netlink/filter.h"

namespace halfclosed::netlink {

namespace {

constexpr std::uint16_t kDumpFlags = NLM_F_REQUEST | NLM_F_DUMP;

Bytes request_message(std::uint16_t type, std::uint16_t flags, const Bytes& payload) {
    return message(type, 77, payload, flags);
}

}  // namespace

TEST(DumpRequest, AsksForOneFamily) {
    inet_diag_req_v2 request{};
    request.sdiag_family = AF_INET6;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = kHalfClosedStates.bits();
    EXPECT_EQ(dump_request({kHalfClosedStates, {}}, Walk::one_family, Family::ipv6, 77),
              request_message(SOCK_DIAG_BY_FAMILY, kDumpFlags, bytes_of(request)));
    request.sdiag_family = AF_INET;
    request.idiag_states = kAllStates.bits();
    EXPECT_EQ(dump_request({}, Walk::one_family, Family::ipv4, 77),
              request_message(SOCK_DIAG_BY_FAMILY, kDumpFlags, bytes_of(request)));
}

TEST(DumpRequest, AsksForBothFamiliesAtOnce) {
    inet_diag_req request{};
    request.idiag_family = AF_INET;
    request.idiag_states = kHalfClosedStates.bits();
    EXPECT_EQ(dump_request({kHalfClosedStates, {}}, Walk::both_at_once, Family::ipv4, 77),
              request_message(TCPDIAG_GETSOCK, kDumpFlags, bytes_of(request)));
}

// The legacy struct is four bytes longer than the later one: with a filter behind it, the room must be enough.
TEST(DumpRequest, CarriesTheFilterBehindEitherStruct) {
    const std::vector<PortRange> ports{{80, 80}, {8000, 8999}};
    const Bytes filter = attribute(INET_DIAG_REQ_BYTECODE, compile(ports));

    inet_diag_req legacy{};
    legacy.idiag_family = AF_INET;
    legacy.idiag_states = kAllStates.bits();
    EXPECT_EQ(dump_request({kAllStates, ports}, Walk::both_at_once, Family::ipv4, 77),
              request_message(TCPDIAG_GETSOCK, kDumpFlags, join(bytes_of(legacy), filter)));

    inet_diag_req_v2 request{};
    request.sdiag_family = AF_INET;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = kAllStates.bits();
    EXPECT_EQ(dump_request({kAllStates, ports}, Walk::one_family, Family::ipv4, 77),
              request_message(SOCK_DIAG_BY_FAMILY, kDumpFlags, join(bytes_of(request), filter)));
}

// INET_DIAG_REQ_PROTOCOL has the number that does not fit into the byte; the byte says none that a kernel without the
// attribute could take for another.
TEST(DumpRequest, AsksForMptcpByItsAttribute) {
    const std::vector<PortRange> ports{{80, 80}};
    inet_diag_req_v2 request{};
    request.sdiag_family = AF_INET6;
    request.sdiag_protocol = 253;
    request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
    request.idiag_states = kAllStates.bits();
    const Bytes attributes = join(attribute(INET_DIAG_REQ_PROTOCOL, bytes_of(std::uint32_t{262})),
                                  attribute(INET_DIAG_REQ_BYTECODE, compile(ports)));
    for (const Walk walk : {Walk::one_family, Walk::both_at_once}) {
        EXPECT_EQ(
            dump_request({kAllStates, ports, Protocol::mptcp}, walk, Family::ipv6, 77),
            request_message(SOCK_DIAG_BY_FAMILY, kDumpFlags, join(bytes_of(request), attributes)));
    }
}

TEST(GetRequest, NamesOneSocket) {
    const SocketIdentity socket{Cookie{0x0123456789abcdef},
                                Family::ipv4,
                                {{Family::ipv4, {127, 0, 0, 1}}, 9999},
                                {{Family::ipv4, {192, 0, 2, 7}}, 40000},
                                3};
    inet_diag_req_v2 request{};
    request.sdiag_family = AF_INET;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = kAllStates.bits();
    request.id.idiag_sport = htons(9999);
    request.id.idiag_dport = htons(40000);
    request.id.idiag_src[0] = htonl(0x7f000001);
    request.id.idiag_dst[0] = htonl(0xc0000207);
    request.id.idiag_if = 3;
    request.id.idiag_cookie[0] = 0x89abcdef;
    request.id.idiag_cookie[1] = 0x01234567;
    EXPECT_EQ(get_request(socket, false, 77),
              request_message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, bytes_of(request)));

    request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
    EXPECT_EQ(get_request(socket, true, 77),
              request_message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, bytes_of(request)));
}

TEST(GetRequest, OfAnIpv6SocketHasTheWholeAddress) {
    const SocketIdentity socket{
        Cookie{1},
        Family::ipv6,
        {{Family::ipv6, {0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}, 9999},
        {{Family::ipv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}, 40000},
        0};
    const Bytes request = get_request(socket, false, 1);
    const std::size_t id = sizeof(nlmsghdr) + offsetof(inet_diag_req_v2, id);
    EXPECT_EQ(request[sizeof(nlmsghdr)], std::byte{AF_INET6});
    EXPECT_EQ(std::memcmp(request.data() + id + offsetof(inet_diag_sockid, idiag_src),
                          socket.local.address.bytes.data(), 16),
              0);
    EXPECT_EQ(std::memcmp(request.data() + id + offsetof(inet_diag_sockid, idiag_dst),
                          socket.remote.address.bytes.data(), 16),
              0);
}

}  // namespace halfclosed::netlink
