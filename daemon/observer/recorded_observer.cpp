#include "observer/recorded_observer.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>

#include "netlink/recording.h"
#include "observer/collector.h"
#include "tracking/census.h"
#include "tracking/tracker.h"

namespace halfclosed {

namespace {

std::vector<SocketRecord> read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<char> bytes;
    if (file) {
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    if (!file) {
        throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(), path);
    }
    return netlink::read_recording(std::as_bytes(std::span(bytes)), path);
}

/// What the recording does not have any more is gone.
tracking::Changes settle(tracking::Tracker& tracker, Instant now) {
    std::vector<tracking::Confirmation> gone;
    for (const SocketIdentity& socket : tracker.missing()) {
        gone.push_back({socket.cookie, std::nullopt});
    }
    return tracker.confirm(gone, now);
}

}  // namespace

exporters::Snapshot replay_recordings(const std::vector<std::string>& files,
                                      const std::vector<PortRange>& ports,
                                      std::chrono::nanoseconds interval,
                                      const exporters::BuildInfo& build) {
    tracking::Tracker tracker{tracking::WatchedPorts(ports)};
    exporters::Snapshot snapshot;
    snapshot.build = build;
    snapshot.port_labels = tracker.watch().labels();
    snapshot.counters = tracking::EventCounters(snapshot.port_labels.size());
    snapshot.dump_failures = no_dump_failures();

    for (const std::string& file : files) {
        tracking::Census census(tracker.watch());
        for (const SocketRecord& record : read(file)) {
            census.add(record);
        }
        snapshot.instant += interval;
        snapshot.counters.add(tracker.observe(census.followed(), snapshot.instant));
        tracker.remember_established(census.take_established());
        snapshot.counters.add(settle(tracker, snapshot.instant));
        snapshot.census =
            exporters::Census{census.socket_counts(), census.accept_queues(), std::nullopt};
    }

    snapshot.sockets = tracker.sockets();
    snapshot.closing.emplace(snapshot.port_labels.size());
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        snapshot.closing->add(socket.watched, socket.record.state, socket.custody);
    }
    return snapshot;
}

}  // namespace halfclosed
