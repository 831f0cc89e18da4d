#include <algorithm>
#include <string>
#include <utility>

#include "history/socket_recorder.h"

namespace halfclosed::history {

// What a recorder hands out of what it follows, and what it leaves out.

namespace {

std::string how_ended(const RecordedSocket& socket) {
    if (!socket.how.empty()) {
        return socket.how;
    }
    if (socket.spans.back().state == TcpState::time_wait) {
        return "time_wait";
    }
    const std::size_t count = socket.spans.size();
    const bool last_ack = count > 1 && socket.spans[count - 2].state == TcpState::last_ack;
    return last_ack && socket.spans.back().state == TcpState::close ? "closed" : "unknown";
}

}  // namespace

/// Lived long enough to be written, or leaked.
bool SocketRecorder::is_worth(const Entry& entry, Instant now) {
    const RecordedSocket& socket = entry.socket;
    const Instant end = socket.ended ? socket.ended->instant : now;
    return entry.written || socket.leaked ||
           end - socket.spans.front().began.instant > Duration(kShortest);
}

void SocketRecorder::finish(Entry& entry, const Moment& now) {
    RecordedSocket& socket = entry.socket;
    if (entry.noted) {
        socket.ended = socket.spans.back().began;
        socket.how = how_ended(socket);
    } else if (entry.look == 0) {  // it ended between the run that wrote it and this one
        socket.ended = last_observed_;
        socket.how = "not_observed";
    } else {
        socket.how = socket.dead()        ? "closed"  // its descriptor is closed at last
                     : socket.how.empty() ? "not_observed"
                                          : socket.how;
        socket.ended = now;
    }
    if (!is_worth(entry, now.instant)) {
        return;
    }
    if (finished_.size() < bounds_.batch) {
        if (!entry.written) {
            added_.push_back(socket.record.cookie);
            ++handed_out_;
        }
        finished_.push_back(std::move(socket));
        return;
    }
    if (entry.written) {
        ends_.push_back({socket.record.cookie, *socket.ended, socket.how});
        return;
    }
    if (socket.leaked) {  // in place of one that did not
        const auto other = std::find_if(finished_.begin(), finished_.end(),
                                        [](const auto& each) { return !each.leaked; });
        if (other != finished_.end()) {
            ends_.push_back({other->record.cookie, *other->ended, other->how});
            const std::size_t left_out = std::erase(added_, other->record.cookie);
            left_out_ += left_out;
            handed_out_ += 1 - left_out;
            added_.push_back(socket.record.cookie);
            *other = std::move(socket);
            return;
        }
    }
    ++left_out_;
}

void SocketRecorder::take(Batch& batch) {
    batch.sockets = std::exchange(finished_, {});
    batch.ends = std::exchange(ends_, {});
    batch.added = std::exchange(added_, {});
    std::vector<Entry*> changed;
    for (auto& [cookie, entry] : entries_) {
        if (entry.changed && is_worth(entry, batch.now.instant)) {
            changed.push_back(&entry);
        }
    }
    std::stable_sort(changed.begin(), changed.end(), [](const Entry* a, const Entry* b) {
        return a->socket.leaked.has_value() > b->socket.leaked.has_value();
    });
    for (Entry* const entry : changed) {
        if (batch.sockets.size() >= bounds_.batch) {
            break;
        }
        batch.sockets.push_back(entry->socket);
        if (!entry->written) {
            batch.added.push_back(entry->socket.record.cookie);
            ++handed_out_;
        }
        entry->changed = false;
        entry->written = true;
    }
    // Owners that no socket has any more.
    std::erase_if(shared_, [](const auto& owner) { return owner.use_count() == 1; });
}

void SocketRecorder::write_again() {
    for (auto& [cookie, entry] : entries_) {
        entry.changed = true;
    }
}

}  // namespace halfclosed::history
