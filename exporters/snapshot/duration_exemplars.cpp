#include "exporters/snapshot/duration_exemplars.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

namespace {

/// By label, side, state and bucket.
using LatestEnds = std::map<std::tuple<std::size_t, tracking::Side, TcpState, std::size_t>,
                            const tracking::StateEnd*>;

double seconds_of(const tracking::StateEnd& end) {
    return std::chrono::duration<double>(*end.held).count();
}

LatestEnds latest_of(const tracking::Changes& changes, const Snapshot& before) {
    const auto& bounds = tracking::DurationHistogram::kBounds;
    LatestEnds result;
    for (const tracking::StateEnd& end : changes.ends) {
        if (end.held && end.watched.label < before.port_labels.size()) {
            const auto bucket = static_cast<std::size_t>(
                std::lower_bound(bounds.begin(), bounds.end(), seconds_of(end)) - bounds.begin());
            result[{end.watched.label, end.watched.side, end.state, bucket}] = &end;
        }
    }
    return result;
}

/// Of these alone: thousands may have ended, and a snapshot may have a hundred thousand others.
std::unordered_map<Cookie, std::string> owners_of(const LatestEnds& ends, const Snapshot& before) {
    std::unordered_map<Cookie, std::string> owners;
    for (const auto& [key, end] : ends) {
        owners.emplace(end->socket.cookie, kUnknownOwner);
    }
    if (owners.empty()) {
        return owners;
    }
    for (const tracking::TrackedSocket& socket : before.sockets) {
        if (const auto ended = owners.find(socket.record.cookie); ended != owners.end()) {
            ended->second = owner_label(before.owner(socket.record));
        }
    }
    return owners;
}

}  // namespace

void DurationExemplars::note(const tracking::Changes& changes, WallTime time,
                             const Snapshot& before) {
    const LatestEnds ends = latest_of(changes, before);
    const std::unordered_map<Cookie, std::string> owners = owners_of(ends, before);
    for (const auto& [key, end] : ends) {
        const auto& [label, side, state, bucket] = key;
        latest[{before.port_labels[label], side, state}][bucket] =
            Exemplar{end->socket.cookie, owners.at(end->socket.cookie), seconds_of(*end), time};
    }
    // Ports that are not watched any more have none.
    std::erase_if(latest, [&before](const auto& each) {
        const auto& labels = before.port_labels;
        return std::find(labels.begin(), labels.end(), std::get<0>(each.first)) == labels.end();
    });
}

}  // namespace halfclosed::exporters
