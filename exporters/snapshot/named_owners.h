#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// The most owners that have a name of their own on a page; the others are "other".
inline constexpr std::size_t kMaxLeakOwners = 20;
inline constexpr const char* kOtherOwners = "other";

/// The owners that are named on a page: those with the most leaks, dead sockets among them.
class NamedOwners {
 public:
    explicit NamedOwners(const Snapshot& snapshot);

    bool contains(const std::string& owner) const {
        return owner == kOtherOwners || named_.contains(owner);
    }

    /// The name that an owner's series bears: its own, "unknown" or "other".
    std::string label(const std::string& owner) const {
        return owner == kUnknownOwner || named_.contains(owner) ? owner : kOtherOwners;
    }

 private:
    std::set<std::string> named_;
};

}  // namespace halfclosed::exporters
