#include "netlink/conntrack_message.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <cerrno>

#include "bytes.h"
#include "expect_error.h"
#include "netlink/reply.h"

namespace halfclosed::netlink {

namespace {

constexpr std::uint32_t kRequest = 7;

Endpoint end(const std::string& address, std::uint16_t port) {
    Endpoint result{{}, port};
    const bool ipv6 = address.find(':') != std::string::npos;
    result.address.family = ipv6 ? Family::ipv6 : Family::ipv4;
    ::inet_pton(ipv6 ? AF_INET6 : AF_INET, address.c_str(), result.address.bytes.data());
    return result;
}

const ConnectionEnds kFromClient{end("10.9.1.2", 40'001), end("10.9.1.1", 80)};

TrackedDirections answer(const std::string& recording) {
    TrackedDirections directions;
    Reply reply("get", kRequest);
    reply.consume(recorded(recording), [&](std::span<const std::byte> payload) {
        directions = decode_conntrack(payload);
    });
    return directions;
}

/// Hexadecimal, as the kernel was sent it when the answers were recorded.
std::string hex(const Bytes& bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        constexpr const char* kDigits = "0123456789abcdef";
        text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
        text += kDigits[std::to_integer<unsigned>(byte) & 15U];
    }
    return text;
}

TEST(ConntrackRequest, IsWhatTheKernelAnswered) {
    EXPECT_EQ(hex(conntrack_request(kFromClient, kRequest)),
              "480000000101010007000000000000000200000034000180"
              "14000180080001000a090102080002000a090101"
              "1c0002800500010006000000060002009c4100000600030000500000");
    EXPECT_EQ(hex(conntrack_request({end("fd09:1::2", 40'002), end("fd09:1::1", 80)}, kRequest)),
              "600000000101010007000000000000000a0000004c000180"
              "2c00018014000300fd0900010000000000000000000000021"
              "4000400fd090001000000000000000000000001"
              "1c0002800500010006000000060002009c4200000600030000500000");
}

TEST(ConntrackRequest, OfMappedAddressesIsOfIpv4) {
    EXPECT_EQ(conntrack_request({end("::ffff:10.9.1.2", 40'001), end("::ffff:10.9.1.1", 80)}, 7),
              conntrack_request(kFromClient, 7));
}

TEST(ConntrackAnswer, HasBothDirections) {
    EXPECT_EQ(answer("6.18-conntrack-dnat.reply"),
              (TrackedDirections{kFromClient, {end("10.9.2.2", 8'080), end("10.9.1.2", 40'001)}}));
    EXPECT_EQ(answer("6.18-conntrack-dnat6.reply"),
              (TrackedDirections{{end("fd09:1::2", 40'002), end("fd09:1::1", 80)},
                                 {end("fd09:2::2", 8'080), end("fd09:1::2", 40'002)}}));
}

TEST(ConntrackAnswer, OfOneThatIsNotTrackedIsAnError) {
    EXPECT_EQ(error_of([] { answer("6.18-conntrack-gone.reply"); }).error_number(), ENOENT);
}

TEST(ConntrackAnswer, WithoutBothTuplesIsMalformed) {
    const Bytes header(4, std::byte{0});
    const auto decode = [&](const Bytes& attributes) {
        return decode_conntrack(join(header, attributes));
    };
    EXPECT_THROW(decode_conntrack(Bytes(3, std::byte{0})), Error);
    EXPECT_THROW(decode({}), Error);
    EXPECT_THROW(decode(attribute(CTA_TUPLE_ORIG, {})), Error);
    EXPECT_NO_THROW(decode(join(attribute(CTA_TUPLE_ORIG, {}), attribute(CTA_TUPLE_REPLY, {}))));
    const Bytes short_address =
        attribute(CTA_TUPLE_IP | NLA_F_NESTED, attribute(CTA_IP_V4_SRC, Bytes(3, std::byte{1})));
    EXPECT_THROW(
        decode(join(attribute(CTA_TUPLE_ORIG, short_address), attribute(CTA_TUPLE_REPLY, {}))),
        Error);
    const Bytes short_port = attribute(CTA_TUPLE_PROTO | NLA_F_NESTED,
                                       attribute(CTA_PROTO_SRC_PORT, Bytes(1, std::byte{1})));
    EXPECT_THROW(
        decode(join(attribute(CTA_TUPLE_ORIG, short_port), attribute(CTA_TUPLE_REPLY, {}))), Error);
}

/// Whatever is cut off or changed, nothing beyond the bytes is read.
TEST(ConntrackAnswer, OfAnyLengthIsReadWithinIt) {
    const Bytes whole = recorded("6.18-conntrack-dnat6.reply");
    for (std::size_t length = 16; length < whole.size(); ++length) {
        const Bytes part(whole.begin() + 16, whole.begin() + static_cast<std::ptrdiff_t>(length));
        try {
            decode_conntrack(part);
        } catch (const Error& error) {
            EXPECT_EQ(error.reason(), Reason::malformed);
        }
    }
    for (std::size_t at = 16; at < whole.size(); ++at) {
        Bytes changed(whole.begin() + 16, whole.end());
        changed[at - 16] ^= std::byte{0xff};
        try {
            decode_conntrack(changed);
        } catch (const Error& error) {
            EXPECT_EQ(error.reason(), Reason::malformed);
        }
    }
}

}  // namespace

}  // namespace halfclosed::netlink
