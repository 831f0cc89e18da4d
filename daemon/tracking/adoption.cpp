#include "tracking/adoption.h"

#include <algorithm>

namespace halfclosed::tracking {

void Adoption::begin_look(Instant look, std::optional<Instant> previous) {
    look_ = look;
    previous_ = previous;
    if (!previous_ || !new_labels_.empty()) {
        silent_until_ = look;
    }
}

void Adoption::end_look() {
    recalled_.clear();
    new_labels_.clear();
}

void Adoption::recall(std::span<const KnownAge> ages) {
    for (const KnownAge& age : ages) {
        recalled_[age.cookie] = age;
    }
}

void Adoption::relabel(const std::vector<std::string>& before,
                       const std::vector<std::string>& after) {
    for (std::size_t label = 0; label < after.size(); ++label) {
        if (std::find(before.begin(), before.end(), after[label]) == before.end()) {
            new_labels_.insert(label);
        }
    }
}

void Adoption::rename(std::size_t labels) {
    // Which of them the new ones are now is not known: of all, nothing is told once.
    for (std::size_t label = 0; !new_labels_.empty() && label < labels; ++label) {
        new_labels_.insert(label);
    }
}

/// A socket that is new after a longer pause may have been there for as long.
bool Adoption::was_there_before(bool first_look) const {
    return first_look || look_ - *previous_ > kLongestPause;
}

Adoption::Adopted Adoption::adopt(const SocketRecord& record, const PortMatch& watched) const {
    const bool first_look = !previous_ || new_labels_.contains(watched.label);
    Adopted adopted;
    TrackedSocket& socket = adopted.socket;
    socket.record = record;
    socket.watched = watched;
    socket.custody = custody(record);
    socket.cause = cause(record);
    socket.last_seen = look_;
    adopted.undated = was_there_before(first_look) && !is_minisock(record);
    // Not every look asks for TIME-WAIT, so one that is new to us may be older than our watch.
    if (first_look || record.state == TcpState::time_wait) {
        set(socket, dated_by_kernel(record, look_));
    } else {
        set(socket, dated_between(record, *previous_, look_, fin_timeout_));
    }
    if (const auto memory = recalled_.find(record.cookie);
        memory != recalled_.end() && memory->second.state == record.state) {
        set(socket, {memory->second.since, memory->second.dated, std::nullopt});
        adopted.undated = false;
    }
    const bool silent = record.state == TcpState::time_wait && socket.since <= silent_until_;
    if (!first_look && !silent) {
        adopted.way = certain_path(TcpState::established, record.state);
        const bool seen = adopted.way.size() == 1 && adopted.way.front().to == record.state &&
                          established_.contains(record.cookie);
        adopted.evidence = seen ? Evidence::seen : Evidence::implied;
    }
    return adopted;
}

}  // namespace halfclosed::tracking
