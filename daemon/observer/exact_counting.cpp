#include "observer/exact_counting.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace halfclosed {

void ExactCounting::watch(const std::vector<PortRange>& ports) {
    source_.watch({space_}, ports);
    // Ports that were not counted before have no beginning to be held against, and no sockets that are known.
    conservation_ = {};
    proven_ = false;
    first_census_ = true;
}

void ExactCounting::learn_listeners(std::span<const SocketRecord> dump) {
    std::vector<std::uint16_t> ports;
    for (const SocketRecord& record : dump) {
        if (record.state == TcpState::listen) {
            ports.push_back(record.local.port);
        }
    }
    if (!ports.empty()) {
        source_.note_listeners(space_, ports);
    }
}

std::vector<ExactSocket> ExactCounting::sockets() const {
    std::vector<ExactSocket> sockets = source_.sockets();
    std::erase_if(sockets, [this](const ExactSocket& socket) { return socket.space != space_; });
    return sockets;
}

void ExactCounting::settle(std::span<const ExactSocket> asked,
                           std::span<const SocketRecord> found) {
    std::unordered_map<Cookie, TcpState> states;
    for (const SocketRecord& record : found) {
        states[record.cookie] = record.state;
    }
    std::unordered_set<Cookie> gone;
    for (const ExactSocket& socket : asked) {
        const Cookie cookie = socket.identity.cookie;
        const auto state = states.find(cookie);
        if (state == states.end()) {
            if (gone_.contains(cookie)) {
                source_.forget(cookie);
            } else {
                gone.insert(cookie);
            }
        } else if (state->second == TcpState::time_wait && socket.minisock) {
            source_.confirm_time_wait(socket);
        }
    }
    gone_ = std::move(gone);
}

std::optional<std::unordered_set<Cookie>> ExactCounting::held_after_close() const {
    if (first_census_ || source_.overflowed()) {
        return std::nullopt;
    }
    std::unordered_set<Cookie> held;
    for (const ExactSocket& socket : source_.sockets()) {
        if (socket.state == TcpState::close) {
            held.insert(socket.identity.cookie);
        }
    }
    return held;
}

bool ExactCounting::may_ask_for_known(std::size_t known) const {
    return proven_ && static_cast<double>(known) * get_ < static_cast<double>(walk_.count());
}

void ExactCounting::note_gets(std::size_t known, std::chrono::nanoseconds cpu) {
    constexpr double kWeight = 0.2;
    if (known > 0) {
        const double each = static_cast<double>(cpu.count()) / static_cast<double>(known);
        get_ = (1 - kWeight) * get_ + kWeight * each;
    }
}

std::optional<tracking::Conserved> ExactCounting::end_census(std::span<const SocketRecord> followed,
                                                             const tracking::WatchedPorts& watch) {
    const ExactTotals after = source_.read();
    if (source_.overflowed()) {
        return std::nullopt;
    }
    const auto of_this_space = [this](ExactTotals totals) {
        std::erase_if(totals, [this](const auto& entry) { return entry.first.space != space_; });
        return totals;
    };
    return conservation_.judge(of_this_space(before_census_), followed, watch,
                               of_this_space(after));
}

void ExactCounting::adopt(const SocketRecord& record, const tracking::WatchedPorts& watch) {
    if (const auto match = watch.match(record)) {
        source_.adopt({space_, match->port, match->side == tracking::Side::server}, record);
    }
}

std::vector<SocketIdentity> ExactCounting::unknown(std::span<const SocketRecord> followed,
                                                   const tracking::WatchedPorts& watch) {
    if (source_.overflowed()) {  // what is asked for now would find no room either
        proven_ = false;
        first_census_ = false;
        return {};
    }
    std::unordered_set<Cookie> known;
    for (const ExactSocket& socket : source_.sockets()) {
        known.insert(socket.identity.cookie);
    }
    std::vector<SocketIdentity> result;
    for (const SocketRecord& record : followed) {
        if (record.protocol != Protocol::tcp || !kHalfClosedStates.contains(record.state) ||
            known.contains(record.cookie)) {
            continue;
        }
        if (first_census_) {
            adopt(record, watch);
        } else {
            result.push_back(identity(record));
        }
    }
    proven_ = result.empty();
    first_census_ = false;
    return result;
}

void ExactCounting::missed(std::span<const SocketRecord> sockets,
                           const tracking::WatchedPorts& watch) {
    std::unordered_set<Cookie> known;
    for (const ExactSocket& socket : source_.sockets()) {
        known.insert(socket.identity.cookie);
    }
    std::uint64_t misses = 0;
    for (const SocketRecord& record : sockets) {
        if (kHalfClosedStates.contains(record.state) && !known.contains(record.cookie)) {
            adopt(record, watch);
            ++misses;
        }
    }
    misses_ += misses;
    proven_ = misses == 0 && !source_.overflowed();
}

}  // namespace halfclosed
