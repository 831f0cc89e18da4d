#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tracking/age.h"
#include "tracking/cause.h"
#include "tracking/cookie_set.h"
#include "tracking/custody.h"
#include "tracking/transition.h"

namespace halfclosed::tracking {

/// A half-closed socket as it stands now.
struct TrackedSocket {
    /// As last seen. uid, inode and cgroup_id are those of the full socket, also where the minisock
    /// that is left of it no longer has them.
    SocketRecord record;
    PortMatch watched;
    Custody custody = Custody::process;
    std::optional<Cause> cause;
    Instant since;                          ///< when it came into its state, as far as known
    Age::Kind dated = Age::Kind::at_least;  ///< how well `since` is known
    Instant last_seen;

    Age age(Instant now) const { return {now - since, dated}; }
    bool operator==(const TrackedSocket&) const = default;
};

/// Since when a socket is in its state, as a program that ended knew it.
struct KnownAge {
    Cookie cookie{};
    TcpState state{};
    Instant since;
    Age::Kind dated{};

    bool operator==(const KnownAge&) const = default;
};

/// Whether a tracker follows sockets in this state: from the first FIN to the end of TIME-WAIT.
constexpr bool is_followed(TcpState state) {
    return kHalfClosedStates.contains(state) || state == TcpState::time_wait;
}

/// What one look brought.
struct Changes {
    std::vector<Transition> transitions;
    std::vector<Ending> endings;

    bool operator==(const Changes&) const = default;
};

/// What became of a socket that one dump did not have: the answer to an exact get with its cookie.
struct Confirmation {
    Cookie cookie{};
    std::optional<SocketRecord> found;  ///< nothing: it is gone
};

/// Follows the sockets of the watched ports from FIN to end. A machine without a clock and without
/// I/O: it is fed complete dumps and returns facts.
///
///   Changes a = tracker.observe(dump, asked);        // what the dump shows
///   for each of tracker.missing(): ask the kernel    // absent from a dump is not gone
///   Changes b = tracker.confirm(answers, now);
///
/// What was there before the first look is adopted without a transition: it did not happen while we
/// watched. A socket that turns to TIME-WAIT is followed to its end, up to kMostTimeWaits of them;
/// those beyond are forgotten, and less is said.
class Tracker {
 public:
    static constexpr std::size_t kMostTimeWaits = 32'768;

    /// A socket that is new after a longer pause may have been there for as long: it is dated as if
    /// it were old.
    static constexpr std::chrono::seconds kLongestPause{3};

    explicit Tracker(WatchedPorts watch) : watch_(std::move(watch)) {}

    /// One complete dump that covers at least the half-closed states of the watched ports.
    /// Duplicates and sockets of other ports are ignored. `asked` is the moment before the dump: a
    /// minisock's time runs from when the kernel told it, and counted from later it would seem to
    /// end early.
    Changes observe(std::span<const SocketRecord> dump, Instant asked);

    /// Sockets that the last dump should have had, and minisocks whose time is up: ask for each by
    /// its cookie.
    std::vector<SocketIdentity> missing() const;

    /// The kernel's answers, and the moment after the last of them. What was not asked for yet
    /// stays missing.
    Changes confirm(std::span<const Confirmation> answers, Instant now);

    /// Full sockets whose time in their state is not known, because they were there before we
    /// looked: worth one get of tcp_info each.
    std::vector<SocketIdentity> undated() const;

    /// Sets how long the socket has been in its state; not to less than we have watched it. Unknown
    /// cookies are ignored.
    void date(Cookie cookie, const Age& age, Instant now);

    /// T of FIN-WAIT-2 minisocks, net.ipv4.tcp_fin_timeout; dates those that were there before we
    /// looked.
    void set_fin_timeout(std::chrono::milliseconds timeout) { fin_timeout_ = timeout; }

    /// What an earlier run of this program knew: a socket that the first look finds in the same state has been there
    /// since then. To be called before the first observe().
    void recall(std::span<const KnownAge> ages);

    /// Sockets known to be established, in place of those known before: their edge out of
    /// ESTABLISHED will be seen, not implied. What a dump given to observe() shows in ESTABLISHED
    /// is added.
    void remember_established(CookieSet cookies) { established_ = std::move(cookies); }

    /// Every half-closed socket that the last dump had, or that the kernel confirmed since; in no
    /// order.
    std::vector<TrackedSocket> sockets() const;

    const WatchedPorts& watch() const { return watch_; }

    /// Follows the sockets of other ports from now on. Those of a port that stays are followed on; those that the next
    /// look finds on a new port are adopted without a transition, as at the first look.
    void watch_other(WatchedPorts watch);

 private:
    struct Entry {
        TrackedSocket socket;
        std::uint64_t poll = 0;  ///< the last one that had it
        bool undated = false;
    };
    using Entries = std::unordered_map<Cookie, Entry>;

    void see(const SocketRecord& record, Changes& changes);
    void adopt(Entry& entry, const SocketRecord& record, const PortMatch& watched,
               Changes& changes);
    void update(Entry& entry, const SocketRecord& record, Changes& changes);
    void move(Entry& entry, TcpState to, Instant at, Changes& changes);
    void end(Entry& entry, std::optional<CloseWaitEnd> witnessed, Changes& changes);
    void end_close_wait(const TrackedSocket& socket, std::optional<CloseWaitEnd> witnessed,
                        Changes& changes);
    void forget_surplus();
    bool is_missing(const Entry& entry) const;
    bool time_wait_could_pass(const TrackedSocket& socket) const;
    std::optional<FinWait2End> fin_wait2_end(const TrackedSocket& socket) const;
    Duration minisock_age(const SocketRecord& record) const;

    WatchedPorts watch_;
    Entries entries_;
    std::unordered_map<Cookie, KnownAge> recalled_;  ///< until the first look
    std::set<std::size_t> new_labels_;               ///< until the next look
    CookieSet established_;
    std::chrono::milliseconds fin_timeout_{60'000};
    std::uint64_t poll_ = 0;
    Instant look_;                     ///< of the last observe()
    Instant now_;                      ///< of the last observe() or confirm()
    std::optional<Instant> previous_;  ///< of the observe() before
    Instant silent_until_;  ///< what turned to TIME-WAIT until then is adopted without a transition
    std::size_t time_waits_ = 0;
};

}  // namespace halfclosed::tracking
