#include "netlink/session.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "netlink/mptcp_subflows.h"
#include "netlink/reply.h"
#include "netlink/socket_namespace.h"

namespace halfclosed::netlink {

namespace {

using Clock = std::chrono::steady_clock;

/// A kernel that says nothing for this long has nothing to say.
constexpr std::chrono::milliseconds kSilence{2'000};

/// The kernel fills datagrams of at most 32 KiB, or of the largest buffer it was ever offered if
/// that is less (net/netlink/af_netlink.c:netlink_recvmsg, max_recvmsg_len); pages of 64 KiB may
/// make them larger.
constexpr std::size_t kBufferSize = 64 * 1024;

constexpr const char* kDump = "sock_diag dump (tcp)";
constexpr const char* kMptcpDump = "sock_diag dump (mptcp)";
constexpr const char* kGet = "sock_diag get (tcp)";

/// The answers to so many fit into the buffer of any netlink socket.
constexpr std::size_t kGetsAtOnce = 32;

/// A request that a module may yet come to answer is not made more often: each makes the kernel look
/// for the module (net/ipv4/inet_diag.c:inet_diag_lock_handler).
constexpr std::chrono::minutes kModuleMayCome{1};

}  // namespace

void Session::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Session::Session() : buffer_(kBufferSize) {
    open();
}

Session::~Session() = default;

void Session::open() {
    constexpr const char* attempt = "netlink socket (sock_diag)";
    socket_.reset(mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC));
    if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        const int error = errno;
        socket_.reset();
        throw Error::from_errno(Reason::socket, attempt, error);
    }
    netns_ = namespace_of(mnl_socket_get_fd(socket_.get()));
}

void Session::enter_namespace() {
    if (!socket_) {
        open();
    }
}

void Session::send(std::span<const std::byte> request, const char* attempt) {
    if (mnl_socket_sendto(socket_.get(), request.data(), request.size()) < 0) {
        throw Error::from_errno(Reason::socket, attempt, errno);
    }
}

std::span<const std::byte> Session::receive(const char* attempt) {
    const int descriptor = mnl_socket_get_fd(socket_.get());
    const auto deadline = Clock::now() + kSilence;
    while (true) {
        // mnl_socket_recvfrom() hides who sent the datagram, and that is what has to be known.
        sockaddr_nl sender{};
        iovec buffer{buffer_.data(), buffer_.size()};
        msghdr message{};
        message.msg_name = &sender;
        message.msg_namelen = sizeof sender;
        message.msg_iov = &buffer;
        message.msg_iovlen = 1;
        const ssize_t received = recvmsg(descriptor, &message, MSG_DONTWAIT);
        if (received < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                throw Error::from_errno(Reason::socket, attempt, errno);
            }
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            if (left <= std::chrono::milliseconds::zero()) {
                throw Error(Reason::timeout, attempt, "no answer within 2 s");
            }
            pollfd readable{descriptor, POLLIN, 0};
            poll(&readable, 1, static_cast<int>(left.count()));
            continue;
        }
        if (message.msg_namelen != sizeof sender || sender.nl_pid != 0) {
            ++foreign_datagrams_;
            if (Clock::now() >= deadline) {
                throw Error(Reason::foreign_sender, attempt,
                            "for 2 s only datagrams that the kernel did not send");
            }
            continue;
        }
        if ((message.msg_flags & MSG_TRUNC) != 0) {
            throw Error(Reason::truncated, attempt,
                        "a datagram of more than " + std::to_string(buffer_.size()) + " bytes");
        }
        return std::span(buffer_).first(static_cast<std::size_t>(received));
    }
}

void Session::dump(const Query& query, const RecordSink& sink) {
    dump_raw(query, [&](std::span<const std::byte> payload) {
        SocketRecord record = decode(payload, query.protocol).record;
        record.netns = netns_;
        sink(record);
    });
}

/// The MPTCP connections in the query's states; all of them are noted for their subflows.
void Session::dump_mptcp(const Query& query, MptcpSubflows& subflows, const RecordSink& sink) {
    if (!expects_mptcp_ || (no_mptcp_until_ && Clock::now() < *no_mptcp_until_)) {
        return;
    }
    Query connections = query;
    // In any state: a subflow may be half-closed while its connection is established.
    connections.states = kAllStates;
    connections.protocol = Protocol::mptcp;
    try {
        // Its listeners come last (net/mptcp/mptcp_diag.c:mptcp_diag_dump), TCP's first: here too they go first, for
        // the side of a connection is told by who listens.
        std::vector<SocketRecord> held;
        dump(connections, [&](const SocketRecord& record) {
            subflows.add_connection(record);
            if (!query.states.contains(record.state)) {
                return;
            }
            if (record.state == TcpState::listen) {
                sink(record);
            } else {
                held.push_back(record);
            }
        });
        std::for_each(held.begin(), held.end(), sink);
        no_mptcp_until_.reset();
    } catch (const Error& error) {
        if (!error.is_refusal()) {
            throw;
        }
        no_mptcp_until_ = Clock::now() + kModuleMayCome;
    }
}

void Session::dump_with_mptcp(const Query& query, const RecordSink& sink) {
    MptcpSubflows subflows;
    dump_mptcp(query, subflows, sink);
    dump(query, [&](SocketRecord record) {
        if (subflows.contains(record)) {
            record.protocol = Protocol::mptcp_subflow;
        }
        sink(record);
    });
}

void Session::get_with_mptcp(const Query& query, std::span<const SocketIdentity> known,
                             const RecordSink& sink) {
    MptcpSubflows subflows;
    dump_mptcp(query, subflows, sink);
    Query listeners = query;
    listeners.states = {TcpState::listen};
    dump(listeners, [&](SocketRecord record) {
        if (subflows.contains(record)) {
            record.protocol = Protocol::mptcp_subflow;
        }
        sink(record);
    });
    for (std::size_t first = 0; first < known.size(); first += kGetsAtOnce) {
        get_several(
            known.subspan(first, std::min(kGetsAtOnce, known.size() - first)),
            [&](SocketRecord record) {
                if (subflows.contains(record)) {
                    record.protocol = Protocol::mptcp_subflow;
                }
                if (query.states.contains(record.state) || record.state == TcpState::time_wait) {
                    sink(record);
                }
            });
    }
}

/// The kernel answers the messages of a datagram one by one, in their order (net/netlink/af_netlink.c:netlink_rcv_skb):
/// a datagram less for each.
void Session::get_several(std::span<const SocketIdentity> sockets, const RecordSink& sink) {
    std::vector<std::byte> requests;
    const std::uint32_t first = sequence_ + 1;
    for (const SocketIdentity& socket : sockets) {
        const std::vector<std::byte> request = get_request(socket, false, ++sequence_);
        requests.insert(requests.end(), request.begin(), request.end());
    }
    converse([&] {
        send(requests, kGet);
        for (std::uint32_t number = 0; number < sockets.size(); ++number) {
            const auto datagram = receive(kGet);
            if (is_refused(datagram, first + number, ENOENT)) {
                continue;  // it is gone
            }
            Reply reply(kGet, first + number);
            try {
                reply.consume(datagram, [&](std::span<const std::byte> payload) {
                    SocketRecord record = decode(payload).record;
                    record.netns = netns_;
                    if (record.cookie != sockets[number].cookie) {
                        throw Error(Reason::malformed, kGet,
                                    "an answer without the socket that was asked for");
                    }
                    sink(record);
                });
            } catch (const Error&) {
                socket_.reset();  // the other answers are still on their way
                throw;
            }
        }
    });
}

void Session::dump_raw(const Query& query, const PayloadSink& sink) {
    if (query.protocol == Protocol::mptcp) {
        walk(query, Walk::one_family, sink);
        return;
    }
    if (walk_) {
        walk(query, *walk_, sink);
        return;
    }
    bool begun = false;
    try {
        walk(query, Walk::both_at_once, [&](std::span<const std::byte> payload) {
            begun = true;
            sink(payload);
        });
        walk_ = Walk::both_at_once;
    } catch (const Error& error) {
        // A dump that failed midway is a failure, not a refusal: the sink has a part of it already.
        if (begun || !error.is_refusal()) {
            throw;
        }
        walk(query, Walk::one_family, sink);
        walk_ = Walk::one_family;
    }
}

void Session::walk(const Query& query, Walk walk, const PayloadSink& sink) {
    const char* attempt = query.protocol == Protocol::mptcp ? kMptcpDump : kDump;
    run_dump(dump_request(query, walk, Family::ipv4, ++sequence_), attempt, sink);
    if (walk == Walk::one_family) {
        try {
            run_dump(dump_request(query, walk, Family::ipv6, ++sequence_), attempt, sink);
        } catch (const Error& error) {
            // The dump for IPv4 was answered, so this kernel has tcp_diag: what it lacks is IPv6.
            if (error.reason() != Reason::no_diag) {
                throw;
            }
        }
    }
}

void Session::run_dump(std::span<const std::byte> request, const char* attempt,
                       const PayloadSink& sink) {
    converse([&] {
        send(request, attempt);
        Reply reply(attempt, sequence_);
        while (!reply.complete()) {
            const auto datagram = receive(attempt);
            reply.consume(datagram, sink);
            if (tee_ != nullptr &&
                std::fwrite(datagram.data(), 1, datagram.size(), tee_) != datagram.size()) {
                throw Error::from_errno(Reason::socket, "write to the recording", errno);
            }
        }
    });
}

std::optional<DecodedSocket> Session::get(const SocketIdentity& socket, bool with_tcp_info) {
    if (socket.protocol == Protocol::mptcp) {
        return get_mptcp(socket);
    }
    const auto request = get_request(socket, with_tcp_info, ++sequence_);
    std::optional<DecodedSocket> found;
    bool gone = false;
    converse([&] {
        send(request, kGet);
        const auto datagram = receive(kGet);
        if (is_refused(datagram, sequence_, ENOENT)) {
            gone = true;
            return;
        }
        // The answer to a get is one message, without NLMSG_DONE.
        Reply(kGet, sequence_).consume(datagram, [&found](std::span<const std::byte> payload) {
            found = decode(payload);
        });
    });
    if (gone) {
        return std::nullopt;
    }
    if (!found || found->record.cookie != socket.cookie) {
        throw Error(Reason::malformed, kGet, "an answer without the socket that was asked for");
    }
    found->record.netns = netns_;
    return found;
}

/// An exact get of MPTCP goes by the connection's token, not by its cookie
/// (net/mptcp/mptcp_diag.c:mptcp_diag_dump_one): one is looked for among those of its port.
std::optional<DecodedSocket> Session::get_mptcp(const SocketIdentity& socket) {
    std::optional<DecodedSocket> found;
    const Query query{kAllStates, {{socket.local.port, socket.local.port}}, Protocol::mptcp};
    dump(query, [&](const SocketRecord& record) {
        if (record.cookie == socket.cookie) {
            found = DecodedSocket{record, std::nullopt};
        }
    });
    return found;
}

/// After a failure the rest of the answer may still be on its way, and would be taken for the next
/// one's: what failed is followed by a fresh socket.
void Session::converse(const std::function<void()>& exchange) {
    enter_namespace();
    try {
        exchange();
    } catch (const Error& error) {
        if (error.reason() != Reason::no_diag && error.reason() != Reason::kernel_error) {
            socket_.reset();
        }
        throw;
    } catch (...) {
        socket_.reset();
        throw;
    }
}

}  // namespace halfclosed::netlink
