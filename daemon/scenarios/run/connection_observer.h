#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "records/socket_record.h"
#include "records/sockstat.h"
#include "scenarios/trace/trace.h"
#include "tracking/tracker.h"

namespace halfclosed::scenarios {

/// One complete dump of the namespace. What it shows was so at some moment between `from` and `to`.
struct Poll {
    Instant from;
    Instant to;
    std::vector<SocketRecord> sockets;
};

/// Turns dumps of the namespace into events of the trace. Pure: it is given polls and returns what is new in them.
///
///   observer.between(sockstat, now);       // what the kernel counts, read between two polls
///   events = observer.observe(poll);
///   for each of observer.missing(): ask the kernel
///   events = observer.confirm(answers, now, resets);
class ConnectionObserver {
 public:
    /// Two polls further apart than this are an ObservationGap.
    static constexpr Duration kFarApart = std::chrono::milliseconds{20};

    /// `port` is the server's; at `start` there was no connection yet.
    ConnectionObserver(std::uint16_t port, std::chrono::seconds fin_timeout, Instant start);

    std::vector<TraceEvent> observe(const Poll& poll);

    /// Sockets that the last poll lacks, to be asked for one by one: absent is not gone.
    std::vector<SocketIdentity> missing() const;

    /// The kernel's answers. `resets` is by how much EstabResets has risen since sockets were last confirmed to be
    /// gone; every socket of the namespace is known.
    std::vector<TraceEvent> confirm(std::span<const tracking::Confirmation> answers, Instant now,
                                    std::optional<std::uint64_t> resets = std::nullopt);

    /// The kernel's counts, read after the last poll and before the next.
    void between(const Sockstat& counts, Instant at);

    /// An end is known to have existed since then, for a call on it returned. If no poll ever shows it, it was over before
    /// the next.
    void existed(Side side, Instant since);

    /// The last observation of an end; nothing before it was seen.
    std::optional<StateObservation> current(Side side) const;

    /// Whether counts were compared since the last change.
    bool counts_compared() const { return compared_; }

 private:
    struct Known {
        SocketRecord record;
        std::uint64_t poll = 0;  ///< the last that had it
    };
    using SocketCounts = std::vector<std::tuple<Cookie, TcpState, tracking::Custody>>;

    void see(const SocketRecord& record, Instant seen, std::vector<TraceEvent>& events);
    void add(const StateObservation& observation, std::vector<TraceEvent>& events);
    void compare_counts(const Poll& poll, std::vector<TraceEvent>& events);
    void add_missed(const Poll& poll, std::vector<TraceEvent>& events);
    tracking::Resets accounted(std::span<const tracking::Confirmation> answers,
                               std::optional<std::uint64_t> resets) const;
    void add_state_ends(const tracking::Changes& changes, Instant at,
                        std::vector<TraceEvent>& events);

    tracking::WatchedPorts watch_;
    tracking::Tracker tracker_;
    PerSide<std::optional<Known>> known_;  ///< the socket of each end, while there is one
    PerSide<std::optional<StateObservation>> current_;
    PerSide<std::optional<Instant>> existed_since_;
    PerSide<unsigned> absent_polls_{0, 0};
    SocketCounts socket_counts_;
    std::optional<CountSample> pending_;
    std::optional<CountSample> last_sample_;
    bool compared_ = false;
    Instant latest_;      ///< the beginning of the last poll
    Instant not_before_;  ///< and of the one before it
    std::uint64_t poll_ = 0;
};

}  // namespace halfclosed::scenarios
