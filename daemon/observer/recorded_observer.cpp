#include "observer/recorded_observer.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <system_error>

#include "netlink/recording.h"
#include "observer/collector.h"
#include "tracking/census.h"
#include "tracking/tracker.h"

namespace halfclosed {

namespace {

/// For messages.
std::string name_of(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

netlink::Recording read(const std::string& path) {
    const std::string name = name_of(path);
    errno = 0;
    std::ifstream file(path == "-" ? "/dev/stdin" : path, std::ios::binary);
    std::vector<char> bytes;
    try {
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    } catch (const std::ios_base::failure&) {  // libstdc++'s way to say that read() failed
        file.setstate(std::ios::failbit);
    }
    if (!file) {
        throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(), name);
    }
    return netlink::read_recording(std::as_bytes(std::span(bytes)), name);
}

/// What the recording does not have any more is gone.
tracking::Changes settle(tracking::Tracker& tracker, Instant now) {
    std::vector<tracking::Confirmation> gone;
    for (const SocketIdentity& socket : tracker.missing()) {
        gone.push_back({socket.cookie, std::nullopt});
    }
    return tracker.confirm(gone, now);
}

bool is_listener(const SocketRecord& record) {
    return record.state == TcpState::listen;
}

/// A file that was recorded for some ports says nothing of others.
void expect_recorded(const tracking::WatchedPorts& watch, const netlink::Recording& recording,
                     const std::string& file) {
    if (!recording.ports || recording.ports->empty()) {
        return;
    }
    for (const PortRange& asked : watch.ports()) {
        const bool covered = std::any_of(
            recording.ports->begin(), recording.ports->end(), [&asked](const PortRange& recorded) {
                return recorded.first <= asked.first && asked.last <= recorded.last;
            });
        if (!covered) {
            throw std::invalid_argument(file + ": was recorded for --port " +
                                        ports_text(*recording.ports) + " and says nothing of " +
                                        ports_text({asked}));
        }
    }
}

/// The listeners first, whatever their order in the file.
tracking::Census census_of(const netlink::Recording& recording, const tracking::WatchedPorts& watch,
                           Instant now) {
    const std::vector<SocketRecord>& records = recording.records;
    // A recording without any may have been made of other states: then nothing is known of them.
    const bool listeners_known = std::any_of(records.begin(), records.end(), is_listener);
    tracking::Census census(watch, listeners_known ? std::optional(now) : std::nullopt);
    for (const bool listeners : {true, false}) {
        for (const SocketRecord& record : records) {
            if (is_listener(record) == listeners) {
                census.add(record);
            }
        }
    }
    return census;
}

}  // namespace

std::string ports_text(const std::vector<PortRange>& ports) {
    std::string text;
    for (const PortRange& range : ports) {
        text += text.empty() ? "" : ",";
        text += std::to_string(range.first);
        if (range.last != range.first) {
            text += "-" + std::to_string(range.last);
        }
    }
    return text;
}

Replay replay_recordings(const std::vector<std::string>& files, const std::vector<PortRange>& ports,
                         std::chrono::nanoseconds interval, const exporters::BuildInfo& build) {
    tracking::Tracker tracker{tracking::WatchedPorts(ports)};
    Replay replay;
    exporters::Snapshot& snapshot = replay.snapshot;
    snapshot.build = build;
    snapshot.dump_failures = no_dump_failures();
    const auto take_labels = [&] {
        const tracking::WatchedPorts& watch = tracker.watch();
        snapshot.counters.relabel(snapshot.port_labels, watch.labels(), watch.sides());
        snapshot.port_labels = watch.labels();
        snapshot.port_sides = watch.sides();
        snapshot.every_port = watch.every_port();
    };
    take_labels();

    for (const std::string& file : files) {
        const netlink::Recording recording = read(file);
        expect_recorded(tracker.watch(), recording, name_of(file));
        snapshot.instant += interval;
        tracking::Census census = census_of(recording, tracker.watch(), snapshot.instant);
        census.name_busiest();
        snapshot.census = exporters::Census{census.socket_counts(), census.accept_queues(),
                                            census.unwatched(), std::nullopt, std::nullopt};
        replay.files.push_back({file, recording.records.size(), census.watched(), recording.ports});
        tracker.learn(census.take_watch());
        take_labels();
        snapshot.counters.add(tracker.observe(census.followed(), snapshot.instant));
        tracker.remember_established(census.take_established());
        snapshot.counters.add(settle(tracker, snapshot.instant));
    }

    snapshot.sockets = tracker.sockets();
    snapshot.closing.emplace(snapshot.port_labels.size());
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        snapshot.closing->add(socket.watched, socket.record.state, socket.custody);
    }
    return replay;
}

}  // namespace halfclosed
