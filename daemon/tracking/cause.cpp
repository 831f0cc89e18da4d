#include "tracking/cause.h"

#include "tracking/custody.h"

namespace halfclosed::tracking {

const char* name(Cause cause) {
    switch (cause) {
        case Cause::not_accepted:
            return "not_accepted";
        case Cause::unread:
            return "unread";
        case Cause::not_closed:
            return "not_closed";
        case Cause::sending:
            return "sending";
    }
    return "unknown";
}

std::optional<Cause> cause(const SocketRecord& record) {
    if (record.state != TcpState::close_wait || record.brief) {
        return std::nullopt;
    }
    if (custody(record) == Custody::accept_queue) {
        return Cause::not_accepted;
    }
    return record.recv_queue >= 1 ? Cause::unread : Cause::not_closed;
}

}  // namespace halfclosed::tracking
