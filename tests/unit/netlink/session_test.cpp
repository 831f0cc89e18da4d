#include "netlink/session.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>

#include "bytes.h"
#include "expect_error.h"
#include "kernel_stand_in.h"
#include "netlink/recording.h"

namespace halfclosed::netlink {

using namespace std::chrono_literals;

namespace {

using Arrivals = std::vector<KernelStandIn::Arrival>;

/// A socket with this cookie; the state is CLOSE-WAIT.
Bytes socket_message(std::uint32_t sequence, std::uint32_t cookie,
                     std::uint16_t type = TCPDIAG_GETSOCK) {
    inet_diag_msg payload{};
    payload.idiag_family = AF_INET;
    payload.idiag_state = 8;
    payload.id.idiag_cookie[0] = cookie;
    return message(type, sequence, bytes_of(payload), NLM_F_MULTI);
}

KernelStandIn::Arrival datagram(Bytes bytes) {
    return {std::move(bytes), 0, false, 0};
}

KernelStandIn::Arrival failure(int error) {
    return {{}, 0, false, error};
}

/// An answer with these cookies, whole.
KernelStandIn::Answer sockets(std::vector<std::uint32_t> cookies) {
    return [cookies](std::uint32_t sequence) {
        Arrivals arrivals;
        for (const std::uint32_t cookie : cookies) {
            arrivals.push_back(datagram(socket_message(sequence, cookie)));
        }
        arrivals.push_back(datagram(done(sequence)));
        return arrivals;
    };
}

/// An answer of these datagrams, made from the sequence number.
template <typename Make>
KernelStandIn::Answer one(Make make) {
    return [make](std::uint32_t sequence) { return Arrivals{datagram(make(sequence))}; };
}

class SessionTest : public testing::Test {
 protected:
    std::vector<std::uint64_t> dump(const Query& query = {}) {
        std::vector<std::uint64_t> cookies;
        session_.dump(query, [&cookies](const SocketRecord& record) {
            cookies.push_back(static_cast<std::uint64_t>(record.cookie));
        });
        return cookies;
    }

    Error failing_dump() {
        return error_of([this] { dump(); });
    }

    KernelStandIn kernel_;
    Session session_;
};

using Cookies = std::vector<std::uint64_t>;

TEST_F(SessionTest, AsksOnceForBothFamilies) {
    kernel_.expect(sockets({1, 2, 3}));
    EXPECT_EQ(dump(), (Cookies{1, 2, 3}));
    EXPECT_EQ(kernel_.requests(), (std::vector<std::uint16_t>{TCPDIAG_GETSOCK}));
}

TEST_F(SessionTest, AsksForEachFamilyWhereTheKernelRefusesTheLegacyRequest) {
    for (const int error : {EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ENOENT}) {
        KernelStandIn kernel;
        Session session;
        kernel.expect(one([error](std::uint32_t sequence) { return refusal(sequence, -error); }));
        kernel.expect(sockets({1}));
        kernel.expect(sockets({2}));
        Cookies cookies;
        const auto keep = [&cookies](const SocketRecord& record) {
            cookies.push_back(static_cast<std::uint64_t>(record.cookie));
        };
        session.dump({}, keep);
        EXPECT_EQ(cookies, (Cookies{1, 2})) << error;

        // It does not try again what was refused.
        kernel.expect(sockets({3}));
        kernel.expect(sockets({4}));
        session.dump({}, keep);
        EXPECT_EQ(cookies, (Cookies{1, 2, 3, 4}));
        EXPECT_EQ(kernel.requests().size(), 5u);
    }
}

TEST_F(SessionTest, AKernelWithoutDiagRefusesBoth) {
    const auto refuse = one([](std::uint32_t sequence) { return refusal(sequence, -ENOENT); });
    kernel_.expect(refuse);
    kernel_.expect(refuse);
    EXPECT_EQ(failing_dump().reason(), Reason::no_diag);
}

TEST_F(SessionTest, AKernelWithoutIpv6HasIpv4) {
    session_.use(Walk::one_family);
    kernel_.expect(sockets({1}));
    kernel_.expect(one([](std::uint32_t sequence) { return refusal(sequence, -ENOENT); }));
    EXPECT_EQ(dump(), Cookies{1});
}

TEST_F(SessionTest, IfIpv6FailsTheWholeDumpHasFailed) {
    session_.use(Walk::one_family);
    kernel_.expect(sockets({1}));
    kernel_.expect(one([](std::uint32_t sequence) { return done(sequence, -ENOMEM); }));
    EXPECT_EQ(failing_dump().error_number(), ENOMEM);
}

// The sink has a part of the first answer: a second one would come on top of it.
TEST_F(SessionTest, ADumpThatFailsMidwayIsNoRefusal) {
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{datagram(socket_message(sequence, 1)), datagram(done(sequence, -EINVAL))};
    });
    EXPECT_EQ(failing_dump().error_number(), EINVAL);
    EXPECT_EQ(kernel_.requests().size(), 1u);
}

TEST_F(SessionTest, ZeroSocketsAndNoAnswerAreDifferentThings) {
    kernel_.expect(sockets({}));
    EXPECT_EQ(dump(), Cookies{});
    kernel_.expect(one([](std::uint32_t sequence) { return done(sequence, -ENOBUFS); }));
    EXPECT_EQ(failing_dump().reason(), Reason::kernel_error);
}

TEST_F(SessionTest, ATruncatedDatagramIsAnError) {
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{{socket_message(sequence, 1), 0, true, 0}, datagram(done(sequence))};
    });
    EXPECT_EQ(failing_dump().reason(), Reason::truncated);
}

TEST_F(SessionTest, AnAnswerThatIsLongerThanItsShareOfTheBufferIsAskedForAlone) {
    std::vector<SocketIdentity> asked(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        asked[i].cookie = Cookie{i + 1};
    }
    kernel_.expect([](std::uint32_t first) {
        return Arrivals{datagram(socket_message(first, 1)),
                        {socket_message(first + 1, 2), 0, true, 0},
                        datagram(socket_message(first + 2, 3))};
    });
    kernel_.expect(one([](std::uint32_t sequence) { return socket_message(sequence, 2); }));
    kernel_.expect(one([](std::uint32_t sequence) { return socket_message(sequence, 3); }));
    std::vector<std::uint64_t> told;
    session_.get_each(asked, false, [&told](const SocketIdentity&, const auto& found) {
        told.push_back(static_cast<std::uint64_t>(found.value().record.cookie));
    });
    EXPECT_EQ(told, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(SessionTest, AnAnswerToAnotherRequestIsAnError) {
    kernel_.expect(one([](std::uint32_t sequence) { return done(sequence - 1); }));
    EXPECT_EQ(failing_dump().reason(), Reason::wrong_sequence);
}

TEST_F(SessionTest, AnInterruptedDumpIsAnError) {
    kernel_.expect(one([](std::uint32_t sequence) {
        return message(NLMSG_DONE, sequence, Bytes(4), NLM_F_MULTI | NLM_F_DUMP_INTR);
    }));
    EXPECT_EQ(failing_dump().reason(), Reason::interrupted);
}

TEST_F(SessionTest, ASystemCallThatFailsIsAnError) {
    kernel_.expect([](std::uint32_t) { return Arrivals{failure(ENOBUFS)}; });
    const Error receiving = failing_dump();
    EXPECT_EQ(receiving.reason(), Reason::socket);
    EXPECT_STREQ(receiving.what(), "sock_diag dump (tcp): No buffer space available");
    kernel_.refuse_to_send(ENOMEM);
    EXPECT_EQ(failing_dump().reason(), Reason::socket);
}

TEST_F(SessionTest, ASignalInBetweenIsNoError) {
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{failure(EINTR), datagram(socket_message(sequence, 1)), failure(EINTR),
                        datagram(done(sequence))};
    });
    EXPECT_EQ(dump(), Cookies{1});
}

TEST_F(SessionTest, WhatTheKernelDidNotSendIsDroppedAndCounted) {
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{{socket_message(sequence, 666), 4711, false, 0},
                        datagram(socket_message(sequence, 1)),
                        {done(sequence), 4711, false, 0},
                        {socket_message(sequence, 667), 4711, true, 0},
                        datagram(socket_message(sequence, 2)),
                        datagram(done(sequence))};
    });
    EXPECT_EQ(dump(), (Cookies{1, 2}));
    EXPECT_EQ(session_.foreign_datagrams(), 3u);
}

TEST_F(SessionTest, AfterAFailureTheNextLookIsWholeAgain) {
    for (
        const auto& failing :
        {KernelStandIn::Answer(one([](std::uint32_t sequence) { return done(sequence - 1); })),
         KernelStandIn::Answer(one([](std::uint32_t sequence) { return done(sequence, -EIO); })),
         // A dump for which there was no room at first goes on all the same (net/netlink/af_netlink.c:netlink_dump).
         KernelStandIn::Answer([](std::uint32_t sequence) {
             return Arrivals{datagram(refusal(sequence, -ENOBUFS)),
                             datagram(socket_message(sequence, 4)), datagram(done(sequence))};
         }),
         KernelStandIn::Answer([](std::uint32_t) { return Arrivals{failure(ENOBUFS)}; })}) {
        kernel_.expect(failing);
        failing_dump();
        kernel_.expect(sockets({5}));
        EXPECT_EQ(dump(), Cookies{5});
    }
}

TEST_F(SessionTest, AnExceptionOfTheSinkLeavesNothingBehind) {
    kernel_.expect(sockets({1, 2}));
    EXPECT_THROW(session_.dump({}, [](const SocketRecord&) { throw std::bad_alloc(); }),
                 std::bad_alloc);
    kernel_.expect(sockets({3}));
    EXPECT_EQ(dump(), Cookies{3});
}

// Nothing at all: two seconds, and without spinning.
TEST_F(SessionTest, SilenceIsAnErrorAfterTwoSeconds) {
    kernel_.expect([](std::uint32_t) { return Arrivals{}; });
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    EXPECT_EQ(failing_dump().reason(), Reason::timeout);
    const auto waited = std::chrono::steady_clock::now() - start;
    EXPECT_GE(waited, 2s);
    EXPECT_LT(waited, 3s);
    EXPECT_LT(std::clock() - cpu, CLOCKS_PER_SEC / 4);
    EXPECT_LT(kernel_.calls(), 10);
}

TEST_F(SessionTest, ADumpThatStopsHalfwayIsAnError) {
    kernel_.expect(one([](std::uint32_t sequence) { return socket_message(sequence, 1); }));
    EXPECT_EQ(failing_dump().reason(), Reason::timeout);
}

TEST_F(SessionTest, AGetAnswersWithTheSocketOrWithNothing) {
    const SocketIdentity wanted{Cookie{42}, Family::ipv4, {}, {}, 0};
    kernel_.expect(one([](std::uint32_t s) { return socket_message(s, 42, SOCK_DIAG_BY_FAMILY); }));
    const auto found = session_.get(wanted);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->record.cookie, Cookie{42});
    EXPECT_EQ(found->record.state, TcpState::close_wait);

    kernel_.expect(one([](std::uint32_t sequence) { return refusal(sequence, -ENOENT); }));
    EXPECT_EQ(session_.get(wanted), std::nullopt);
}

TEST_F(SessionTest, AGetThatFailsDoesNotSayThatTheSocketIsGone) {
    const SocketIdentity wanted{Cookie{42}, Family::ipv4, {}, {}, 0};
    const auto get = [&] { session_.get(wanted); };
    kernel_.expect(one([](std::uint32_t sequence) { return refusal(sequence, -EPERM); }));
    EXPECT_EQ(error_of(get).reason(), Reason::kernel_error);
    kernel_.expect(one([](std::uint32_t sequence) { return done(sequence); }));
    EXPECT_EQ(error_of(get).reason(), Reason::malformed) << "an end is no answer";
    kernel_.expect(one([](std::uint32_t s) { return socket_message(s, 43, SOCK_DIAG_BY_FAMILY); }));
    EXPECT_EQ(error_of(get).reason(), Reason::malformed) << "another socket is no answer";
    kernel_.expect([](std::uint32_t) { return Arrivals{failure(ENOBUFS)}; });
    EXPECT_EQ(error_of(get).reason(), Reason::socket);
}

TEST_F(SessionTest, ARecordingHasWhatTheDumpHad) {
    char* text = nullptr;
    std::size_t length = 0;
    std::FILE* file = open_memstream(&text, &length);
    session_.tee(file);
    // A refused way of asking leaves nothing in it.
    kernel_.expect(one([](std::uint32_t sequence) { return refusal(sequence, -EINVAL); }));
    kernel_.expect(sockets({1, 2}));
    kernel_.expect(sockets({3}));
    EXPECT_EQ(dump(), (Cookies{1, 2, 3}));
    session_.tee(nullptr);
    kernel_.expect(sockets({4}));
    kernel_.expect(sockets({5}));
    dump();
    std::fclose(file);
    const std::unique_ptr<char, void (*)(void*)> owner(text, std::free);

    Cookies cookies;
    for (const SocketRecord& record :
         read_recording(std::as_bytes(std::span(text, length)), "recording").records) {
        cookies.push_back(static_cast<std::uint64_t>(record.cookie));
    }
    EXPECT_EQ(cookies, (Cookies{1, 2, 3}));
}

TEST_F(SessionTest, ARecordingThatCannotBeWrittenIsAnError) {
    std::FILE* file = std::fopen("/dev/full", "w");
    std::setvbuf(file, nullptr, _IONBF, 0);
    session_.tee(file);
    kernel_.expect(sockets({1}));
    const Error error = failing_dump();
    EXPECT_STREQ(error.what(), "write to the recording: No space left on device");
    std::fclose(file);
}

/// As socket_message(), of a socket with this inode.
Bytes socket_with_inode(std::uint32_t sequence, std::uint32_t cookie, std::uint32_t inode,
                        std::uint8_t state = 8) {
    inet_diag_msg payload{};
    payload.idiag_family = AF_INET;
    payload.idiag_state = state;
    payload.id.idiag_sport = static_cast<std::uint16_t>(cookie);  // each of its own addresses
    payload.id.idiag_cookie[0] = cookie;
    payload.idiag_inode = inode;
    return message(SOCK_DIAG_BY_FAMILY, sequence, bytes_of(payload), NLM_F_MULTI);
}

KernelStandIn::Answer refused(int error) {
    return one([error](std::uint32_t sequence) { return refusal(sequence, -error); });
}

using Told = std::vector<std::pair<std::uint64_t, Protocol>>;

Told dump_with_mptcp(Session& session, const Query& query = {}) {
    Told told;
    session.dump_with_mptcp(query, [&told](const SocketRecord& record) {
        told.emplace_back(static_cast<std::uint64_t>(record.cookie), record.protocol);
    });
    return told;
}

TEST_F(SessionTest, TellsMptcpConnectionsAndWhichSocketsCarryThem) {
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{datagram(socket_with_inode(sequence, 1, 77)), datagram(done(sequence))};
    });
    kernel_.expect(sockets({}));  // IPv6
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{datagram(socket_with_inode(sequence, 2, 77)),
                        datagram(socket_with_inode(sequence, 3, 78)), datagram(done(sequence))};
    });
    const std::uint32_t before = static_cast<std::uint32_t>(kernel_.requests().size());
    EXPECT_EQ(dump_with_mptcp(session_),
              (Told{{1, Protocol::mptcp}, {2, Protocol::mptcp_subflow}, {3, Protocol::tcp}}));
    EXPECT_EQ(kernel_.requests().size(), before + 3);
    EXPECT_TRUE(session_.has_mptcp());
}

// The connection is established and not asked for; its subflow is half-closed.
TEST_F(SessionTest, ASubflowIsOneWhateverTheStateOfItsConnection) {
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{datagram(socket_with_inode(sequence, 1, 77, 1)), datagram(done(sequence))};
    });
    kernel_.expect(sockets({}));
    kernel_.expect([](std::uint32_t sequence) {
        return Arrivals{datagram(socket_with_inode(sequence, 2, 77)), datagram(done(sequence))};
    });
    EXPECT_EQ(dump_with_mptcp(session_, {kHalfClosedStates, {}}),
              (Told{{2, Protocol::mptcp_subflow}}));
}

TEST_F(SessionTest, AKernelWithoutMptcpHasTcpAndIsNotAskedAgainAtOnce) {
    kernel_.expect(refused(ENOENT));
    kernel_.expect(sockets({4}));
    EXPECT_EQ(dump_with_mptcp(session_), (Told{{4, Protocol::tcp}}));
    EXPECT_FALSE(session_.has_mptcp());
    kernel_.expect(sockets({5}));
    EXPECT_EQ(dump_with_mptcp(session_), (Told{{5, Protocol::tcp}}));
    EXPECT_EQ(kernel_.requests().size(), 3u);
}

TEST_F(SessionTest, ADumpOfMptcpThatFailsIsNoAnswerAtAll) {
    kernel_.expect(refused(EPERM));
    const Error error = error_of([this] { dump_with_mptcp(session_); });
    EXPECT_STREQ(error.what(), "sock_diag dump (mptcp): Operation not permitted");
}

TEST_F(SessionTest, AnMptcpConnectionIsLookedForByItsCookie) {
    SocketIdentity connection;
    connection.cookie = Cookie{2};
    connection.local.port = 9999;
    connection.protocol = Protocol::mptcp;
    kernel_.expect(sockets({1, 2}));
    kernel_.expect(sockets({}));
    const auto found = session_.get(connection);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->record.cookie, Cookie{2});
    EXPECT_EQ(found->record.protocol, Protocol::mptcp);
    kernel_.expect(sockets({1}));
    kernel_.expect(sockets({}));
    EXPECT_EQ(session_.get(connection), std::nullopt);
}

}  // namespace
}  // namespace halfclosed::netlink
