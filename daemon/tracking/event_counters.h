#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tracking/changes.h"
#include "tracking/exact_growth.h"

namespace halfclosed::tracking {

/// A histogram of seconds.
struct DurationHistogram {
    static constexpr std::array<double, 11> kBounds{1,   5,   10,   30,    60,   120,
                                                    300, 900, 3600, 14400, 86400};

    std::array<std::uint64_t, kBounds.size() + 1>
        counts{};    ///< not cumulative; the last one is +Inf
    double sum = 0;  ///< seconds

    void observe(double seconds);
    std::uint64_t count() const;
    bool operator==(const DurationHistogram&) const = default;
};

/// A reset that was sent, for a reason, or one that was received: for that there is none but the peer's.
struct ResetKind {
    std::optional<ResetReason> sent;  ///< nothing: received

    /// "sent", "received", and "by_peer" for the reason of the latter.
    const char* direction() const { return sent ? "sent" : "received"; }
    const char* reason() const { return sent ? name(*sent) : "by_peer"; }

    auto operator<=>(const ResetKind&) const = default;
};

/// What has happened since the start: everything that only grows. Plain data, copied into each
/// snapshot. Every combination that can occur is there from the start.
struct EventCounters {
    using TransitionKey =
        std::tuple<std::size_t, Side, TcpState, TcpState, Evidence>;  ///< label, side, from, to
    using StateKey = std::tuple<std::size_t, Side, TcpState>;

    std::map<TransitionKey, std::uint64_t> transitions;
    std::map<StateKey, DurationHistogram> durations;  ///< of states that were left, whichever way
    std::map<std::tuple<std::size_t, Side, FinWait2End>, std::uint64_t> fin_wait2_ended;
    std::map<std::tuple<std::size_t, Side, CloseWaitEnd>, std::uint64_t> close_wait_ended;
    /// Only where the kernel itself counts.
    std::map<std::tuple<std::size_t, Side, ResetKind>, std::uint64_t> resets;

    std::uint64_t unconfirmed =
        0;  ///< ends of sockets that nobody asked for one by one, of all labels

    explicit EventCounters(std::size_t labels = 0);

    /// A label for each, that only these sides can bear.
    explicit EventCounters(const std::vector<Sides>& sides, bool exact = false);

    /// The kernel itself counts from now on, or no more: what is counted of TCP then comes with add(ExactGrowth::Steps),
    /// and add(Changes) counts but what else polls bring: how long states lasted, and connections of MPTCP.
    void count_exactly(bool exact);

    void add(const Changes& changes) { add(changes, exact_); }

    /// `exact`: the kernel itself counts the TCP sockets of the namespace of which these are.
    void add(const Changes& changes, bool exact);
    void add(const ExactGrowth::Steps& steps, const WatchedPorts& watch);

    /// The same counts under other labels: those of a label that stays go with it to its new index, a new label starts
    /// from 0, and those of a label that is gone are gone.
    void relabel(const std::vector<std::string>& before, const std::vector<std::string>& after,
                 const std::vector<Sides>& sides);
    void relabel(const std::vector<std::string>& before, const std::vector<std::string>& after) {
        relabel(before, after, std::vector<Sides>(after.size()));
    }

    bool operator==(const EventCounters&) const = default;

 private:
    void add_series(std::size_t label, Side side);
    void add_exact_series(std::size_t label, Side side);

    std::vector<Sides> sides_;
    bool exact_ = false;
};

}  // namespace halfclosed::tracking
