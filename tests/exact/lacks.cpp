#include "lacks.h"

#include <utility>

#include "netlink/session.h"

namespace halfclosed {

namespace {

std::uint64_t& sent(ExactCounts& counts, ResetReason reason) {
    return counts.resets_sent[static_cast<std::size_t>(reason)];
}

/// As a kernel tells that calls tcp_send_reset without a reason, and for open sockets alone.
void forget_reasons(ExactCounts& counts) {
    sent(counts, ResetReason::no_socket) = 0;
    sent(counts, ResetReason::timewait_socket) = 0;
    std::uint64_t all = 0;
    for (std::uint64_t& of_reason : counts.resets_sent) {
        all += std::exchange(of_reason, 0);
    }
    sent(counts, ResetReason::not_told) = all;
}

}  // namespace

std::string left_out_of(const exact::Source& source, std::string_view tracepoint) {
    for (const std::string& line : source.left_out()) {
        if (line.starts_with(std::string(tracepoint) + ' ')) {
            return line;
        }
    }
    return {};
}

ExactTotals as_told(const exact::Source& source, const ExactTotals& counts) {
    ExactTotals told = counts;
    if (!left_out_of(source, "tcp_send_reset").empty()) {
        for (auto& [key, of_key] : told) {
            forget_reasons(of_key);
        }
    }
    return told;
}

void ask_for_untold_steps(exact::Source& source) {
    if (left_out_of(source, "kfree_skb").empty()) {
        return;
    }
    netlink::Session session;
    for (const ExactSocket& socket : source.sockets()) {
        const auto answer = socket.minisock ? session.get(socket.identity) : std::nullopt;
        if (answer && answer->record.state == TcpState::time_wait) {
            source.confirm_time_wait(socket.identity.cookie);
        }
    }
}

}  // namespace halfclosed
