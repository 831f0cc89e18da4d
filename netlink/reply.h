#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "netlink/error.h"

namespace halfclosed::netlink {

/// The payload of one socket's message (struct inet_diag_msg and its attributes), or of one tracked connection's (struct
/// nfgenmsg and its).
using PayloadSink = std::function<void(std::span<const std::byte>)>;

/// Whether `datagram` is the kernel's answer to request `sequence` that it cannot be met, with this errno. Of a get that is
/// an answer like another, and not worth an exception.
bool is_refused(std::span<const std::byte> datagram, std::uint32_t sequence, int error);

/// The one place that judges how a reply ends. It is fed datagram by datagram and never reads past
/// one, whatever its lengths say: libmnl 1.0.4's own mnl_cb_run takes the error in NLMSG_DONE for
/// success and steps out of the buffer on a length of 2^31 or more.
class Reply {
 public:
    /// `attempt` goes into every error, and outlives the reply: "sock_diag dump (tcp)". `sequence` is the request's.
    Reply(std::string_view attempt, std::uint32_t sequence);

    /// Hands the sockets in `bytes`, a datagram or a recorded stream, to `sink`. Throws Error when
    /// the reply ends in anything but NLMSG_DONE with success. Returns what follows the end of the
    /// reply: nothing until complete().
    std::span<const std::byte> consume(std::span<const std::byte> bytes, const PayloadSink& sink);

    bool complete() const { return complete_; }

 private:
    void take(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
              const PayloadSink& sink);
    void throw_error_in(std::span<const std::byte> payload) const;
    [[noreturn]] void fail(Reason reason, const std::string& why) const;

    std::string_view attempt_;
    std::uint32_t sequence_;
    bool complete_ = false;
};

}  // namespace halfclosed::netlink
