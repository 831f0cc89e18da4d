#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "host/netstat.h"
#include "host/process_view.h"
#include "netlink/session.h"
#include "observer/address_translations.h"
#include "observer/collector.h"
#include "observer/exact_counting.h"
#include "observer/namespace_watch.h"
#include "observer/other_namespaces.h"
#include "observer/owner_descriptors.h"
#include "observer/socket_owners.h"
#include "records/port_range.h"
#include "tracking/event_counters.h"
#include "tracking/system_reconciliation.h"

namespace halfclosed {

/// Looks at the kernel in two tiers, feeds the trackers, and makes a snapshot of all of it.
///
/// The closing poll asks for the half-closed states of the watched ports. The census asks for everything: the other
/// states of those ports, and the unfiltered counts that can be held against sockstat. Each network namespace has a
/// NamespaceWatch: the calling thread's own, and with all_namespaces every other of the host.
class Observer {
 public:
    enum class Processes {
        none,
        of_leaks,  ///< of sockets that have been in CLOSE-WAIT for some seconds, before they are leaks
        of_all,
    };
    struct Settings {
        exporters::BuildInfo build;
        std::vector<PortRange> ports;
        /// Whether every network namespace of the host is watched. Else the others are counted only.
        bool all_namespaces = false;
        std::chrono::nanoseconds interval = std::chrono::seconds{1};
        std::chrono::nanoseconds census_interval = std::chrono::seconds{15};
        /// Of one core, for everything that looks bring about: an eighth at most for the census, a quarter for passes
        /// over /proc, what they leave for the closing poll. Infinite: no bound.
        double cpu_share = 0.02;
        /// CPU time that one poll may spend in other namespaces; what is left of them is asked in the next polls.
        std::chrono::nanoseconds slice = std::chrono::milliseconds{100};
        std::chrono::nanoseconds leak_after = std::chrono::seconds{60};
        Processes processes = Processes::none;  ///< whose to look for in /proc
        /// Exact gets that one look may make, 10 to 20 µs each: what is left is asked for in the next one. A command
        /// that a person waits for has no next one.
        std::size_t most_gets = 1'000;
        /// Half-closed sockets that are kept in detail, of all namespaces together; those beyond are counted.
        std::size_t max_sockets = std::numeric_limits<std::size_t>::max();
        bool log = false;  ///< tell the log when a collector fails, and when it works again
        bool see_established =
            false;  ///< ask the closing poll for ESTABLISHED too: costs more, and sees more edges

        /// For a command that a person waits for: nothing is left for a next poll.
        void answer_at_once();
    };
    using ChangesSink = std::function<void(const tracking::Changes&, WallTime)>;

    explicit Observer(const Settings& settings);

    /// Called with what each look brought, unless that is nothing.
    void on_changes(ChangesSink sink) { sink_ = std::move(sink); }

    /// Lets the kernel itself count, from now on, as long as it can be read; polls follow the sockets as before, and
    /// count what it does not. Before the first look.
    void count_exactly(exact::Source source);

    /// Tells the trackers what an earlier run knew. Before the first look.
    void recall(std::span<const tracking::KnownAge> ages) {
        recalled_.assign(ages.begin(), ages.end());
        own_.tracker().recall(ages);
    }

    /// Other ports, paces and thresholds from now on. What still is watched is followed on, and its counters go on.
    void reconfigure(const Settings& settings);

    /// The closing poll, the small files of /proc beside it, and whose the sockets are.
    void poll();
    void take_census();

    /// CPU time that was spent on what the last poll brought, published and kept, or on anything else than to observe: it
    /// counts to the poll's share.
    void charge(std::chrono::nanoseconds cpu) { closing_.charge(cpu); }

    /// CPU time since the start, as far as it is the observer's.
    struct Cpu {
        std::chrono::nanoseconds poll{0};
        std::chrono::nanoseconds census{0};
        std::chrono::nanoseconds owners{0};

        std::chrono::nanoseconds total() const { return poll + census + owners; }
    };
    const Cpu& cpu() const { return cpu_; }

    /// What the last looks brought, as a whole. The sockets are handed over, not copied: once after a look.
    exporters::Snapshot take_snapshot();

    /// What the snapshot's ports are called.
    const tracking::WatchedPorts& watched_ports() const { return labels_; }

    /// Whether both tiers have had a complete look.
    bool complete() const;

    /// Whether this kernel told of MPTCP at the last look.
    bool has_mptcp() const { return session_ && session_->has_mptcp(); }

    const Collector& closing() const { return closing_; }
    const Collector& census() const { return census_; }
    const Collector& processes() const { return socket_owners_.processes(); }
    std::vector<const Collector*> kernel_files() const { return {&sockstat_, &events_, &sysctls_}; }

    /// The tallies of the last census lie within sockstat's bracket in every field.
    bool reconciled() const;

 private:
    using Space = OtherNamespaces::Space;

    netlink::Session& session();
    void share_out();
    void watch_exactly();
    void stop_exact(const std::string& why);
    void with_exact(const std::function<void(ExactCounting&)>& use);
    void begin_exact(netlink::Session* session, NamespaceId space, tracking::Tracker& tracker);
    bool counts_exactly(NamespaceId space) const;
    const TellChanges& teller(NamespaceId space) const;
    ExactSockets::Storm storm() const;
    void read_exact();
    LookTools exact_tools(netlink::Session& session, NamespaceId space, tracking::Tracker& tracker);
    bool asks_for_known(NamespaceId space) const;
    bool passes_over(const Space& space) const;
    bool may_have_minisocks(NamespaceId space) const;
    void dump_closing(netlink::Session& session, NamespaceId space, tracking::Tracker& tracker,
                      const netlink::Query& query);
    std::vector<tracking::DescriptorAnswer> ask_exact(
        const std::vector<tracking::DescriptorQuestion>& questions,
        std::vector<tracking::DescriptorQuestion>& others);
    void prove_exact(netlink::Session& session, NamespaceId space, NamespaceWatch& watch);
    LookTools tools(netlink::Session& session, NamespaceId space);
    void discover();
    void forget(Space& space);
    void visit_others(OtherNamespaces::Round& round,
                      void (Observer::*look)(Space&, netlink::Session&),
                      const OtherNamespaces::Skip& skip = {});
    void look_at_known();
    void walk_others();
    void look_at(Space& space, netlink::Session& session);
    void count(Space& space, netlink::Session& session);
    void count_all(Space& space, netlink::Session& session, const Activity& activity);
    void look_at_own();
    void count_own();
    void count_ports();
    void choose_labels(NamespaceWatch& counted, const tracking::PortCounts& before);
    void read_kernel_files();
    void read_sysctls();
    void add_other_counts();
    const TcpEventCounts& other_events();
    void sum_census();
    tracking::Reconciliation reconciliation();
    std::vector<const NamespaceWatch*> watches() const;
    bool has_descriptors_to_check() const;
    std::vector<tracking::DescriptorQuestion> descriptors_to_check() const;
    void check_descriptors();
    std::vector<const tracking::TrackedSocket*> held_sockets(Duration longer_than) const;
    void note(const tracking::Changes& changes, bool exact);
    void take_labels();
    void refresh();
    void attribute();
    AddressTranslations::Bounds translation_bounds() const;
    void translate();
    exporters::Namespaces namespaces() const;

    Settings settings_;
    std::optional<netlink::Session> session_;          ///< of our own namespace, by session()
    std::optional<ExactCounting> exact_;               ///< while the kernel itself counts
    std::optional<tracking::Conserved> conservation_;  ///< of the last census, where it does
    bool told_no_room_ = false;                        ///< for the counts of one more namespace
    tracking::WatchedPorts labels_;  ///< what the ports are called in every namespace
    tracking::SharedBounds bounds_ = std::make_shared<tracking::TrackerBounds>();
    NamespaceWatch own_;
    OtherNamespaces others_;
    OtherNamespaces::Round known_round_;  ///< of those that are asked for what is known
    OtherNamespaces::Round walk_round_;   ///< of all others
    OtherNamespaces::Round census_round_;
    tracking::PortCounts port_counts_;  ///< of all namespaces, during a census
    AddressTranslations translations_;
    tracking::SystemReconciler system_;
    bool whole_round_ = false;             ///< the last census of all namespaces is over
    tracking::Reconciliation reconciled_;  ///< by it
    TcpEventCounts ended_events_;          ///< of namespaces that have ended
    std::optional<TcpEventCounts>
        other_events_;  ///< by other_events(), until one of its parts changes
    std::optional<host::TcpReading> own_tcp_;   ///< of our own namespace, ahead of the looks
    std::vector<tracking::KnownAge> recalled_;  ///< until every namespace had a look
    host::ProcessView view_;  ///< a namespace has to have a process that is seen, or a mount
    DumpFailures failures_;
    Collector closing_;
    Collector walks_;  ///< closing looks at other namespaces that may walk the kernel's table
    Collector census_;
    Collector sockstat_;
    Collector events_;
    Collector sysctls_;
    Collector namespaces_;
    SocketOwners socket_owners_;
    OwnerDescriptors owner_descriptors_;
    Cpu cpu_;
    exporters::Snapshot working_;  ///< but for what take_snapshot() adds
    ChangesSink sink_;
    const TellChanges tell_ = [this](const tracking::Changes& changes) {
        note(changes, working_.exact);
    };
    const TellChanges tell_of_polls_ = [this](const tracking::Changes& changes) {
        note(changes, false);
    };
    std::vector<SocketRecord> dump_;  ///< of the last closing look at a namespace
    unsigned turn_ = 0;  ///< which of the old sockets a poll asks for (ExactSockets::Storm)
    Instant discover_due_{};
    Instant walks_due_{};
    Instant sysctls_due_{};    ///< they change by hand, and seldom
    bool walked_all_ = false;  ///< the first round of walk_round_ is over
};

}  // namespace halfclosed
