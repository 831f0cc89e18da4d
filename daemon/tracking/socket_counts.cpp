#include "tracking/socket_counts.h"

namespace halfclosed::tracking {

std::size_t SocketCounts::index(std::size_t label, Side side, TcpState state, Custody custody) {
    const auto side_index = static_cast<std::size_t>(side);
    const auto state_index = static_cast<std::size_t>(state);
    const auto custody_index = static_cast<std::size_t>(custody);
    return label * kPerLabel + (side_index * kStates + state_index) * std::size(kCustodies) +
           custody_index;
}

void SocketCounts::add(const PortMatch& watched, TcpState state, Custody custody) {
    if (static_cast<std::size_t>(state) < kStates) {
        ++counts_[index(watched.label, watched.side, state, custody)];
    }
}

std::uint64_t SocketCounts::count(std::size_t label, Side side, TcpState state,
                                  Custody custody) const {
    return counts_[index(label, side, state, custody)];
}

const std::vector<SocketKind>& possible_kinds() {
    static const std::vector<SocketKind> kinds = [] {
        using enum TcpState;
        using enum Custody;
        const std::pair<TcpState, Custody> of_both_sides[] = {
            {established, process}, {fin_wait1, process},  {fin_wait1, orphan},
            {fin_wait2, process},   {fin_wait2, orphan},   {fin_wait2, timewait},
            {time_wait, timewait},  {close_wait, process}, {last_ack, process},
            {last_ack, orphan},     {closing, process},    {closing, orphan},
        };
        std::vector<SocketKind> result;
        for (const Side side : kSides) {
            for (const auto& [state, custody] : of_both_sides) {
                result.push_back({side, state, custody});
            }
        }
        result.push_back({Side::client, syn_sent, process});
        for (const auto& [state, custody] :
             {std::pair{listen, process}, std::pair{syn_recv, handshake},
              std::pair{established, accept_queue}, std::pair{close_wait, accept_queue}}) {
            result.push_back({Side::server, state, custody});
        }
        return result;
    }();
    return kinds;
}

}  // namespace halfclosed::tracking
