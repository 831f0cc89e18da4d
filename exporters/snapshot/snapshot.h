#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/addresses.h"
#include "exporters/snapshot/duration_exemplars.h"
#include "exporters/snapshot/unaccounted.h"
#include "records/connection_ends.h"
#include "records/descriptor_use.h"
#include "records/owner.h"
#include "records/process_metrics.h"
#include "records/sockstat.h"
#include "records/tcp_events.h"
#include "records/tcp_sysctls.h"
#include "tracking/census.h"
#include "tracking/changes.h"
#include "tracking/conservation.h"
#include "tracking/dead_sockets.h"
#include "tracking/event_counters.h"
#include "tracking/reconciliation.h"
#include "tracking/socket_counts.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::exporters {

/// What the kernel says of itself. Each is absent if it could not be read this time.
struct KernelFacts {
    std::optional<Sockstat> sockstat;
    std::optional<TcpEventCounts> events;
    TcpSysctls sysctls;

    bool operator==(const KernelFacts&) const = default;
};

/// What one census brought: a dump of every socket.
struct Census {
    tracking::SocketCounts socket_counts;              ///< all states of the watched ports
    std::vector<tracking::AcceptQueue> accept_queues;  ///< by label
    tracking::HalfClosedCounts unwatched;              ///< half-closed, on other ports
    std::optional<tracking::Reconciliation>
        reconciliation;                               ///< nothing if sockstat could not be read
    std::optional<tracking::Conserved> conservation;  ///< nothing where the kernel does not count

    bool operator==(const Census&) const = default;
};

/// How one of our own readers is doing.
struct CollectorHealth {
    std::string name;  ///< closing, census, sockstat, …
    bool success = false;
    bool allowed =
        true;  ///< false if the service was never given what it needs; `success` is false then
    std::chrono::nanoseconds duration{0};         ///< of the last run, wall clock
    std::chrono::nanoseconds interval{0};         ///< in force now
    std::chrono::nanoseconds wanted_interval{0};  ///< asked for
    std::optional<WallTime> last_success;

    bool operator==(const CollectorHealth&) const = default;
};

struct ScenarioRuns {
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    std::optional<WallTime> last_run;

    bool operator==(const ScenarioRuns&) const = default;
};

/// The scenario that the daemon runs by itself now and then.
struct SelfTest {
    std::chrono::nanoseconds interval{0};  ///< 0: none
    std::optional<WallTime> last_run;

    bool operator==(const SelfTest&) const = default;
};

/// CPU time of this process by what it was for. All but `scrape` keeps to the CPU share together.
struct CpuTimes {
    std::chrono::nanoseconds poll{0};     ///< closing polls, with what they ask for one by one
    std::chrono::nanoseconds census{0};   ///< censuses
    std::chrono::nanoseconds owners{0};   ///< passes over /proc
    std::chrono::nanoseconds publish{0};  ///< snapshots, leaks, events, and what is kept on disk
    std::chrono::nanoseconds control{0};  ///< starting, reloads, requests over the control socket
    std::chrono::nanoseconds scrape{0};   ///< answers to HTTP requests

    bool operator==(const CpuTimes&) const = default;
};

/// Which build this is, for halfclosed_build_info and the page.
struct BuildInfo {
    std::string version;
    std::string revision;

    bool operator==(const BuildInfo&) const = default;
};

/// How the last attempt to read the configuration went.
struct ConfigReload {
    bool successful = false;  ///< the last attempt
    std::optional<WallTime> last_success;

    bool operator==(const ConfigReload&) const = default;
};

/// How the recorded history is doing.
struct HistoryHealth {
    std::uint64_t recorded = 0;  ///< sockets
    std::uint64_t left_out =
        0;  ///< that should have been recorded: above a bound, or the disk refused them
    std::uint64_t failures = 0;  ///< writes that failed
    std::uint64_t bytes = 0;     ///< on the disk

    bool operator==(const HistoryHealth&) const = default;
};

/// Whose leak it is, as a series has it.
struct LeakKey {
    std::string port_label;
    tracking::Side side = tracking::Side::server;
    std::optional<tracking::Cause> cause;  ///< nothing: a dead socket
    std::string owner;

    auto operator<=>(const LeakKey&) const = default;
};

/// How fast an owner's leaks and open descriptors grew of late; negative where they became fewer.
struct OwnerGrowth {
    std::optional<double> sockets_per_hour;
    std::optional<double> descriptors_per_hour;

    bool operator==(const OwnerGrowth&) const = default;
};

/// How much of it the metrics page shows.
enum class Detail { full, essential };

/// A network namespace whose sockets are watched.
struct Namespace {
    std::optional<std::string>
        name;                   ///< of its container, pod or machine, of its mount, or of its unit
    InterfaceNames interfaces;  ///< that its sockets are bound to

    bool operator==(const Namespace&) const = default;
};

/// The network namespaces of the host, as far as they are known.
struct Namespaces {
    bool all = false;  ///< every one is to be watched, not only the observer's own
    std::map<NamespaceId, Namespace> watched;
    NamespaceId own{};
    std::size_t unreadable = 0;  ///< to be watched, and may not be entered
    std::string trouble;         ///< why one of those may not; may be empty
    std::string
        hidden;  ///< why there may be others that nobody sees; empty if /proc lists every process
    std::optional<std::size_t>
        not_watched;  ///< others, if only our own is; nothing if nobody could look

    bool operator==(const Namespaces&) const = default;
};

/// Everything that the outside may see, at one instant. Made whole by the observer, never changed
/// afterwards, and shared between the threads as std::shared_ptr<const Snapshot>.
///
/// A part whose collector failed is absent: no answer is not an answer of zero.
struct Snapshot {
    BuildInfo build;
    std::string host;  ///< the machine's name; empty if nobody needs it
    WallTime time;
    Instant instant;  ///< the same moment on the monotonic clock: ages are against it
    std::vector<std::string> port_labels;     ///< as in tracking::WatchedPorts::labels()
    std::vector<tracking::Sides> port_sides;  ///< by label; if there are none, both
    bool every_port = false;

    std::optional<tracking::SocketCounts>
        closing;  ///< the half-closed states, from the closing poll
    std::vector<tracking::TrackedSocket> sockets;  ///< of the same poll; empty with it
    std::vector<tracking::TrackedSocket>
        left_out;  ///< by a filter; they may be other ends of `sockets`
    /// Those beyond --max-sockets: in `closing`, and not in `sockets`.
    tracking::WithoutDetail without_detail;
    std::vector<tracking::DeadSocket> dead;  ///< in no dump: their descriptors are still open
    /// By the cgroup that a socket carries; and of those sockets whose processes were looked for, by cookie, which goes
    /// before. A thousand sockets of one unit have one entry.
    std::map<std::uint64_t, Owner> cgroup_owners;
    std::map<Cookie, Owner> owners;
    /// By the name of an owner with leaks: the descriptors of its process that is nearest to its limit. Owners whose
    /// processes cannot be seen have none.
    std::map<std::string, DescriptorUse> descriptors;
    /// By the name of an owner with leaks, over an hour at most; a single look knows none.
    std::map<std::string, OwnerGrowth> growth;
    /// How the other ends see connections whose addresses are translated on the way, as far as that is known.
    std::map<Cookie, ConnectionEnds> translations;
    InterfaceNames interfaces;  ///< that `sockets` of a recording are bound to
    Namespaces namespaces;
    /// Leaks and dead sockets of the last hour, the latest first: those that are mended stay on the page, at 0.
    std::vector<LeakKey> recent_leaks;
    std::optional<Census> census;
    tracking::EventCounters counters;
    std::shared_ptr<const DurationExemplars> exemplars;  ///< of counters.durations; may be null
    KernelFacts kernel;
    bool exact = false;  ///< the kernel itself counts, with Evidence::exact
    std::uint64_t exact_misses =
        0;  ///< half-closed sockets that a census found and it did not know
    std::optional<Unaccounted> unaccounted;  ///< a single look knows none
    ProcessMetrics process;                  ///< of the observer itself
    std::vector<CollectorHealth> collectors;
    std::map<std::string, std::uint64_t> dump_failures;  ///< by netlink::Reason's name, all of them
    std::map<std::string, ScenarioRuns> scenarios;       ///< by name, all of them
    std::optional<SelfTest> self_test;                   ///< nothing without a service
    std::optional<CpuTimes> cpu;                         ///< nothing without a service
    std::optional<ConfigReload> config;                  ///< nothing if no configuration is read
    std::optional<HistoryHealth> history;                ///< nothing if none is recorded

    Detail detail = Detail::full;
    std::chrono::nanoseconds leak_after =
        std::chrono::seconds(60);  ///< CLOSE-WAIT longer than this is a leak
    /// How long after `instant` the snapshot may be shown as the present. A process that was stopped
    /// for a minute serves nothing from before as if it were now.
    std::chrono::nanoseconds fresh_for = std::chrono::seconds(30);

    /// Whether sockets of this side can bear the label.
    bool has_side(std::size_t label, tracking::Side side) const {
        return label >= port_sides.size() || port_sides[label].has(side);
    }

    bool fresh(Instant now) const { return now - instant <= fresh_for; }

    /// The names of the interfaces of the namespace that the socket is in.
    const InterfaceNames& interfaces_of(const SocketRecord& socket) const;

    /// Null if the owner is not known.
    const Owner* owner(const SocketRecord& socket) const;
    const Owner* owner_of_cgroup(std::uint64_t id) const;
};

}  // namespace halfclosed::exporters
