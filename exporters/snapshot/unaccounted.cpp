#include "exporters/snapshot/unaccounted.h"

#include <algorithm>

#include "exporters/snapshot/snapshot.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

bool looks_at_descriptors(const Snapshot& snapshot) {
    return std::any_of(snapshot.collectors.begin(), snapshot.collectors.end(),
                       [](const CollectorHealth& collector) {
                           return collector.name == "processes" && collector.allowed;
                       });
}

}  // namespace

std::optional<Unaccounted> UnaccountedMemory::observe(const Snapshot& snapshot) {
    if (!snapshot.kernel.sockstat) {
        return std::nullopt;
    }
    const Sockstat& kernel = *snapshot.kernel.sockstat;
    const std::uint64_t known = kernel.inuse + kernel.inuse6.value_or(0);
    const std::uint64_t now = kernel.alloc > known ? kernel.alloc - known : 0;
    if (samples_.size() > 1 && samples_.back().time - samples_[samples_.size() - 2].time < kApart) {
        samples_.pop_back();
    }
    samples_.push_back({snapshot.instant, now});
    std::erase_if(samples_, [&snapshot](const Sample& sample) {
        return snapshot.instant - sample.time > kWindow;
    });
    const auto least =
        std::min_element(samples_.begin(), samples_.end(),
                         [](const Sample& a, const Sample& b) { return a.sockets < b.sockets; });
    return Unaccounted{now, now - least->sockets, snapshot.instant - least->time};
}

std::string unaccounted_sentence(const Snapshot& snapshot) {
    if (!snapshot.unaccounted || snapshot.unaccounted->growth < kMany ||
        looks_at_descriptors(snapshot) || snapshot.namespaces.not_watched.value_or(0) > 0) {
        return {};
    }
    const Unaccounted& sockets = *snapshot.unaccounted;
    const bool sees_namespaces = snapshot.namespaces.not_watched || snapshot.namespaces.all;
    return "The kernel has " + std::to_string(sockets.sockets) +
           " TCP sockets that are in no table here (alloc without inuse), " +
           std::to_string(sockets.growth) + " more than " + text::duration_text(sockets.over) +
           " ago: " +
           (sees_namespaces
                ? "sockets"
                : "of other network namespaces, which cannot be seen here, or sockets") +
           " that were reset may still be open descriptors, which may not be looked at here.";
}

}  // namespace halfclosed::exporters
