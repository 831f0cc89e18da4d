#include "netlink/error.h"

#include <cerrno>
#include <system_error>

namespace halfclosed::netlink {

const char* name(Reason reason) {
    switch (reason) {
        case Reason::no_diag:
            return "no_diag";
        case Reason::kernel_error:
            return "kernel_error";
        case Reason::truncated:
            return "truncated";
        case Reason::malformed:
            return "malformed";
        case Reason::wrong_sequence:
            return "wrong_sequence";
        case Reason::foreign_sender:
            return "foreign_sender";
        case Reason::interrupted:
            return "interrupted";
        case Reason::timeout:
            return "timeout";
        case Reason::socket:
            return "socket";
    }
    return "unknown";
}

Error Error::from_errno(Reason reason, const std::string& attempt, int error) {
    const bool no_diag = reason == Reason::kernel_error && error == ENOENT;
    Error result(no_diag ? Reason::no_diag : reason, attempt,
                 no_diag
                     ? "this kernel has no tcp_diag (CONFIG_INET_DIAG), or may not load the module"
                     : std::generic_category().message(error));
    result.error_number_ = error;
    return result;
}

bool Error::is_refusal() const {
    switch (error_number_) {
        case EINVAL:
        case ENOENT:
        case EOPNOTSUPP:
        case EPROTONOSUPPORT:
            return true;
        default:
            return false;
    }
}

}  // namespace halfclosed::netlink
