#include "exporters/snapshot/socket_filter.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <stdexcept>

#include "text/nearest.h"

namespace halfclosed::exporters {

namespace {

/// Dead sockets are in CLOSE.
constexpr std::array kStates{TcpState::fin_wait1, TcpState::fin_wait2, TcpState::close_wait,
                             TcpState::last_ack,  TcpState::closing,   TcpState::close};

/// In our spelling: RFC 9293 writes FIN-WAIT-2, ss(8) fin-wait-2.
std::string spelled(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return letter == '-' ? '_' : static_cast<char>(std::tolower(letter));
    });
    const std::size_t last = text.size() - 1;
    if (text.starts_with("fin_wait_") && text.rfind('_') + 1 == last) {
        text.erase(last - 1, 1);
    }
    return text;
}

template <typename Values>
auto parse_one_of(const Values& values, const std::string& text, const std::string& respelled,
                  const char* what) {
    std::vector<std::string> names;
    for (const auto value : values) {
        if (respelled == name(value)) {
            return value;
        }
        names.emplace_back(name(value));
    }
    throw std::invalid_argument(text::not_one_of(text, what, names));
}

template <typename Value>
bool among(const std::vector<Value>& wanted, const Value& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

/// By its whole name, or by the bare unit, wherever that runs.
bool owned_by(const std::vector<std::string>& wanted, const Owner* owner) {
    return among(wanted, owner_label(owner)) ||
           (owner != nullptr && owner->unit && among(wanted, *owner->unit));
}

const tracking::TrackedSocket* find(const Snapshot& snapshot, Cookie cookie) {
    const auto found =
        std::find_if(snapshot.sockets.begin(), snapshot.sockets.end(),
                     [cookie](const auto& socket) { return socket.record.cookie == cookie; });
    return found == snapshot.sockets.end() ? nullptr : &*found;
}

/// The most that a socket can have been in the state that it leaves; nothing if there is no bound.
std::optional<std::chrono::nanoseconds> longest_stay(const tracking::Transition& transition,
                                                     const tracking::TrackedSocket* was,
                                                     const Snapshot& before,
                                                     const Snapshot& after) {
    if (!kHalfClosedStates.contains(transition.edge.from)) {
        return std::chrono::nanoseconds{0};
    }
    if (transition.held) {
        return *transition.held;
    }
    if (was == nullptr || was->record.state != transition.edge.from) {
        return after.instant - before.instant;  // it came and went between the two
    }
    return was->age(after.instant).upper_bound();
}

}  // namespace

TcpState parse_half_closed_state(const std::string& text) {
    return parse_one_of(kStates, text, spelled(text), "a half-closed state");
}

tracking::Cause parse_cause(const std::string& text) {
    return parse_one_of(tracking::kCauses, text, spelled(text), "a cause");
}

bool SocketFilter::admits(const tracking::TrackedSocket& socket, const Snapshot& snapshot) const {
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
    return owned_by(owners, snapshot.owner(socket.record));
}

bool SocketFilter::admits(const tracking::DeadSocket& dead, const Snapshot& snapshot) const {
    // Its age is the one in its last state.
    tracking::TrackedSocket socket = dead.socket;
    socket.since = dead.since;
    socket.dated = tracking::Age::Kind::observed;
    return admits(socket, snapshot);
}

bool SocketFilter::admits(const tracking::Transition& transition, const Snapshot& before,
                          const Snapshot& after) const {
    const tracking::Edge& edge = transition.edge;
    if (!among(states, edge.from) && !among(states, edge.to)) {
        return false;
    }
    if (causes.empty() && owners.empty() && older_than.count() == 0) {
        return true;
    }
    const tracking::TrackedSocket* const was = find(before, transition.socket.cookie);
    const tracking::TrackedSocket* const is = find(after, transition.socket.cookie);
    const auto has_cause = [this](const tracking::TrackedSocket* socket, TcpState state) {
        return socket != nullptr && socket->record.state == state && socket->cause &&
               among(causes, *socket->cause);
    };
    if (!causes.empty() && !has_cause(was, edge.from) && !has_cause(is, edge.to)) {
        return false;
    }
    const auto longest = longest_stay(transition, was, before, after);
    if (older_than.count() > 0 && longest && *longest <= older_than) {
        return false;
    }
    const Owner* owner = is == nullptr ? nullptr : after.owner(is->record);
    if (owner == nullptr && was != nullptr) {
        owner = before.owner(was->record);
    }
    return owned_by(owners, owner);
}

void SocketFilter::apply(Snapshot& snapshot) const {
    const auto rest = std::stable_partition(
        snapshot.sockets.begin(), snapshot.sockets.end(),
        [&](const tracking::TrackedSocket& socket) { return admits(socket, snapshot); });
    snapshot.left_out.assign(rest, snapshot.sockets.end());
    snapshot.sockets.erase(rest, snapshot.sockets.end());
    std::erase_if(snapshot.dead, [&](const auto& dead) { return !admits(dead, snapshot); });
}

}  // namespace halfclosed::exporters
