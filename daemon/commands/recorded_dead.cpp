#include "commands/recorded_dead.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "commands/past_snapshot.h"
#include "history/clock_id.h"
#include "history/history_query.h"
#include "host/dead_sockets.h"

namespace halfclosed {

namespace {

using exporters::Snapshot;

/// The latest that the history has of this boot. Throws std::runtime_error that says why there is none.
Snapshot latest(const history::Connection& connection, const std::string& directory,
                const PastScope& scope) {
    const auto spans = history::observed_spans(connection, WallTime{}, WallTime::max());
    if (spans.empty()) {
        throw std::runtime_error("the history in " + directory + " is empty");
    }
    if (history::clock_of(connection, spans.back().boot) != history::read_clock_id()) {
        throw std::runtime_error("the history in " + directory + " ends before the last boot");
    }
    return snapshot_at(connection, spans.back().to.time, scope);
}

bool is_open(const tracking::DeadSocket& dead, const Snapshot& past) {
    const auto owner = past.owners.find(dead.socket.record.cookie);
    return owner != past.owners.end() &&
           std::any_of(owner->second.processes.begin(), owner->second.processes.end(),
                       [&dead](const Process& process) {
                           host::Holder holder;
                           holder.pid = holder.thread = process.pid;
                           holder.descriptor = process.fd;
                           return host::look_at_descriptor(holder, dead.socket.record.inode) ==
                                  host::DescriptorLook::open;
                       });
}

}  // namespace

std::string add_recorded_dead(Snapshot& snapshot, const tracking::WatchedPorts& ports,
                              const std::string& directory, const PastScope& scope) {
    Snapshot past;
    try {
        past = history::read_from(directory, [&](const history::Connection& connection) {
            return latest(connection, directory, scope);
        });
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    for (tracking::DeadSocket dead : past.dead) {
        const SocketRecord& record = dead.socket.record;
        const auto label = ports.label_of(dead.socket.watched.side, dead.socket.watched.port);
        const bool here = snapshot.namespaces.watched.contains(record.netns);
        if (!label || !here || !is_open(dead, past)) {
            continue;
        }
        dead.socket.watched.label = *label;
        snapshot.owners[record.cookie] = past.owners.at(record.cookie);
        snapshot.dead.push_back(dead);
    }
    return {};
}

}  // namespace halfclosed
