#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "exporters/snapshot/addresses.h"
#include "netlink/session.h"
#include "observer/socket_owners.h"
#include "records/tcp_events.h"
#include "tracking/census.h"
#include "tracking/dead_sockets.h"
#include "tracking/reconciliation.h"
#include "tracking/tracker.h"

namespace halfclosed {

/// What a look brought.
using TellChanges = std::function<void(const tracking::Changes&)>;

/// What a look asks with, and how much it may ask.
struct LookTools {
    netlink::Session& session;
    const TellChanges& tell;
    std::vector<SocketRecord>& dump;  ///< what the look gets
    std::size_t most_gets = 0;        ///< exact gets of one kind that a look may make
    std::chrono::nanoseconds most_cpu_for_gets{
        0};  ///< but for some that are made whatever they cost
    Duration leak_after{};
    /// In place of a dump: puts what matches into `dump`. May be empty.
    std::function<void(const netlink::Query&)> dump_closing;
    bool see_established = false;  ///< ask the closing look for ESTABLISHED too
    /// What was read ahead of the look anyway: EstabResets; whether MPTCP was ever used, or that nothing can have become
    /// known of it since the look before.
    std::optional<std::uint64_t> estab_resets = std::nullopt;
    std::optional<bool> mptcp_was_used = std::nullopt;
    bool same_mptcp = false;
};

/// Follows the sockets of one network namespace: what is asked of the kernel there, and the tracker and the reconciler
/// that are told. Whoever calls look_at_closing(), count_all(), follow_counted() or name_interfaces() is in the
/// namespace, and so is the session.
class NamespaceWatch {
 public:
    /// `bounds`: those of all that are watched.
    NamespaceWatch(tracking::WatchedPorts watch, tracking::SharedBounds bounds)
        : tracker_(std::move(watch), std::move(bounds)) {}

    /// Asks for the half-closed states. Throws as Session::dump().
    void look_at_closing(const LookTools& tools);

    /// A census, in two parts: counts every socket and compares with sockstat; then tells the tracker what it has found.
    /// In between the labels may change. Throws as Session::dump() and host::read_sockstat().
    void count_all(const LookTools& tools);
    void follow_counted(const LookTools& tools);

    /// As look_at_closing() where nothing can have become half-closed since the last look (needs_walk()): asks for each socket
    /// that is followed, instead of walking the kernel's whole table.
    void look_again(const LookTools& tools);

    /// Between count_all() and follow_counted(): what was counted, and is going to be told.
    const tracking::Census& census() const { return *census_; }

    /// Names the interfaces that its sockets are bound to.
    void name_interfaces();

    void confirm_descriptors(std::span<const tracking::DescriptorAnswer> answers,
                             const TellChanges& tell);

    /// What the last census counted; nothing if it failed.
    struct Counted {
        tracking::CensusCounts totals;
        tracking::Reconciliation reconciliation;
        tracking::Churn churn;   ///< since the census before
        bool has_mptcp = false;  ///< sockets of MPTCP, of which the kernel counts no steps
    };
    const std::optional<Counted>& counted() const { return counted_; }

    /// As count_all() where there is nothing to count.
    void count_nothing() { counted_ = Counted{}; }

    /// What the kernel counted until the last count_all(); empty before.
    const TcpEventCounts& events() const { return events_; }

    tracking::Tracker& tracker() { return tracker_; }
    const tracking::Tracker& tracker() const { return tracker_; }

    /// The LISTEN sockets of the watched ports at the last look_at_closing() or count_all(), some thousands at most.
    const std::vector<SocketRecord>& listeners() const { return listeners_; }

    const exporters::InterfaceNames& interfaces() const { return interfaces_; }

 private:
    void keep_listener(const SocketRecord& record);
    void take(const LookTools& tools, Instant asked);
    void get_each(const LookTools& tools, std::span<const SocketIdentity> sockets,
                  bool with_tcp_info, const netlink::AnswerSink& sink);
    void settle(const LookTools& tools);
    void date_old_sockets(const LookTools& tools);
    void look_for_senders(const LookTools& tools);

    tracking::Tracker tracker_;
    tracking::Reconciler reconciler_;
    std::optional<Counted> counted_;
    std::optional<tracking::Census> census_;  ///< between count_all() and follow_counted()
    Instant census_asked_;
    std::optional<tracking::Churn> churn_;  ///< until the last census
    TcpEventCounts events_;
    std::vector<SocketRecord> listeners_;
    std::chrono::nanoseconds gets_end_{
        0};  ///< CPU time of this thread after which there are no more
    exporters::InterfaceNames interfaces_;
    /// EstabResets before the last complete dump, and before the one before; nothing if it could not be read. A dump that
    /// failed does not count: the tracker has not seen it.
    std::optional<std::uint64_t> resets_;
    std::optional<std::uint64_t> resets_before_;
    std::optional<bool> may_have_mptcp_;  ///< at the last closing look
};

}  // namespace halfclosed
