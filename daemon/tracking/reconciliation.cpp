#include "tracking/reconciliation.h"

#include <algorithm>

#include "tracking/custody.h"

namespace halfclosed::tracking {

namespace {

struct Reading {
    std::uint64_t before;
    std::uint64_t counted;
    std::uint64_t after;
};

Reconciled compare(const Reading& reading, unsigned& strikes) {
    const auto [least, most] = std::minmax(reading.before, reading.after);
    Reconciled result;
    result.counted = reading.counted;
    result.kernel = reading.after;
    result.within = least <= reading.counted && reading.counted <= most;
    strikes = result.within ? 0 : strikes + 1;
    result.agrees = strikes < Reconciler::kStrikes;
    return result;
}

/// The kernel counts the orphans of every namespace, we those of ours: fewer than the kernel's is
/// no contradiction.
Reconciled compare_orphans(const Reading& reading, unsigned& strikes) {
    const std::uint64_t most = std::max(reading.before, reading.after);
    Reconciled result = compare({std::min(reading.counted, most), reading.counted, most}, strikes);
    result.kernel = reading.after;
    result.elsewhere = reading.after > reading.counted ? reading.after - reading.counted : 0;
    return result;
}

}  // namespace

void KernelStyleCounts::add(const SocketRecord& record) {
    switch (custody(record)) {
        case Custody::timewait:
            ++counts_.tw;
            return;
        case Custody::handshake:
            // A request socket is no full socket; one of TCP Fast Open that is has sk_shutdown.
            if (!record.shutdown) {
                return;
            }
            break;
        case Custody::orphan:
            ++counts_.orphan;
            break;
        case Custody::process:
        case Custody::accept_queue:
            break;
    }
    if (record.state == TcpState::close || record.state == TcpState::bound_inactive) {
        return;  // not in the hash tables that sock_prot_inuse_add() follows
    }
    ++(record.family == Family::ipv4 ? counts_.inuse : counts_.inuse6);
}

Reconciliation Reconciler::judge(const KernelCounts& before, const KernelCounts& counted,
                                 const KernelCounts& after) {
    return {compare({before.inuse, counted.inuse, after.inuse}, strikes_[0]),
            compare({before.inuse6, counted.inuse6, after.inuse6}, strikes_[1]),
            compare_orphans({before.orphan, counted.orphan, after.orphan}, strikes_[2]),
            compare({before.tw, counted.tw, after.tw}, strikes_[3])};
}

}  // namespace halfclosed::tracking
