#include "tracking/state_end.h"

namespace halfclosed::tracking {

const char* name(FinWait2End end) {
    switch (end) {
        case FinWait2End::peer_closed:
            return "peer_closed";
        case FinWait2End::expired:
            return "expired";
        case FinWait2End::killed:
            return "killed";
        case FinWait2End::unknown:
            return "unknown";
    }
    return "unknown";
}

const char* name(CloseWaitEnd end) {
    switch (end) {
        case CloseWaitEnd::closed:
            return "closed";
        case CloseWaitEnd::aborted:
            return "aborted";
        case CloseWaitEnd::unknown:
            return "unknown";
    }
    return "unknown";
}

const char* name(const StateEnd::How& how) {
    if (const auto* fin_wait2 = std::get_if<FinWait2End>(&how)) {
        return name(*fin_wait2);
    }
    const auto* close_wait = std::get_if<CloseWaitEnd>(&how);
    return close_wait == nullptr ? nullptr : name(*close_wait);
}

}  // namespace halfclosed::tracking
