#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "host/network_directory.h"
#include "posix/error.h"
#include "records/tcp_events.h"

namespace halfclosed::host {

/// The kernel's counters of one network namespace by table and name, as "TcpExt.TCPAbortOnData" or
/// "Tcp.OutRsts".
using Counters = std::map<std::string, std::uint64_t, std::less<>>;

/// The text of /proc/net/netstat or /proc/net/snmp: tables of two lines, the names and then the
/// values (net/ipv4/proc.c:netstat_seq_show). Kernels add columns and tables; what is there is what
/// is returned. A negative value is no counter (Tcp MaxConn is -1) and is left out. Throws Error,
/// in the name of `file`, on lines that are not such pairs, pairs of different length, and values
/// that are no numbers.
Counters parse_counters(std::string_view text, const std::string& file = "netstat");

/// Picks the events out of the counters, by their bare name. One that this kernel does not count is
/// absent.
TcpEventCounts tcp_events(const Counters& counters);

/// Reads Tcp EstabResets of a network namespace: how many connections went from ESTABLISHED or CLOSE-WAIT to CLOSE
/// without a FIN. Throws Error.
std::uint64_t read_estab_resets(const std::string& directory = kNetworkDirectory);

/// TCP segments of a network namespace since it was made, and its connections, of both families.
struct SegmentCounts {
    std::uint64_t received = 0;  ///< Tcp InSegs
    std::uint64_t sent = 0;      ///< Tcp OutSegs
    /// Tcp CurrEstab: in ESTABLISHED, and in kernels from 6.10 on in CLOSE-WAIT (net/ipv4/tcp.c:tcp_set_state).
    std::uint64_t established = 0;

    bool operator==(const SegmentCounts&) const = default;
};

/// What the Tcp table of snmp says of one moment.
struct TcpCounts {
    SegmentCounts segments;
    std::uint64_t estab_resets = 0;  ///< as read_estab_resets() says

    bool operator==(const TcpCounts&) const = default;
};

/// The same of the text of snmp. Throws Error, in the name of `file`, as parse_counters(), and if one is missing.
TcpCounts parse_tcp_counts(std::string_view text, const std::string& file = "snmp");

/// Reads snmp. Throws Error.
TcpCounts read_tcp_counts(const std::string& directory = kNetworkDirectory);

/// Whether MPTCP has counted anything, by the text of netstat (MPTcpExt): where it has not, no connection of it was ever
/// made in that namespace. Throws Error, in the name of `file`, on a line that is cut off.
bool has_mptcp_counts(std::string_view netstat, const std::string& file = "netstat");

/// The same of a network namespace, by default the calling thread's. Throws Error.
bool mptcp_was_used(const std::string& directory = kNetworkDirectory);

/// Reads netstat and snmp of a network namespace, by default the calling thread's. Throws Error.
Counters read_counters(const std::string& directory = kNetworkDirectory);

/// What netstat and snmp say of TCP.
struct TcpReading {
    TcpEventCounts events;        ///< as tcp_events() says
    bool mptcp_was_used = false;  ///< as mptcp_was_used() says
};

/// Reads both of a network namespace, by default the calling thread's, at a fraction of the cost of read_counters(): no
/// other counter is kept. Throws Error.
TcpReading read_tcp(const std::string& directory = kNetworkDirectory);

}  // namespace halfclosed::host
