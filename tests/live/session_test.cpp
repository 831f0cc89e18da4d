// The session against the kernel itself: both ways to ask, filters, exact gets, recordings, and a sender that is not
// the kernel.

#include "netlink/session.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

#include "ground/kinds.h"
#include "ground/second_opinion.h"
#include "netlink/recording.h"

namespace halfclosed {

using namespace std::chrono_literals;
using ground::Connection;
using ground::Network;
using netlink::Error;
using netlink::Query;
using netlink::Session;
using netlink::Walk;
using tracking::Side;

namespace {

std::vector<SocketRecord> dump(Session& session, const Query& query = {}) {
    std::vector<SocketRecord> records;
    session.dump(query, [&records](const SocketRecord& record) { records.push_back(record); });
    return records;
}

SocketIdentity identity_of(const Connection& connection, Side side) {
    const auto record = end_of(connection, side, ground::look());
    if (!record) {
        throw std::runtime_error("there is no such end");
    }
    return identity(*record);
}

/// The connection is established at both ends, over each network.
std::vector<Connection> one_of_each() {
    std::vector<Connection> connections;
    for (const Network network : ground::kNetworks) {
        connections.push_back(ground::establish(network, Side::server));
    }
    return connections;
}

}  // namespace

TEST(ASession, FindsTheSameSocketsInOneWalkAndInTwo) {
    const auto connections = one_of_each();
    Session session;
    session.use(Walk::both_at_once);
    const auto at_once = ground::as_ss_writes(dump(session));
    session.use(Walk::one_family);
    EXPECT_EQ(ground::disagreement(at_once, ground::as_ss_writes(dump(session))), "");
    EXPECT_GE(at_once.size(), 9u);
}

TEST(ASession, GetsOnlyTheStatesThatItAskedFor) {
    std::vector<Connection> connections;
    for (const ground::Kind& kind : ground::kinds()) {
        connections.push_back(make(kind, Network::ipv4, Side::server));
    }
    Session session;
    for (unsigned number = 1; number <= 11; ++number) {
        for (const SocketRecord& record : dump(session, {{TcpState(number)}, {}})) {
            EXPECT_EQ(record.state, TcpState(number));
        }
    }
    for (const SocketRecord& record : dump(session, {kHalfClosedStates, {}})) {
        EXPECT_TRUE(kHalfClosedStates.contains(record.state)) << name(record.state);
    }
}

// The kernel takes every program that we compile, and lets through what ss does with the same words.
TEST(APortFilter, MeansToTheKernelWhatItMeansToSs) {
    const auto connections = one_of_each();
    const std::string one = std::to_string(connections[0].server_port);
    const std::uint16_t port = connections[0].server_port;
    const std::uint16_t client = connections[1].client_port;
    const auto range = static_cast<std::uint16_t>(client - 10);
    const auto expression = [](const PortRange& ports) {
        const std::string from = ":" + std::to_string(ports.first);
        const std::string to = ":" + std::to_string(ports.last);
        return "( ( sport >= " + from + " and sport <= " + to + " ) or ( dport >= " + from +
               " and dport <= " + to + " ) )";
    };
    Session session;
    for (const std::vector<PortRange>& ports : {std::vector<PortRange>{{port, port}},
                                                {{range, client}},
                                                {{port, port}, {range, client}},
                                                {{1, 65535}},
                                                {{1, 1}}}) {
        std::string words;
        for (const PortRange& part : ports) {
            words += (words.empty() ? "" : " or ") + expression(part);
        }
        const auto theirs = ground::parse_ss(ground::run_ss("-tanoeH '" + words + "'"));
        EXPECT_EQ(
            ground::disagreement(ground::as_ss_writes(dump(session, {kAllStates, ports})), theirs),
            "")
            << words;
    }
}

TEST(APortFilter, OfTwoHundredPortsIsAccepted) {
    const Connection connection = ground::establish(Network::ipv4, Side::server);
    std::vector<PortRange> ports{{connection.server_port, connection.server_port}};
    for (std::uint16_t port = 1; ports.size() < 200; port = static_cast<std::uint16_t>(port + 2)) {
        ports.push_back({port, port});
    }
    std::vector<SocketRecord> expected = ground::look();
    std::erase_if(expected, [&ports](const SocketRecord& record) {
        return std::none_of(ports.begin(), ports.end(), [&record](const PortRange& range) {
            return range.contains(record.local.port) || range.contains(record.remote.port);
        });
    });
    ASSERT_GE(expected.size(), 3u) << "the listener and both ends";
    for (const Walk walk : {Walk::both_at_once, Walk::one_family}) {
        Session session;
        session.use(walk);
        EXPECT_EQ(ground::disagreement(ground::as_ss_writes(dump(session, {kAllStates, ports})),
                                       ground::as_ss_writes(expected)),
                  "");
    }
}

TEST(AnExactGet, FindsTheSocketOfThatCookie) {
    Session session;
    for (const Network network : ground::kNetworks) {
        const Connection connection = ground::establish(network, Side::server);
        for (const Side side : tracking::kSides) {
            const SocketIdentity socket = identity_of(connection, side);
            const auto bare = session.get(socket);
            ASSERT_TRUE(bare) << ground::name(network);
            EXPECT_EQ(identity(bare->record), socket);
            EXPECT_FALSE(bare->info);
            const auto with_info = session.get(socket, true);
            ASSERT_TRUE(with_info && with_info->info);
            EXPECT_EQ(with_info->record, bare->record);
        }
        EXPECT_EQ(connection.server.cookie(),
                  static_cast<std::uint64_t>(identity_of(connection, Side::server).cookie));
    }
}

// Without the cookie the kernel would answer with the listener.
TEST(AnExactGet, FindsNothingWhenTheSocketIsGone) {
    Session session;
    for (const Network network : ground::kNetworks) {
        Connection connection = ground::establish(network, Side::server);
        const SocketIdentity server = identity_of(connection, Side::server);
        const SocketIdentity client = identity_of(connection, Side::client);
        connection.server.reset();
        EXPECT_EQ(session.get(server), std::nullopt) << ground::name(network);
        EXPECT_EQ(session.get(client), std::nullopt) << ground::name(network);
    }
}

TEST(AnExactGet, FindsNothingUnderAnotherCookie) {
    const Connection connection = ground::establish(Network::ipv4, Side::server);
    SocketIdentity socket = identity_of(connection, Side::server);
    socket.cookie = Cookie{static_cast<std::uint64_t>(socket.cookie) + 1'000'000};
    EXPECT_EQ(Session().get(socket), std::nullopt);
}

// The cookie goes from the full socket to the minisock and stays with it.
TEST(AnExactGet, FindsTheMinisockOfASocket) {
    Session session;
    for (const Network network : ground::kNetworks) {
        Connection connection = ground::establish(network, Side::server);
        const SocketIdentity socket = identity_of(connection, Side::server);
        connection.server.close();
        connection.client.close();
        std::optional<netlink::DecodedSocket> found = session.get(socket, true);
        ASSERT_TRUE(found) << ground::name(network);
        EXPECT_EQ(found->record.state, TcpState::time_wait);
        EXPECT_EQ(found->record.timer.kind, Timer::Kind::timewait);
        EXPECT_FALSE(found->info) << "a minisock has no tcp_info";
    }
}

// More than go into a datagram, and the gone among the others.
TEST(ExactGetsOfMany, SayOfEachWhatAGetOfItWould) {
    std::vector<Connection> connections;
    std::vector<SocketIdentity> sockets;
    for (int i = 0; i < 25; ++i) {
        for (const Network network : ground::kNetworks) {
            connections.push_back(ground::establish(network, Side::server));
            sockets.push_back(identity_of(connections.back(), Side::server));
            sockets.push_back(identity_of(connections.back(), Side::client));
        }
    }
    ASSERT_GT(sockets.size(), 2 * Session::kGetsAtOnce);
    for (std::size_t i = 0; i < connections.size(); i += 4) {
        connections[i].server.reset();
    }
    Session session;
    for (const bool with_tcp_info : {false, true}) {
        std::size_t answers = 0;
        session.get_each(sockets, with_tcp_info,
                         [&](const SocketIdentity& socket, const auto& found) {
                             ++answers;
                             const auto alone = Session().get(socket, with_tcp_info);
                             ASSERT_EQ(found.has_value(), alone.has_value());
                             if (found) {
                                 EXPECT_EQ(found->record, alone->record);
                                 EXPECT_EQ(found->info.has_value(), with_tcp_info);
                             }
                         });
        EXPECT_EQ(answers, sockets.size());
    }
}

TEST(ExactGetsOfMany, LeaveAFreshSessionAfterTheSinkThrew) {
    const Connection connection = ground::establish(Network::ipv4, Side::server);
    const std::vector<SocketIdentity> sockets(3, identity_of(connection, Side::server));
    Session session;
    EXPECT_THROW(session.get_each(
                     sockets, false,
                     [](const SocketIdentity&, const auto&) { throw std::length_error("full"); }),
                 std::length_error);
    EXPECT_TRUE(session.get(sockets.front()));
}

TEST(ASession, IsFreshAfterTheSinkThrew) {
    const auto connections = one_of_each();
    Session session;
    const std::size_t all = dump(session).size();
    for (int i = 0; i < 3; ++i) {
        EXPECT_THROW(session.dump({}, [](const SocketRecord&) { throw std::length_error("full"); }),
                     std::length_error);
        EXPECT_EQ(dump(session).size(), all);
    }
}

TEST(ARecordingOfASession, IsReadByUsAndBySs) {
    const auto connections = one_of_each();
    const auto path = std::filesystem::temp_directory_path() /
                      ("halfclosed-recording-" + std::to_string(getpid()));
    std::FILE* file = std::fopen(path.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    Session session;
    session.tee(file);
    const auto seen = ground::as_ss_writes(dump(session));
    std::fclose(file);

    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(ground::disagreement(
                  ground::as_ss_writes(
                      netlink::read_recording(std::as_bytes(std::span(bytes)), path).records),
                  seen),
              "");
    const auto theirs =
        ground::parse_ss(ground::run_ss("-tanoeH", "TCPDIAG_FILE='" + path.string() + "'"));
    EXPECT_EQ(ground::disagreement(seen, theirs), "");
    std::filesystem::remove(path);
}

namespace {

constexpr std::uint32_t kForgedCookie = 0x0badbeef;

/// Netlink ports of this namespace's sock_diag conversations (/proc/net/netlink: sk, network, port …).
std::vector<std::uint32_t> diag_ports() {
    std::ifstream file("/proc/thread-self/net/netlink");
    std::string line;
    std::getline(file, line);
    std::vector<std::uint32_t> ports;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string socket;
        unsigned network = 0;
        std::uint32_t port = 0;
        fields >> socket >> network >> port;
        if (network == NETLINK_SOCK_DIAG && port != 0) {
            ports.push_back(port);
        }
    }
    return ports;
}

/// Somebody with CAP_NET_ADMIN, who may send to other people's netlink sockets.
class Forger {
 public:
    Forger()
        : socket_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG)) {}
    ~Forger() { close(socket_); }

    /// A socket that is not there, and the end of the dump. Whether it was taken.
    bool send_to(std::uint32_t port, std::uint32_t sequence) const {
        struct {
            nlmsghdr header;
            inet_diag_msg socket;
            nlmsghdr end;
            int error;
        } forged{};
        forged.header = {sizeof forged.header + sizeof forged.socket, TCPDIAG_GETSOCK, NLM_F_MULTI,
                         sequence, 0};
        forged.socket.idiag_family = AF_INET;
        forged.socket.idiag_state = 8;
        forged.socket.id.idiag_cookie[0] = kForgedCookie;
        forged.end = {sizeof forged.end + sizeof forged.error, NLMSG_DONE, NLM_F_MULTI, sequence,
                      0};
        sockaddr_nl to{};
        to.nl_family = AF_NETLINK;
        to.nl_pid = port;
        return sendto(socket_, &forged, sizeof forged, 0, reinterpret_cast<const sockaddr*>(&to),
                      sizeof to) == static_cast<ssize_t>(sizeof forged);
    }

 private:
    int socket_;
};

bool has_forged(const std::vector<SocketRecord>& records) {
    return std::any_of(records.begin(), records.end(), [](const SocketRecord& record) {
        return record.cookie == Cookie{kForgedCookie};
    });
}

}  // namespace

TEST(ASession, DropsAndCountsWhatTheKernelDidNotSend) {
    const auto connections = one_of_each();
    Session session;
    const auto before = ground::as_ss_writes(dump(session));
    const std::vector<std::uint32_t> ports = diag_ports();
    ASSERT_FALSE(ports.empty());

    const Forger forger;
    std::uint64_t sent = 0;
    for (std::uint32_t sequence = 0; sequence < 40; ++sequence) {
        for (const std::uint32_t port : ports) {
            sent += forger.send_to(port, sequence) ? 1 : 0;
        }
    }
    ASSERT_GT(sent, 0u) << "nobody may forge here";
    const auto records = dump(session);
    EXPECT_FALSE(has_forged(records));
    EXPECT_EQ(ground::disagreement(before, ground::as_ss_writes(records)), "");
    EXPECT_EQ(session.foreign_datagrams(), sent);
}

// Ten thousand and more, while we ask: a look may fail, but none is wrong, and afterwards all is well.
TEST(ASession, StandsAFloodOfForgedMessages) {
    const auto connections = one_of_each();
    Session session;
    const auto truth = ground::as_ss_writes(dump(session));
    const pid_t parent = getpid();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const Forger forger;
        for (std::uint32_t sequence = 1; getppid() == parent; ++sequence) {
            for (const std::uint32_t port : diag_ports()) {
                for (int i = 0; i < 100; ++i) {
                    forger.send_to(port, sequence);
                }
            }
        }
        _exit(0);
    }
    int good = 0;
    int failed = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto lasts = [&] { return std::chrono::steady_clock::now() - begin; };
    // Two seconds; longer if a busy machine has not made it a flood by then.
    while (lasts() < 2s || (session.foreign_datagrams() <= 10'000u && lasts() < 60s)) {
        try {
            const auto records = dump(session);
            EXPECT_FALSE(has_forged(records));
            EXPECT_EQ(ground::disagreement(truth, ground::as_ss_writes(records)), "");
            ++good;
        } catch (const Error&) {
            ++failed;
        }
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    RecordProperty("good", good);
    RecordProperty("failed", failed);
    EXPECT_GT(session.foreign_datagrams(), 10'000u);
    EXPECT_GT(good, 0);

    try {
        dump(session);
    } catch (const Error&) {
        // What was still in the buffer; the session is fresh now.
    }
    EXPECT_EQ(ground::disagreement(truth, ground::as_ss_writes(dump(session))), "");
}

// Whoever may run it sees it all: no capability, no user.
TEST(ASession, NeedsNoPrivilege) {
    const auto connections = one_of_each();
    const std::size_t all = ground::look().size();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const bool dropped = geteuid() != 0 || setresuid(65534, 65534, 65534) == 0;
        _exit(dropped && ground::look().size() == all ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace halfclosed
