#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>

#include "host/cgroup_tree.h"
#include "host/owner.h"

namespace halfclosed::host {

/// Who owns the cgroups that sockets carry. Costs the kernel's file handle of each new cgroup, some
/// 10 µs; without CAP_DAC_READ_SEARCH a walk of the tree for all new ones together, which is not
/// repeated before it is paid for. An answer is kept as long as it is asked for: a cgroup never
/// changes its path, and one that was removed under a socket that is still there keeps its name.
class Owners {
 public:
    /// At most so many cgroups are kept; those beyond stay unknown.
    static constexpr std::size_t kMost = 4096;
    /// A walk reads at most so many directories.
    static constexpr std::size_t kMostDirectories = 16'384;
    /// The share of one CPU that walks may take.
    static constexpr int kWalkPauseFactor = 50;

    explicit Owners(CgroupTree tree = CgroupTree()) : tree_(std::move(tree)) {}

    /// From now on answers for these ids, of more than kMost the first ones, and forgets all others. `now` is the boot
    /// clock's. Throws Error.
    void look_up(std::span<const CgroupId> ids, std::chrono::nanoseconds now);

    /// The owner; null when its cgroup is gone, was not looked up, or cannot be known yet.
    const Owner* find(CgroupId id) const;

    /// Ids of the last look_up() that have no answer yet, neither an owner nor "gone": a walk that
    /// is not due again, or more cgroups than are kept or read.
    std::size_t unresolved() const { return unresolved_; }

    /// Ids of the last look_up() that are outside of what is mounted here, if they are anywhere: not known.
    std::size_t not_visible() const;

    /// Whether every cgroup of the host can be seen from here.
    bool sees_all() const { return tree_.whole(); }

    /// Whether the cgroups are found by walks, for want of CAP_DAC_READ_SEARCH.
    bool walks() const { return walks_; }

 private:
    struct Answer {
        std::optional<Owner> owner;  ///< nothing: gone, or not visible
        bool visible = true;
    };
    using Answers = std::map<CgroupId, Answer>;

    void ask_by_handle(std::set<CgroupId>& unknown, Answers& answers);
    void ask_by_walk(std::set<CgroupId>& unknown, Answers& answers, std::chrono::nanoseconds now);

    CgroupTree tree_;
    Answers answers_;
    std::size_t unresolved_ = 0;
    bool walks_ = false;
    std::chrono::nanoseconds next_walk_{0};
};

}  // namespace halfclosed::host
