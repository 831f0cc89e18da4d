#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "exporters/metrics/metric_families.h"
#include "exporters/metrics/metric_samples.h"
#include "exporters/snapshot/named_owners.h"
#include "exporters/snapshot/owner_leaks.h"
#include "text/time.h"

namespace halfclosed::exporters {

void add_owner_families(const Snapshot& snapshot, Families& families) {
    const NamedOwners owners(snapshot);
    std::map<std::string, Duration> oldest{{kUnknownOwner, Duration{0}}};
    for (const LeakKey& mended : snapshot.recent_leaks) {
        if (owners.contains(mended.owner)) {
            oldest.try_emplace(mended.owner, 0);
        }
    }
    // Not mended, and how old those are is not known: no answer is not 0.
    for (const auto& [leak, sockets] : snapshot.without_detail.leaks) {
        oldest.erase(owners.label(owner_label(snapshot.owner_of_cgroup(leak.cgroup_id))));
    }
    std::map<std::string, DescriptorUse> descriptors;
    for (const OwnerLeaks& leaks : owner_leaks(snapshot)) {
        const std::string label = owners.label(leaks.owner);
        Duration& age = oldest[label];
        age = std::max(age, leaks.oldest.value);
        const auto known = descriptors.find(label);
        if (leaks.descriptors &&
            (known == descriptors.end() || known->second.share() < leaks.descriptors->share())) {
            descriptors.insert_or_assign(label, *leaks.descriptors);
        }
    }
    MetricSamples ages(metric::kLeakOldestAge);
    for (const auto& [owner, age] : oldest) {
        ages.add({owner}, text::seconds(age));
    }
    MetricSamples used(metric::kOwnerDescriptors);
    MetricSamples limits(metric::kOwnerDescriptorsLimit);
    for (const auto& [owner, use] : descriptors) {
        used.add({owner}, static_cast<double>(use.used));
        limits.add({owner}, static_cast<double>(use.limit));
    }
    families.push_back(std::move(ages).take());
    families.push_back(std::move(used).take());
    families.push_back(std::move(limits).take());
}

}  // namespace halfclosed::exporters
