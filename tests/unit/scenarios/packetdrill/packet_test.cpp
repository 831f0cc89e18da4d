#include "scenarios/packetdrill/packet.h"

#include <gtest/gtest.h>

#include "scenarios/packetdrill/translation.h"

namespace halfclosed::scenarios::packetdrill {
namespace {

Endpoint ipv4(std::uint8_t last, std::uint16_t port) {
    return {{Family::ipv4, {192, 0, 2, last}}, port};
}

Endpoint ipv6(std::uint8_t last, std::uint16_t port) {
    Endpoint end{{Family::ipv6, {0xfd, 0x3d}}, port};
    end.address.bytes[15] = last;
    return end;
}

Segment segment() {
    Segment segment{"FP.", 0xfffffff0, 5, 77, 257, {}};
    segment.options = {{{TcpOption::Kind::nop, {}},
                        {TcpOption::Kind::nop, {}},
                        {TcpOption::Kind::timestamps, {100, 0x80000000}}}};
    return segment;
}

std::uint32_t sum(std::span<const std::byte> bytes) {
    std::uint32_t sum = 0;
    for (std::size_t place = 0; place < bytes.size(); ++place) {
        sum += std::to_integer<std::uint32_t>(bytes[place]) << (place % 2 == 0 ? 8U : 0U);
    }
    return (sum & 0xffffU) + (sum >> 16U);
}

TEST(PacketdrillPacket, IsDecodedAsItWasEncoded) {
    for (const Packet& packet : {Packet{ipv4(1, 53'000), ipv4(2, 8080), segment()},
                                 Packet{ipv6(1, 8080), ipv6(2, 9), segment()}}) {
        EXPECT_EQ(decode(encode(packet)), packet);
    }
}

/// RFC 1071: over what is covered, checksum included, the sum is all ones.
TEST(PacketdrillPacket, HasChecksumsThatAddUp) {
    const std::vector<std::byte> bytes = encode({ipv4(1, 53'000), ipv4(2, 8080), segment()});
    EXPECT_EQ(sum(std::span(bytes).first(20)), 0xffffU);
    std::vector<std::byte> covered(bytes.begin() + 12, bytes.end());  // addresses, TCP
    const auto length = static_cast<std::uint8_t>(bytes.size() - 20);
    covered.insert(covered.begin(), {std::byte{0}, std::byte{6}, std::byte{0}, std::byte{length}});
    EXPECT_EQ(sum(covered), 0xffffU);
}

/// A SYN ACK as Linux 6.18 sent it out of a TUN device.
TEST(PacketdrillPacket, IsReadAsTcpdumpReadsIt) {
    const unsigned char bytes[] = {
        0x45, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0xb7, 0x77, 0xc0, 0xa8, 0x00,
        0x01, 0xc0, 0x00, 0x02, 0x01, 0x1f, 0x90, 0xcf, 0x08, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00,
        0x00, 0x01, 0x60, 0x12, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4};
    const auto packet = decode(std::as_bytes(std::span(bytes)));
    ASSERT_TRUE(packet);
    EXPECT_EQ(to_string(packet->from), "192.168.0.1:8080");
    EXPECT_EQ(to_string(packet->to), "192.0.2.1:53000");
    EXPECT_EQ(to_string(packet->segment), "S. 5:5(0) ack 1 win 64240 <mss 1460>");
}

TEST(PacketdrillPacket, OfAnyLengthIsReadOrRefused) {
    const std::vector<std::byte> whole = encode({ipv4(1, 1), ipv4(2, 2), segment()});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(decode(std::span(whole).first(length))) << length;
    }
    std::vector<std::byte> other = whole;
    other[9] = std::byte{17};  // UDP
    EXPECT_FALSE(decode(other));
    other = whole;
    other[6] = std::byte{0x20};  // a fragment
    EXPECT_FALSE(decode(other));
}

TEST(PacketdrillTranslation, LearnsTheKernelsNumbers) {
    Translation translation;
    const Segment syn_ack{"S.", 0, 0, 1, std::nullopt, std::nullopt};
    EXPECT_EQ(translation.to_script({"S.", 9000, 0, 1, 64'240, {}}, &syn_ack, 5).sequence, 0U);
    EXPECT_EQ(translation.to_wire({".", 1, 0, 1, 257, {}}).acknowledgement, 9001U);
    EXPECT_EQ(translation.to_wire({".", 1, 0, 1, 257, {}}).sequence, 1U);
    EXPECT_EQ(translation.to_script({"R", 9002, 0, std::nullopt, 0, {}}, nullptr, 5).sequence, 2U);
}

TEST(PacketdrillTranslation, TakesTimestampsThatAreNearForTheExpectedOnes) {
    const auto stamped = [](std::uint32_t value) {
        Segment segment{"S", 0, 0, std::nullopt, std::nullopt, {}};
        segment.options = {{{TcpOption::Kind::timestamps, {value, 0}}}};
        return segment;
    };
    Translation translation;
    const Segment first = stamped(100);
    const Segment later = stamped(200);
    EXPECT_EQ(translation.to_script(stamped(5'000'100), &first, 5).options, first.options);
    EXPECT_EQ(translation.to_script(stamped(5'000'204), &later, 5).options, later.options);
    EXPECT_EQ(translation.to_script(stamped(5'000'206), &later, 5).options->front().numbers[0],
              206U);
}

}  // namespace
}  // namespace halfclosed::scenarios::packetdrill
