#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// What one owner leaks: what a person asks who was woken up.
struct OwnerLeaks {
    std::string owner;
    /// Where the owner is not known and each of its sockets has a process all the same: that with the most of them.
    std::optional<Process> process;
    std::size_t other_processes = 0;                  ///< beside `process`
    std::uint64_t sockets = 0;                        ///< leaked, dead ones among them
    std::uint64_t dead = 0;                           ///< reset or ended, the descriptor still open
    std::map<tracking::Cause, std::uint64_t> causes;  ///< of those in CLOSE-WAIT
    tracking::Age oldest;
    std::optional<double> growth_per_hour;  ///< of `sockets`
    std::optional<DescriptorUse> descriptors;
    std::optional<double> descriptors_per_hour;  ///< of `descriptors`
    std::optional<std::chrono::seconds>
        time_left;  ///< until its descriptors are used up, at this pace

    bool operator==(const OwnerLeaks&) const = default;
};

/// Every owner with leaks, the worst first: those that run out of descriptors within a day, soonest first, before those
/// with the most leaks.
///
/// The growth is Snapshot::growth, else leak_growth().
std::vector<OwnerLeaks> owner_leaks(const Snapshot& snapshot);

/// Whether anything in the snapshot has leaked.
bool has_leaks(const Snapshot& snapshot);

/// What the ages of the leaked sockets that are there tell of the last hour: how many an hour became leaks. A lower bound,
/// for it does not know those whose age is only known to be above a bound; nothing if they are the most, and as long as too
/// little time has passed. Where more than half became leaks within a quarter of that time, and it is over, that was a
/// burst and no pace: it is left out, and its time too.
std::optional<double> leak_growth(const std::vector<tracking::Age>& leaked,
                                  std::chrono::nanoseconds leak_after);

/// How long `use` lasts at this pace; nothing if it does not grow, or for longer than a month.
std::optional<std::chrono::seconds> time_left(const DescriptorUse& use, double per_hour);

/// "1812 of 2048".
std::string text_of(const DescriptorUse& use);

/// "+820", "-4", "+0.5": a pace an hour, without decimals from 10 on.
std::string per_hour_text(double per_hour);

/// "shop.service leaks 1800 sockets (1790 not_closed, 10 unread), the oldest 2h14m, +820 an hour; process 812 uses 1812
/// of 2048 descriptors: none left in 17m." Who has no unit is "Process 812 (shop)". Safe to print.
/// `with_pid`: not on the page, which everybody reads.
std::string leak_sentence(const OwnerLeaks& leaks, bool with_pid = true);

/// The section of the runbook on it: "closewaitleak", "deadsockets" or "descriptorsrunningout".
std::string runbook_section(const OwnerLeaks& leaks);

}  // namespace halfclosed::exporters
