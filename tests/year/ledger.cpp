#include "ledger.h"

#include <algorithm>
#include <iterator>

namespace year {

namespace {

/// A minisock that was seen so shortly before its time was up, and is gone after it, expired; seen longer before, its peer
/// may have closed and its TIME-WAIT have ended too.
constexpr Time kShortlyBefore = 3 * kSecond;

/// Holders are looked for of what is in CLOSE-WAIT for longer.
constexpr Time kHolderAfter = 3 * kSecond;

/// For so long it is waited for what a descriptor tells.
constexpr Time kPatience = 10 * kSecond;

}  // namespace

const char* name(State state) {
    switch (state) {
        case State::established:
            return "established";
        case State::fin_wait1:
            return "fin_wait1";
        case State::fin_wait2:
            return "fin_wait2";
        case State::time_wait:
            return "time_wait";
        case State::close:
            return "close";
        case State::close_wait:
            return "close_wait";
        case State::last_ack:
            return "last_ack";
        case State::listen:
            return "listen";
        case State::closing:
            return "closing";
    }
    return "";
}

std::uint16_t watched_port(const Connection& connection) {
    if (connection.local_port == Machine::kServerPort) {
        return Machine::kServerPort;
    }
    return connection.remote_port == Machine::kClientPort ? Machine::kClientPort : std::uint16_t{0};
}

Time told_expiry(const Connection& connection, Time now) {
    constexpr Time kJiffy = 4 * kMillisecond;
    return std::max<Time>(connection.deadline - now, 0) / kJiffy * kJiffy;
}

void Ledger::edge(std::uint16_t port, State from, State to, const char* evidence) {
    ++counts_["transitions " + std::to_string(port) + " " + name(from) + " " + name(to) + " " +
              evidence];
}

void Ledger::ended(std::uint16_t port, const char* what, const char* how) {
    ++counts_[std::string(what) + " " + std::to_string(port) + " " + how];
}

void Ledger::look(const Machine& machine, Look look) {
    const Time now = machine.now();
    ++looks_;
    if (!new_.empty()) {
        silent_until_ = now;
    }
    censuses_ += look == Look::census ? 1 : 0;
    last_look_ = now;
    resets_before_ = looks_ == 1 ? machine.counters().estab_resets : resets_;
    resets_ = machine.counters().estab_resets;
    at_look_ = machine.count();
    if (look == Look::census) {
        at_census_ = at_look_;
    }
    std::unordered_set<std::uint64_t> established;
    const std::vector<Connection>& connections = machine.connections();
    for (std::uint32_t slot = 0; slot < connections.size(); ++slot) {
        const Connection& each = connections[slot];
        if (!each.used() || !watched_.contains(watched_port(each))) {
            continue;
        }
        if (each.state == State::established) {
            if (look == Look::census) {
                established.insert(each.cookie);
            }
        } else if (each.half_closed() || (each.state == State::time_wait && look == Look::census)) {
            see(each, slot, now);
        }
    }
    for (auto known = known_.begin(); known != known_.end();) {
        Known& socket = known->second;
        const bool asked =
            socket.look != looks_ && (socket.state != State::time_wait || socket.deadline <= now);
        const Connection& connection = connections[socket.slot];
        const bool there = connection.cookie == known->first && connection.state != State::close;
        if (asked && there) {
            see(connection, socket.slot, now);
        } else if (asked) {
            end(known->first, socket, machine);
            known = known_.erase(known);
            continue;
        }
        ++known;
    }
    if (look == Look::census) {
        established_ = std::move(established);
    } else {
        for (auto& [cookie, known] : known_) {
            ++known.polls;
        }
        std::rotate(seen_by_poll_.begin(), seen_by_poll_.begin() + 1, seen_by_poll_.end());
        seen_by_poll_.back() = half_closed_seen_;
    }
    new_.clear();
    settle(machine);
}

void Ledger::watch(const std::set<std::uint16_t>& ports) {
    std::set_difference(ports.begin(), ports.end(), watched_.begin(), watched_.end(),
                        std::inserter(new_, new_.end()));
    watched_ = ports;
    const auto is_other = [&](std::uint16_t port) { return !ports.contains(port); };
    std::erase_if(known_, [&](const auto& known) { return is_other(known.second.port); });
    std::erase_if(candidates_,
                  [&](const Candidate& candidate) { return is_other(candidate.port); });
    std::erase_if(counts_, [&](const auto& count) {
        return is_other(
            static_cast<std::uint16_t>(std::stoi(count.first.substr(count.first.find(' ')))));
    });
}

void Ledger::see(const Connection& connection, std::uint32_t slot, Time now) {
    const auto [found, is_new] = known_.try_emplace(connection.cookie);
    Known& known = found->second;
    known.slot = slot;
    known.port = watched_port(connection);
    known.look = looks_;
    if (is_new) {
        known.first_seen = now;
        adopt(connection, known, now);
    } else if (known.state != connection.state) {
        move(known, connection.state);
    }
    known.state = connection.state;
    known.minisock = connection.minisock;
    if (!connection.minisock) {
        known.inode = connection.inode;
    }
    known.last_seen = now;
    // The kernel does not tell since when of one that sends: at least since it was seen.
    known.since = connection.sends ? known.first_seen : connection.since;
    known.deadline = connection.minisock ? now + told_expiry(connection, now) : kNever;
}

/// The way from ESTABLISHED that a new socket must have come, as far as there is but one. What was there before the first
/// look, or may have been, did not happen while anybody looked.
void Ledger::adopt(const Connection& connection, Known& known, Time now) {
    half_closed_seen_ += connection.half_closed() ? 1 : 0;
    if (new_.contains(known.port)) {
        found_ += connection.half_closed() ? 1 : 0;
        return;
    }
    using enum State;
    const bool was_seen = established_.contains(connection.cookie);
    const char* const first = was_seen ? "seen" : "implied";
    switch (connection.state) {
        case close_wait:
        case fin_wait1:
            edge(known.port, established, connection.state, first);
            break;
        case fin_wait2:
        case closing:
            edge(known.port, established, fin_wait1, "implied");
            edge(known.port, fin_wait1, connection.state, "implied");
            break;
        case last_ack:
            edge(known.port, established, close_wait, "implied");
            edge(known.port, close_wait, last_ack, "implied");
            break;
        case time_wait:
            if (now - (Machine::kMinisockLife - told_expiry(connection, now)) > silent_until_) {
                edge(known.port, established, fin_wait1, "implied");
            }
            break;
        default:
            break;
    }
}

/// From one look to another in which it is there still.
void Ledger::move(const Known& known, State to) {
    using enum State;
    const State from = known.state;
    if (from == fin_wait1 && to == time_wait) {
        return;  // through FIN-WAIT-2 or CLOSING
    }
    edge(known.port, from, to, "seen");
    if (from == fin_wait2) {
        ended(known.port, "fin_wait2_ended", "peer_closed");
    } else if (from == close_wait) {
        ended(known.port, "close_wait_ended", "closed");
    }
}

/// It is gone since the look before.
void Ledger::end(std::uint64_t cookie, const Known& known, const Machine& machine) {
    using enum State;
    switch (known.state) {
        case time_wait:
        case last_ack:
            edge(known.port, known.state, close, "seen");
            break;
        case fin_wait2: {
            const bool expired = known.minisock && known.deadline <= machine.now() &&
                                 known.deadline - known.last_seen <= kShortlyBefore;
            if (expired) {
                edge(known.port, fin_wait2, close, "seen");
            }
            ended(known.port, "fin_wait2_ended", expired ? "expired" : "unknown");
            break;
        }
        case close_wait: {
            const bool somebody_was_reset = resets_ != resets_before_;
            if (!somebody_was_reset) {
                edge(known.port, close_wait, last_ack, "implied");
                edge(known.port, last_ack, close, "implied");
                ended(known.port, "close_wait_ended", "closed");
            } else if (known.inode == 0) {
                ended(known.port, "close_wait_ended", "unknown");
            }
            if (known.inode != 0) {
                candidates_.push_back(
                    {cookie, known.slot, known.port, known.holder_known, false, somebody_was_reset,
                     known.last_seen - known.since >= kHolderAfter, machine.now()});
            }
            break;
        }
        default:
            break;  // FIN-WAIT-1 and CLOSING: two ways lead from there
    }
}

/// A descriptor that is still open was not closed: the reset was this socket's.
void Ledger::settle(const Machine& machine) {
    const auto is_done = [&](Candidate& candidate) {
        const Connection& connection = machine.connections()[candidate.slot];
        const bool open = connection.cookie == candidate.cookie && connection.process >= 0;
        if (candidate.dead) {
            return !open;
        }
        if (candidate.holder_known && open) {
            candidate.dead = true;
            if (candidate.pending) {
                edge(candidate.port, State::close_wait, State::close, "implied");
                ended(candidate.port, "close_wait_ended", "aborted");
            }
            return false;
        }
        if (candidate.holder_known || machine.now() - candidate.since > kPatience) {
            if (candidate.pending) {
                ended(candidate.port, "close_wait_ended", "unknown");
            }
            return true;
        }
        return false;
    };
    std::erase_if(candidates_, is_done);
}

void Ledger::look_through(const Machine& machine, std::int32_t pid) {
    const auto holds = [&](std::uint64_t cookie, std::uint32_t slot) {
        const Connection& connection = machine.connections()[slot];
        return connection.cookie == cookie && connection.process >= 0 &&
               machine.processes()[static_cast<std::size_t>(connection.process)].pid == pid;
    };
    for (auto& [cookie, known] : known_) {
        if (known.state == State::close_wait && machine.now() - known.since > kHolderAfter &&
            holds(cookie, known.slot)) {
            known.holder_known = true;
        }
    }
    for (Candidate& candidate : candidates_) {
        candidate.holder_known = candidate.holder_known ||
                                 (candidate.long_lived && holds(candidate.cookie, candidate.slot));
    }
}

}  // namespace year
