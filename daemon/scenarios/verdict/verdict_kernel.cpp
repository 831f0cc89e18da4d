#include <string_view>

#include "records/tcp_events.h"
#include "scenarios/verdict/verdict_parts.h"

namespace halfclosed::scenarios {

namespace {

std::string number_text(std::uint64_t number) {
    return std::to_string(number);
}

void judge_sequence(const char* what, const std::optional<std::vector<std::uint64_t>>& expected,
                    std::uint64_t CountSample::*counted, const Trace& trace,
                    VerdictBuilder& findings) {
    if (!expected) {
        return;
    }
    std::vector<std::uint64_t> values;
    for (const CountSample& gauges : trace.gauges) {
        if (values.empty() || values.back() != gauges.*counted) {
            values.push_back(gauges.*counted);
        }
    }
    if (values != *expected) {
        findings.fault(std::string(what) + " went " + list(values, number_text) + ", not " +
                       list(*expected, number_text));
    }
}

}  // namespace

void judge_events(const Expectation& expected, const Trace& trace, VerdictBuilder& findings) {
    if (!trace.events) {
        findings.fault("the kernel's counters were not read");
        return;
    }
    const auto moved = [&trace](const std::string& event) {
        const auto found = trace.events->events.find(event);
        return found == trace.events->events.end() ? 0 : found->second;
    };
    const auto compare = [&findings](const std::string& what, std::uint64_t is,
                                     std::uint64_t must) {
        if (is != must) {
            findings.fault(what + " moved by " + number_text(is) + ", not by " + number_text(must));
        }
    };
    for (const TcpEvent& event : kTcpEvents) {
        // Which of the two counts a new minisock depends on its timeout
        // (inet_timewait_sock.c:__inet_twsk_schedule).
        const std::string_view event_name = event.name;
        if (event_name != "TW" && event_name != "TWKilled") {
            const auto found = expected.events.find(event.name);
            compare(event.name, moved(event.name),
                    found == expected.events.end() ? 0 : found->second);
        }
    }
    compare("the number of minisocks (TW and TWKilled)", moved("TW") + moved("TWKilled"),
            expected.minisocks);
}

void judge_gauges(const Expectation& expected, const Trace& trace, VerdictBuilder& findings) {
    if (trace.gauges.empty()) {
        findings.fault("sockstat was never read between two equal dumps");
    }
    for (const CountSample& gauges : trace.gauges) {
        if (gauges.tw_counted != gauges.tw_kernel) {
            findings.fault("counted tw " + number_text(gauges.tw_counted) + ", the kernel says " +
                           number_text(gauges.tw_kernel));
        }
        if (gauges.orphan_counted > gauges.orphan_kernel) {
            findings.fault("counted orphan " + number_text(gauges.orphan_counted) +
                           ", the kernel says " + number_text(gauges.orphan_kernel) +
                           " in the whole system");
        }
    }
    judge_sequence("orphan", expected.orphan, &CountSample::orphan_counted, trace, findings);
    judge_sequence("tw", expected.tw, &CountSample::tw_counted, trace, findings);
}

void judge_tracked(const Expectation& expected, const Trace& trace, VerdictBuilder& findings) {
    if (!expected.fin_wait2_ended) {
        return;
    }
    // Only one end of a connection can have been in FIN-WAIT-2 for long enough to be tracked: the
    // other's FIN ends it.
    for (const HowEnded& ended : trace.tracked) {
        if (ended.state == TcpState::fin_wait2) {
            if (ended.how != *expected.fin_wait2_ended) {
                findings.fault(std::string("the tracker says of the ") + name(ended.side) +
                               "'s fin_wait2: " + ended.how + ", not " + *expected.fin_wait2_ended);
            }
            return;
        }
    }
    findings.fault("the tracker did not see a fin_wait2 end");
}

void judge_packets(const Expectation& expected, const Trace& trace, VerdictBuilder& findings) {
    if (!expected.packets) {
        return;
    }
    std::vector<std::string> seen;
    for (const Packet& packet : trace.packets) {
        std::string text = std::string(name(packet.from)) + " " + packet.flags;
        if (packet.length > 0) {
            text.append(" ").append(std::to_string(packet.length));
        }
        seen.push_back(text);
    }
    if (seen != *expected.packets) {
        const auto as_it_is = [](const std::string& text) { return text; };
        findings.fault("packets went " + list(seen, as_it_is) + ", not " +
                       list(*expected.packets, as_it_is));
    }
}

}  // namespace halfclosed::scenarios
