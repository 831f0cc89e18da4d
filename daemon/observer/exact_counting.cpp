#include "observer/exact_counting.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace halfclosed {

namespace {

std::vector<std::uint16_t> ports_of(std::span<const SocketRecord> dump) {
    std::vector<std::uint16_t> ports;
    for (const SocketRecord& record : dump) {
        if (record.state == TcpState::listen) {
            ports.push_back(record.local.port);
        }
    }
    return ports;
}

/// Of all that was counted, what is of one namespace.
ExactTotals of_space(const ExactTotals& totals, NamespaceId space) {
    const auto first = totals.lower_bound({space, 0, false});
    const auto last = std::find_if(
        first, totals.end(), [space](const auto& entry) { return entry.first.space != space; });
    return {first, last};
}

bool is_half_closed_tcp(const SocketRecord& record) {
    return record.protocol == Protocol::tcp && kHalfClosedStates.contains(record.state);
}

}  // namespace

ExactCounting::ExactCounting(exact::Source source) : source_(std::move(source)) {
    for (const NamespaceId space : source_.watched()) {
        ended_[space] = {};
    }
}

void ExactCounting::watch(const std::vector<PortRange>& ports) {
    if (ports_ == ports) {
        return;
    }
    ports_ = ports;
    for (auto& [id, space] : spaces_) {
        source_.watch(id, ports);
        // Ports that were not counted before have no beginning to be held against, and no sockets that are known.
        space = {};
    }
}

bool ExactCounting::begin(NamespaceId space, std::span<const SocketRecord> listeners) {
    if (!source_.watch(space, ports_, ports_of(listeners))) {
        return false;
    }
    ended_.erase(space);
    spaces_.try_emplace(space);
    return true;
}

void ExactCounting::end(NamespaceId space, Instant now) {
    if (spaces_.erase(space) > 0) {
        ended_[space] = {now, now};
    }
}

void ExactCounting::end_all_but(NamespaceId space) {
    std::set<NamespaceId> others;
    for (const NamespaceId watched : source_.watched()) {
        if (watched != space) {
            others.insert(watched);
        }
    }
    if (!others.empty()) {
        leave(others);
    }
}

void ExactCounting::leave(const std::set<NamespaceId>& spaces) {
    source_.leave(spaces);
    growth_.leave(spaces);
    for (const NamespaceId space : spaces) {
        spaces_.erase(space);
        ended_.erase(space);
    }
}

void ExactCounting::leave_quiet_ones(const tracking::ExactGrowth::Steps& steps, Instant now) {
    for (const auto& [key, grown] : steps) {
        if (const auto space = ended_.find(key.space); space != ended_.end()) {
            space->second.last_step = now;
        }
    }
    std::set<NamespaceId> over;
    for (auto& [space, end] : ended_) {
        if (end.began == Instant{}) {
            end = {now, now};
        } else if (now - end.last_step > kQuiet || now - end.began > kLongestEnd) {
            over.insert(space);
        }
    }
    if (!over.empty()) {
        leave(over);
    }
}

void ExactCounting::learn_listeners(NamespaceId space, std::span<const SocketRecord> dump) {
    if (const std::vector<std::uint16_t> ports = ports_of(dump); !ports.empty()) {
        source_.note_listeners(space, ports);
    }
}

tracking::ExactGrowth::Steps ExactCounting::advance(Instant now, const ExactSockets::Storm& storm) {
    totals_ = source_.read();
    tracking::ExactGrowth::Steps steps = growth_.advance(totals_);
    sockets_.read(source_, now, storm);
    if (!ended_.empty()) {
        leave_quiet_ones(steps, now);
    }
    return steps;
}

void ExactCounting::settle(NamespaceId space, std::span<const SocketRecord> found, Instant now) {
    tracking::CookieSet there;
    tracking::CookieSet in_time_wait;
    for (const SocketRecord& record : found) {
        there.insert(record.cookie);
        if (record.state == TcpState::time_wait) {
            in_time_wait.insert(record.cookie);
        }
    }
    tracking::CookieSet& before = spaces_.at(space).gone;
    tracking::CookieSet gone;
    for (const ExactSockets::Known& socket : sockets_.known(space)) {
        const Cookie cookie = socket.identity.cookie;
        if (!there.contains(cookie)) {
            if (before.contains(cookie)) {
                source_.confirm_gone(cookie, now);
            } else {
                gone.insert(cookie);
            }
        } else if (socket.minisock && in_time_wait.contains(cookie)) {
            source_.confirm_time_wait(cookie);
        }
    }
    before = std::move(gone);
}

std::unordered_map<Cookie, bool> ExactCounting::held_after_close(
    const std::vector<const SocketRecord*>& sockets) const {
    std::unordered_map<Cookie, bool> result;
    if (source_.overflowed()) {
        return result;
    }
    std::vector<Cookie> asked;
    for (const SocketRecord* record : sockets) {
        const auto space = spaces_.find(record->netns);
        if (record->protocol == Protocol::tcp && space != spaces_.end() && !space->second.first) {
            asked.push_back(record->cookie);
        }
    }
    const std::unordered_set<Cookie> held = source_.held_after_close(asked);
    for (const Cookie cookie : asked) {
        result[cookie] = held.contains(cookie);
    }
    return result;
}

bool ExactCounting::knows_all(NamespaceId space) const {
    const auto found = spaces_.find(space);
    return found != spaces_.end() && found->second.proven;
}

bool ExactCounting::may_ask_for_known(NamespaceId space) const {
    return knows_all(space) && sockets_.half_closed(space) <= ExactSockets::kMostKnown &&
           static_cast<double>(sockets_.to_ask(space)) * get_ < static_cast<double>(walk_.count());
}

/// While walks are cheaper no get is measured: one slow moment must not keep them away for good.
void ExactCounting::note_walk(std::chrono::nanoseconds cpu) {
    constexpr double kForgetting = 0.05;
    walk_ = cpu;
    get_ = (1 - kForgetting) * get_ + kForgetting * kUsualGet;
}

void ExactCounting::note_gets(std::size_t known, std::chrono::nanoseconds cpu) {
    constexpr double kWeight = 0.2;
    if (known > 0) {
        const double each = static_cast<double>(cpu.count()) / static_cast<double>(known);
        get_ = (1 - kWeight) * get_ + kWeight * each;
    }
}

std::vector<Cookie> ExactCounting::known_cookies() const {
    std::vector<Cookie> result;
    source_.for_each_socket(
        [&result](const ExactSocket& socket) { result.push_back(socket.identity.cookie); });
    std::sort(result.begin(), result.end());
    return result;
}

void ExactCounting::adopt(NamespaceId space, const SocketRecord& record,
                          const tracking::WatchedPorts& watch) {
    if (const auto match = watch.match(record)) {
        source_.adopt({space, match->port, match->side == tracking::Side::server}, record);
    }
}

void ExactCounting::adopt_first(NamespaceId id, std::span<const SocketRecord> found,
                                const tracking::WatchedPorts& watch) {
    Space& space = spaces_.at(id);
    space.first = false;
    space.proven = !source_.overflowed();
    for (const SocketRecord& record : found) {
        if (space.proven && is_half_closed_tcp(record)) {
            adopt(id, record, watch);
        }
    }
    source_.end_adoption();
}

void ExactCounting::note_walked(NamespaceId space, std::span<const SocketRecord> dump,
                                const tracking::WatchedPorts& watch) {
    if (spaces_.at(space).first) {
        adopt_first(space, dump, watch);
    }
}

std::vector<SocketIdentity> ExactCounting::unknown(NamespaceId id, const tracking::Census& census,
                                                   const tracking::WatchedPorts& watch) {
    Space& space = spaces_.at(id);
    const std::vector<SocketRecord>& followed = census.followed();
    space.found = census.conserved();
    if (space.first) {
        adopt_first(id, followed, watch);
        return {};
    }
    if (source_.overflowed()) {  // what is asked for now would find no room either
        space.proven = false;
        return {};
    }
    std::vector<SocketIdentity> result;
    const std::vector<Cookie> known =
        std::any_of(followed.begin(), followed.end(), is_half_closed_tcp) ? known_cookies()
                                                                          : std::vector<Cookie>();
    for (const SocketRecord& record : followed) {
        if (is_half_closed_tcp(record) &&
            !std::binary_search(known.begin(), known.end(), record.cookie)) {
            result.push_back(identity(record));
        }
    }
    space.proven = result.empty();
    return result;
}

void ExactCounting::missed(NamespaceId space, std::span<const SocketRecord> sockets,
                           const tracking::WatchedPorts& watch) {
    const std::vector<Cookie> known = known_cookies();
    std::uint64_t misses = 0;
    for (const SocketRecord& record : sockets) {
        if (kHalfClosedStates.contains(record.state) &&
            !std::binary_search(known.begin(), known.end(), record.cookie)) {
            adopt(space, record, watch);
            ++misses;
        }
    }
    misses_ += misses;
    spaces_.at(space).proven = misses == 0 && !source_.overflowed();
}

void ExactCounting::forget_found(NamespaceId space) {
    if (const auto found = spaces_.find(space); found != spaces_.end()) {
        found->second.found.reset();
    }
}

std::optional<tracking::Conserved> ExactCounting::end_census() {
    const ExactTotals after = source_.read();
    const bool whole = !source_.overflowed();
    std::optional<tracking::Conserved> sum;
    for (auto& [id, space] : spaces_) {
        const auto found = std::exchange(space.found, std::nullopt);
        if (whole && found) {
            space.conserved =
                space.conservation.judge(of_space(totals_, id), *found, of_space(after, id));
        }
        if (whole && space.conserved) {
            if (sum) {
                sum->add(*space.conserved);
            } else {
                sum = space.conserved;
            }
        }
    }
    return sum;
}

}  // namespace halfclosed
