#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "records/endpoint.h"
#include "records/namespace_id.h"
#include "records/tcp_state.h"

namespace halfclosed {

/// The kernel's 64-bit name of a socket: unique on the system, never reused, kept from the request socket through
/// the FIN-WAIT-2 minisock to TIME-WAIT (net/core/sock_diag.c:__sock_gen_cookie).
enum class Cookie : std::uint64_t {};

/// What a socket speaks. An MPTCP connection (RFC 8684) is a socket of its own to its application; the TCP sockets that
/// carry it are its subflows, which the kernel made and holds.
enum class Protocol : std::uint8_t { tcp, mptcp, mptcp_subflow };

/// "tcp", "mptcp"; a subflow is "mptcp_subflow".
const char* name(Protocol protocol);

/// Which timer is pending, and what belongs to it. idiag_timer, idiag_retrans and idiag_expires are one value:
/// a retransmission count without the retransmission timer cannot be written.
struct Timer {
    enum class Kind : std::uint8_t {
        none = 0,
        retransmit = 1,
        keepalive = 2,
        timewait = 3,
        probe = 4
    };

    Kind kind = Kind::none;
    std::uint8_t count = 0;  ///< retransmissions or probes sent without an answer
    std::chrono::milliseconds expires{
        0};  ///< until it fires; 0 while a timewait timer is late is normal

    bool operator==(const Timer&) const = default;
};

/// One socket as sock_diag reports it (struct inet_diag_msg and the attributes that every dump carries).
struct SocketRecord {
    Cookie cookie{};
    Family family = Family::ipv4;
    TcpState state = TcpState::close;
    Timer timer;
    Endpoint local;
    Endpoint remote;
    std::uint32_t interface = 0;
    std::uint32_t recv_queue = 0;  ///< bytes; for listen: connections waiting for accept()
    std::uint32_t send_queue = 0;  ///< bytes; for listen: the limit of that queue
    std::uint32_t uid = 0;         ///< 0 for minisocks and request sockets, whatever their owner
    std::uint32_t inode =
        0;  ///< 0 without a file: orphans, unaccepted children, minisocks, request sockets
    std::optional<std::uint8_t> shutdown;  ///< sk_shutdown: 1 receive, 2 send; full sockets only
    std::optional<std::uint64_t>
        cgroup_id;  ///< inode of the cgroup v2 directory; full sockets only
    Protocol protocol = Protocol::tcp;
    NamespaceId netns{};  ///< in which it was found
    /// Not asked for, but told by who saw it come into CLOSE-WAIT, where a descriptor holds it: queues, uid, inode, shutdown
    /// and cgroup are not known.
    bool brief = false;

    bool operator==(const SocketRecord&) const = default;
};

/// What an exact get needs to find one socket again. Without the cookie the kernel would answer with the listener
/// once the connection is gone (net/ipv4/inet_hashtables.c:__inet_lookup falls back to it).
struct SocketIdentity {
    Cookie cookie{};
    Family family = Family::ipv4;
    Endpoint local;
    Endpoint remote;
    std::uint32_t interface = 0;
    Protocol protocol = Protocol::tcp;

    bool operator==(const SocketIdentity&) const = default;
};

inline SocketIdentity identity(const SocketRecord& record) {
    return {record.cookie, record.family,    record.local,
            record.remote, record.interface, record.protocol};
}

/// The part of struct tcp_info (include/uapi/linux/tcp.h) that dates a socket and tells whether it sends. Each last_* is
/// the time since then.
struct TcpInfo {
    std::chrono::milliseconds last_data_sent{0};
    std::chrono::milliseconds last_data_received{0};
    std::chrono::milliseconds last_ack_received{0};
    std::chrono::microseconds retransmit_timeout{0};  ///< the current one, not a time since
    std::uint64_t bytes_acked = 0;  ///< by the peer, since the connection began; 0 before Linux 4.1

    bool operator==(const TcpInfo&) const = default;
};

}  // namespace halfclosed
