#include "netlink/session.h"

#include <linux/netlink.h>

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

constexpr const char* kDump = "sock_diag dump (tcp)";
constexpr const char* kMptcpDump = "sock_diag dump (mptcp)";
constexpr const char* kGet = "sock_diag get (tcp)";

/// A request that a module may yet come to answer is not made more often: each makes the kernel look
/// for the module (net/ipv4/inet_diag.c:inet_diag_lock_handler).
constexpr std::chrono::minutes kModuleMayCome{1};

}  // namespace

Session::Session() : channel_(NETLINK_SOCK_DIAG, "netlink socket (sock_diag)") {
    enter_namespace();
}

Session::~Session() = default;

void Session::enter_namespace() {
    if (!channel_.is_open()) {
        channel_.open();
        netns_ = namespace_of(channel_.descriptor());
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
                             std::span<const SocketRecord> told, const RecordSink& sink) {
    MptcpSubflows subflows;
    dump_mptcp(query, subflows, sink);
    const auto take = [&](SocketRecord record) {
        if (subflows.contains(record)) {
            record.protocol = Protocol::mptcp_subflow;
        }
        sink(record);
    };
    Query listeners = query;
    listeners.states = {TcpState::listen};
    dump(listeners, take);
    std::for_each(told.begin(), told.end(), take);
    get_each(known, false, [&](const SocketIdentity&, const std::optional<DecodedSocket>& found) {
        if (found && (query.states.contains(found->record.state) ||
                      found->record.state == TcpState::time_wait)) {
            take(found->record);
        }
    });
}

void Session::get_each(std::span<const SocketIdentity> sockets, bool with_tcp_info,
                       const AnswerSink& sink) {
    std::vector<SocketIdentity> several;
    const auto ask = [&] {
        get_several(several, with_tcp_info, sink);
        several.clear();
    };
    for (const SocketIdentity& socket : sockets) {
        if (socket.protocol == Protocol::mptcp) {
            sink(socket, get_mptcp(socket));
            continue;
        }
        several.push_back(socket);
        if (several.size() == kGetsAtOnce) {
            ask();
        }
    }
    if (!several.empty()) {
        ask();
    }
}

/// The kernel answers the messages of a datagram one by one, in their order (net/netlink/af_netlink.c:netlink_rcv_skb):
/// a datagram less for each.
void Session::get_several(std::span<const SocketIdentity> sockets, bool with_tcp_info,
                          const AnswerSink& sink) {
    std::vector<std::byte> requests;
    const std::uint32_t first = sequence_ + 1;
    for (const SocketIdentity& socket : sockets) {
        append_get_request(requests, socket, with_tcp_info, ++sequence_);
    }
    std::uint32_t answered = 0;
    try {
        converse([&] {
            channel_.send(requests, kGet);
            for (; answered < sockets.size(); ++answered) {
                const auto found =
                    receive_answer(sockets[answered], first + answered, sockets.size() - answered);
                sink(sockets[answered], found);
            }
        });
    } catch (const Error& error) {
        channel_.close();  // the other answers are still on their way
        if (error.reason() != Reason::truncated || sockets.size() == 1) {
            throw;
        }
        // Of a socket that has many keys (TCP_MD5SIG) the kernel tells root each: such an answer takes the whole buffer.
        for (const SocketIdentity& socket : sockets.subspan(answered)) {
            sink(socket, get(socket, with_tcp_info));
        }
    }
}

/// The answer to a get is one message, without NLMSG_DONE. Nothing: the socket is gone.
std::optional<DecodedSocket> Session::receive_answer(const SocketIdentity& socket,
                                                     std::uint32_t sequence, std::size_t expected) {
    const auto datagram = channel_.receive(kGet, expected);
    if (is_refused(datagram, sequence, ENOENT)) {
        return std::nullopt;
    }
    std::optional<DecodedSocket> found;
    Reply(kGet, sequence).consume(datagram, [&found](std::span<const std::byte> payload) {
        found = decode(payload);
    });
    if (!found || found->record.cookie != socket.cookie) {
        throw Error(Reason::malformed, kGet, "an answer without the socket that was asked for");
    }
    found->record.netns = netns_;
    return found;
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
        channel_.send(request, attempt);
        Reply reply(attempt, sequence_);
        while (!reply.complete()) {
            const auto datagram = channel_.receive(attempt);
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
    converse([&] {
        channel_.send(request, kGet);
        found = receive_answer(socket, sequence_);
    });
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
        // Of a request that is refused nothing more comes.
        const bool told_by_kernel =
            error.reason() == Reason::no_diag || error.reason() == Reason::kernel_error;
        if (!told_by_kernel || !error.is_refusal()) {
            channel_.close();
        }
        throw;
    } catch (...) {
        channel_.close();
        throw;
    }
}

}  // namespace halfclosed::netlink
