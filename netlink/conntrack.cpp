#include "netlink/conntrack.h"

#include <linux/netlink.h>

#include <cerrno>

#include "netlink/conntrack_message.h"
#include "netlink/error.h"
#include "netlink/reply.h"

namespace halfclosed::netlink {

namespace {

constexpr const char* kConntrackGet = "conntrack get (tcp)";

bool same(const ConnectionEnds& a, const ConnectionEnds& b) {
    const auto equal = [](const Endpoint& one, const Endpoint& other) {
        return one.port == other.port && one.address.as_ipv6() == other.address.as_ipv6();
    };
    return equal(a.local, b.local) && equal(a.remote, b.remote);
}

}  // namespace

Conntrack::Conntrack() : channel_(NETLINK_NETFILTER, "netlink socket (conntrack)") {
}

std::optional<ConnectionEnds> Conntrack::other_end(const ConnectionEnds& connection) {
    if (!channel_.is_open()) {
        channel_.open();
    }
    std::optional<TrackedDirections> found;
    try {
        channel_.send(conntrack_request(connection, ++sequence_), kConntrackGet);
        // The answer is one message: a connection, or an error.
        Reply reply(kConntrackGet, sequence_);
        reply.consume(
            channel_.receive(kConntrackGet),
            [&found](std::span<const std::byte> payload) { found = decode_conntrack(payload); });
    } catch (const Error& error) {
        if (error.error_number() == ENOENT) {
            return std::nullopt;
        }
        channel_.close();
        throw;
    }
    if (!found) {
        return std::nullopt;
    }
    // Whoever receives what this end sends sees the sender of the other direction as itself.
    const ConnectionEnds other = same(found->original, connection) ? found->reply : found->original;
    if (same(other, connection.reversed())) {
        return std::nullopt;
    }
    return other;
}

}  // namespace halfclosed::netlink
