#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tracking/adoption.h"
#include "tracking/annotations.h"
#include "tracking/changes.h"
#include "tracking/counted_sockets.h"
#include "tracking/dead_sockets.h"
#include "tracking/ending.h"
#include "tracking/peer_evidence.h"
#include "tracking/socket_counts.h"
#include "tracking/state_end.h"
#include "tracking/tracked_socket.h"
#include "tracking/tracker_bounds.h"
#include "tracking/transition.h"

namespace halfclosed::tracking {

/// Follows the sockets of the watched ports from FIN to end. A machine without a clock and without
/// I/O: it is fed complete dumps and returns facts.
///
///   Changes a = tracker.observe(dump, asked);        // what the dump shows
///   for each of tracker.missing(): ask the kernel    // absent from a dump is not gone
///   Changes b = tracker.confirm(answers, now, resets);
///   for each of tracker.descriptors_to_check(): look at /proc
///   tracker.confirm_descriptors(answers, now);       // gone from the table is not closed
///
/// A socket that is not answered for before the next look, and that this one does not have either, has ended: whatever
/// comes and goes, what is left to ask for is of one look. Less is said of such an end, and it is counted.
///
/// It tells what is proven: an edge that lies on every way between two polls, an end that no other
/// fits. A socket that turns to TIME-WAIT is followed to its end, up to kMostTimeWaits of them;
/// those beyond are forgotten, and less is said. Of half-closed sockets beyond TrackerBounds::detail
/// it tells the same edges and ends, and asks nothing.
class Tracker {
 public:
    using Tell = std::function<void(const Changes&)>;

    static constexpr std::size_t kMostTimeWaits = TrackerBounds::kMostTimeWaits;

    /// `bounds` are shared with other trackers; without any it has some of its own.
    explicit Tracker(WatchedPorts watch, SharedBounds bounds = std::make_shared<TrackerBounds>());

    /// A look takes so many new sockets in detail, and as many that the look before had as new: the others wait.
    static constexpr std::size_t kMostInDetailPerLook = 1'000;

    /// One complete dump that covers at least the half-closed states of the watched ports.
    /// Duplicates and sockets of other ports are ignored. `asked` is the moment before the dump: a
    /// minisock's time runs from when the kernel told it, and counted from later it would seem to
    /// end early.
    /// `tell` is called with what it brought whenever that is much, for a look may bring a hundred thousand changes;
    /// returned is what it was not called with.
    Changes observe(std::span<const SocketRecord> dump, Instant asked, const Tell& tell = {});

    /// Sockets that the last dump should have had, and minisocks whose time is up: ask for each by
    /// its cookie. At most `most`: TIME-WAIT is left out first, then those that were half-closed for the
    /// shortest time, so that no burst takes the place of a leak.
    std::vector<SocketIdentity> missing(
        std::size_t most = std::numeric_limits<std::size_t>::max()) const;

    /// The kernel's answers, and the moment after the last of them. What was not asked for stays missing until the next
    /// look. `resets`: what its counters say about the time from before the observe()
    /// before the last one until after these answers.
    Changes confirm(std::span<const Confirmation> answers, Instant now,
                    Resets resets = Resets::not_known);

    /// Whether a socket that the last dump did not have was in CLOSE-WAIT: then it is worth knowing
    /// what the counters say.
    bool misses_close_wait() const;

    /// Full sockets whose time in their state is not known, because they were there before we
    /// looked: worth one get of tcp_info each.
    std::vector<SocketIdentity> undated() const;

    /// Sets how long the socket has been in its state; not to less than we have watched it. Unknown
    /// cookies are ignored.
    void date(Cookie cookie, const Age& age, Instant now);

    /// CLOSE-WAIT sockets of processes that are older than `age` and may still be sending: worth a
    /// get of tcp_info each, which is asked for less often the longer they have not sent. Those that
    /// were sending when last asked come first.
    std::vector<SocketIdentity> perhaps_sending(Duration age) const;

    /// What such a get said.
    void note_sending(Cookie cookie, const TcpInfo& info, Instant now);

    /// What the kernel's programs know of half-closed sockets, for the looks until the next call: since when they are in
    /// their states, and whether end-of-file was read. Nothing: there are no such programs.
    void annotate(Annotations annotations) { annotations_ = std::move(annotations); }

    /// As in Adoption.
    void set_fin_timeout(std::chrono::milliseconds timeout) { adoption_.set_fin_timeout(timeout); }
    void recall(std::span<const KnownAge> ages) { adoption_.recall(ages); }
    void remember_established(CookieSet cookies) {
        adoption_.remember_established(std::move(cookies));
    }

    /// Every half-closed socket that the last dump had, or that the kernel confirmed since, as far as it is kept in
    /// detail; in no order.
    std::vector<TrackedSocket> sockets() const;

    /// The interfaces that these and the dead ones are bound to.
    std::set<std::uint32_t> interfaces() const;

    /// Those that the last dump had beyond them. Whether one in CLOSE-WAIT sends is not known.
    WithoutDetail without_detail(Duration leak_after, Instant now) const;

    /// Those that are half-closed as far as it is known, and kept in detail.
    std::vector<SocketIdentity> half_closed() const;
    std::size_t in_detail() const { return entries_.size(); }

    /// Whether there are others beyond them, which are found by a dump alone.
    bool has_others() const { return counted_.size() + beyond_.sockets > 0; }

    /// Whether no socket is followed, in TIME-WAIT neither.
    bool empty() const { return entries_.empty() && time_waits_.empty() && !has_others(); }

    /// Whether the next look has something to ask for: a half-closed socket, or one whose time in TIME-WAIT is over.
    bool awaits_look(Instant now) const;

    /// Sockets that left CLOSE-WAIT and every dump and may have an open descriptor.
    std::vector<DescriptorQuestion> descriptors_to_check() const { return dead_.to_check(); }
    bool has_descriptors_to_check() const { return !dead_.empty(); }
    Changes confirm_descriptors(std::span<const DescriptorAnswer> answers, Instant now);
    std::vector<DeadSocket> dead_sockets() const { return dead_.dead(); }

    const WatchedPorts& watch() const { return watch_; }

    /// Who listens, as the rows of a dump that asked for LISTEN say. Before the observe() of that dump.
    void learn_listeners(std::span<const SocketRecord> dump, Instant asked);

    /// The watch that a census had of this tracker and has learnt from: who listens, who is a server, and what
    /// ports are called.
    void learn(WatchedPorts watch);

    /// What the ports are called from now on.
    void take_labels(const WatchedPorts& named);

    /// The network namespace has ended, and its sockets with it: nobody closed them. The states that they were in end
    /// in a way that is not known, and no transition is told.
    Changes abandon(Instant now);

    /// Follows the sockets of other ports from now on. Those of a port that stays are followed on; those that the next
    /// look finds on a new port are adopted without a transition, as at the first look.
    void watch_other(WatchedPorts watch);

 private:
    struct Entry {
        TrackedSocket socket;
        std::uint64_t poll = 0;         ///< the last one that had it
        Instant known_since;            ///< the first look that had it
        std::optional<Instant> missed;  ///< the look that did not have it, though it should
        bool undated = false;
        std::optional<std::uint64_t> bytes_acked;  ///< as of the last note_sending()
        Instant sending_due;                       ///< when to ask for that again
    };
    using Entries = std::unordered_map<Cookie, Entry>;

    void see(const SocketRecord& record, Changes& changes);
    void see_counted(CountedSockets::Socket& socket, const SocketRecord& record, Changes& changes);
    static SocketRecord in_full(const SocketRecord& brief, const Entry& known);
    bool takes_in_detail(std::size_t& taken);
    void count_only(const SocketRecord& record, const PortMatch& watched, Changes& changes);
    void adopt(const SocketRecord& record, const PortMatch& watched, Changes& changes);
    void update(Entry& entry, const SocketRecord& record, Changes& changes);
    void move(Entry& entry, TcpState to, Instant at, Changes& changes);
    void end(Entry& entry, Instant missed, Resets resets, std::optional<PeerProof> peer,
             Changes& changes);
    void end_by(const TrackedSocket& socket, const std::vector<Edge>& way, Evidence evidence,
                StateEnd::How how, Instant at, Changes& changes);
    PeerEvidence evidence_for(const std::vector<Cookie>& gone, Resets resets) const;
    void forget_subflow(Cookie cookie);
    void add_way(const Adoption::Adopted& adopted, Changes& changes);
    Entry* find_half_closed(Cookie cookie);
    Entry* find(Cookie cookie);
    void file(Entries::node_type node);
    void collect_overdue();
    void date_exactly(TrackedSocket& socket) const;
    void forget_surplus();
    void tell_shares();
    void end_unconfirmed(Changes& changes);
    void end_counted(Changes& changes, const Tell& tell);
    void relabel_counted();
    bool is_missing(const Entry& entry) const;

    WatchedPorts watch_;
    SharedBounds bounds_;
    Allowance::Share detail_;
    Allowance::Share time_waits_share_;
    Adoption adoption_;
    Entries entries_;     ///< half-closed
    Entries time_waits_;  ///< apart: no look asks for them, and none goes through them
    std::map<std::chrono::seconds, std::vector<Cookie>> due_;  ///< of time_waits_, by deadline
    std::vector<Cookie> overdue_;                              ///< those whose time is up
    std::size_t adopted_ = 0;                                  ///< in detail, by this look
    std::size_t promoted_ = 0;                                 ///< to detail
    CountedSockets counted_;
    WithoutDetail beyond_;  ///< those that are not even there, of the last look
    DeadSockets dead_;
    Annotations annotations_;
    std::uint64_t poll_ = 0;
    Instant look_;           ///< of the last observe()
    Instant previous_look_;  ///< of the one before
    Instant now_;            ///< of the last observe() or confirm()
};

/// Tells what there is and forgets it, if that is much.
void hand_over(Changes& changes, const Tracker::Tell& tell);

}  // namespace halfclosed::tracking
