#include "records/exact_counts.h"

namespace halfclosed {

const char* name(ResetReason reason) {
    switch (reason) {
        case ResetReason::no_socket:
            return "no_socket";
        case ResetReason::no_connection:
            return "no_connection";
        case ResetReason::timewait_socket:
            return "timewait_socket";
        case ResetReason::abort_on_data:
            return "abort_on_data";
        case ResetReason::abort_on_close:
            return "abort_on_close";
        case ResetReason::abort_on_linger:
            return "abort_on_linger";
        case ResetReason::abort_on_memory:
            return "abort_on_memory";
        case ResetReason::aborted:
            return "aborted";
        case ResetReason::keepalive_timeout:
            return "keepalive_timeout";
        case ResetReason::disconnect_with_data:
            return "disconnect_with_data";
        case ResetReason::bad_segment:
            return "bad_segment";
        case ResetReason::mptcp:
            return "mptcp";
        case ResetReason::other:
            return "other";
        case ResetReason::not_told:
            return "not_told";
    }
    return "other";
}

}  // namespace halfclosed
