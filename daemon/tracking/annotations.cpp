#include "tracking/annotations.h"

#include <algorithm>

namespace halfclosed::tracking {

void Annotations::add(const ExactSocket& socket) {
    Entry entry{socket.identity.cookie, socket.since.value_or(Instant{}), kNotRead, socket.state};
    if (socket.end_read) {
        entry.end_read = static_cast<std::uint32_t>(end_reads_.size());
        end_reads_.push_back(*socket.end_read);
    }
    entries_.push_back(entry);
}

void Annotations::sort() {
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.cookie < b.cookie; });
}

std::optional<Annotations::Note> Annotations::find(Cookie cookie, TcpState state) const {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), cookie,
                         [](const Entry& entry, Cookie key) { return entry.cookie < key; });
    if (found == entries_.end() || found->cookie != cookie || found->state != state) {
        return std::nullopt;
    }
    Note note;
    if (found->since != Instant{}) {
        note.since = found->since;
    }
    if (found->end_read != kNotRead) {
        note.end_read = end_reads_[found->end_read];
    }
    return note;
}

}  // namespace halfclosed::tracking
