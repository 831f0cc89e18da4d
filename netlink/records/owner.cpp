#include "records/owner.h"

namespace halfclosed::exporters {

std::string owner_label(const Owner* owner) {
    if (owner == nullptr) {
        return kUnknownOwner;
    }
    for (const std::optional<std::string>& known : {owner->unit, owner->container}) {
        if (known && !known->empty()) {
            return *known;
        }
    }
    if (!owner->cgroup) {
        return kUnknownOwner;
    }
    // rfind() of nothing is npos, and npos + 1 is the start.
    const std::string leaf = owner->cgroup->substr(owner->cgroup->rfind('/') + 1);
    return leaf.empty() ? kUnknownOwner : leaf;
}

}  // namespace halfclosed::exporters
