#include "exporters/snapshot/owner_leaks.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/leaks.h"
#include "text/time.h"
#include "text/utf8.h"
#include "text/words.h"

namespace halfclosed::exporters {

namespace {

using std::chrono::nanoseconds;
using tracking::Age;

constexpr std::chrono::hours kWindow{1};
constexpr double kSecondsPerHour = 3600;

/// An owner that has no descriptors left within this time comes before all that have more.
constexpr std::chrono::hours kSoon{24};

struct Gathered {
    OwnerLeaks leaks;
    std::vector<Age> ages;
    std::map<std::int32_t, std::pair<Process, std::uint64_t>> processes;  ///< the sockets of each

    void add(const Age& age, const Owner* owner) {
        ++leaks.sockets;
        ages.push_back(age);
        if (age.value > leaks.oldest.value || ages.size() == 1) {
            leaks.oldest = age;
        }
        if (owner != nullptr && owner->name == kUnknownOwner && !owner->processes.empty()) {
            const Process& process = owner->processes.front();
            ++processes.try_emplace(process.pid, process, 0).first->second.second;
        }
    }

    /// Who it is, of an owner that is not known.
    void name_process() {
        std::uint64_t held = 0;
        std::uint64_t most = 0;
        for (const auto& [pid, each] : processes) {
            const auto& [process, sockets] = each;
            held += sockets;
            if (sockets > most) {
                most = sockets;
                leaks.process = process;
            }
        }
        if (held < leaks.sockets) {
            leaks.process.reset();
        } else {
            leaks.other_processes = processes.empty() ? 0 : processes.size() - 1;
        }
    }
};

std::map<std::string, Gathered> gathered(const Snapshot& snapshot) {
    std::map<std::string, Gathered> owners;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (is_leaked(socket, snapshot)) {
            const Owner* const owner = snapshot.owner(socket.record);
            Gathered& all = owners[owner_label(owner)];
            all.add(socket.age(snapshot.instant), owner);
            if (socket.cause) {
                ++all.leaks.causes[*socket.cause];
            }
        }
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        const Owner* const owner = snapshot.owner(dead.socket.record);
        Gathered& all = owners[owner_label(owner)];
        all.add(dead.age(snapshot.instant), owner);
        ++all.leaks.dead;
    }
    return owners;
}

/// "shop.service leaks".
std::string who_leaks(const OwnerLeaks& leaks, bool with_pid) {
    if (leaks.owner != kUnknownOwner) {
        return text::printable(leaks.owner) + " leaks";
    }
    if (!leaks.process) {
        return "An unknown owner leaks";
    }
    const std::size_t others = leaks.other_processes;
    if (!with_pid) {
        return others == 0 ? "A process without a unit leaks"
                           : std::to_string(others + 1) + " processes without a unit leak";
    }
    const std::string process = "Process " + std::to_string(leaks.process->pid) + " (" +
                                text::printable(leaks.process->comm) + ")";
    return others == 0 ? process + " leaks"
                       : process + " and " + text::counted(others, "other") + " leak";
}

std::string kinds(const OwnerLeaks& leaks) {
    std::string text;
    for (const auto& [cause, count] : leaks.causes) {
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name(cause);
    }
    if (leaks.dead > 0) {
        text += (text.empty() ? "" : ", ") + std::to_string(leaks.dead) + " dead";
    }
    return text;
}

/// How many of these ages lie within a stretch of length `part`, if that is more than half of them; else 0. What may still
/// go on, in the youngest `part` above `leak_after`, is no burst.
std::size_t largest_burst(std::vector<nanoseconds> ages, nanoseconds part, nanoseconds leak_after) {
    std::sort(ages.begin(), ages.end());
    const std::size_t half = ages.size() / 2;
    std::size_t most = 0;
    for (std::size_t first = 0, end = 0; first < ages.size(); ++first) {
        while (end < ages.size() && ages[end] - ages[first] <= part) {
            ++end;
        }
        if (end - first > std::max(half, most) && ages[end - 1] > leak_after + part) {
            most = end - first;
        }
    }
    return most;
}

}  // namespace

std::vector<OwnerLeaks> owner_leaks(const Snapshot& snapshot) {
    std::vector<OwnerLeaks> result;
    for (auto& [owner, all] : gathered(snapshot)) {
        OwnerLeaks& leaks = all.leaks;
        leaks.owner = owner;
        all.name_process();
        const auto growth = snapshot.growth.find(owner);
        if (growth != snapshot.growth.end()) {
            leaks.growth_per_hour = growth->second.sockets_per_hour;
            leaks.descriptors_per_hour = growth->second.descriptors_per_hour;
        }
        if (!leaks.growth_per_hour) {
            leaks.growth_per_hour = leak_growth(all.ages, snapshot.leak_after);
        }
        if (const auto use = snapshot.descriptors.find(owner); use != snapshot.descriptors.end()) {
            leaks.descriptors = use->second;
            const auto pace =
                leaks.descriptors_per_hour ? leaks.descriptors_per_hour : leaks.growth_per_hour;
            if (pace) {
                leaks.time_left = time_left(use->second, *pace);
            }
        }
        result.push_back(std::move(leaks));
    }
    const auto rank = [](const OwnerLeaks& leaks) {
        const bool soon = leaks.time_left && *leaks.time_left <= kSoon;
        return std::tuple(!soon, soon ? *leaks.time_left : std::chrono::seconds{0}, ~leaks.sockets,
                          leaks.owner);
    };
    std::sort(result.begin(), result.end(),
              [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return result;
}

bool has_leaks(const Snapshot& snapshot) {
    return !snapshot.dead.empty() ||
           std::any_of(snapshot.sockets.begin(), snapshot.sockets.end(),
                       [&](const auto& socket) { return is_leaked(socket, snapshot); });
}

std::optional<double> leak_growth(const std::vector<Age>& leaked, nanoseconds leak_after) {
    nanoseconds oldest{0};
    std::vector<nanoseconds> recent;
    std::size_t unbounded = 0;
    for (const Age& age : leaked) {
        const auto most = age.upper_bound();
        unbounded += most ? 0 : 1;
        oldest = std::max(oldest, most.value_or(std::max<nanoseconds>(age.value, kWindow)));
        if (most && *most <= kWindow) {
            recent.push_back(*most);
        }
    }
    // Who is younger than leak_after is no leak yet: the span in which these became leaks is that much shorter.
    const nanoseconds span = std::min<nanoseconds>(oldest, kWindow) - leak_after;
    constexpr std::chrono::minutes kShortest{1};
    constexpr std::chrono::minutes kLongEnoughForAFew{10};
    constexpr std::size_t kEnough = 10;
    if (span < kShortest || (span < kLongEnoughForAFew && recent.size() < kEnough) ||
        unbounded * 2 > leaked.size()) {
        return std::nullopt;
    }
    const nanoseconds part = span / 4;
    const std::size_t burst = largest_burst(recent, part, leak_after);
    const nanoseconds passed = burst > 0 ? span - part : span;
    return static_cast<double>(recent.size() - burst) * kSecondsPerHour /
           std::chrono::duration<double>(passed).count();
}

std::optional<std::chrono::seconds> time_left(const DescriptorUse& use, double per_hour) {
    constexpr double kMonth = 30 * 24;
    const double free = use.used >= use.limit ? 0 : static_cast<double>(use.limit - use.used);
    if (free > 0 && (per_hour <= 0 || free / per_hour > kMonth)) {
        return std::nullopt;
    }
    return std::chrono::seconds(free > 0 ? std::llround(free / per_hour * kSecondsPerHour) : 0);
}

std::string text_of(const DescriptorUse& use) {
    return std::to_string(use.used) + " of " + std::to_string(use.limit);
}

std::string per_hour_text(double per_hour) {
    const double tenths = std::round(per_hour * 10) / 10;
    const bool whole = std::abs(tenths) >= 10 || tenths == std::round(tenths);
    const auto number = std::llround(whole ? per_hour : std::abs(per_hour) * 10);
    if (whole) {
        return (number >= 0 ? "+" : "") + std::to_string(number);
    }
    return (per_hour < 0 ? "-" : "+") + std::to_string(number / 10) + "." +
           std::to_string(number % 10);
}

std::string leak_sentence(const OwnerLeaks& leaks, bool with_pid) {
    std::string text = who_leaks(leaks, with_pid) + " " + text::counted(leaks.sockets, "socket") +
                       " (" + kinds(leaks) + "), the oldest " + age_text(leaks.oldest);
    if (leaks.growth_per_hour) {
        text += ", " + per_hour_text(*leaks.growth_per_hour) + " an hour";
    }
    if (leaks.descriptors) {
        text += (with_pid ? "; process " + std::to_string(leaks.descriptors->pid) : "; a process") +
                " uses " + text_of(*leaks.descriptors) + " descriptors";
        if (leaks.time_left) {
            text += leaks.time_left->count() == 0
                        ? ": none left"
                        : ": none left in " + text::duration_text(*leaks.time_left);
        }
    }
    return text + ".";
}

std::string runbook_section(const OwnerLeaks& leaks) {
    constexpr double kFull = 0.8;
    if ((leaks.time_left && *leaks.time_left <= kSoon) ||
        (leaks.descriptors && leaks.descriptors->share() >= kFull)) {
        return "descriptorsrunningout";
    }
    return leaks.dead == leaks.sockets ? "deadsockets" : "closewaitleak";
}

}  // namespace halfclosed::exporters
