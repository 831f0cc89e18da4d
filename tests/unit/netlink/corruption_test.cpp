// Every prefix and every corruption of one byte of streams that a kernel sent. Nothing may crash or read out of
// bounds (the sanitizers watch), and a stream that is cut off must never be taken for a whole one.

#include <gtest/gtest.h>

#include <cctype>
#include <optional>
#include <ostream>
#include <string>

#include "bytes.h"
#include "netlink/decode.h"
#include "netlink/error.h"
#include "netlink/recording.h"
#include "netlink/reply.h"

namespace halfclosed::netlink {

namespace {

struct Stream {
    const char* name;
    std::size_t ends;  ///< dumps in it
};

void PrintTo(const Stream& stream, std::ostream* out) {
    *out << stream.name;
}

class EveryStream : public testing::TestWithParam<Stream> {
 protected:
    /// Every eighth socket of the recording, and the end of each dump: small enough to try each byte in each way.
    static Bytes sample() {
        const Bytes all = recorded(GetParam().name);
        Bytes few;
        std::size_t index = 0;
        for (std::size_t at = 0; at < all.size();) {
            nlmsghdr header{};
            std::memcpy(&header, all.data() + at, sizeof header);
            const auto message = std::span(all).subspan(at, NLMSG_ALIGN(header.nlmsg_len));
            if (header.nlmsg_type == NLMSG_DONE || index++ % 8 == 0) {
                few.insert(few.end(), message.begin(), message.end());
            }
            at += message.size();
        }
        return few;
    }
};

/// A copy of its own size, so that a step beyond the end is a step out of the allocation.
Bytes exactly(std::span<const std::byte> bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Nothing, or the reason of the error.
std::optional<Reason> judge(const Bytes& stream) {
    try {
        read_recording(stream, "stream");
        return std::nullopt;
    } catch (const Error& error) {
        return error.reason();
    }
}

TEST_P(EveryStream, IsWhole) {
    EXPECT_EQ(judge(recorded(GetParam().name)), std::nullopt);
}

TEST_P(EveryStream, IsTruncatedWhereverItIsCut) {
    const Bytes stream = sample();
    std::size_t whole = 0;
    for (std::size_t length = 0; length < stream.size(); ++length) {
        const Bytes prefix = exactly(std::span(stream).first(length));
        const auto reason = judge(prefix);
        if (!reason) {
            ++whole;  // where one of several dumps ends
            continue;
        }
        ASSERT_EQ(*reason, Reason::truncated) << length << " of " << stream.size() << " bytes";
    }
    EXPECT_EQ(whole, GetParam().ends - 1);
}

TEST_P(EveryStream, OutlivesEveryCorruptionOfOneByte) {
    const Bytes stream = sample();
    std::size_t refused = 0;
    for (std::size_t place = 0; place < stream.size(); ++place) {
        const auto before = std::to_integer<unsigned>(stream[place]);
        for (const unsigned value : {0x00u, 0xffu, before + 1, before - 1}) {
            Bytes corrupt = exactly(stream);
            corrupt[place] = static_cast<std::byte>(value);
            refused += judge(corrupt) ? 1 : 0;
        }
    }
    // Lengths, types, sequence numbers and families are a tenth of the bytes at least.
    EXPECT_GT(refused, stream.size() / 10);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, EveryStream,
    testing::Values(Stream{"6.18-nothing.dump", 1}, Stream{"6.18-every-kind.dump", 1},
                    Stream{"6.18-every-extension.dump", 1}, Stream{"6.18-by-ss.dump", 2}),
    [](const auto& row) {
        std::string name = row.param.name;
        std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0; });
        return name;
    });

// The answer to a get is one message and has no end: it goes to Reply and decode as a session reads it.
TEST(ARecordedGet, OutlivesEveryCutAndCorruption) {
    const Bytes reply = recorded("6.18-get.reply");
    const auto read = [](const Bytes& bytes) {
        int sockets = 0;
        try {
            Reply("get", 1).consume(bytes, [&](std::span<const std::byte> payload) {
                decode(payload);
                ++sockets;
            });
        } catch (const Error&) {
            return -1;
        }
        return sockets;
    };
    EXPECT_EQ(read(reply), 1);
    for (std::size_t length = 1; length < reply.size(); ++length) {
        EXPECT_EQ(read(exactly(std::span(reply).first(length))), -1) << length;
    }
    for (std::size_t place = 0; place < reply.size(); ++place) {
        for (unsigned value = 0; value < 256; ++value) {
            Bytes corrupt = exactly(reply);
            corrupt[place] = static_cast<std::byte>(value);
            EXPECT_LE(read(corrupt), 1);
        }
    }
}

// Every field of the payload that is a length or a count, as far off as it can be.
TEST(ASocketsPayload, OutlivesEveryPairOfCorruptBytesInItsFirstAttribute) {
    const Bytes reply = recorded("6.18-get.reply");
    const Bytes payload(reply.begin() + sizeof(nlmsghdr), reply.end());
    for (unsigned length = 0; length <= 0xffff; length += 3) {
        Bytes corrupt = exactly(payload);
        corrupt[72] = static_cast<std::byte>(length & 0xff);
        corrupt[73] = static_cast<std::byte>(length >> 8);
        try {
            decode(corrupt);
        } catch (const Error& error) {
            EXPECT_EQ(error.reason(), Reason::malformed);
        }
    }
}

}  // namespace
}  // namespace halfclosed::netlink
