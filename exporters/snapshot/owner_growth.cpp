#include "exporters/snapshot/owner_growth.h"

#include <algorithm>

#include "exporters/snapshot/owner_leaks.h"

namespace halfclosed::exporters {

namespace {

double per_hour(std::uint64_t before, std::uint64_t after, Duration passed) {
    return (static_cast<double>(after) - static_cast<double>(before)) /
           std::chrono::duration<double, std::ratio<3600>>(passed).count();
}

}  // namespace

void OwnerGrowthMemory::observe(const Snapshot& snapshot) {
    const Instant now = snapshot.instant;
    std::map<std::string, Sample> latest;
    for (const OwnerLeaks& leaks : owner_leaks(snapshot)) {
        latest[leaks.owner] = {now, leaks.sockets, leaks.descriptors};
    }
    // An owner that has mended its leaks is followed on until its past is out of the window.
    for (const auto& [owner, samples] : owners_) {
        latest.try_emplace(owner, Sample{now, 0, std::nullopt});
    }
    for (auto& [owner, sample] : latest) {
        if (!owners_.contains(owner) && owners_.size() == kMostOwners) {
            continue;
        }
        std::deque<Sample>& samples = owners_[owner];
        // The latest is replaced until it is far enough from the one before.
        if (samples.size() > 1 && samples.back().time - samples[samples.size() - 2].time < kApart) {
            samples.pop_back();
        }
        samples.push_back(sample);
        while (now - samples.front().time > kWindow) {
            samples.pop_front();
        }
    }
    std::erase_if(owners_, [](const auto& owner) {
        return std::all_of(owner.second.begin(), owner.second.end(),
                           [](const Sample& sample) { return sample.sockets == 0; });
    });
}

std::map<std::string, OwnerGrowth> OwnerGrowthMemory::growth() const {
    std::map<std::string, OwnerGrowth> result;
    for (const auto& [owner, samples] : owners_) {
        const Sample& last = samples.back();
        OwnerGrowth growth;
        if (last.time - samples.front().time >= kShortest) {
            growth.sockets_per_hour =
                per_hour(samples.front().sockets, last.sockets, last.time - samples.front().time);
        }
        // Another process that is nearest to its limit now has another count: the pace is of one process.
        const auto first =
            std::find_if(samples.begin(), samples.end(), [&last](const Sample& sample) {
                return sample.descriptors && last.descriptors &&
                       sample.descriptors->pid == last.descriptors->pid;
            });
        if (first != samples.end() && last.time - first->time >= kShortest) {
            growth.descriptors_per_hour =
                per_hour(first->descriptors->used, last.descriptors->used, last.time - first->time);
        }
        if (growth.sockets_per_hour || growth.descriptors_per_hour) {
            result.emplace(owner, growth);
        }
    }
    return result;
}

}  // namespace halfclosed::exporters
