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

/// One complete dump of the namespace. What it shows was so at some moment between the two.
struct Look {
    Instant from;
    Instant to;
    std::vector<SocketRecord> sockets;
};

/// Turns what the kernel says into facts of the trace. Pure: it is fed looks and returns what is
/// new in them.
///
///   observer.between(sockstat, now);       // what the kernel counts, read between two looks
///   facts = observer.observe(look);
///   for each of observer.missing(): ask the kernel
///   facts = observer.confirm(answers, now, resets);
class Observer {
 public:
    /// Two looks further apart than this are a blind span.
    static constexpr Duration kFarApart = std::chrono::milliseconds{20};

    /// `port` is the server's; `start` is when there was nothing to be seen yet.
    Observer(std::uint16_t port, std::chrono::seconds fin_timeout, Instant start);

    std::vector<TraceEvent> observe(const Look& look);

    /// Sockets that the last look should have had: absent is not gone.
    std::vector<SocketIdentity> missing() const;

    /// The kernel's answers. `resets` is by how much EstabResets has risen since sockets were last confirmed to be
    /// gone; every socket of the namespace is known.
    std::vector<TraceEvent> confirm(std::span<const tracking::Confirmation> answers, Instant now,
                                    std::optional<std::uint64_t> resets = std::nullopt);

    /// The kernel's counts, read after the last look and before the next.
    void between(const Sockstat& counts, Instant at);

    /// An end is known to have existed since then, for a call on it returned. Where no look ever
    /// shows it, it was over before the next.
    void existed(Side side, Instant since);

    /// The state an end was last seen in, and since when; nothing before it was seen.
    std::optional<StateObservation> standing(Side side) const;

    /// Whether counts were compared since the last change: the trace is at rest.
    bool at_rest() const { return compared_; }

 private:
    struct Known {
        SocketRecord record;
        std::uint64_t look = 0;  ///< the last that had it
    };
    using SocketCounts = std::vector<std::tuple<Cookie, TcpState, tracking::Custody>>;

    void see(const SocketRecord& record, Instant seen, std::vector<TraceEvent>& facts);
    void sight(const StateObservation& observation, std::vector<TraceEvent>& facts);
    void compare_counts(const Look& look, std::vector<TraceEvent>& facts);
    void see_over(const Look& look, std::vector<TraceEvent>& facts);
    tracking::Resets accounted(std::span<const tracking::Confirmation> answers,
                               std::optional<std::uint64_t> resets) const;
    void tell_endings(const tracking::Changes& changes, Instant at, std::vector<TraceEvent>& facts);

    tracking::WatchedPorts watch_;
    tracking::Tracker tracker_;
    PerSide<std::optional<Known>> known_;  ///< the socket of each end, while there is one
    PerSide<std::optional<StateObservation>> standing_;
    PerSide<std::optional<Instant>> existed_since_;
    PerSide<unsigned> absent_looks_{0, 0};
    SocketCounts socket_counts_;
    std::optional<CountSample> pending_;
    std::optional<CountSample> told_;
    bool compared_ = false;
    Instant latest_;      ///< the beginning of the last look
    Instant not_before_;  ///< and of the one before it
    std::uint64_t look_ = 0;
};

}  // namespace halfclosed::scenarios
