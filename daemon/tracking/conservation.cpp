#include "tracking/conservation.h"

#include <algorithm>
#include <cstdlib>

#include "tracking/state_machine.h"

namespace halfclosed::tracking {

void Conserved::add(const Conserved& other) {
    counted += other.counted;
    expected += other.expected;
    within = within && other.within;
    agrees = agrees && other.agrees;
}

std::map<Conservation::Key, Conservation::Flow> Conservation::flows(const ExactTotals& totals) {
    std::map<Key, Flow> result;
    const std::vector<Edge>& edges = closing_edges();
    for (const auto& [key, counts] : totals) {
        const Side side = key.server ? Side::server : Side::client;
        const auto flow = [&, port = key.port](TcpState state) -> Flow& {
            return result[{port, side, state}];
        };
        for (std::size_t index = 0; index < edges.size(); ++index) {
            const auto count = static_cast<std::int64_t>(counts.edges[index]);
            flow(edges[index].from).left += count;
            flow(edges[index].to).came += count;
        }
        flow(TcpState::fin_wait2).came += static_cast<std::int64_t>(counts.foreign_fin_wait2);
        flow(TcpState::time_wait).came += static_cast<std::int64_t>(counts.foreign_time_wait);
    }
    std::erase_if(result, [](const auto& entry) {
        return std::find(kStates.begin(), kStates.end(), std::get<TcpState>(entry.first)) ==
               kStates.end();
    });
    return result;
}

void Conservation::count(Sockets& sockets, const SocketRecord& record, const PortMatch& watched) {
    if (record.protocol == Protocol::tcp &&
        std::find(kStates.begin(), kStates.end(), record.state) != kStates.end()) {
        ++sockets[{watched.port, watched.side, record.state}];
    }
}

Conserved Conservation::judge(const ExactTotals& before, Sockets counted,
                              const ExactTotals& after) {
    std::map<Key, Flow> earlier = flows(before);
    std::map<Key, Flow> later = flows(after);
    for (const auto& [key, flow] : later) {
        counted.try_emplace(key, 0);
    }

    Conserved result;
    std::int64_t sum = 0;
    std::int64_t expected_sum = 0;
    for (const auto& [key, there] : counted) {
        const Flow at_first = earlier[key];
        const Flow at_last = later[key];
        const std::int64_t came = at_last.came - at_first.came;
        const std::int64_t left = at_last.left - at_first.left;
        const std::int64_t least_base = there - at_first.net() - came;
        const std::int64_t most_base = there - at_first.net() + left;
        // What is seen for the first time after the beginning was not there then.
        const auto [known, is_new] =
            bases_.try_emplace(key, begun_ ? Base{} : Base{least_base, most_base});
        Base& base = known->second;
        const bool fits = least_base <= base.most && base.least <= most_base;
        if (fits && came == 0 && left == 0) {
            base = {std::max(base.least, least_base), std::min(base.most, most_base)};
        }
        const std::int64_t least = base.least + at_first.net() - left;
        const std::int64_t most = base.most + at_first.net() + came;
        sum += there;
        expected_sum += std::clamp(there, std::min(least, most), std::max(least, most));
        result.within = result.within && fits;
    }
    begun_ = true;
    strikes_ = result.within ? 0 : strikes_ + 1;
    result.counted = static_cast<std::uint64_t>(sum);
    result.expected = static_cast<std::uint64_t>(std::max<std::int64_t>(expected_sum, 0));
    result.agrees = strikes_ < kStrikes;
    return result;
}

}  // namespace halfclosed::tracking
