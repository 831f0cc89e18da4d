#include "netlink/decode.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "netlink/error.h"

namespace halfclosed::netlink {

namespace {

[[noreturn]] void malformed(const std::string& why) {
    throw Error(Reason::malformed, "sock_diag message", why);
}

/// Copies out what is there, up to the shorter of the two lengths; the rest stays zero. The
/// kernel's structs grow.
template <typename Struct>
Struct copy_out(std::span<const std::byte> bytes) {
    Struct value{};
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    return value;
}

/// As above for a value that never grows: another size is an error.
template <typename Value>
Value copy_exactly(std::span<const std::byte> bytes, const char* what) {
    if (bytes.size() != sizeof(Value)) {
        malformed(
            std::string(what).append(" of ").append(std::to_string(bytes.size())).append(" bytes"));
    }
    return copy_out<Value>(bytes);
}

Endpoint endpoint(Family family, const __be32 (&address)[4], __be16 port) {
    Endpoint result{{family, {}}, ntohs(port)};
    const std::size_t length = family == Family::ipv4 ? 4 : 16;
    std::memcpy(result.address.bytes.data(), address, length);
    return result;
}

Timer timer(const inet_diag_msg& message) {
    return {static_cast<Timer::Kind>(message.idiag_timer), message.idiag_retrans,
            std::chrono::milliseconds{message.idiag_expires}};
}

TcpInfo times(const tcp_info& info) {
    return {std::chrono::milliseconds{info.tcpi_last_data_sent},
            std::chrono::milliseconds{info.tcpi_last_data_recv},
            std::chrono::milliseconds{info.tcpi_last_ack_recv},
            std::chrono::microseconds{info.tcpi_rto}, info.tcpi_bytes_acked};
}

SocketRecord record(const inet_diag_msg& message) {
    SocketRecord result;
    if (message.idiag_family == AF_INET6) {
        result.family = Family::ipv6;
    } else if (message.idiag_family != AF_INET) {
        malformed("address family " + std::to_string(message.idiag_family));
    }
    const inet_diag_sockid& id = message.id;
    result.cookie = Cookie{std::uint64_t{id.idiag_cookie[1]} << 32U | id.idiag_cookie[0]};
    result.state = static_cast<TcpState>(message.idiag_state);
    result.timer = timer(message);
    result.local = endpoint(result.family, id.idiag_src, id.idiag_sport);
    result.remote = endpoint(result.family, id.idiag_dst, id.idiag_dport);
    result.interface = id.idiag_if;
    result.recv_queue = message.idiag_rqueue;
    result.send_queue = message.idiag_wqueue;
    result.uid = message.idiag_uid;
    result.inode = message.idiag_inode;
    return result;
}

/// The beginning of struct mptcp_info (include/uapi/linux/mptcp.h).
struct MptcpInfo {
    std::array<std::uint8_t, 8> counts;
    std::uint32_t flags;
    std::uint32_t token;  ///< 0 of a listener
};

/// Cookies count up from 1, from each processor in blocks of 4096: the highest bit is never set.
Cookie mptcp_cookie(Cookie given, std::uint32_t token) {
    constexpr std::uint64_t kOurs = std::uint64_t{1} << 63U;
    constexpr std::uint64_t kGiven = 0x7fff'ffff;
    return token == 0 ? given
                      : Cookie{kOurs | std::uint64_t{token} << 31U |
                               (static_cast<std::uint64_t>(given) & kGiven)};
}

void take_attribute(unsigned type, std::span<const std::byte> value, DecodedSocket& socket) {
    switch (type) {
        case INET_DIAG_SHUTDOWN:
            socket.record.shutdown = copy_exactly<std::uint8_t>(value, "INET_DIAG_SHUTDOWN");
            break;
        case INET_DIAG_CGROUP_ID:
            socket.record.cgroup_id = copy_exactly<std::uint64_t>(value, "INET_DIAG_CGROUP_ID");
            break;
        case INET_DIAG_INFO:
            if (socket.record.protocol == Protocol::mptcp) {
                socket.record.cookie =
                    mptcp_cookie(socket.record.cookie, copy_out<MptcpInfo>(value).token);
            } else {
                socket.info = times(copy_out<tcp_info>(value));
            }
            break;
        default:
            break;
    }
}

}  // namespace

DecodedSocket decode(std::span<const std::byte> payload, Protocol protocol) {
    if (payload.size() < sizeof(inet_diag_msg)) {
        malformed("a socket of " + std::to_string(payload.size()) + " bytes");
    }
    DecodedSocket socket{record(copy_out<inet_diag_msg>(payload)), std::nullopt};
    socket.record.protocol = protocol;

    auto rest = payload.subspan(sizeof(inet_diag_msg));
    while (!rest.empty()) {
        if (rest.size() < NLA_HDRLEN) {
            malformed("it ends inside an attribute's header");
        }
        const auto header = copy_out<nlattr>(rest);
        if (header.nla_len < NLA_HDRLEN || header.nla_len > rest.size()) {
            malformed("an attribute of " + std::to_string(header.nla_len) + " bytes where " +
                      std::to_string(rest.size()) + " are left");
        }
        take_attribute(header.nla_type & static_cast<unsigned>(NLA_TYPE_MASK),
                       rest.subspan(NLA_HDRLEN, header.nla_len - NLA_HDRLEN), socket);
        rest = rest.subspan(std::min<std::size_t>(NLA_ALIGN(header.nla_len), rest.size()));
    }
    return socket;
}

}  // namespace halfclosed::netlink
