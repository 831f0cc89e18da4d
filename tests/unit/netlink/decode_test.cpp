#include "netlink/decode.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "bytes.h"
#include "expect_error.h"
#include "netlink/reply.h"

namespace halfclosed::netlink {

using namespace std::chrono_literals;

namespace {

/// A FIN-WAIT-2 minisock of 127.0.0.1:9999 with 192.0.2.7:40000, every field different from every other.
inet_diag_msg ipv4_message() {
    inet_diag_msg message{};
    message.idiag_family = AF_INET;
    message.idiag_state = 5;
    message.idiag_timer = 3;
    message.idiag_retrans = 2;
    message.id.idiag_sport = htons(9999);
    message.id.idiag_dport = htons(40000);
    message.id.idiag_src[0] = htonl(0x7f000001);
    message.id.idiag_dst[0] = htonl(0xc0000207);
    message.id.idiag_if = 3;
    message.id.idiag_cookie[0] = 0x89abcdef;
    message.id.idiag_cookie[1] = 0x01234567;
    message.idiag_expires = 1'500;
    message.idiag_rqueue = 27;
    message.idiag_wqueue = 11;
    message.idiag_uid = 1000;
    message.idiag_inode = 4711;
    return message;
}

DecodedSocket decode_with(const Bytes& attributes) {
    return decode(join(bytes_of(ipv4_message()), attributes));
}

Reason reason_of(const Bytes& payload) {
    return error_of([&] { decode(payload); }).reason();
}

Bytes times(std::size_t length) {
    tcp_info info{};
    info.tcpi_last_data_sent = 7'000;
    info.tcpi_last_data_recv = 6'000;
    info.tcpi_last_ack_recv = 5'000;
    info.tcpi_rto = 204'000;
    Bytes bytes = bytes_of(info);
    bytes.resize(length);
    return bytes;
}

/// All sockets of a recorded dump.
std::vector<DecodedSocket> sockets_of(const std::string& name) {
    std::vector<DecodedSocket> sockets;
    const Bytes stream = recorded(name);
    Reply(name, 1).consume(
        stream, [&](std::span<const std::byte> payload) { sockets.push_back(decode(payload)); });
    return sockets;
}

}  // namespace

TEST(Decode, EveryFieldHasItsPlace) {
    const SocketRecord record = decode_with({}).record;
    EXPECT_EQ(record.family, Family::ipv4);
    EXPECT_EQ(record.state, TcpState::fin_wait2);
    EXPECT_EQ(record.timer, (Timer{Timer::Kind::timewait, 2, 1'500ms}));
    EXPECT_EQ(to_string(record.local), "127.0.0.1:9999");
    EXPECT_EQ(to_string(record.remote), "192.0.2.7:40000");
    EXPECT_EQ(record.interface, 3u);
    EXPECT_EQ(record.cookie, Cookie{0x0123456789abcdef});
    EXPECT_EQ(record.recv_queue, 27u);
    EXPECT_EQ(record.send_queue, 11u);
    EXPECT_EQ(record.uid, 1000u);
    EXPECT_EQ(record.inode, 4711u);
    EXPECT_EQ(record.shutdown, std::nullopt);
    EXPECT_EQ(record.cgroup_id, std::nullopt);
}

TEST(Decode, AnIpv6AddressHasSixteenBytes) {
    inet_diag_msg message = ipv4_message();
    message.idiag_family = AF_INET6;
    const in6_addr mapped{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};
    std::memcpy(message.id.idiag_src, &mapped, sizeof mapped);
    std::memcpy(message.id.idiag_dst, &in6addr_loopback, sizeof in6addr_loopback);
    const SocketRecord record = decode(bytes_of(message)).record;
    EXPECT_EQ(record.family, Family::ipv6);
    EXPECT_EQ(to_string(record.local), "[::ffff:127.0.0.1]:9999");
    EXPECT_EQ(to_string(record.remote), "[::1]:40000");
}

// The kernel leaves the other twelve bytes as they are on some paths.
TEST(Decode, AnIpv4AddressIsFourBytesWhateverFollows) {
    inet_diag_msg message = ipv4_message();
    message.id.idiag_src[1] = 0xffffffff;
    EXPECT_EQ(decode(bytes_of(message)).record, decode_with({}).record);
}

TEST(Decode, ANumberThatHasNoNameIsKept) {
    inet_diag_msg message = ipv4_message();
    message.idiag_state = 14;
    message.idiag_timer = 9;
    const SocketRecord record = decode(bytes_of(message)).record;
    EXPECT_EQ(record.state, TcpState{14});
    EXPECT_EQ(record.timer.kind, Timer::Kind{9});
}

TEST(Decode, AnotherAddressFamilyIsMalformed) {
    inet_diag_msg message = ipv4_message();
    for (const unsigned family : {0u, 1u, 16u, 255u}) {
        message.idiag_family = static_cast<std::uint8_t>(family);
        EXPECT_EQ(reason_of(bytes_of(message)), Reason::malformed) << family;
    }
}

TEST(Decode, LessThanTheMessageIsMalformed) {
    Bytes payload = bytes_of(ipv4_message());
    while (!payload.empty()) {
        payload.pop_back();
        EXPECT_EQ(reason_of(payload), Reason::malformed) << payload.size();
    }
}

TEST(Decode, TheAttributesOfAFullSocket) {
    const DecodedSocket socket =
        decode_with(join(attribute(INET_DIAG_SHUTDOWN, {std::byte{2}}),
                         attribute(INET_DIAG_CGROUP_ID, bytes_of(std::uint64_t{0x123456789a})),
                         attribute(INET_DIAG_INFO, times(sizeof(tcp_info)))));
    EXPECT_EQ(socket.record.shutdown, 2);
    EXPECT_EQ(socket.record.cgroup_id, 0x123456789au);
    EXPECT_EQ(socket.info, (TcpInfo{7'000ms, 6'000ms, 5'000ms, 204'000us}));
}

TEST(Decode, AttributesThatAreNotKnownAreSkipped) {
    EXPECT_EQ(decode_with(join(attribute(0x3abc, Bytes(17)), attribute(INET_DIAG_MARK, Bytes(4)),
                               attribute(INET_DIAG_SHUTDOWN, {std::byte{3}})))
                  .record.shutdown,
              3);
}

TEST(Decode, TheFlagsOfAnAttributesTypeAreNotPartOfIt) {
    EXPECT_EQ(decode_with(attribute(std::uint16_t{INET_DIAG_SHUTDOWN | NLA_F_NET_BYTEORDER},
                                    {std::byte{3}}))
                  .record.shutdown,
              3);
}

TEST(Decode, TheTcpInfoOfAnOlderKernelIsFilledUpWithZeros) {
    // Linux 2.6 had 104 bytes; the three times lie in front of that, the timeout at the very beginning.
    EXPECT_EQ(decode_with(attribute(INET_DIAG_INFO, times(104))).info,
              (TcpInfo{7'000ms, 6'000ms, 5'000ms, 204'000us}));
    EXPECT_EQ(decode_with(attribute(INET_DIAG_INFO, times(52))).info,
              (TcpInfo{7'000ms, 0ms, 0ms, 204'000us}));
    EXPECT_EQ(decode_with(attribute(INET_DIAG_INFO, {})).info, TcpInfo{});
}

TEST(Decode, TheTcpInfoOfALaterKernelIsCutOff) {
    EXPECT_EQ(decode_with(attribute(INET_DIAG_INFO, times(4'000))).info,
              (TcpInfo{7'000ms, 6'000ms, 5'000ms, 204'000us}));
}

TEST(Decode, AnAttributeOfAnotherSizeIsMalformed) {
    const Bytes message = bytes_of(ipv4_message());
    for (const std::size_t size : {0u, 2u, 4u}) {
        EXPECT_EQ(reason_of(join(message, attribute(INET_DIAG_SHUTDOWN, Bytes(size)))),
                  Reason::malformed);
    }
    for (const std::size_t size : {0u, 4u, 7u, 9u, 16u}) {
        EXPECT_EQ(reason_of(join(message, attribute(INET_DIAG_CGROUP_ID, Bytes(size)))),
                  Reason::malformed);
    }
}

TEST(Decode, AnAttributeThatDoesNotFitIsMalformed) {
    const Bytes message = bytes_of(ipv4_message());
    for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 1, 3, 9, 0xffff}) {
        EXPECT_EQ(reason_of(join(message, bytes_of(nlattr{length, INET_DIAG_MARK}), Bytes(4))),
                  Reason::malformed)
            << length;
    }
    for (const std::size_t rest : {1u, 2u, 3u}) {
        EXPECT_EQ(reason_of(join(message, Bytes(rest))), Reason::malformed) << rest;
    }
}

TEST(Decode, ARecordedAnswerToAGetHasTheTimes) {
    const auto sockets = sockets_of("6.18-get.reply");
    ASSERT_EQ(sockets.size(), 1u);
    const DecodedSocket& socket = sockets.front();
    EXPECT_EQ(socket.record.state, TcpState::close_wait);
    EXPECT_EQ(socket.record.shutdown, 1);
    EXPECT_TRUE(socket.record.cgroup_id);
    ASSERT_TRUE(socket.info);
    // The connection was a second old at most, and its retransmission timeout is at least TCP_RTO_MIN.
    EXPECT_LT(socket.info->last_ack_received, 5s);
    EXPECT_LE(socket.info->last_ack_received, socket.info->last_data_received);
    EXPECT_GE(socket.info->retransmit_timeout, 200ms);
    EXPECT_LT(socket.info->retransmit_timeout, 3s);
}

TEST(Decode, EveryExtensionOfARecordedDumpIsReadOrSkipped) {
    const auto sockets = sockets_of("6.18-every-extension.dump");
    EXPECT_GE(sockets.size(), 3u);
    for (const DecodedSocket& socket : sockets) {
        EXPECT_EQ(socket.record.state, TcpState::close_wait);
        EXPECT_TRUE(socket.info);
        EXPECT_TRUE(socket.record.shutdown);
        EXPECT_TRUE(socket.record.cgroup_id);
    }
}

// Seen on Linux 6.18: three connections and their listener under one cookie.
TEST(DecodeMptcp, ConnectionsThatHaveTheirListenersCookieAreToldApartByTheirTokens) {
    const auto cookie_of = [](std::uint32_t token) {
        inet_diag_msg payload{};
        payload.idiag_family = AF_INET;
        payload.id.idiag_cookie[0] = 0x1ba2c;
        Bytes info(96);
        std::memcpy(info.data() + 12, &token, sizeof token);
        const DecodedSocket decoded =
            decode(join(bytes_of(payload), attribute(INET_DIAG_INFO, info)), Protocol::mptcp);
        EXPECT_EQ(decoded.record.protocol, Protocol::mptcp);
        EXPECT_FALSE(decoded.info) << "mptcp_info is no tcp_info";
        return decoded.record.cookie;
    };
    EXPECT_EQ(cookie_of(0), Cookie{0x1ba2c}) << "the listener's own";
    EXPECT_NE(cookie_of(1), cookie_of(2));
    EXPECT_EQ(cookie_of(0xffffffff), Cookie{0xffffffff'8001ba2c});
    EXPECT_EQ(cookie_of(1), Cookie{0x80000000'8001ba2c});
}

}  // namespace halfclosed::netlink
