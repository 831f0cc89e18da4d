// Draws what the tests of this folder look at: draw-traces DIRECTORY writes NAME.svg for each recorded trace,
// NAME-failed.svg for the same trace judged without its last packet, and two that no kernel wrote: nothing.svg of an
// empty trace, and hostile.svg of one whose texts and numbers are as large and as odd as they can be.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "scenarios/definition/catalogue.h"
#include "scenarios/diagram/svg_diagram.h"
#include "scenarios/recorded_trace.h"

namespace {

using namespace halfclosed::scenarios;
using namespace std::chrono_literals;
using halfclosed::TcpState;
using halfclosed::tracking::Custody;

void draw(const Scenario& scenario, const Trace& trace, const std::filesystem::path& path) {
    std::ofstream file(path);
    file << svg_diagram({scenario, {}, trace, judge(scenario.expect, trace, {})});
    if (!file.flush()) {
        throw std::runtime_error(path.string() + ": cannot be written");
    }
}

Scenario hostile_scenario() {
    Scenario scenario = *find_scenario("late-close");
    const std::string wide(300, 'W');
    scenario.name = "<script>alert('" + wide + "')</script>";
    scenario.summary = "]]> & \"" + wide;
    scenario.explanation =
        wide + " \x01\xff\xc3( <b>&amp;</b> \xef\xbf\xbf \xe4\xb8\xad\xe6\x96\x87 " + wide;
    scenario.governed_by = {wide, "net.ipv4.tcp_fin_timeout"};
    return scenario;
}

/// Both ends in every state there is, years apart and at once, among calls that nobody makes.
Trace hostile_trace() {
    Trace trace;
    const auto at = [](auto since_boot) { return halfclosed::Instant{since_boot}; };
    auto time = std::chrono::nanoseconds{1s};
    const std::chrono::nanoseconds steps[] = {0ns, 1us, 300us, 5ms, 19ms, 21ms, 1h, 30000h};
    std::size_t step = 0;
    const auto next = [&] { return time += steps[step++ % std::size(steps)]; };
    add(trace, MadeCall{Side::client, {"connect", 0, 0, time, time}});
    const TcpState states[] = {TcpState::established, TcpState::fin_wait1,  TcpState::closing,
                               TcpState::fin_wait2,   TcpState::last_ack,   TcpState::close_wait,
                               TcpState::time_wait,   TcpState::established};
    std::uint64_t count = 0;
    for (int round = 0; round < 6; ++round) {
        for (const TcpState state : states) {
            for (const Side side : {Side::client, Side::server}) {
                const auto custody = static_cast<Custody>(count % 5);
                add(trace, StateObservation{side, state, custody, at(time), at(next())});
                add(trace, Packet{at(next()), side, "SFRP.", 4294967295U});
                add(trace, Packet{at(next()), side, "F.", 4294967295U});
                add(trace, MadeCall{side, {"connect", -1, ECONNREFUSED, next(), time}});
                add(trace, MadeCall{side,
                                    {"\xff<read>\n\xe4\xb8\xad", -9223372036854775807, EIO, time,
                                     next()}});
                add(trace, SentSignal{side, SIGVTALRM, at(next())});
                add(trace, CountSample{at(next()), ++count, 0, count * 99, 1});
            }
        }
    }
    add(trace, RunError{std::string(500, '@')});
    add(trace, Finished{at(next() + 1h)});
    return trace;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: draw-traces DIRECTORY\n", stderr);
        return 2;
    }
    try {
        const std::filesystem::path directory = argv[1];
        for (const Scenario& scenario : catalogue()) {
            if (scenario.unavailable) {
                continue;
            }
            Trace trace = recorded_trace(scenario.name);
            draw(scenario, trace, directory / (scenario.name + ".svg"));
            trace.packets.pop_back();
            draw(scenario, trace, directory / (scenario.name + "-failed.svg"));
        }
        draw(*find_scenario("late-close"), {}, directory / "nothing.svg");
        draw(hostile_scenario(), hostile_trace(), directory / "hostile.svg");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "draw-traces: %s\n", error.what());
        return 1;
    }
}
