#include "tracking/custody.h"

namespace halfclosed::tracking {

const char* name(Custody custody) {
    switch (custody) {
        case Custody::process:
            return "process";
        case Custody::accept_queue:
            return "accept_queue";
        case Custody::orphan:
            return "orphan";
        case Custody::timewait:
            return "timewait";
        case Custody::handshake:
            return "handshake";
    }
    return "unknown";
}

Custody custody(const SocketRecord& record) {
    // inet_twsk_diag_fill() alone snapshots timer 3, for both substates of the minisock.
    if (record.timer.kind == Timer::Kind::timewait) {
        return Custody::timewait;
    }
    if (record.state == TcpState::syn_recv || record.state == TcpState::new_syn_recv) {
        return record.inode == 0 ? Custody::handshake : Custody::process;
    }
    if (record.inode != 0 || record.brief) {
        return Custody::process;
    }
    switch (record.state) {
        case TcpState::fin_wait1:
        case TcpState::fin_wait2:
        case TcpState::closing:
        case TcpState::last_ack:
            // Only a close() leads here, so its owner has let go of it.
            return Custody::orphan;
        case TcpState::established:
        case TcpState::close_wait:
            return Custody::accept_queue;
        default:
            return Custody::process;  // without a file it is the kernel's own: NFS and the like
    }
}

}  // namespace halfclosed::tracking
