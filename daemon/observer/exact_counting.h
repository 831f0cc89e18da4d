#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exact/source.h"
#include "observer/exact_sockets.h"
#include "records/port_range.h"
#include "records/socket_record.h"
#include "tracking/census.h"
#include "tracking/conservation.h"
#include "tracking/cookie_set.h"
#include "tracking/exact_growth.h"

namespace halfclosed {

/// The kernel's own counts as an observer uses them: what they grew by, which sockets are half-closed, and whether both
/// agree with what a census finds. Of several network namespaces, each of which is begun and ends. Every call throws
/// posix::Error when the kernel's maps cannot be read.
class ExactCounting {
 public:
    /// What `source` watches already, because an earlier process has pinned it, ends unless it is begun.
    explicit ExactCounting(exact::Source source);

    /// Counts these ports from now on; none: every port.
    void watch(const std::vector<PortRange>& ports);

    /// Counts in this namespace from now on. `listeners`: a dump that asked for LISTEN: who listens decides the side. False
    /// if there is no room for one more.
    bool begin(NamespaceId space, std::span<const SocketRecord> listeners);

    /// Whether it was begun, and has not ended.
    bool counts(NamespaceId space) const { return spaces_.contains(space); }

    /// Nobody lives in this namespace any more. Its last connections take their steps all the same, and are counted until
    /// that has been quiet for kQuiet, or for kLongestEnd.
    void end(NamespaceId space, Instant now);
    static constexpr std::chrono::seconds kQuiet{5};
    static constexpr std::chrono::seconds kLongestEnd{60};

    /// This one alone is counted from now on.
    void end_all_but(NamespaceId space);

    /// What a later dump says of listeners.
    void learn_listeners(NamespaceId space, std::span<const SocketRecord> dump);

    /// Reads what was counted, and which sockets are half-closed. Returns what was counted since the last call.
    tracking::ExactGrowth::Steps advance(Instant now, const ExactSockets::Storm& storm);

    /// As of the last advance().
    ExactSockets& sockets() { return sockets_; }
    const ExactSockets& sockets() const { return sockets_; }

    /// What the next look at this namespace takes: of those that the last one did not find each is asked for.
    ExactSockets::Look look(NamespaceId space, Instant now) const {
        return sockets_.look(space, now, spaces_.at(space).gone);
    }

    /// A poll asked for the sockets that are half-closed and got these: one in TIME-WAIT has taken a step that some
    /// kernels do not tell; one that is gone twice in a row has taken its last one untold.
    void settle(NamespaceId space, std::span<const SocketRecord> found, Instant now);

    /// Of these sockets, each that is known: whether it is in CLOSE and a descriptor still holds it.
    std::unordered_map<Cookie, bool> held_after_close(
        const std::vector<const SocketRecord*>& sockets) const;

    /// Whether every half-closed socket of the namespace is known, as far as the last census says.
    bool knows_all(NamespaceId space) const;

    /// Whether the next poll may ask for the known sockets alone: that costs less than a walk did.
    bool may_ask_for_known(NamespaceId space) const;
    void note_walk(std::chrono::nanoseconds cpu);
    void note_gets(std::size_t known, std::chrono::nanoseconds cpu);

    /// A look at this namespace, or a census of it, is about to begin.
    void expect_look(NamespaceId space) {
        if (const auto found = spaces_.find(space); found != spaces_.end() && found->second.first) {
            source_.begin_adoption();
        }
    }

    /// A walk of the half-closed states found these. Those that the first one finds were there before the namespace was
    /// begun, and are taken in.
    void note_walked(NamespaceId space, std::span<const SocketRecord> dump,
                     const tracking::WatchedPorts& watch);

    /// A census found half-closed sockets that are not known: those that are half-closed still should be, `missed` takes
    /// them in.
    std::vector<SocketIdentity> unknown(NamespaceId space, const tracking::Census& census,
                                        const tracking::WatchedPorts& watch);
    void missed(NamespaceId space, std::span<const SocketRecord> sockets,
                const tracking::WatchedPorts& watch);

    /// What unknown() found is not held against the counts: it was no census that began with advance().
    void forget_found(NamespaceId space);

    /// After a census that began with advance(): whether steps and sockets agree, all namespaces together; nothing if
    /// there was no room for all of them.
    std::optional<tracking::Conserved> end_census();

    std::uint64_t misses() const { return misses_; }

 private:
    struct Space {
        tracking::Conservation conservation;
        std::optional<tracking::Conservation::Sockets> found;  ///< by the census under way
        std::optional<tracking::Conserved> conserved;          ///< at the last one
        tracking::CookieSet gone;  ///< at the last poll, though the table had them
        bool proven = false;       ///< no half-closed socket was found that was not known
        bool first = true;         ///< nobody has looked yet
    };
    struct End {
        Instant began;
        Instant last_step;
    };
    /// As of now, of all namespaces: in their order.
    std::vector<Cookie> known_cookies() const;
    void adopt(NamespaceId space, const SocketRecord& record, const tracking::WatchedPorts& watch);
    void adopt_first(NamespaceId space, std::span<const SocketRecord> found,
                     const tracking::WatchedPorts& watch);
    void leave(const std::set<NamespaceId>& spaces);
    void leave_quiet_ones(const tracking::ExactGrowth::Steps& steps, Instant now);

    exact::Source source_;
    std::vector<PortRange> ports_;
    std::map<NamespaceId, Space> spaces_;
    std::map<NamespaceId, End> ended_;
    ExactTotals totals_;  ///< by the last advance()
    ExactSockets sockets_;
    tracking::ExactGrowth growth_;
    static constexpr double kUsualGet = 3'000;
    std::chrono::nanoseconds walk_{0};
    double get_ = kUsualGet;  ///< nanoseconds of CPU time, smoothed
    std::uint64_t misses_ = 0;
};

}  // namespace halfclosed
