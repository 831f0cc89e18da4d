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

std::uint64_t difference(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

/// `came`: since the first reading.
Reconciled compare(const Reading& reading, std::uint64_t came, unsigned& strikes) {
    const std::uint64_t least = std::min(reading.before, difference(reading.after, came));
    const std::uint64_t most = std::max(reading.after, reading.before + came);
    Reconciled result;
    result.counted = reading.counted;
    result.kernel = reading.after;
    result.within = least <= reading.counted && reading.counted <= most;
    strikes = result.within ? 0 : strikes + 1;
    result.agrees = strikes < Reconciler::kStrikes;
    return result;
}

/// The kernel counts the orphans of every namespace, we those of ours: fewer than the kernel's is
/// no contradiction. More there can be by those that ended before the second reading, and each was
/// a full socket.
Reconciled compare_orphans(const Reading& reading, std::uint64_t ended, unsigned& strikes) {
    const std::uint64_t most = std::max(reading.before, reading.after + ended);
    Reconciled result =
        compare({std::min(reading.counted, most), reading.counted, most}, 0, strikes);
    result.kernel = reading.after;
    result.elsewhere = difference(reading.after, reading.counted);
    return result;
}

}  // namespace

const char* name(Count count) {
    switch (count) {
        case Count::inuse:
            return "inuse";
        case Count::inuse6:
            return "inuse6";
        case Count::orphan:
            return "orphan";
        case Count::tw:
            return "tw";
    }
    return "";
}

KernelCounts kernel_counts(const Sockstat& sockstat) {
    return {sockstat.inuse, sockstat.inuse6.value_or(0), sockstat.orphan, sockstat.tw};
}

void KernelStyleCounts::add(const SocketRecord& record) {
    if (record.protocol == Protocol::mptcp) {
        return;  // of a protocol of its own; its subflows are the TCP sockets
    }
    switch (custody(record)) {
        case Custody::timewait:
            ++counts_[Count::tw];
            return;
        case Custody::handshake:
            // A request socket is no full socket; one of TCP Fast Open that is has sk_shutdown.
            if (!record.shutdown) {
                return;
            }
            break;
        case Custody::orphan:
            ++counts_[Count::orphan];
            break;
        case Custody::process:
        case Custody::accept_queue:
            break;
    }
    if (record.state == TcpState::close || record.state == TcpState::bound_inactive) {
        return;  // not in the hash tables that sock_prot_inuse_add() follows
    }
    ++counts_[record.family == Family::ipv4 ? Count::inuse : Count::inuse6];
}

Reconciliation Reconciler::judge(const KernelCounts& before, const KernelCounts& counted,
                                 const KernelCounts& after, const Churn& churn) {
    const std::uint64_t ended =
        difference(before[Count::inuse] + before[Count::inuse6] + churn.opened,
                   after[Count::inuse] + after[Count::inuse6]);
    const KernelCounts slack{churn.opened, churn.opened, ended, churn.minisocks};
    Reconciliation result;
    for (const Count count : kCounts) {
        const auto judged = count == Count::orphan ? compare_orphans : compare;
        result[count] =
            judged({before[count], counted[count], after[count]}, slack[count], strikes_[count]);
    }
    return result;
}

}  // namespace halfclosed::tracking
