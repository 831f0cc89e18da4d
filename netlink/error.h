#pragma once

#include <stdexcept>
#include <string>

namespace halfclosed::netlink {

/// Why there is no answer. A closed set: the names are the `reason` label of
/// halfclosed_dump_failures_total.
enum class Reason {
    no_diag,         ///< ENOENT: this kernel has no tcp_diag, or may not load it
    kernel_error,    ///< any other errno, in NLMSG_ERROR or in the payload of NLMSG_DONE
    truncated,       ///< the receive buffer, or a recorded stream, ended inside the reply
    malformed,       ///< a length that does not fit
    wrong_sequence,  ///< an answer to another request
    foreign_sender,  ///< a datagram that the kernel did not send; dropped, the reply goes on
                     ///< without it
    interrupted,     ///< NLM_F_DUMP_INTR: the table changed in a way the kernel calls inconsistent
    timeout,         ///< nothing at all for two seconds
    socket,          ///< a local system call on the netlink socket failed
};

inline constexpr Reason kReasons[] = {
    Reason::no_diag,     Reason::kernel_error,   Reason::truncated,
    Reason::malformed,   Reason::wrong_sequence, Reason::foreign_sender,
    Reason::interrupted, Reason::timeout,        Reason::socket,
};

const char* name(Reason reason);

/// The one error of the kernel edge: what was attempted, and why it failed.
/// what() reads "sock_diag dump (tcp): Operation not permitted".
class Error : public std::runtime_error {
 public:
    Error(Reason reason, const std::string& attempt, const std::string& why)
        : std::runtime_error(attempt + ": " + why), reason_(reason) {}

    /// The kernel's own answer, or a system call's: ENOENT becomes no_diag, any other errno
    /// `reason`.
    static Error from_errno(Reason reason, const std::string& attempt, int error);

    Reason reason() const { return reason_; }

    /// The errno behind kernel_error, no_diag and socket; else 0.
    int error_number() const { return error_number_; }

    /// Whether the kernel does not know the very kind of request: not an answer to it.
    bool is_refusal() const;

 private:
    Reason reason_;
    int error_number_ = 0;
};

}  // namespace halfclosed::netlink
