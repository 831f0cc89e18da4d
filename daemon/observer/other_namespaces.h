#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "host/network_namespaces.h"
#include "netlink/session.h"
#include "observer/activity.h"
#include "observer/namespace_watch.h"
#include "records/namespace_id.h"
#include "records/tcp_events.h"

namespace halfclosed {

/// A network namespace of the host that is not the observer's own, and what is watched there.
struct OtherNamespace {
    OtherNamespace(const tracking::WatchedPorts& watched, const tracking::SharedBounds& bounds)
        : watch(watched, bounds) {}

    NamespaceId id{};                 ///< 0 until it was entered
    std::optional<std::string> name;  ///< of its container, its mount or its unit
    host::NetworkNamespace place;
    std::string
        trouble;  ///< why it could not be entered, or asked, the last time; empty if it could
    NamespaceWatch watch;
    std::optional<Activity> looked;   ///< read ahead of the last complete closing look
    std::optional<Activity> counted;  ///< read ahead of the last complete census
    std::optional<Sockstat> sockstat;
    /// At its first census with sockets: what came before is not ours to tell.
    TcpEventCounts events_before;
    bool tracks_connections = true;  ///< nf_conntrack had some there when it was last looked at

    bool readable() const { return trouble.empty() && id != NamespaceId{}; }
};

/// The network namespaces of the host but the calling thread's own: looks for them, and enters each for a moment. Nothing
/// here keeps one alive, so what the kernel would let go goes; a visit lasts milliseconds.
class OtherNamespaces {
 public:
    using Space = OtherNamespace;
    /// Called with each that was watched and has ended.
    using Ended = std::function<void(Space&)>;
    /// Whether one need not be entered now. Empty: each is.
    using Skip = std::function<bool(const Space&)>;

    /// Where a walk through them has come to, which may take several polls.
    class Round {
     public:
        /// Polls that the last whole round took.
        unsigned polls() const { return polls_; }
        bool complete() const { return next_ == 0; }

     private:
        friend class OtherNamespaces;
        host::NamespaceInode next_ = 0;  ///< where the next poll goes on; 0: from the start
        unsigned polls_ = 1;
        unsigned now_ = 0;
    };

    /// `bounds`: for the sockets of all of them, and of whoever shares these bounds.
    explicit OtherNamespaces(tracking::SharedBounds bounds) : bounds_(std::move(bounds)) {}

    /// Looks which are there. A new one is watched with `watched`. Throws posix::Error if there is no /proc.
    void discover(const tracking::WatchedPorts& watched, const Ended& ended);

    /// Enters one after the other and calls `look` there, until so much CPU time is spent; the next call goes on behind.
    /// What `look` throws of the kernel's edge is the trouble of that namespace alone, and goes to `failed`.
    void visit(Round& round, std::chrono::nanoseconds most_cpu,
               const std::function<void(Space&, netlink::Session&)>& look,
               const std::function<void(const std::string& reason)>& failed,
               const tracking::WatchedPorts& watched, const Ended& ended, const Skip& skip);

    std::map<host::NamespaceInode, Space>& spaces() { return spaces_; }
    const std::map<host::NamespaceInode, Space>& spaces() const { return spaces_; }

    /// How many there are.
    std::size_t known() const { return spaces_.size() + hidden_; }

    std::size_t readable() const;
    std::size_t unreadable() const { return spaces_.size() - readable() + hidden_; }

    /// Why one of them is not readable; empty if nothing is known of it.
    std::string trouble() const;

    /// Whether one could not be found again where it was: it is time to discover().
    bool stale() const { return stale_; }

    std::uint64_t foreign_datagrams() const { return session_ ? session_->foreign_datagrams() : 0; }

 private:
    void enter(Space& space, host::NamespaceInode inode,
               const std::function<void(Space&, netlink::Session&)>& look,
               const tracking::WatchedPorts& watched, const Ended& ended);

    tracking::SharedBounds bounds_;
    std::map<host::NamespaceInode, Space> spaces_;
    std::size_t hidden_ = 0;  ///< that only processes have which may not be looked at
    bool stale_ = false;
    std::optional<netlink::Session> session_;  ///< without a netlink socket between two visits
};

}  // namespace halfclosed
