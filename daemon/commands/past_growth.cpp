#include "commands/past_growth.h"

#include <chrono>
#include <optional>
#include <stdexcept>

#include "history/history_query.h"
#include "history/leak_counts.h"

namespace halfclosed {

namespace {

constexpr std::chrono::hours kWindow{1};

/// A pace is not told from less.
constexpr std::chrono::minutes kShortest{1};

/// A running daemon writes once a minute at least.
constexpr std::chrono::minutes kPresent{3};

std::optional<history::LeakCounts> counts_of_last_hour(const exporters::Snapshot& snapshot,
                                                       const std::string& directory,
                                                       const PastScope& scope) {
    try {
        return history::leak_counts(
            history::open_for_reading(directory), snapshot.time, kWindow,
            [&scope](std::uint16_t port, NamespaceId netns) { return scope.has(port, netns); });
    } catch (const std::runtime_error&) {  // no history that we could read
        return std::nullopt;
    }
}

}  // namespace

void add_past_growth(exporters::Snapshot& snapshot, const std::string& directory,
                     const PastScope& scope) {
    const auto counts = counts_of_last_hour(snapshot, directory, scope);
    if (!counts || counts->between < kShortest || snapshot.time - counts->to > kPresent) {
        return;
    }
    const std::chrono::duration<double, std::ratio<3600>> hours = counts->between;
    for (const auto& [owner, leaks] : counts->owners) {
        const auto& [then, later] = leaks;
        // Who had none at the start of less than an hour may have begun with a burst: the ages tell that better.
        if (then == 0 && counts->between < kWindow) {
            continue;
        }
        snapshot.growth[owner].sockets_per_hour =
            (static_cast<double>(later) - static_cast<double>(then)) / hours.count();
    }
}

}  // namespace halfclosed
