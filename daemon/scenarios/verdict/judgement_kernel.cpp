#include <fmt/format.h>

#include <string_view>

#include "records/tcp_events.h"
#include "scenarios/verdict/judgement.h"
#include "tracking/state_end.h"

namespace halfclosed::scenarios {

void Judgement::counters() {
    if (!trace_.counters) {
        fault("the kernel's counters were not read");
        return;
    }
    const auto compare = [this](std::string_view what, std::uint64_t moved,
                                std::uint64_t expected) {
        if (moved != expected) {
            fault(fmt::format("{} moved by {}, not by {}", what, moved, expected));
        }
    };
    for (const TcpEvent& event : kTcpEvents) {
        // Which of the two counts a new minisock depends on its timeout
        // (inet_timewait_sock.c:__inet_twsk_schedule).
        const std::string_view counter = event.name;
        if (counter != "TW" && counter != "TWKilled") {
            const auto found = expected_.events.find(event.name);
            compare(counter, trace_.counters->of(event.name),
                    found == expected_.events.end() ? 0 : found->second);
        }
    }
    // A kernel that does not count them when they are made says nothing about them.
    if (trace_.counters->moved.contains("TW") || trace_.counters->moved.contains("TWKilled")) {
        compare("the number of minisocks (TW and TWKilled)",
                trace_.counters->of("TW") + trace_.counters->of("TWKilled"), expected_.minisocks);
    }
}

void Judgement::counts() {
    if (trace_.counts.empty()) {
        fault("sockstat was never read between two equal dumps");
    }
    for (const CountSample& it : trace_.counts) {
        if (it.tw_counted != it.tw_kernel) {
            fault(fmt::format("counted tw {}, the kernel says {}", it.tw_counted, it.tw_kernel));
        }
        if (it.orphan_counted > it.orphan_kernel) {
            fault(fmt::format("counted orphan {}, the kernel says {} in the whole system",
                              it.orphan_counted, it.orphan_kernel));
        }
    }
    sequence("orphan", expected_.orphan, &CountSample::orphan_counted);
    sequence("tw", expected_.tw, &CountSample::tw_counted);
}

void Judgement::sequence(const char* what,
                         const std::optional<std::vector<std::uint64_t>>& expected,
                         std::uint64_t CountSample::*counted) {
    std::vector<std::uint64_t> values;
    for (const CountSample& it : trace_.counts) {
        if (values.empty() || values.back() != it.*counted) {
            values.push_back(it.*counted);
        }
    }
    if (expected && values != *expected) {
        fault(fmt::format("{} went {}, not {}", what, fmt::join(values, ", "),
                          fmt::join(*expected, ", ")));
    }
}

void Judgement::fin_wait2_end() {
    if (!expected_.fin_wait2_ended) {
        return;
    }
    // Only one end of a connection can have been in FIN-WAIT-2 for long enough to be tracked: the other's FIN ends it.
    for (const StateEnd& end : trace_.state_ends) {
        if (end.state == TcpState::fin_wait2) {
            if (end.how == *expected_.fin_wait2_ended) {
                return;
            }
            if (end.how == tracking::name(tracking::FinWait2End::unknown)) {
                missed(fmt::format(
                    "how the {}'s fin_wait2 ended cannot be told: the looks fit more than one way",
                    name(end.side)));
            } else {
                fault(fmt::format("the tracker says of the {}'s fin_wait2: {}, not {}",
                                  name(end.side), end.how, *expected_.fin_wait2_ended));
            }
            return;
        }
    }
    fault("the tracker did not see a fin_wait2 end");
}

void Judgement::packets() {
    if (!expected_.packets) {
        return;
    }
    std::vector<std::string> seen;
    for (const Packet& packet : trace_.packets) {
        seen.push_back(fmt::format("{} {}", name(packet.from), packet.flags));
        if (packet.length > 0) {
            seen.back() += fmt::format(" {}", packet.length);
        }
    }
    if (seen != *expected_.packets) {
        fault(fmt::format("packets went {}, not {}", fmt::join(seen, ", "),
                          fmt::join(*expected_.packets, ", ")));
    }
}

}  // namespace halfclosed::scenarios
