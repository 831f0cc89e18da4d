#include "history/leak_counts.h"

#include <algorithm>
#include <chrono>

#include "history/history_query.h"

namespace halfclosed::history {

namespace {

/// When looks of the last boot before `to` began, not before `from`; a daemon may have been started anew since.
std::optional<ObservedSpan> looked_at(const Connection& connection, WallTime from, WallTime to) {
    std::optional<ObservedSpan> all;
    const std::vector<ObservedSpan> spans = observed_spans(connection, from, to);
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        if (!all) {
            all = *span;
        } else if (span->boot == all->boot) {
            all->from = span->from;
        }
    }
    return all;
}

}  // namespace

std::optional<LeakCounts> leak_counts(
    const Connection& connection, WallTime time, std::chrono::nanoseconds span,
    const std::function<bool(std::uint16_t port, NamespaceId netns)>& wanted) {
    const auto all =
        looked_at(connection, time - std::chrono::duration_cast<WallTime::duration>(span), time);
    if (!all) {
        return std::nullopt;
    }
    LeakCounts counts;
    // `time` may lie within a span of looks; the instants of both ends tell how far.
    const Instant last = std::min(all->to.instant, all->from.instant + (time - all->from.time));
    const Instant first = std::max(all->from.instant, last - span);
    counts.between = last - first;
    counts.from =
        all->from.time + std::chrono::duration_cast<WallTime::duration>(first - all->from.instant);
    counts.to =
        all->from.time + std::chrono::duration_cast<WallTime::duration>(last - all->from.instant);
    Statement rows = connection.prepare(
        "SELECT o.name, s.port, s.netns, "
        "sum(s.leaked_ns <= ?2 AND (s.ended_ns IS NULL OR s.ended_ns > ?2)), "
        "sum(s.leaked_ns <= ?3 AND (s.ended_ns IS NULL OR s.ended_ns > ?3)) "
        "FROM sockets s JOIN owners o ON o.id = s.owner "
        "WHERE s.boot = ?1 AND s.leaked_ns IS NOT NULL AND (s.ended_ns IS NULL OR s.ended_ns > ?2) "
        "GROUP BY o.name, s.port, s.netns");
    rows.with(all->boot, nanoseconds(first), nanoseconds(last));
    while (rows.step()) {
        if (wanted(static_cast<std::uint16_t>(rows.integer(1)),
                   NamespaceId{static_cast<std::uint64_t>(rows.integer(2))})) {
            auto& [then, later] = counts.owners[rows.text(0)];
            then += static_cast<std::uint64_t>(rows.integer(3));
            later += static_cast<std::uint64_t>(rows.integer(4));
        }
    }
    return counts;
}

}  // namespace halfclosed::history
