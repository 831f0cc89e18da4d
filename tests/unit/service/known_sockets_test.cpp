#include "service/known_sockets.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "host/fixture.h"

namespace halfclosed::host {
namespace {

const KnownSockets kTwo{
    .boot_id = "1e2d3c4b-5a69-4788-9716-253443526170",
    .sockets = {{.cookie = 0x2001, .state = 8, .dated = 0, .since_ns = 4'711'000'000'000},
                {.cookie = 0x2003, .state = 5, .dated = 1, .since_ns = 4'712'000'000'000}}};

const std::string kText =
    "halfclosed-state 1\n"
    "boot 1e2d3c4b-5a69-4788-9716-253443526170\n"
    "sockets 2\n"
    "2001 8 0 4711000000000\n"
    "2003 5 1 4712000000000\n"
    "crc32 @\n";

/// The text with the checksum that fits it, so that something else must be found wrong.
std::string sealed(const std::string& body) {
    // CRC-32 bit by bit: another way to the same number than the program's table.
    std::uint32_t crc = ~0U;
    for (const char c : body) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
        }
    }
    char line[32];
    std::snprintf(line, sizeof line, "crc32 %x\n", ~crc);
    return body + line;
}

const std::string kBody = kText.substr(0, kText.find("crc32"));

std::string complaint_about(const std::string& text) {
    return complaint([&] { parse_known_sockets(text, "f"); });
}

TEST(KnownSockets, TheTextIsAsDocumented) {
    EXPECT_EQ(serialise(kTwo), sealed(kBody));
}

TEST(KnownSockets, TheTextGivesBackTheValue) {
    EXPECT_EQ(parse_known_sockets(serialise(kTwo)), kTwo);
    const KnownSockets none{.boot_id = "x", .sockets = {}};
    EXPECT_EQ(parse_known_sockets(serialise(none)), none);
    const KnownSockets extremes{.boot_id = "x",
                                .sockets = {{0, 0, 0, 0},
                                            {std::numeric_limits<std::uint64_t>::max(), 255, 255,
                                             std::numeric_limits<std::int64_t>::max()}}};
    EXPECT_EQ(parse_known_sockets(serialise(extremes)), extremes);
}

TEST(KnownSockets, OrderAndRepetitionMakeNoDifference) {
    KnownSockets shuffled = kTwo;
    std::swap(shuffled.sockets[0], shuffled.sockets[1]);
    shuffled.sockets.push_back({.cookie = 0x2003, .state = 9, .dated = 2, .since_ns = 1});
    EXPECT_EQ(serialise(shuffled), serialise(kTwo));
}

TEST(KnownSockets, TheOldestAreKeptWhenThereAreTooMany) {
    KnownSockets known{.boot_id = "x", .sockets = {}};
    for (std::size_t i = 0; i < kMostKnownSockets + 1000; ++i) {
        // The higher the cookie, the older; and with long numbers, for the length.
        known.sockets.push_back(
            {.cookie = (std::uint64_t{1} << 63U) + i,
             .state = 255,
             .dated = 255,
             .since_ns = std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(i)});
    }
    const std::string text = serialise(known);
    EXPECT_LE(text.size(), kLargestKnownSockets);
    const KnownSockets kept = parse_known_sockets(text);
    ASSERT_EQ(kept.sockets.size(), kMostKnownSockets);
    EXPECT_EQ(kept.sockets.front(), known.sockets[1000]);
    EXPECT_EQ(kept.sockets.back(), known.sockets.back());
}

TEST(KnownSockets, ErrorsSayWhatIsWrong) {
    EXPECT_EQ(complaint_about(""), "f: is not a state file of halfclosed");
    EXPECT_EQ(complaint_about("{\"version\":1}\n"), "f: is not a state file of halfclosed");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "state 1", "state 2"))), "f: is not of version 1");
    EXPECT_EQ(complaint_about(sealed(without(kBody, "boot"))),
              "f: no line of \"boot\" in its place");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "sockets 2", "sockets two"))),
              "f: no number of sockets up to 65536");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "sockets 2", "sockets 99999999999"))),
              "f: no number of sockets up to 65536");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "sockets 2", "sockets 3"))),
              "f: a line is not a socket");
    EXPECT_EQ(complaint_about(with(kBody, "sockets 2", "sockets 3")),
              "f: has fewer sockets than it says");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "sockets 2", "sockets 1"))),
              "f: no line of \"crc32\" in its place");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "2001 8", "2001 256"))),
              "f: a line is not a socket");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "4711", "-4711"))), "f: a line is not a socket");
    EXPECT_EQ(complaint_about(kBody + "crc32 0\n"), "f: the checksum does not match");
}

TEST(KnownSockets, ANumberWrittenOtherwiseWasNotWrittenHere) {
    for (const auto& [part, otherwise] : {std::pair{"2001 8", "02001 8"},
                                          {"2001 8", "2001  8"},
                                          {"2001 8", "2001 08"},
                                          {"4711000000000\n", "4711000000000 1\n"},
                                          {"boot ", "boot  "}}) {
        EXPECT_EQ(complaint_about(sealed(with(kBody, part, otherwise))),
                  "f: is not as it was written")
            << otherwise;
    }
    EXPECT_EQ(complaint_about(sealed(kBody) + "\n"), "f: is not as it was written");
    // Out of order, and twice.
    const std::string swapped = with(with(kBody, "2001", "2004"), "2003", "2002");
    EXPECT_EQ(complaint_about(sealed(swapped)), "f: is not as it was written");
    EXPECT_EQ(complaint_about(sealed(with(kBody, "2003", "2001"))), "f: is not as it was written");
}

TEST(KnownSockets, EveryPrefixIsAnError) {
    const std::string text = serialise(kTwo);
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_THROW(parse_known_sockets(text.substr(0, length)), posix::Error) << length;
    }
}

TEST(KnownSockets, EveryFlippedBitIsAnError) {
    const std::string text = serialise(kTwo);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = text;
            damaged[i] = static_cast<char>(damaged[i] ^ (1U << bit));
            EXPECT_THROW(parse_known_sockets(damaged), posix::Error) << i << " bit " << bit;
        }
    }
}

TEST(KnownSockets, EveryByteMadeAnotherIsAnError) {
    const std::string text = serialise(kTwo);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char byte : {'\0', '\xff', '\n', ' ', '0'}) {
            std::string damaged = text;
            damaged[i] = byte;
            if (damaged != text) {
                EXPECT_THROW(parse_known_sockets(damaged), posix::Error) << i;
            }
        }
    }
}

TEST(KnownSockets, AThousandMutationsAreErrors) {
    const std::string text = serialise(kTwo);
    std::mt19937 random(9999);
    const auto below = [&random](std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
    };
    for (int i = 0; i < 1000; ++i) {
        std::string damaged = text;
        for (std::size_t edits = 1 + below(8); edits > 0; --edits) {
            const std::size_t place = below(damaged.size());
            switch (below(4)) {
                case 0:  // change
                    damaged[place] = static_cast<char>(below(256));
                    break;
                case 1:  // insert
                    damaged.insert(place, 1 + below(20), static_cast<char>(below(256)));
                    break;
                case 2:  // drop, but for one byte
                    damaged.erase(place + (place == 0 ? 1 : 0), 1 + below(20));
                    break;
                default:  // repeat
                    damaged += text.substr(below(text.size()));
                    break;
            }
        }
        if (damaged != text) {
            EXPECT_THROW(parse_known_sockets(damaged), posix::Error) << i;
        }
    }
}

}  // namespace
}  // namespace halfclosed::host
