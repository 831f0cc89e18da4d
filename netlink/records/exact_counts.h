#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "records/instant.h"
#include "records/namespace_id.h"
#include "records/socket_record.h"

namespace halfclosed {

// What the programs in the kernel tell: counts of steps and resets, and the sockets that are half-closed.

/// Why a reset was sent (the kernel's enum sk_rst_reason, since Linux 6.10), as far as it has a name of its own here.
enum class ResetReason : std::uint8_t {
    no_socket,      ///< nobody is at that address and port
    no_connection,  ///< a listener is, but the connection is not: it is over, or never was
    timewait_socket,  ///< data for a closed socket in FIN-WAIT-2, or a stray packet for one in TIME-WAIT
    abort_on_data,    ///< data after close(), for a socket that was not yet in that state
    abort_on_close,   ///< close() with data that nobody had read
    abort_on_linger,  ///< TCP_LINGER2 is negative
    abort_on_memory,  ///< too many orphans (tcp_max_orphans), or no memory
    aborted,  ///< close() with SO_LINGER 0, a listener that was closed, SOCK_DESTROY, an orphan's time was up
    keepalive_timeout,     ///< the peer did not answer
    disconnect_with_data,  ///< connect() to AF_UNSPEC
    bad_segment,           ///< a segment that no connection could have sent
    mptcp,                 ///< any reason of MPTCP's
    other,                 ///< one that has no name here
    not_told,              ///< the kernel does not say why
};

inline constexpr std::size_t kResetReasons = 14;

/// The name in metrics: "no_socket".
const char* name(ResetReason reason);

/// What was counted for one port on one side of a namespace's sockets; only ever more.
struct ExactCounts {
    static constexpr std::size_t kEdges = 13;

    std::array<std::uint64_t, kEdges> edges{};  ///< in the order of tracking::closing_edges()
    std::uint64_t fin_wait2_expired =
        0;  ///< of the edges from FIN-WAIT-2 to CLOSE: its time was up
    /// Minisocks in these states that belong to subflows of MPTCP, whose own steps are not counted.
    std::uint64_t foreign_fin_wait2 = 0;
    std::uint64_t foreign_time_wait = 0;
    std::uint64_t resets_received = 0;
    std::array<std::uint64_t, kResetReasons> resets_sent{};  ///< by ResetReason

    bool operator==(const ExactCounts&) const = default;
};

struct ExactKey {
    NamespaceId space{};     ///< 0: of those that are watched no more
    std::uint16_t port = 0;  ///< 0: of ports for which there was no room
    bool server = false;     ///< the port is the socket's local one

    auto operator<=>(const ExactKey&) const = default;
};

using ExactTotals = std::map<ExactKey, ExactCounts>;

/// A half-closed socket as the kernel's programs know it, or one in CLOSE that a descriptor still holds.
struct ExactSocket {
    /// When read() first returned 0 in CLOSE-WAIT, and by whose call.
    struct EndRead {
        Instant at;
        std::uint32_t thread =
            0;  ///< 0, and the process too: not known here, in another PID namespace
        std::uint32_t process = 0;

        bool operator==(const EndRead&) const = default;
    };

    SocketIdentity identity;
    NamespaceId space{};
    TcpState state{};
    bool minisock = false;
    bool held = false;  ///< in CLOSE-WAIT, and by a descriptor: until that is closed
    /// When a minisock's time is up, if it was seen to be made and the kernel tells what becomes of it: then a look would
    /// tell no more of it than this does.
    std::optional<Instant> expires;
    std::optional<Instant> since;  ///< in its state; nothing if it was there before the programs
    std::optional<EndRead> end_read;
    /// When it came into each state, by the kernel's number; Instant{}: not that the programs know.
    std::array<Instant, 12> entered{};

    bool operator==(const ExactSocket&) const = default;
};

}  // namespace halfclosed
