#pragma once

#include <prometheus/metric_type.h>

#include <array>
#include <string_view>

namespace halfclosed::exporters {

/// What one metric of the page is: the only place that has its name, type, labels and help text.
/// Help texts hold neither backslash nor newline, for the serializer does not escape them.
struct MetricDefinition {
    std::string_view name;
    prometheus::MetricType type;
    std::array<std::string_view, 5>
        labels;  ///< in the order of a sample's values; empty if there are fewer
    std::string_view help;

    constexpr std::size_t label_count() const {
        std::size_t count = 0;
        while (count < labels.size() && !labels[count].empty()) {
            ++count;
        }
        return count;
    }
};

namespace metric {

using enum prometheus::MetricType;

// The sockets.

inline constexpr MetricDefinition kSockets{
    "halfclosed_sockets",
    Gauge,
    {"port", "side", "state", "custody"},
    "TCP sockets of the watched ports in the watched network namespaces, by state and by who holds "
    "them. "
    "fin_wait1, fin_wait2, close_wait, last_ack and closing are as of the last closing poll, the "
    "other states as of the last census (halfclosed_collector_interval_seconds). Absent while that "
    "collector fails."};
inline constexpr MetricDefinition kSocketsWithoutDetail{
    "halfclosed_sockets_without_detail",
    Gauge,
    {},
    "Half-closed sockets of the watched ports beyond --max-sockets, as of the last closing poll: "
    "counted like all others, but neither asked for one by one nor listed; how they ended is known "
    "less often."};
inline constexpr MetricDefinition kOldestSocketAge{
    "halfclosed_oldest_socket_age_seconds",
    Gauge,
    {"port", "side", "state"},
    "How long the oldest socket has been in this half-closed state, in the watched network "
    "namespaces, as "
    "of the last closing poll; 0 where there is none. A lower bound for sockets that are older "
    "than the daemon and cannot be dated."};
inline constexpr MetricDefinition kLeakedSockets{
    "halfclosed_close_wait_leaked_sockets",
    Gauge,
    {"port", "side", "cause", "owner"},
    "Sockets that have been in CLOSE-WAIT for longer than --leak-after without sending anything, "
    "in the watched network namespaces, as of the last closing poll, by what the application has "
    "not done and by owner: its unit, within the container, machine or user that it runs in, else "
    "unknown. At most 20 owners are named, the others are other."};
inline constexpr MetricDefinition kDeadSockets{
    "halfclosed_dead_sockets",
    Gauge,
    {"port", "side", "owner"},
    "Descriptors that are still open although their socket left CLOSE-WAIT, by a reset or by "
    "shutdown(), and is in no table of the kernel's any more: leaks that go on. As of the last "
    "closing poll, by owner as in halfclosed_close_wait_leaked_sockets. Only those whose holder "
    "was "
    "known or may be looked up (/proc/PID/fd)."};
inline constexpr MetricDefinition kLeakOldestAge{
    "halfclosed_leak_oldest_age_seconds",
    Gauge,
    {"owner"},
    "How long an owner's oldest leak has lasted, in CLOSE-WAIT or dead, as of the last closing "
    "poll; 0 where it has none any more. By owner as in halfclosed_close_wait_leaked_sockets."};
inline constexpr MetricDefinition kOwnerDescriptors{
    "halfclosed_owner_descriptors",
    Gauge,
    {"owner"},
    "File descriptors that are open in that process of an owner with leaks that is nearest to its "
    "limit. By owner as in halfclosed_close_wait_leaked_sockets; absent where its processes cannot "
    "be seen."};
inline constexpr MetricDefinition kOwnerDescriptorsLimit{
    "halfclosed_owner_descriptors_limit",
    Gauge,
    {"owner"},
    "How many file descriptors that process may have: the soft limit RLIMIT_NOFILE."};
inline constexpr MetricDefinition kAcceptQueueSockets{
    "halfclosed_accept_queue_sockets",
    Gauge,
    {"port"},
    "Connections that wait for accept() at the listening sockets of a watched port in the watched "
    "network namespaces, as of the last census. Connections that were reset while they waited "
    "count too."};
inline constexpr MetricDefinition kAcceptQueueLimit{
    "halfclosed_accept_queue_limit_sockets",
    Gauge,
    {"port"},
    "How many connections may wait there: the sum of the listeners' backlogs, as of the last "
    "census; 0 where nothing listens."};

inline constexpr MetricDefinition kAcceptQueueFullest{
    "halfclosed_accept_queue_fullest_ratio",
    Gauge,
    {"port"},
    "How full the fullest accept queue of the port's listening sockets is, as of the last census: "
    "1 where the kernel takes no more connections (one more than the backlog), 0 where none "
    "waits or nothing listens. A sum hides the one worker that is stuck."};
inline constexpr MetricDefinition kUnwatchedSockets{
    "halfclosed_unwatched_sockets",
    Gauge,
    {"state"},
    "Half-closed sockets on ports that are not watched, in the watched network namespaces, as of "
    "the last "
    "census: what --port all would show."};

// What happened to them.

inline constexpr MetricDefinition kTransitions{
    "halfclosed_transitions_total",
    Counter,
    {"port", "side", "from", "to", "evidence"},
    "Steps of watched sockets from state to state since the daemon started, in the watched "
    "network namespaces. seen: one poll saw the state before and a later one the state after; "
    "implied: the "
    "step lies on every path between what was seen; exact: the kernel counted it when it happened, "
    "and polls count none of TCP then (halfclosed_exact)."};
inline constexpr MetricDefinition kExact{
    "halfclosed_exact",
    Gauge,
    {},
    "Whether programs in the kernel count the steps and resets of TCP sockets (--exact): 1, or 0 "
    "where polls alone tell."};
inline constexpr MetricDefinition kExactMisses{
    "halfclosed_exact_misses_total",
    Counter,
    {},
    "Half-closed sockets that a census found and the programs in the kernel did not know: each "
    "should have been known, and polls walk the whole table until a census finds none."};
inline constexpr MetricDefinition kResets{
    "halfclosed_resets_total",
    Counter,
    {"port", "side", "direction", "reason"},
    "Resets of connections of the watched ports, in this network namespace, since the daemon "
    "started: sent by this host, and why as the kernel says (enum sk_rst_reason), or received. "
    "Only where the kernel counts (halfclosed_exact)."};
inline constexpr MetricDefinition kStateDuration{
    "halfclosed_state_duration_seconds",
    Histogram,
    {"port", "side", "state"},
    "How long watched sockets stayed in a state, of those that left it since the daemon started, "
    "whichever way, and whose arrival is known. Accurate to the closing poll's interval."};
inline constexpr MetricDefinition kFinWait2Ended{
    "halfclosed_fin_wait2_ended_total",
    Counter,
    {"port", "side", "how"},
    "Watched sockets that left FIN-WAIT-2 since the daemon started: the peer closed, "
    "tcp_fin_timeout expired, or the socket was killed before (a reset, late data, SOCK_DESTROY). "
    "unknown where two looks at the kernel's tables do not tell."};
inline constexpr MetricDefinition kCloseWaitEnded{
    "halfclosed_close_wait_ended_total",
    Counter,
    {"port", "side", "how"},
    "Watched sockets that left CLOSE-WAIT since the daemon "
    "started: closed with a FIN of their own, or aborted by "
    "a reset. unknown where nothing proves which."};

inline constexpr MetricDefinition kUnconfirmedEnds{
    "halfclosed_unconfirmed_ends_total",
    Counter,
    {},
    "Watched sockets that two polls in a row did not have and that were too many to be asked for "
    "one by one, since the daemon started: less is known of how they ended."};

// What the kernel says.

inline constexpr MetricDefinition kSockstat{
    "halfclosed_sockstat",
    Gauge,
    {"field"},
    "The kernel's own counts in /proc/net/sockstat and sockstat6, as of the sockstat collector's "
    "last run. inuse, inuse6 and tw are of the watched network namespaces; orphan, alloc and "
    "mem_pages of "
    "the whole "
    "system."};
inline constexpr MetricDefinition kReconciliationCounted{
    "halfclosed_reconciliation_counted",
    Gauge,
    {"field"},
    "What the last census counted by the kernel's rules, of all ports of the watched network "
    "namespaces: "
    "to be compared with halfclosed_sockstat. orphan is a lower bound unless every one is watched, "
    "for the kernel's count is "
    "system-wide. conservation: half-closed and TIME-WAIT sockets of the watched ports, to be "
    "compared with halfclosed_reconciliation_expected."};
inline constexpr MetricDefinition kReconciliationExpected{
    "halfclosed_reconciliation_expected",
    Gauge,
    {"field"},
    "What halfclosed_reconciliation_counted should be. conservation: the half-closed and TIME-WAIT "
    "sockets of the watched ports that must be there, by the steps that the kernel counted since "
    "the daemon's first census."};
inline constexpr MetricDefinition kReconciliationAgrees{
    "halfclosed_reconciliation_agrees",
    Gauge,
    {"field"},
    "1 while our count agrees with the kernel's, 0 after three censuses in a row in which it lay "
    "outside what the kernel said before and after and what its counters say came in between. "
    "conservation: of every port, side and state, what came less what left is what is there. "
    "Absent while there is nothing to compare."};
inline constexpr MetricDefinition kKernelLimit{
    "halfclosed_kernel_limit",
    Gauge,
    {"limit"},
    "The sysctl net.ipv4.tcp_max_orphans (system-wide) and net.ipv4.tcp_max_tw_buckets (of this "
    "network namespace), in sockets. Absent where it cannot be read."};
inline constexpr MetricDefinition kKernelFinTimeout{
    "halfclosed_kernel_fin_timeout_seconds",
    Gauge,
    {},
    "The sysctl net.ipv4.tcp_fin_timeout of this network namespace: how long the kernel keeps a "
    "closed socket in FIN-WAIT-2."};
inline constexpr MetricDefinition kKernelEvents{
    "halfclosed_kernel_events_total",
    Counter,
    {"event"},
    "Counters of the kernel for the watched network namespaces, of all ports, since the daemon's "
    "own was made and "
    "the others are watched: from /proc/net/netstat and /proc/net/snmp, under the kernel's names."};

// The lab.

inline constexpr MetricDefinition kScenarioRuns{
    "halfclosed_scenario_runs_total",
    Counter,
    {"scenario", "result"},
    "Runs of the lab's scenarios by this daemon since it started, by verdict."};
inline constexpr MetricDefinition kScenarioLastRun{
    "halfclosed_scenario_last_run_timestamp_seconds",
    Gauge,
    {"scenario"},
    "Unix time at which the last run of the scenario ended; 0 where this daemon has run none."};

inline constexpr MetricDefinition kSelfTestInterval{
    "halfclosed_self_test_interval_seconds",
    Gauge,
    {},
    "Time between two self-tests that was asked for (--self-test-interval); 0: none."};
inline constexpr MetricDefinition kSelfTestLastRun{
    "halfclosed_self_test_last_run_timestamp_seconds",
    Gauge,
    {},
    "Unix time at which the last self-test of this daemon ended; 0 where there was none."};

}  // namespace metric

}  // namespace halfclosed::exporters
