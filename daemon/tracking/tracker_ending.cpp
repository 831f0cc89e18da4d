#include <chrono>
#include <iterator>
#include <utility>

#include "tracking/ending.h"
#include "tracking/tracker.h"

namespace halfclosed::tracking {

// How sockets end that a dump does not have any more.

Changes Tracker::confirm(std::span<const Confirmation> answers, Instant now, Resets resets) {
    now_ = now;
    Changes changes;
    std::vector<Cookie> gone;
    for (const Confirmation& answer : answers) {
        Entry* const known = find(answer.cookie);
        if (known == nullptr || known->poll == poll_) {
            continue;
        }
        if (answer.found && is_followed(answer.found->state)) {
            update(*known, *answer.found, changes);
            if (answer.found->state == TcpState::time_wait) {
                file(entries_.extract(answer.cookie));
            }
        } else {
            gone.push_back(answer.cookie);
        }
    }
    const PeerEvidence evidence = evidence_for(gone, resets);
    for (const Cookie cookie : gone) {
        Entry& entry = *find(cookie);
        // The counters speak of the time since the look before: of a socket that it had.
        // They are TCP's: an MPTCP connection is none of its sockets.
        const bool counted =
            entry.poll + 1 == poll_ && entry.socket.record.protocol == Protocol::tcp;
        const Resets known = counted ? resets : Resets::not_known;
        end(entry, now_, known, evidence.about(entry.socket), changes);
    }
    for (const Cookie cookie : gone) {
        entries_.erase(cookie);
        time_waits_.erase(cookie);
    }
    forget_surplus();
    return changes;
}

/// What the other ends of those that are gone prove, as far as they are sockets of this host.
PeerEvidence Tracker::evidence_for(const std::vector<Cookie>& gone, Resets resets) const {
    PeerEvidence evidence;
    for (const Cookie cookie : gone) {
        const auto known = entries_.find(cookie);
        if (known != entries_.end() && StateSet{TcpState::close_wait, TcpState::fin_wait2}.contains(
                                           known->second.socket.record.state)) {
            evidence.ask_for(known->second.socket.record);
        }
    }
    if (evidence.empty()) {
        return evidence;
    }
    for (const auto& [cookie, entry] : time_waits_) {
        evidence.add(entry.socket.record, PeerProof::got_our_fin, entry.known_since);
    }
    for (const auto& [cookie, entry] : entries_) {
        const SocketRecord& record = entry.socket.record;
        if (record.state == TcpState::close_wait && entry.poll == poll_) {
            evidence.add(record, PeerProof::still_open, entry.known_since);
        }
    }
    for (const Cookie cookie : gone) {
        const auto known = entries_.find(cookie);
        if (known == entries_.end()) {
            continue;
        }
        const Entry& entry = known->second;
        if (entry.socket.record.state == TcpState::close_wait && entry.poll + 1 == poll_ &&
            resets == Resets::all) {
            evidence.add(entry.socket.record, PeerProof::was_reset, entry.known_since);
        }
    }
    return evidence;
}

/// The socket is gone, since `missed` at the latest.
void Tracker::end(Entry& entry, Instant missed, Resets resets, std::optional<PeerProof> peer,
                  Changes& changes) {
    using enum TcpState;
    const TrackedSocket& socket = entry.socket;
    const bool time_was_up = is_minisock(socket.record) && deadline(socket) <= missed;
    const Instant at = time_was_up ? deadline(socket) : missed;
    if (socket.record.state == close_wait) {
        const CloseWaitEnd how = close_wait_end(resets, peer);
        const bool pending = how == CloseWaitEnd::unknown && resets == Resets::some;
        const bool followed = dead_.add(socket, now_, pending);
        if (!pending || !followed) {
            end_by(socket, way(how), Evidence::implied, how, at, changes);
        }
    } else if (socket.record.state == fin_wait2) {
        const FinWait2End how = fin_wait2_end(socket, peer, missed);
        end_by(socket, way(how), Evidence::seen, how, at, changes);
    } else {
        move(entry, close, at, changes);
    }
}

/// Absent from two dumps, and nobody has asked for it: there were too many to ask for.
void Tracker::end_unconfirmed(Changes& changes) {
    const auto has_ended = [&](Entry& entry) {
        if (!is_missing(entry)) {
            entry.missed.reset();
            return false;
        }
        if (!entry.missed) {
            entry.missed = look_;
            return false;
        }
        end(entry, *entry.missed, Resets::not_known, std::nullopt, changes);
        ++changes.unconfirmed;
        return true;
    };
    for (auto known = entries_.begin(); known != entries_.end();) {
        known = has_ended(known->second) ? entries_.erase(known) : std::next(known);
    }
    for (const Cookie cookie : std::exchange(overdue_, {})) {
        const auto known = time_waits_.find(cookie);
        if (known == time_waits_.end()) {
            continue;
        }
        if (has_ended(known->second)) {
            time_waits_.erase(known);
        } else if (is_missing(known->second)) {
            overdue_.push_back(cookie);
        } else {
            file(time_waits_.extract(known));
        }
    }
}

/// Those in TIME-WAIT whose time is up by now.
bool Tracker::awaits_look(Instant now) const {
    return !entries_.empty() || has_others() || !overdue_.empty() ||
           (!due_.empty() && due_.begin()->first <= now.time_since_epoch());
}

void Tracker::collect_overdue() {
    const auto now = std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch());
    std::vector<Cookie> later;
    while (!due_.empty() && due_.begin()->first <= now) {
        for (const Cookie cookie : due_.begin()->second) {
            const auto known = time_waits_.find(cookie);
            if (known == time_waits_.end()) {
                continue;
            }
            // One that this very look had is there still, though its time is up: the kernel's timers are late.
            if (deadline(known->second.socket) > now_ || known->second.poll == poll_) {
                later.push_back(cookie);
                continue;
            }
            known->second.missed = look_;
            overdue_.push_back(cookie);
        }
        due_.erase(due_.begin());
    }
    for (const Cookie cookie : later) {
        file(time_waits_.extract(cookie));
    }
}

Changes Tracker::abandon(Instant now) {
    now_ = now;
    // Ends that wait for a look at their descriptors are not waited for any longer.
    Changes changes = confirm_descriptors({}, now + DeadSockets::kPatience + Duration{1});
    const auto end_unknown = [&](const TrackedSocket& socket) {
        end_by(socket, {}, Evidence::implied, end_not_known(socket.record.state), now, changes);
    };
    for (const Entries* const table : {&entries_, &time_waits_}) {
        for (const auto& [cookie, entry] : *table) {
            end_unknown(entry.socket);
        }
    }
    counted_.for_each([&](const CountedSockets::Socket& socket) {
        end_unknown(CountedSockets::in_full(socket, {}));
    });
    *this = Tracker(WatchedPorts(watch_), SharedBounds(bounds_));
    return changes;
}

}  // namespace halfclosed::tracking
