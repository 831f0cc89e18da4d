#include "scenarios/trace/segment.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace halfclosed::scenarios {
namespace {

/// "00 1f 90": blanks are for the reader.
std::vector<std::byte> bytes(std::string_view hex) {
    std::vector<std::byte> bytes;
    unsigned high = 16;
    for (const char digit : hex) {
        if (digit == ' ') {
            continue;
        }
        const unsigned value = static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        if (high == 16) {
            high = value;
        } else {
            bytes.push_back(static_cast<std::byte>(high << 4U | value));
            high = 16;
        }
    }
    return bytes;
}

constexpr const char* kEthernetIpv4 = "000000000000 000000000000 0800 ";
constexpr const char* kEthernetIpv6 = "000000000000 000000000000 86dd ";

/// IPv4 of `total` bytes in all, 127.0.0.1 to 127.0.0.1.
std::string ipv4(const std::string& total, const std::string& fragment = "4000",
                 const std::string& protocol = "06", const std::string& version = "4") {
    return version + "500 " + total + " 1234 " + fragment + " 40 " + protocol +
           " 0000 7f000001 7f000001 ";
}

/// TCP from 9999 to 40000 with a header of 32 bytes.
std::string tcp(const std::string& flags) {
    return "270f 9c40 00000001 00000002 80 " + flags +
           " 0200 0000 0000 0101080a 00000001 00000002 ";
}

std::optional<Segment> decode(const std::string& hex) {
    return decode_segment(bytes(hex));
}

TEST(Segment, FlagsAsTcpdumpWritesThem) {
    const std::pair<const char*, const char*> cases[] = {{"02", "S"},  {"12", "S."}, {"10", "."},
                                                         {"18", "P."}, {"11", "F."}, {"04", "R"},
                                                         {"14", "R."}, {"19", "FP."}};
    for (const auto& [flags, letters] : cases) {
        const auto segment = decode(kEthernetIpv4 + ipv4("0034") + tcp(flags));
        ASSERT_TRUE(segment) << flags;
        EXPECT_EQ(segment->flags, letters);
        EXPECT_EQ(segment->from_port, 9999);
        EXPECT_EQ(segment->to_port, 40000);
        EXPECT_EQ(segment->length, 0U);
        EXPECT_EQ(segment->sequence, 1U);
        EXPECT_EQ(segment->acknowledgement, 2U);
    }
}

TEST(Segment, LengthIsTheHeadersWordAlsoWhereTheFrameIsCut) {
    // 20 + 32 + 26 bytes; the payload itself was not captured.
    const auto segment = decode(kEthernetIpv4 + ipv4("004e") + tcp("18"));
    ASSERT_TRUE(segment);
    EXPECT_EQ(segment->length, 26U);
}

TEST(Segment, PaddingIsNotPayload) {
    const auto segment = decode(kEthernetIpv4 + ipv4("0034") + tcp("10") + "000000000000");
    ASSERT_TRUE(segment);
    EXPECT_EQ(segment->length, 0U);
}

TEST(Segment, Ipv6) {
    const std::string loopback = "00000000000000000000000000000001 ";
    const std::string header = "60000000 003a 06 40 " + loopback + loopback;
    const auto segment = decode(kEthernetIpv6 + header + tcp("18"));
    ASSERT_TRUE(segment);
    EXPECT_EQ(segment->length, 26U);
    const std::string udp = "60000000 003a 11 40 " + loopback + loopback;
    EXPECT_FALSE(decode(kEthernetIpv6 + udp + tcp("18")));
}

TEST(Segment, OtherFramesAreNothing) {
    EXPECT_FALSE(decode(kEthernetIpv4 + ipv4("0034", "4000", "11") + tcp("10"))) << "UDP";
    EXPECT_FALSE(decode(kEthernetIpv4 + ipv4("0034", "2000") + tcp("10"))) << "more fragments";
    EXPECT_FALSE(decode(kEthernetIpv4 + ipv4("0034", "0001") + tcp("10"))) << "a later fragment";
    EXPECT_FALSE(decode("000000000000 000000000000 0806 " + ipv4("0034") + tcp("10"))) << "ARP";
    EXPECT_FALSE(decode(kEthernetIpv4 + ipv4("0034", "4000", "06", "6") + tcp("10"))) << "version";
    EXPECT_FALSE(decode(kEthernetIpv4 + ipv4("0030") + tcp("10"))) << "shorter than its headers";
    EXPECT_FALSE(decode(kEthernetIpv4 + ipv4("0010") + tcp("10"))) << "shorter than the IP header";
}

TEST(Segment, EveryFrameThatIsCutInAHeaderIsNothing) {
    const std::vector<std::byte> frame = bytes(kEthernetIpv4 + ipv4("0034") + tcp("10"));
    // Up to the flags, the 14th byte of the TCP header, nothing can be told.
    for (std::size_t length = 0; length < 14 + 20 + 14; ++length) {
        EXPECT_FALSE(decode_segment(std::span(frame).first(length))) << length;
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
