#pragma once

#include <functional>
#include <set>

#include "exact/bpf/layout_in_cpp.h"
#include "posix/file.h"
#include "records/exact_counts.h"

namespace halfclosed::exact {

/// What the programs in the kernel count, each processor for itself: in slots for the keys that came first, and in a hash
/// for the others. All throw posix::Error.
class Counters {
 public:
    /// The descriptors and the memory outlive it.
    Counters(exact_shared& shared, const posix::Descriptor& slots, const posix::Descriptor& hash);

    /// Calls `use(key, counters)` with the sum over all processors; more than once with a key that is in both.
    void for_each(const std::function<void(const exact_key&, const exact_counters&)>& use) const;

    /// Makes room for events of this namespace whose port has none.
    void reserve(NamespaceId space) const;

    /// For what no program counts.
    void add(const exact_key& key, const exact_counters& more) const;

    /// What was counted of these namespaces is from now on what was counted of none.
    void disown(const std::set<NamespaceId>& spaces) const;

    /// Whose values come together.
    std::size_t processors() const { return processors_; }

 private:
    exact_shared& shared_;
    int slots_;
    int hash_;
    std::size_t processors_;
};

}  // namespace halfclosed::exact
