// Records runs of the built-in scenarios on this kernel: record-traces DIRECTORY [NAME...] writes NAME.KERNEL.facts,
// the fixtures of tests/unit/scenarios; without a name all of them. Run it on a quiet machine.

#include <sys/utsname.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "scenarios/definition/catalogue.h"
#include "scenarios/run/lab.h"
#include "scenarios/trace/trace_line.h"

namespace {

using namespace halfclosed::scenarios;

/// "6.18" of "6.18.44-generic".
std::string kernel_version() {
    utsname names{};
    uname(&names);
    const std::string release = names.release;
    return release.substr(0, release.find_first_not_of("0123456789", release.find('.') + 1));
}

template <typename Facts>
void write(std::ofstream& file, const Facts& events) {
    for (const auto& event : events) {
        file << to_line(event) << '\n';
    }
}

void record(const Scenario& scenario, const std::filesystem::path& directory) {
    LabOptions options;
    options.programs = find_programs();
    const Run outcome = run(scenario, options);
    if (!outcome.verdict.passed()) {
        throw std::runtime_error(scenario.name + ": " + outcome.verdict.why());
    }
    const Trace& trace = outcome.trace;
    std::ofstream file(directory / (scenario.name + "." + kernel_version() + ".facts"));
    write(file, trace.observations);
    write(file, trace.calls);
    write(file, trace.signals);
    write(file, trace.exits);
    write(file, trace.counts);
    write(file, trace.packets);
    write(file, trace.state_ends);
    write(file, trace.gaps);
    file << to_line(*trace.counters) << '\n' << to_line(Finished{*trace.finished}) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: record-traces DIRECTORY [NAME...]\n", stderr);
        return 2;
    }
    try {
        const std::set<std::string> names(argv + 2, argv + argc);
        for (const Scenario& scenario : runnable_scenarios()) {
            if (names.empty() || names.contains(scenario.name)) {
                record(scenario, argv[1]);
            }
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "record-traces: %s\n", error.what());
        return 1;
    }
}
