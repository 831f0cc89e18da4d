#pragma once

#include <cstdint>
#include <optional>

#include "netlink/channel.h"
#include "records/connection_ends.h"

namespace halfclosed::netlink {

/// Asks nf_conntrack of the calling thread's network namespace how the other end of a connection sees it. Needs
/// CAP_NET_ADMIN there (net/netfilter/nfnetlink.c:nfnetlink_rcv). Only the default zone is asked.
class Conntrack {
 public:
    Conntrack();

    /// Nothing if the connection is not tracked here, or if nothing is translated. Throws Error.
    std::optional<ConnectionEnds> other_end(const ConnectionEnds& connection);

    /// As Session::leave_namespace(): nothing keeps the namespace alive until the next call.
    void leave_namespace() { channel_.close(); }

 private:
    Channel channel_;
    std::uint32_t sequence_ = 0;
};

}  // namespace halfclosed::netlink
