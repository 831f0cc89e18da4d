#include "history/state_file.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>

#include "history/history_folder.h"
#include "posix/error.h"

namespace halfclosed::history {
namespace {

const std::string kBody =
    "halfclosed-state 1\n"
    "boot 1e2d3c4b-5a69-4788-9716-253443526170/monotonic\n"
    "sockets 2\n"
    "2001 8 0 4711000000000\n"
    "2003 5 1 4712000000000\n";
const std::string kClock = "1e2d3c4b-5a69-4788-9716-253443526170/monotonic";

/// The text with the checksum that fits it, so that something else must be found wrong.
std::string sealed(const std::string& body) {
    // CRC-32 bit by bit: another way to the same number than the program's.
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

class OldStateFile : public HistoryFolder {
 protected:
    void save(const std::string& text) const {
        std::ofstream(directory_ + "/sockets", std::ios::binary) << text;
    }
    OldAges take(Duration now = 2h) const {
        return take_state_file(directory_, kClock, Instant{now});
    }
};

/// A file as such a daemon left it; the fuzzer begins with it too.
std::string recorded() {
    std::ifstream file(HALFCLOSED_FIXTURES "/state/two.sockets", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(OldStateFile, IsReadOnceAndIsGone) {
    EXPECT_EQ(recorded(), sealed(kBody));
    save(recorded());
    const OldAges old = take();
    ASSERT_EQ(old.ages.size(), 2U);
    EXPECT_EQ(old.ages[0], (tracking::KnownAge{Cookie{0x2001}, TcpState::close_wait, Instant{4711s},
                                               tracking::Age::Kind::observed}));
    EXPECT_EQ(old.complaint, std::nullopt);
    EXPECT_TRUE(files().empty());
    EXPECT_TRUE(take().ages.empty());
}

TEST_F(OldStateFile, OfAnotherBootIsNotOurs) {
    std::string body = kBody;
    save(sealed(body.replace(body.find("1e2d"), 4, "ffff")));
    EXPECT_TRUE(take().ages.empty());
    EXPECT_TRUE(files().empty());
}

TEST_F(OldStateFile, WhatIsDatedInTheFutureIsDropped) {
    save(sealed(kBody));
    EXPECT_EQ(take(4711s).ages.size(), 1U);
}

TEST_F(OldStateFile, ADamagedOneIsSetAside) {
    std::string text = sealed(kBody);
    save(text.replace(text.find("4711"), 4, "4710"));
    const OldAges old = take();
    EXPECT_TRUE(old.ages.empty());
    EXPECT_EQ(old.complaint, directory_ + "/sockets: the checksum does not match; set aside as " +
                                 directory_ + "/sockets.bad");
    EXPECT_EQ(files(), std::vector<std::string>{"sockets.bad"});
}

TEST_F(OldStateFile, EveryCutAndEveryChangedByteIsFound) {
    const std::string whole = sealed(kBody);
    std::mt19937 dice(1);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_THROW(parse_state_file(whole.substr(0, i), "f"), posix::Error) << i;
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ static_cast<char>(1 + dice() % 255));
        EXPECT_THROW(parse_state_file(changed, "f"), posix::Error) << i;
    }
}

}  // namespace
}  // namespace halfclosed::history
