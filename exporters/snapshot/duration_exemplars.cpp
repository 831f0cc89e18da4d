#include "exporters/snapshot/duration_exemplars.h"

#include <algorithm>
#include <unordered_map>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

namespace {

/// Of those that ended alone: a snapshot may have a hundred thousand others.
std::unordered_map<Cookie, std::string> owners_of(const std::vector<tracking::StateEnd>& ends,
                                                  const Snapshot& before) {
    std::unordered_map<Cookie, std::string> owners;
    for (const tracking::StateEnd& end : ends) {
        owners.emplace(end.socket.cookie, kUnknownOwner);
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
    const std::unordered_map<Cookie, std::string> owners = owners_of(changes.ends, before);
    for (const tracking::StateEnd& end : changes.ends) {
        if (!end.held || end.watched.label >= before.port_labels.size()) {
            continue;
        }
        const double seconds = std::chrono::duration<double>(*end.held).count();
        const auto& bounds = tracking::DurationHistogram::kBounds;
        const auto bucket = static_cast<std::size_t>(
            std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin());
        latest[{before.port_labels[end.watched.label], end.watched.side, end.state}][bucket] =
            Exemplar{end.socket.cookie, owners.at(end.socket.cookie), seconds, time};
    }
    // Ports that are not watched any more have none.
    std::erase_if(latest, [&before](const auto& each) {
        const auto& labels = before.port_labels;
        return std::find(labels.begin(), labels.end(), std::get<0>(each.first)) == labels.end();
    });
}

}  // namespace halfclosed::exporters
