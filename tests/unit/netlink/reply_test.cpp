#include "netlink/reply.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <cerrno>
#include <climits>

#include "bytes.h"
#include "expect_error.h"

namespace halfclosed::netlink {

namespace {

constexpr std::uint32_t kOurs = 7;

Bytes socket_message(std::uint32_t sequence = kOurs, std::uint16_t flags = NLM_F_MULTI) {
    return message(SOCK_DIAG_BY_FAMILY, sequence, Bytes(72, std::byte{0x5a}), flags);
}

struct Outcome {
    std::size_t sockets = 0;
    std::size_t left = 0;
    bool complete = false;

    bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << outcome.sockets << " sockets, " << outcome.left << " bytes left, "
         << (outcome.complete ? "complete" : "not complete");
}

Outcome read(const Bytes& datagram) {
    Outcome outcome;
    Reply reply("dump", kOurs);
    outcome.left = reply
                       .consume(datagram,
                                [&](std::span<const std::byte> payload) {
                                    EXPECT_EQ(payload.size(), 72u);
                                    ++outcome.sockets;
                                })
                       .size();
    outcome.complete = reply.complete();
    return outcome;
}

Reason reason_of(const Bytes& datagram) {
    return error_of([&] { read(datagram); }).reason();
}

}  // namespace

TEST(Reply, IsCompleteWithDoneAndNothingElse) {
    EXPECT_EQ(read(done(kOurs)), (Outcome{0, 0, true}));
    EXPECT_EQ(read(join(socket_message(), socket_message(), done(kOurs))), (Outcome{2, 0, true}));
    EXPECT_EQ(read(socket_message()), (Outcome{1, 0, false}));
    EXPECT_EQ(read({}), (Outcome{0, 0, false}));
}

TEST(Reply, GoesOnFromDatagramToDatagram) {
    Reply reply("dump", kOurs);
    int sockets = 0;
    const PayloadSink count = [&](std::span<const std::byte>) { ++sockets; };
    reply.consume(socket_message(), count);
    EXPECT_FALSE(reply.complete());
    reply.consume(join(socket_message(), done(kOurs)), count);
    EXPECT_TRUE(reply.complete());
    EXPECT_EQ(sockets, 2);
}

TEST(Reply, LeavesWhatFollowsItsEnd) {
    EXPECT_EQ(read(join(socket_message(), done(kOurs), socket_message(8))), (Outcome{1, 88, true}));
}

TEST(Reply, AnAnswerOfTheLegacyRequestIsOne) {
    EXPECT_EQ(read(join(message(TCPDIAG_GETSOCK, kOurs, Bytes(72)), done(kOurs))),
              (Outcome{1, 0, true}));
}

TEST(Reply, WhatLaterKernelsMayAddIsSkipped) {
    const Bytes empty;
    EXPECT_EQ(read(join(message(NLMSG_NOOP, kOurs, empty), message(0x1234, kOurs, Bytes(30)),
                        socket_message(), done(kOurs))),
              (Outcome{1, 0, true}));
}

// libmnl 1.0.4 takes this for success.
TEST(Reply, AnErrorInDoneIsAnError) {
    const Error error = error_of([] { read(join(socket_message(), done(kOurs, -ENOMEM))); });
    EXPECT_EQ(error.reason(), Reason::kernel_error);
    EXPECT_EQ(error.error_number(), ENOMEM);
    EXPECT_STREQ(error.what(), "dump: Cannot allocate memory");
}

TEST(Reply, AnErrorMessageIsAnError) {
    const Error error = error_of([] { read(refusal(kOurs, -EPERM)); });
    EXPECT_EQ(error.reason(), Reason::kernel_error);
    EXPECT_EQ(error.error_number(), EPERM);
    EXPECT_STREQ(error.what(), "dump: Operation not permitted");
}

TEST(Reply, ARecordedRefusalIsAnError) {
    const Error error = error_of([] {
        Reply("dump", 1).consume(recorded("6.18-refused.reply"), [](std::span<const std::byte>) {});
    });
    EXPECT_EQ(error.reason(), Reason::kernel_error);
    EXPECT_EQ(error.error_number(), EINVAL);
}

TEST(Reply, NoSuchEntryIsNoDiag) {
    EXPECT_EQ(reason_of(refusal(kOurs, -ENOENT)), Reason::no_diag);
    EXPECT_EQ(reason_of(done(kOurs, -ENOENT)), Reason::no_diag);
}

TEST(Reply, ARefusalOfAGetIsToldWithoutAnException) {
    EXPECT_TRUE(is_refused(refusal(kOurs, -ENOENT), kOurs, ENOENT));
    EXPECT_FALSE(is_refused(refusal(kOurs, -EPERM), kOurs, ENOENT));
    EXPECT_FALSE(is_refused(refusal(kOurs, 0), kOurs, ENOENT));
    EXPECT_FALSE(is_refused(refusal(kOurs + 1, -ENOENT), kOurs, ENOENT)) << "of another request";
    EXPECT_FALSE(is_refused(done(kOurs, -ENOENT), kOurs, ENOENT));
    EXPECT_FALSE(is_refused(socket_message(), kOurs, ENOENT));
    const Bytes whole = refusal(kOurs, -ENOENT);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(is_refused(std::span(whole).first(length), kOurs, ENOENT)) << length;
    }
}

TEST(Reply, AnAcknowledgementIsNoAnswer) {
    EXPECT_EQ(reason_of(refusal(kOurs, 0)), Reason::malformed);
}

TEST(Reply, AnErrorNumberThatIsNoneIsMalformed) {
    for (const std::int32_t number : {1, INT_MAX, -4096, INT_MIN}) {
        EXPECT_EQ(reason_of(done(kOurs, number)), Reason::malformed) << number;
        EXPECT_EQ(reason_of(refusal(kOurs, number)), Reason::malformed) << number;
    }
    EXPECT_EQ(reason_of(done(kOurs, -4095)), Reason::kernel_error);
}

TEST(Reply, AnEndWithoutItsErrorNumberIsMalformed) {
    for (std::size_t length = 0; length < 4; ++length) {
        EXPECT_EQ(reason_of(message(NLMSG_DONE, kOurs, Bytes(length))), Reason::malformed);
        EXPECT_EQ(reason_of(message(NLMSG_ERROR, kOurs, Bytes(length))), Reason::malformed);
    }
}

TEST(Reply, AnOverrunIsATruncation) {
    EXPECT_EQ(reason_of(message(NLMSG_OVERRUN, kOurs, Bytes(4))), Reason::truncated);
}

TEST(Reply, ALengthBelowTheHeadersIsMalformed) {
    for (const std::uint32_t length : {0u, 1u, 15u}) {
        EXPECT_EQ(reason_of(message_that_claims(length, SOCK_DIAG_BY_FAMILY, 0, kOurs, Bytes(72))),
                  Reason::malformed)
            << length;
    }
}

// With a length of 2^31 or more, libmnl 1.0.4 steps out of the buffer.
TEST(Reply, ALengthBeyondTheDatagramIsATruncation) {
    for (const std::uint32_t length : {89u, 1u << 31, (1u << 31) + 16, 0xfffffff0u, 0xffffffffu}) {
        EXPECT_EQ(reason_of(message_that_claims(length, SOCK_DIAG_BY_FAMILY, 0, kOurs, Bytes(72))),
                  Reason::truncated)
            << length;
    }
}

TEST(Reply, AnEndInsideAHeaderIsATruncation) {
    for (std::size_t length = 1; length < sizeof(nlmsghdr); ++length) {
        Bytes datagram = join(socket_message(), done(kOurs));
        datagram.resize(88 + length);
        EXPECT_EQ(reason_of(datagram), Reason::truncated) << length;
    }
}

// The last message of a datagram need not be padded.
TEST(Reply, PaddingThatIsNotThereIsNotMissed) {
    Bytes datagram = message(SOCK_DIAG_BY_FAMILY, kOurs, Bytes(71));
    datagram.resize(sizeof(nlmsghdr) + 71);
    Reply reply("dump", kOurs);
    EXPECT_TRUE(reply.consume(datagram, [](std::span<const std::byte>) {}).empty());
}

TEST(Reply, AnAnswerToAnotherRequestIsAnError) {
    EXPECT_EQ(reason_of(join(socket_message(), done(kOurs + 1))), Reason::wrong_sequence);
    EXPECT_EQ(reason_of(socket_message(0)), Reason::wrong_sequence);
    EXPECT_STREQ(error_of([] { read(done(9)); }).what(), "dump: an answer to request 9, not to 7");
}

TEST(Reply, AnInconsistentDumpIsAnError) {
    EXPECT_EQ(reason_of(socket_message(kOurs, NLM_F_MULTI | NLM_F_DUMP_INTR)), Reason::interrupted);
    EXPECT_EQ(reason_of(message(NLMSG_DONE, kOurs, Bytes(4), NLM_F_DUMP_INTR)),
              Reason::interrupted);
}

TEST(Reply, WhatTheSinkThrowsComesThrough) {
    Reply reply("dump", kOurs);
    EXPECT_THROW(
        reply.consume(socket_message(), [](std::span<const std::byte>) { throw std::bad_alloc(); }),
        std::bad_alloc);
}

}  // namespace halfclosed::netlink
