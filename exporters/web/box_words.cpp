#include "exporters/web/box_words.h"

#include <algorithm>
#include <optional>

#include "text/time.h"

namespace halfclosed::exporters {

namespace {

const char* short_name(tracking::Custody custody) {
    switch (custody) {
        case tracking::Custody::process:
            return "held";
        case tracking::Custody::accept_queue:
            return "queued";
        case tracking::Custody::orphan:
            return "orphan";
        case tracking::Custody::timewait:
            return "minisock";
        case tracking::Custody::handshake:
            return "handshake";
    }
    return "?";
}

/// Of all labels and both sides.
std::uint64_t count_of(const Snapshot& snapshot, TcpState state, tracking::Custody custody) {
    const tracking::SocketCounts& counts =
        kHalfClosedStates.contains(state) ? *snapshot.closing : snapshot.census->socket_counts;
    std::uint64_t count = 0;
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const tracking::Side side : tracking::kSides) {
            count += counts.count(label, side, state, custody);
        }
    }
    return count;
}

}  // namespace

int width_of(const std::string& text) {
    constexpr int kOfCharacter = 7;
    return static_cast<int>(text.size()) * kOfCharacter;
}

std::string short_number(std::uint64_t count) {
    constexpr std::uint64_t kThousand = 1'000;
    constexpr std::uint64_t kMillion = 1'000'000;
    if (count < 10 * kThousand) {
        return std::to_string(count);
    }
    return count < 10 * kMillion - kThousand / 2
               ? std::to_string((count + kThousand / 2) / kThousand) + "k"
               : std::to_string((count + kMillion / 2) / kMillion) + "M";
}

std::string custody_text(const Snapshot& snapshot, TcpState state, int room) {
    std::string text;
    std::string first;
    std::uint64_t others = 0;
    for (const tracking::Custody custody : tracking::kCustodies) {
        const std::uint64_t count = count_of(snapshot, state, custody);
        if (count > 0) {
            const std::string part = short_number(count) + " " + short_name(custody);
            others += first.empty() ? 0 : count;
            first = first.empty() ? part : first;
            text += (text.empty() ? "" : ", ") + part;
        }
    }
    return width_of(text) > room && others > 0 ? first + ", " + short_number(others) + " other"
                                               : text;
}

Times times_text(const Snapshot& snapshot, TcpState state) {
    std::optional<Duration> oldest;
    std::optional<Duration> most_left;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (socket.record.state != state) {
            continue;
        }
        oldest = std::max(oldest.value_or(Duration{0}), socket.age(snapshot.instant).value);
        if (state == TcpState::fin_wait2 && socket.custody == tracking::Custody::timewait) {
            const Duration left = std::max(deadline(socket) - snapshot.instant, Duration{0});
            most_left = std::max(most_left.value_or(Duration{0}), left);
        }
    }
    return {oldest ? "oldest " + text::duration_text(*oldest) : "",
            most_left ? "≤ " + text::duration_text(*most_left) + " left" : ""};
}

}  // namespace halfclosed::exporters
