#include "commands/socket_filter.h"

#include <algorithm>
#include <stdexcept>

#include "cli/flags.h"

namespace halfclosed {

namespace {

TcpState parse_state(const std::string& text) {
    for (const TcpState state : {TcpState::fin_wait1, TcpState::fin_wait2, TcpState::close_wait,
                                 TcpState::last_ack, TcpState::closing}) {
        if (text == name(state)) {
            return state;
        }
    }
    throw std::invalid_argument(
        "'" + text +
        "' is not a half-closed state (fin_wait1, fin_wait2, close_wait, last_ack, closing)");
}

tracking::Cause parse_cause(const std::string& text) {
    for (const tracking::Cause cause : tracking::kCauses) {
        if (text == tracking::name(cause)) {
            return cause;
        }
    }
    throw std::invalid_argument("'" + text +
                                "' is not a cause (not_accepted, unread, not_closed, sending)");
}

std::string as_it_is(const std::string& text) {
    return text;
}

template <typename Value>
bool among(const std::vector<Value>& wanted, const Value& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

}  // namespace

void SocketFilter::add_flags(CLI::App& command) {
    add_values(command, "--state", states, parse_state, "STATE", "all half-closed ones",
               "Only sockets in this state; repeatable");
    add_values(
        command, "--cause", causes, parse_cause, "CAUSE", "any",
        "Only CLOSE-WAIT sockets with this cause: not_accepted, unread, not_closed or sending; "
        "repeatable");
    add_values(command, "--owner", owners, as_it_is, "OWNER", "any",
               "Only sockets of this unit, or of this cgroup leaf; repeatable");
    add_duration(command, "--older-than", older_than, "0s",
                 "Only sockets that have been in their state for longer, or may have been");
}

bool SocketFilter::admits(const tracking::TrackedSocket& socket,
                          const exporters::Snapshot& snapshot) const {
    if (!among(states, socket.record.state)) {
        return false;
    }
    if (!causes.empty() && !(socket.cause && among(causes, *socket.cause))) {
        return false;
    }
    // One of which only a lower bound is known may be older.
    const auto at_most = socket.age(snapshot.instant).upper_bound();
    if (older_than.count() > 0 && at_most && *at_most <= older_than) {
        return false;
    }
    return among(owners, owner_label(snapshot.owner(socket.record)));
}

bool SocketFilter::admits(const tracking::Transition& transition) const {
    return among(states, transition.edge.from) || among(states, transition.edge.to);
}

void SocketFilter::apply(exporters::Snapshot& snapshot) const {
    std::erase_if(snapshot.sockets,
                  [&](const tracking::TrackedSocket& socket) { return !admits(socket, snapshot); });
    std::erase_if(snapshot.dead, [&](const tracking::DeadSocket& dead) {
        // Its state is none that can be asked for, and its age is the one in that state.
        tracking::TrackedSocket socket = dead.socket;
        socket.since = dead.since;
        socket.dated = tracking::Age::Kind::observed;
        return !admits(socket, snapshot);
    });
}

}  // namespace halfclosed
